// Looking at a chosen film, and choosing the part of it that is sent. The film is shown by the browser from the file itself.

import { make } from "../dom.ts";
import type { BlurBox } from "../media/blur.ts";
import type { Cut } from "../media/cut.ts";
import type { Texts } from "../texts.ts";
import { Boxes } from "./boxes.ts";

let made = 0;

export class Preview {
  readonly element = make("details", { class: "clip-preview" });
  readonly #inside = make("div");
  readonly #says = make("p", { class: "quiet", role: "status" });
  readonly #boxes: Boxes;
  readonly #cannotBlur = make("p", { class: "quiet" });
  readonly #tools = make("div", { class: "cut" });
  readonly #from: HTMLInputElement;
  readonly #to: HTMLInputElement;
  #video: HTMLVideoElement | undefined;
  #address = "";
  #seconds = 0;

  constructor(
    private readonly file: File,
    private readonly texts: Texts,
    private readonly act: { cut(part: Cut | undefined): void; blur(boxes: BlurBox[]): void },
  ) {
    this.#boxes = new Boxes(texts, (boxes) => act.blur(boxes));
    const n = ++made;
    this.#from = make("input", { id: `cut-from-${n}`, class: "short", inputmode: "decimal", autocomplete: "off" });
    this.#to = make("input", { id: `cut-to-${n}`, class: "short", inputmode: "decimal", autocomplete: "off" });
    for (const field of [this.#from, this.#to]) field.addEventListener("change", () => this.#chosen());
    const end = (field: HTMLInputElement, label: string, here: string) =>
      make("div", { class: "field" }, make("label", { for: field.id }, label), make("div", { class: "cut-end" }, field, button(here, () => this.#here(field))));
    this.#tools.append(
      end(this.#from, texts.t("share.cut.from"), texts.t("share.cut.from.here")), end(this.#to, texts.t("share.cut.to"), texts.t("share.cut.to.here")),
      button(texts.t("share.cut.whole"), () => this.act.cut(undefined)),
    );
    this.#cannotBlur.textContent = texts.t("share.blur.cannot");
    this.#inside.append(this.#says, this.#tools, this.#boxes.tools, this.#cannotBlur);
    this.element.append(make("summary", {}, texts.t("share.preview")), this.#inside);
    this.element.addEventListener("toggle", () => this.element.open && this.#show());
  }

  /** Says which part of the film is sent, and whether one may be chosen and blurred. */
  update(o: { part: Cut; seconds: number; cuttable: boolean; blurs: boolean; sound: boolean }): void {
    this.#seconds = o.seconds;
    this.#from.value = clock(o.part.from);
    this.#to.value = clock(o.part.to);
    this.#tools.hidden = !o.cuttable;
    this.#boxes.tools.hidden = this.#boxes.layer.hidden = !(o.cuttable && o.blurs);
    this.#cannotBlur.hidden = !o.cuttable || o.blurs;
    if (this.#video) this.#video.muted = !o.sound;
    this.element.dataset["sound"] = String(o.sound);
  }

  /** Lets go of the film; the preview cannot be used afterwards. */
  close(): void {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#video?.removeAttribute("src");
  }

  #show(): void {
    if (this.#address) return;
    this.#address = URL.createObjectURL(this.file);
    if (this.#seconds === 0) {
      this.#inside.prepend(make("img", { src: this.#address, alt: this.file.name }));
      return;
    }
    const video = make("video", { controls: true, playsinline: true, preload: "metadata", "aria-label": this.file.name });
    video.muted = this.element.dataset["sound"] !== "true";
    const cannot = () => {
      this.#says.textContent = this.texts.t("share.preview.cannot");
      video.hidden = true;
    };
    video.addEventListener("error", cannot);
    video.addEventListener("loadedmetadata", () => video.videoWidth === 0 && cannot());
    video.src = this.#address;
    this.#video = video;
    this.#inside.prepend(make("div", { class: "blur-stage" }, video, this.#boxes.layer));
  }

  #here(field: HTMLInputElement): void {
    field.value = clock(this.#video?.currentTime ?? 0);
    this.#chosen();
  }

  #chosen(): void {
    const [from, to] = [parseClock(this.#from.value), parseClock(this.#to.value)];
    const sensible = from !== undefined && to !== undefined && from < to && from < this.#seconds;
    this.#says.textContent = sensible ? "" : this.texts.t("share.cut.wrong");
    if (sensible) this.act.cut(from <= 0 && to >= this.#seconds - 0.05 ? undefined : { from, to: Math.min(to, this.#seconds) });
  }
}

function button(label: string, press: () => void): HTMLButtonElement {
  const b = make("button", { type: "button", class: "button button-plain" }, label);
  b.addEventListener("click", press);
  return b;
}

/** Seconds as minutes and seconds, with tenths where there are any. */
export function clock(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const rest = tenths % 10 > 0 ? `.${tenths % 10}` : "";
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}${rest}`;
}

/** Seconds of a text such as "75", "1:15" or "0:01:15.5". */
export function parseClock(text: string): number | undefined {
  if (!/^(\d+:){0,2}\d+([.,]\d+)?$/.test(text.trim())) return undefined;
  return text.trim().replace(",", ".").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}
