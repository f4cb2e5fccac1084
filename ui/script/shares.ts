// My shares: the words of a receipt show what became of the clips. The words stay on this device.

import { find, island, make } from "./lib/dom.ts";
import type { FromWorker, ToWorker } from "./lib/mailbox/messages.ts";
import { MailboxView } from "./lib/mailbox/view.ts";
import { keepWords, keptWords } from "./lib/share/keeping.ts";
import { Texts } from "./lib/texts.ts";
import { worker } from "./lib/worker.ts";

island("[data-shares]", (element) => {
  for (const note of document.querySelectorAll<HTMLElement>("[data-without-script]")) note.hidden = true;
  void Texts.load("shares").then((texts) => new Shares(element, texts));
});

class Shares {
  #worker: Worker | undefined;
  readonly #says = make("div", { role: "alert", class: "form-error", hidden: true });
  readonly #box = make("textarea", { id: "shares-words", rows: "3", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  readonly #result = make("div");
  readonly #kept = make("div");
  readonly #busy = make("p", { role: "status", class: "quiet" });

  constructor(
    element: HTMLElement,
    private readonly texts: Texts,
  ) {
    const look = make("button", { type: "submit", class: "button" }, texts.t("shares.look"));
    const form = make(
      "form", { class: "form" }, make("p", { class: "field" }, make("label", { for: "shares-words" }, texts.t("shares.words")), this.#box), this.#says,
      make("div", { class: "buttons" }, look),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask({ act: "look", words: this.#box.value });
    });
    this.#drawKept();
    element.replaceChildren(this.#kept, form, this.#busy, this.#result);
    element.hidden = false;
  }

  #drawKept(): void {
    const { texts } = this;
    const all = keptWords();
    const items = all.map((k) => {
      const open = make("button", { type: "button", class: "link-button" }, `${k.agency}: ${k.title}`);
      open.addEventListener("click", () => {
        this.#box.value = k.words;
        this.#ask({ act: "look", words: k.words });
      });
      const drop = make("button", { type: "button", class: "link-button", "aria-label": `${texts.t("shares.forget")}: ${k.title}` }, texts.t("shares.forget"));
      drop.addEventListener("click", () => {
        keepWords(k, false);
        this.#drawKept();
      });
      return make("li", {}, open, " ", drop);
    });
    this.#kept.replaceChildren(...(items.length > 0 ? [make("h2", {}, texts.t("shares.kept")), make("ul", { class: "plain" }, ...items)] : []));
  }

  #ask(m: ToWorker): void {
    this.#says.hidden = true;
    this.#busy.textContent = this.texts.t("shares.asking");
    if (!this.#worker) {
      this.#worker = worker("shares.worker.js");
      this.#worker.onmessage = (event: MessageEvent<FromWorker>) => this.#hear(event.data);
      this.#worker.onerror = () => this.#hear({ what: "failed", code: "internal", unknown: [] });
    }
    this.#worker.postMessage(m);
  }

  #hear(m: FromWorker): void {
    this.#busy.textContent = "";
    if (m.what === "failed") {
      const near = m.unknown.map((u) => make("li", {}, this.texts.t("shares.near", { position: u.position, word: u.word, nearest: u.nearest.join(", ") })));
      this.#says.replaceChildren(make("p", {}, this.#sentence(m.code)), ...(near.length > 0 ? [make("ul", { class: "plain-list" }, ...near)] : []));
      this.#says.hidden = false;
      return;
    }
    const words = m.words.join(" ");
    const view = new MailboxView(m.mailbox, this.texts, {
      withdraw: () => this.#ask({ act: "withdraw", words }),
      reply: (text) => this.#ask({ act: "reply", words, text }),
    });
    this.#result.replaceChildren(view.element);
    const heading = find<HTMLElement>(view.element, "h2");
    heading.tabIndex = -1;
    heading.focus();
  }

  #sentence(code: string): string {
    const { texts } = this;
    switch (code) {
      case "word_count":
        return texts.t("shares.error.word_count");
      case "unknown_word":
        return texts.t("shares.error.unknown_word");
      case "word_checksum":
        return texts.t("shares.error.word_checksum");
      case "no_mailbox":
        return texts.t("shares.error.no_mailbox");
      case "no_answer":
        return texts.t("shares.error.no_answer");
      case "internal":
        return texts.t("shares.error.internal");
    }
    return texts.t("shares.error.other", { code });
  }
}
