// The form of a share: clips, a word to the agency, the statement, and the choice.

import { find, make } from "../dom.ts";
import { hex, utf8 } from "../bytes.ts";
import { hash } from "../seal/digest.ts";
import { paddedLength } from "../seal/padding.ts";
import type { Texts } from "../texts.ts";
import { ClipCard } from "./clipcard.ts";
import { Clock, exportHelp } from "./camera.ts";
import type { Limits } from "./exchange.ts";
import type { Look, ToWorker } from "./messages.ts";
import type { Order } from "./send.ts";
import { bytes, sentence } from "./sentences.ts";
import type { Setting } from "./setting.ts";

const maxMessage = 16 << 10;

export class Form {
  readonly element: HTMLElement;
  readonly #cards: ClipCard[] = [];
  readonly #list = make("ul", { class: "clips" });
  readonly #checked: HTMLElement;
  readonly #missing = make("div", { role: "alert", class: "form-error", hidden: true });
  readonly #clock: Clock;
  #limits: Limits | undefined;
  #usable = false;
  #otherStatement = false;

  constructor(
    private readonly setting: Setting,
    private readonly texts: Texts,
    exchange: HTMLElement, // what is known of it
    private readonly act: { ask(m: ToWorker): void; send(order: Order): void; cancel(): void },
  ) {
    this.#clock = new Clock(texts, () => this.#cards.forEach((c) => c.inspect()));
    this.#checked = make("p", { role: "status", class: "quiet" }, texts.t("share.checking"));
    const send = make("button", { type: "submit", class: "button" }, texts.t("share.send"));
    const cancel = make("button", { type: "button", class: "button" }, texts.t("share.cancel"));
    cancel.addEventListener("click", () => act.cancel());
    const form = make("form", {}, this.#clips(), this.#words(), this.#consent(), this.#missing, make("div", { class: "buttons" }, send, cancel));
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    void this.#sameStatement();
    this.element = make("div", {}, make("h2", {}, texts.t("share.title")), make("p", { class: "prose-line" }, texts.t("share.trust")), this.#checked, exchange, form);
  }

  checking(): void {
    this.#usable = false;
    delete this.#checked.dataset["state"];
    this.#checked.textContent = this.texts.t("share.checking");
  }

  checked(limits: Limits): void {
    if (this.#otherStatement) return;
    this.#limits = limits;
    this.#usable = true;
    this.#checked.textContent = this.texts.t("share.checked", { agency: this.setting.agency });
    this.#checked.dataset["state"] = "checked";
  }

  /** The request may not be answered: nothing can be sent from here. */
  unchecked(code: string): void {
    this.#usable = false;
    delete this.#checked.dataset["state"];
    this.#checked.replaceChildren(make("span", { role: "alert", class: "clip-bad" }, sentence(code, this.texts)));
  }

  looked(look: Look): void {
    this.#cards.find((c) => c.id === look.id)?.looked(look);
  }

  #clips(): HTMLElement {
    const { texts, setting } = this;
    const input = make("input", { type: "file", multiple: true, accept: "video/*,image/jpeg,.mp4,.mov,.mkv,.avi", id: "share-files", class: "drop-input" });
    input.addEventListener("change", () => {
      this.#add([...(input.files ?? [])]);
      input.value = "";
    });
    const drop = make("label", { class: "drop", for: input.id }, make("span", { class: "button" }, texts.t("share.clips.choose")), make("span", {}, texts.t("share.clips.drop")));
    const stop = (event: Event) => event.preventDefault();
    drop.addEventListener("dragover", stop);
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      this.#add([...(event.dataTransfer?.files ?? [])]);
    });
    const time = new Intl.DateTimeFormat(texts.lang, { timeZone: setting.zone, dateStyle: "full", timeStyle: "short" });
    const window = time.formatRange(new Date(setting.window.from), new Date(setting.window.to));
    return make(
      "fieldset", {}, make("legend", {}, texts.t("share.clips")), make("p", {}, texts.t("share.clips.text")),
      make("p", {}, texts.t("share.clips.window"), " ", make("strong", {}, window)), input, drop, this.#list, this.#clock.element, exportHelp(texts),
    );
  }

  #add(files: File[]): void {
    for (const file of files) {
      const card = new ClipCard(file, this.setting, this.texts, () => this.#clock.ahead(), { ask: this.act.ask, remove: (c) => this.#remove(c) });
      this.#cards.push(card);
      this.#list.append(card.element);
      card.inspect();
    }
    this.#missing.hidden = true;
  }

