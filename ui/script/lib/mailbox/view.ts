// How a share stands, for its sender.

import { make, pressable, saveFile } from "../dom.ts";
import type { Texts } from "../texts.ts";
import type { Event, Mailbox, Note } from "./mailbox.ts";

export class MailboxView {
  readonly element: HTMLElement;
  readonly #time: Intl.DateTimeFormat;

  constructor(
    private readonly m: Mailbox,
    private readonly texts: Texts,
    private readonly act: { withdraw(): void; reply(text: string): void },
  ) {
    this.#time = new Intl.DateTimeFormat(texts.lang, { timeZone: m.zone, dateStyle: "long", timeStyle: "short" });
    this.element = make(
      "section", { class: "share-flow" }, make("h2", {}, m.title), make("p", {}, m.agency, " · ", make("strong", {}, m.pseudonym)), this.#state(),
      make("h3", {}, texts.t("shares.history")), make("ol", { class: "history" }, ...m.events.map((e) => this.#event(e))), this.#proof(), this.#keep(),
      make("h3", {}, texts.t("shares.talk")), this.#talk(), ...this.#takeBack(),
    );
  }

  #has(kind: string): boolean {
    return this.m.events.some((e) => e.kind === kind);
  }

  #state(): HTMLElement {
    const { texts, m } = this;
    const gone = this.#has("erased") || this.#has("lost");
    const words = gone ? texts.t("shares.gone") : texts.t("shares.until", { date: this.#time.format(new Date(m.eraseBy)) });
    return make("p", {}, words, m.recalled || this.#has("recalled") ? ` ${texts.t("shares.recalled")}` : "");
  }

  #event(e: Event): HTMLElement {
    const by = e.party === "agency" ? this.m.agency : this.texts.t("shares.exchange");
    const note = e.detail?.["note"];
    return make(
      "li", {}, make("time", { datetime: e.at }, this.#time.format(new Date(e.at))), " ", make("strong", {}, this.#happened(e.kind)), make("p", { class: "quiet" }, by, note ? `: “${note}”` : ""),
    );
  }

  #happened(kind: string): string {
    const { texts } = this;
    switch (kind) {
      case "committed":
        return texts.t("shares.event.committed");
      case "released":
        return texts.t("shares.event.released");
      case "picked_up":
        return texts.t("shares.event.pickedup");
      case "opened":
        return texts.t("shares.event.opened");
      case "verified":
        return texts.t("shares.event.verified");
      case "accepted":
        return texts.t("shares.event.accepted");
      case "declined":
        return texts.t("shares.event.declined");
      case "exported":
        return texts.t("shares.event.exported");
      case "confirmed":
        return texts.t("shares.event.confirmed");
      case "asked":
        return texts.t("shares.event.asked");
      case "replied":
        return texts.t("shares.event.replied");
      case "withdrawn":
        return texts.t("shares.event.withdrawn");
      case "recalled":
        return texts.t("shares.event.recalled");
      case "answered":
        return texts.t("shares.event.answered");
      case "expired":
        return texts.t("shares.event.expired");
      case "erased":
        return texts.t("shares.event.erased");
      case "restored":
        return texts.t("shares.event.restored");
      case "lost":
        return texts.t("shares.event.lost");
    }
    return texts.t("shares.event.other", { kind });
  }

  #proof(): HTMLElement {
    const { texts, m } = this;
    return make("p", { class: "quiet" }, texts.t("shares.proven"), " ", m.rooted.length > 0 ? texts.t("shares.rooted", { days: m.rooted.join(", ") }) : texts.t("shares.notrooted"));
  }

  /** To keep how the share stands, with what proves it. */
  #keep(): HTMLElement {
    const { texts, m } = this;
    document.body.dataset["printing"] = "share";
    const save = () => saveFile(`porchlight-share-${m.request.slice(0, 12)}.json`, m.papers, "application/json");
    return make("div", { class: "share-keep" }, make("p", { class: "quiet" }, texts.t("shares.keep.text")), make(
      "div", { class: "buttons" }, pressable(texts.t("shares.keep.print"), () => window.print()), pressable(texts.t("shares.keep.save"), save),
    ));
  }

  #talk(): HTMLElement {
    const { texts, m } = this;
    const text = make("textarea", { id: "shares-reply", rows: "3", maxlength: "8000" });
    const form = make(
      "form", {}, make("p", { class: "field" }, make("label", { for: text.id }, texts.t("shares.reply")), text),
      make("div", { class: "buttons" }, make("button", { type: "submit", class: "button" }, texts.t("shares.send"))),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (text.value.trim() !== "") this.act.reply(text.value);
    });
    return make("div", {}, ...(m.notes.length === 0 ? [make("p", { class: "quiet" }, texts.t("shares.nothing"))] : m.notes.map((n) => this.#note(n))), form);
  }

  #note(n: Note): HTMLElement {
    const by = n.from === "resident" ? this.texts.t("shares.you") : this.m.agency;
    return make(
      "div", { class: "added" }, make("p", { class: "quiet" }, make("strong", {}, by), " ", this.#time.format(new Date(n.at))),
      n.broken ? make("p", { class: "clip-bad" }, this.texts.t("shares.broken")) : make("p", { class: "request-text" }, n.text),
    );
  }

  #takeBack(): HTMLElement[] {
    const { texts, m } = this;
    if (this.#has("withdrawn") || this.#has("recalled") || m.recalled || this.#has("erased") || this.#has("lost")) return [];
    const button = make("button", { type: "button", class: "button" }, this.#has("picked_up") ? texts.t("shares.recall") : texts.t("shares.withdraw"));
    const sure = make("button", { type: "button", class: "button", hidden: true }, texts.t("shares.sure"));
    button.addEventListener("click", () => {
      button.disabled = true;
      sure.hidden = false;
      sure.focus();
    });
    sure.addEventListener("click", () => this.act.withdraw());
    const words = this.#has("picked_up") ? texts.t("shares.recall.text") : texts.t("shares.withdraw.text");
    return [make("h3", {}, texts.t("shares.back")), make("p", {}, words), make("div", { class: "buttons" }, button, sure)];
  }
}
