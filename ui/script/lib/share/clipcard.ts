// One chosen clip on the form: what it is, when it was filmed, what is sent of it.

import { make } from "../dom.ts";
import type { ClipOptions } from "../media/clip.ts";
import type { Texts } from "../texts.ts";
import type { Fit } from "./capture.ts";
import type { Look, ToWorker } from "./messages.ts";
import { Preview, clock } from "./preview.ts";
import type { Setting } from "./setting.ts";
import { saidList } from "./said.ts";
import { bytes, editName, foreignName, gap, sentence } from "./sentences.ts";

let made = 0;

export class ClipCard {
  readonly id = ++made;
  readonly element = make("li", { class: "clip" });
  look: Look | undefined;
  readonly #facts = make("div");
  readonly #preview: Preview;
  readonly #choice = make("div");
  #options: ClipOptions = { keepSound: false, original: false };
  #filmed: number | undefined; // seconds since 1970
  #saidOpen = false;
  #when = false; // the time was asked for, and stays so

  constructor(
    readonly file: File,
    private readonly setting: Setting,
    private readonly texts: Texts,
    private readonly clockAhead: () => number,
    private readonly act: { ask(m: ToWorker): void; remove(card: ClipCard): void },
  ) {
    this.#preview = new Preview(file, texts, { cut: (part) => this.#choose({ cut: part }), blur: (boxes) => this.#choose({ boxes }) });
    this.#preview.element.hidden = true;
    this.element.dataset["state"] = "looking";
    this.element.append(this.#facts, this.#preview.element, this.#choice);
  }

  /** Has the file looked at, with what its owner chose. */
  inspect(): void {
    this.look = undefined;
    this.#draw();
    this.act.ask({ act: "look", id: this.id, file: this.file, options: this.#options, filmed: this.#filmed, clockAhead: this.clockAhead(), zone: this.setting.zone, window: this.setting.window });
  }

  looked(look: Look): void {
    this.look = look;
    this.#draw();
  }

  /** What keeps the clip from being sent, or "". */
  missing(): string {
    if (!this.look) return this.texts.t("share.missing.looking");
    if (this.look.error) return this.texts.t("share.missing.bad");
    if (this.look.fit === "unknown") return this.texts.t("share.missing.when", { name: this.file.name });
    return this.look.fit === "outside" ? this.texts.t("share.missing.outside", { name: this.file.name }) : "";
  }

  /** Lets go of the file. */
  close(): void {
    this.#preview.close();
  }

  order(): { file: File; options: ClipOptions; filmed: number | undefined; clockAhead: number } {
    return { file: this.file, options: this.#options, filmed: this.#filmed, clockAhead: this.clockAhead() };
  }

  #choose(options: Partial<ClipOptions>): void {
    this.#options = { ...this.#options, ...options };
    this.inspect();
  }

  #draw(): void {
    const { texts, look, file } = this;
    const focused = (document.activeElement as HTMLElement | null)?.dataset["part"];
    const held = this.element.contains(document.activeElement);
    const length = look && look.seconds > 0 ? clock(Math.round(look.seconds)) : "";
    const size = bytes(file.size, texts);
    const remove = make("button", { type: "button", class: "link-button", "data-part": "remove", "aria-label": `${texts.t("share.clip.remove")}: ${file.name}` }, texts.t("share.clip.remove"));
    remove.addEventListener("click", () => this.act.remove(this));
    const parts: HTMLElement[] = [
      make("p", { class: "clip-head" }, make("strong", { class: "clip-name" }, file.name), make("span", { class: "quiet" }, length ? texts.t("share.clip.about", { size, length }) : size), remove),
    ];
    if (!look) parts.push(make("p", { class: "quiet", role: "status" }, texts.t("share.clip.looking")));
    else if (look.error) parts.push(make("p", { class: "clip-bad", role: "alert" }, `${foreignName(look.foreign, texts)} ${sentence(look.error, texts)}`.trim()));
    else parts.push(...this.#found(look));
    this.element.dataset["state"] = !look ? "looking" : look.error ? "bad" : look.fit;
    this.#facts.replaceChildren(...parts);
    this.#choice.replaceChildren(...(look && (!look.error || look.canBeOriginal) ? this.#choices(look) : []));
    if (look && !look.error) {
      this.#preview.element.hidden = false;
      this.#preview.update({ part: look.part, seconds: look.seconds, cuttable: !this.#options.original && look.seconds > 0, blurs: look.blurs, sound: this.#options.keepSound });
    }
    if (held && focused) this.element.querySelector<HTMLElement>(`[data-part="${focused}"]`)?.focus();
  }

  #found(look: Look): HTMLElement[] {
    const { texts } = this;
    const time = new Intl.DateTimeFormat(texts.lang, { timeZone: this.setting.zone, dateStyle: "medium", timeStyle: "medium" });
    const source = {
      container: texts.t("share.source.container"), exif: texts.t("share.source.exif"), name: texts.t("share.source.name"), file: texts.t("share.source.file"), stated: texts.t("share.source.stated"),
    }[look.source];
    const what = look.edits.map((code) => editName(code, texts));
    const said = this.#options.original ? texts.t("share.clip.asis") : what.length > 0 ? texts.t("share.clip.taken", { what: what.join(", ") }) : texts.t("share.clip.nothing");
    const out: HTMLElement[] = [make("p", {}, make("span", { class: "chip", "data-fit": look.fit }, this.#fit(look.fit)))];
    if (look.fit === "outside") out.push(make("p", {}, this.#why(look)));
    out.push(make("p", { class: "quiet" }, texts.t("share.clip.filmed", { span: time.formatRange(look.from, look.to), source })));
    if (this.#options.cut && !this.#options.original) out.push(make("p", {}, texts.t("share.cut.part", { from: clock(look.part.from), to: clock(look.part.to), length: clock(look.seconds) })));
    out.push(make("p", { class: "quiet" }, said));
    if (look.found.length > 0) {
      const list = saidList(look.found, this.#options.original, texts);
      list.open = this.#saidOpen;
      list.addEventListener("toggle", () => (this.#saidOpen = list.open));
      out.push(list);
    }
    return out;
  }

  /** How far a clip is from the hours that are asked for. */
  #why(look: Look): string {
    const [from, to] = [Date.parse(this.setting.window.from), Date.parse(this.setting.window.to)];
    return look.to < from ? this.texts.t("share.fit.before", { gap: gap(from - look.to, this.texts) }) : this.texts.t("share.fit.after", { gap: gap(look.from - to, this.texts) });
  }

  /** The part of the film that lies in the hours that are asked for, if it reaches beyond them. */
  #within(look: Look): { from: number; to: number } | undefined {
    if (look.fit !== "inside" || this.#options.original || look.source === "file") return undefined;
    const start = look.from - look.part.from * 1000;
    const from = Math.max(0, (Date.parse(this.setting.window.from) - start) / 1000);
    const to = Math.min(look.seconds, (Date.parse(this.setting.window.to) - start) / 1000);
    return look.part.to > to + 30 || look.part.from < from - 30 ? { from, to } : undefined;
  }

  #fit(fit: Fit): string {
    const { texts } = this;
    return { inside: texts.t("share.fit.inside"), maybe: texts.t("share.fit.maybe"), unknown: texts.t("share.fit.unknown"), outside: texts.t("share.fit.outside") }[fit];
  }

  #choices(look: Look): HTMLElement[] {
    const { texts } = this;
    const out: HTMLElement[] = [];
    const within = look.error ? undefined : this.#within(look);
    if (within) {
      const cut = make("button", { type: "button", class: "button button-plain", "data-part": "within" }, texts.t("share.cut.within"));
      cut.addEventListener("click", () => this.#choose({ cut: within }));
      out.push(make("p", {}, texts.t("share.cut.longer")), make("p", {}, cut));
    }
    this.#when ||= !look.error && (look.fit === "unknown" || look.fit === "outside");
    if (this.#when) {
      const input = make("input", { type: "datetime-local", step: "1", id: `when-${this.id}`, "data-part": "when" });
      if (this.#filmed !== undefined) input.value = localTime(this.#filmed);
      input.addEventListener("change", () => {
        const at = input.value === "" ? NaN : new Date(input.value).getTime();
        this.#filmed = Number.isNaN(at) ? undefined : Math.floor(at / 1000);
        this.inspect();
      });
      out.push(make("p", { class: "field" }, make("label", { for: input.id }, texts.t("share.clip.when")), input));
    }
    if (look.hasAudio && !look.error && !this.#options.original && !this.#options.boxes?.length) out.push(this.#tick("sound", texts.t("share.clip.sound"), this.#options.keepSound, (on) => this.#choose({ keepSound: on })));
    out.push(this.#tick("original", texts.t("share.clip.original"), this.#options.original, (on) => this.#choose({ original: on })));
    return out;
  }

  #tick(part: string, label: string, on: boolean, set: (on: boolean) => void): HTMLElement {
    const box = make("input", { type: "checkbox", "data-part": part, checked: on });
    box.addEventListener("change", () => set(box.checked));
    return make("label", { class: "option" }, box, make("span", {}, label));
  }
}

/** Seconds since 1970 as a field for local time takes them. */
function localTime(seconds: number): string {
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
