// One chosen clip on the form: what it is, when it was filmed, what is sent of it.

import { make } from "../dom.ts";
import type { Texts } from "../texts.ts";
import type { Fit } from "./capture.ts";
import type { Look, ToWorker } from "./messages.ts";
import type { Setting } from "./setting.ts";
import { bytes, editName, sentence } from "./sentences.ts";

let made = 0;

export class ClipCard {
  readonly id = ++made;
  readonly element = make("li", { class: "clip" });
  look: Look | undefined;
  #options = { keepSound: false, original: false };
  #filmed: number | undefined; // seconds since 1970
  #offered = false; // the original was offered, and stays so
  #when: boolean = false; // the time was asked for, and stays so

  constructor(
    readonly file: File,
    private readonly setting: Setting,
    private readonly texts: Texts,
    private readonly clockAhead: () => number,
    private readonly act: { ask(m: ToWorker): void; remove(card: ClipCard): void },
  ) {
    this.element.dataset["state"] = "looking";
  }

  /** Has the file looked at, with what its owner chose. */
  inspect(): void {
    this.look = undefined;
    this.#draw();
    this.act.ask({ act: "look", id: this.id, file: this.file, options: this.#options, filmed: this.#filmed, clockAhead: this.clockAhead(), window: this.setting.window });
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

  order(): { file: File; options: { keepSound: boolean; original: boolean }; filmed: number | undefined; clockAhead: number } {
    return { file: this.file, options: this.#options, filmed: this.#filmed, clockAhead: this.clockAhead() };
  }

  #draw(): void {
    const { texts, look, file } = this;
    const focused = (document.activeElement as HTMLElement | null)?.dataset["part"];
    const held = this.element.contains(document.activeElement);
    const length = look && look.seconds > 0 ? `${Math.floor(look.seconds / 60)}:${String(Math.round(look.seconds % 60)).padStart(2, "0")}` : "";
    const size = bytes(file.size, texts);
    const remove = make("button", { type: "button", class: "link-button", "data-part": "remove", "aria-label": `${texts.t("share.clip.remove")}: ${file.name}` }, texts.t("share.clip.remove"));
    remove.addEventListener("click", () => this.act.remove(this));
    const parts: HTMLElement[] = [
      make("p", { class: "clip-head" }, make("strong", { class: "clip-name" }, file.name), make("span", { class: "quiet" }, length ? texts.t("share.clip.about", { size, length }) : size), remove),
    ];
    if (!look) parts.push(make("p", { class: "quiet", role: "status" }, texts.t("share.clip.looking")));
    else if (look.error) parts.push(make("p", { class: "clip-bad", role: "alert" }, sentence(look.error, texts)));
    else parts.push(...this.#found(look));
    this.#offered ||= look?.error !== undefined && look.canBeOriginal;
    if (look && (!look.error || look.canBeOriginal)) parts.push(...this.#choices(look));
    this.element.dataset["state"] = !look ? "looking" : look.error ? "bad" : look.fit;
    this.element.replaceChildren(...parts);
    if (held && focused) this.element.querySelector<HTMLElement>(`[data-part="${focused}"]`)?.focus();
  }

  #found(look: Look): HTMLElement[] {
    const { texts } = this;
    const time = new Intl.DateTimeFormat(texts.lang, { timeZone: this.setting.zone, dateStyle: "medium", timeStyle: "medium" });
    const source = { container: texts.t("share.source.container"), file: texts.t("share.source.file"), stated: texts.t("share.source.stated") }[look.source];
    const what = look.edits.map((code) => editName(code, texts));
    const said = this.#options.original ? texts.t("share.clip.asis") : what.length > 0 ? texts.t("share.clip.taken", { what: what.join(", ") }) : texts.t("share.clip.nothing");
    return [
      make("p", {}, make("span", { class: "chip", "data-fit": look.fit }, this.#fit(look.fit))),
      make("p", { class: "quiet" }, texts.t("share.clip.filmed", { span: time.formatRange(look.from, look.to), source })),
      make("p", { class: "quiet" }, said),
    ];
  }

  #fit(fit: Fit): string {
    const { texts } = this;
    return { inside: texts.t("share.fit.inside"), maybe: texts.t("share.fit.maybe"), unknown: texts.t("share.fit.unknown"), outside: texts.t("share.fit.outside") }[fit];
  }

  #choices(look: Look): HTMLElement[] {
    const { texts } = this;
    const out: HTMLElement[] = [];
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
    if (look.hasAudio && !this.#options.original) out.push(this.#tick("sound", texts.t("share.clip.sound"), this.#options.keepSound, (on) => (this.#options = { ...this.#options, keepSound: on })));
    out.push(this.#tick("original", texts.t("share.clip.original"), this.#options.original, (on) => (this.#options = { ...this.#options, original: on })));
    return out;
  }

  #tick(part: string, label: string, on: boolean, set: (on: boolean) => void): HTMLElement {
    const box = make("input", { type: "checkbox", "data-part": part, checked: on });
    box.addEventListener("change", () => {
      set(box.checked);
      this.inspect();
    });
    return make("label", { class: "option" }, box, make("span", {}, label));
  }
}

/** Seconds since 1970 as a field for local time takes them. */
function localTime(seconds: number): string {
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