  #remove(card: ClipCard): void {
    this.#cards.splice(this.#cards.indexOf(card), 1);
    card.close();
    card.element.remove();
    find<HTMLElement>(this.element, "#share-files").focus();
  }

  #words(): HTMLElement {
    const { texts } = this;
    const field = (id: string, label: string, type: string) =>
      make("p", { class: "field" }, make("label", { for: `share-${id}` }, label), make("input", { id: `share-${id}`, type, maxlength: "150", autocomplete: "off" }));
    return make(
      "fieldset", {}, make("legend", {}, texts.t("share.say")),
      make("p", { class: "field" }, make("label", { for: "share-message" }, texts.t("share.message")), make("textarea", { id: "share-message", rows: "3" })),
      make("details", {}, make("summary", {}, texts.t("share.name.title")), make("p", {}, texts.t("share.name.text")), field("name", texts.t("share.name"), "text"),
        field("email", texts.t("share.email"), "email"), field("phone", texts.t("share.phone"), "tel")),
    );
  }

  /** The statement itself stands in the page, whatever the script does; here it is shown again beside the box. */
  #consent(): HTMLElement {
    const { texts } = this;
    const text = find<HTMLElement>(document, "#consent-text").textContent ?? "";
    return make(
      "fieldset", {}, make("legend", {}, texts.t("share.consent")), make("div", { class: "consent", tabindex: "0", role: "region", "aria-label": texts.t("share.consent") }, text),
      ...(this.setting.desk ? [make("p", { class: "notice" }, find<HTMLElement>(document, "#consent-desk").textContent ?? "")] : []),
      make("label", { class: "option" }, make("input", { type: "checkbox", id: "share-agree" }), make("span", {}, texts.t("share.consent.agree"))),
    );
  }

  /** What is shown must be the very text that the manifest will name. */
  async #sameStatement(): Promise<void> {
    const text = find<HTMLElement>(document, "#consent-text").textContent ?? "";
    if (hex(await hash(utf8(text))) === this.setting.consent.sha256) return;
    this.#otherStatement = true;
    this.unchecked("consent_text");
  }

  #value(id: string): string {
    return find<HTMLInputElement | HTMLTextAreaElement>(this.element, `#share-${id}`).value.trim();
  }

  #submit(): void {
    if (!this.#usable) {
      find<HTMLElement>(this.element, ".button").blur();
      this.#complain([this.#checked.textContent ?? ""]);
      return;
    }
    const missing = this.#complaints();
    if (missing.length > 0) {
      this.#complain(missing);
      return;
    }
    const { request, consent, terms } = this.setting;
    const contact = { name: this.#value("name"), email: this.#value("email"), phone: this.#value("phone") };
    const named = Object.fromEntries(Object.entries(contact).filter(([, v]) => v !== "")) as Order["contact"];
    const clips = this.#cards.map((c) => c.order());
    this.act.send({ request, consent, terms, desk: this.setting.desk, contact: contact.name || contact.email || contact.phone ? { name: "", ...named } : undefined, message: this.#value("message"), zone: this.setting.zone, clips });
  }

  #complaints(): string[] {
    const { texts } = this;
    const out = this.#cards.map((c) => c.missing());
    const limits = this.#limits;
    if (this.#cards.length === 0) out.push(texts.t("share.missing.clips"));
    if (limits && limits.files > 0 && this.#cards.length > limits.files) out.push(texts.t("share.missing.files", { n: limits.files }));
    const sizes = this.#cards.map((c) => paddedLength(c.look?.size ?? c.file.size));
    this.#cards.forEach((c, i) => {
      if (limits && limits.file_bytes > 0 && (sizes[i] ?? 0) > limits.file_bytes) out.push(texts.t("share.missing.size", { name: c.file.name }));
    });
    const all = sizes.reduce((sum, n) => sum + n, 0);
    if (limits && limits.share_bytes > 0 && all > limits.share_bytes) out.push(texts.t("share.missing.all", { size: bytes(limits.share_bytes, texts) }));
    if (new TextEncoder().encode(this.#value("message")).length > maxMessage) out.push(texts.t("share.missing.message"));
    if (!find<HTMLInputElement>(this.element, "#share-agree").checked) out.push(texts.t("share.missing.consent"));
    return [...new Set(out.filter((s) => s !== ""))];
  }

  #complain(sentences: string[]): void {
    this.#missing.replaceChildren(make("ul", { class: "plain-list" }, ...sentences.map((s) => make("li", {}, s))));
    this.#missing.hidden = false;
  }
}
