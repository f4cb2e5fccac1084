// Complaining about a request or an agency: the browser makes the code for the answer, does the proof of work, and sends the
// words once. Nothing is kept here: whoever wants the answer keeps the code.

import type { FromWorker, ToWorker } from "./lib/complain.ts";
import { newCode } from "./lib/code.ts";
import { find, island, make } from "./lib/dom.ts";
import { Texts } from "./lib/texts.ts";
import { worker } from "./lib/worker.ts";

const maxWords = 4000;

class Complaint {
  readonly #texts: Texts;
  readonly #says: HTMLElement;
  readonly #busy: HTMLElement;
  readonly #send: HTMLButtonElement;
  #worker: Worker | undefined;
  #sent: ToWorker | undefined; // what was tried last

  constructor(private readonly form: HTMLFormElement) {
    this.#texts = Texts.of(form);
    this.#says = find(form, '[role="alert"]');
    this.#busy = find(form, '[role="status"]');
    this.#send = find(form, "button");
    for (const note of document.querySelectorAll<HTMLElement>("[data-without-script]")) note.hidden = true;
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  #submit(): void {
    if (this.#send.disabled) return;
    const data = new FormData(this.form);
    const words = String(data.get("words") ?? "").replaceAll("\r\n", "\n").trim();
    const reason = String(data.get("reason") ?? "");
    const length = [...words].length;
    if (!reason || !words) return this.#refuse(this.#texts.t("complain.missing"));
    if (length > maxWords) return this.#refuse(this.#texts.t("complain.long", { n: length }));
    const [, kind, id] = (this.form.dataset["complain"] ?? "").split("/");
    const about = kind === "requests" ? { request: id ?? "" } : { agency: id ?? "" };
    const m = { code: this.#sent?.code ?? newCode(), about, reason, words, hand_on: data.get("hand") === "yes" };
    if (this.#sent && JSON.stringify(m) !== JSON.stringify(this.#sent)) m.code = newCode(); // another complaint than the one that may be in already
    this.#sent = m;
    this.#ask(m);
  }

  #ask(m: ToWorker): void {
    this.#says.hidden = true;
    this.#send.disabled = true;
    this.#busy.textContent = this.#texts.t("complain.working");
    if (!this.#worker) {
      this.#worker = worker("complain.worker.js");
      this.#worker.onmessage = (event: MessageEvent<FromWorker>) => this.#hear(event.data);
      this.#worker.onerror = () => this.#hear({ what: "failed", code: "internal" });
    }
    this.#worker.postMessage(m);
  }

  #hear(m: FromWorker): void {
    this.#busy.textContent = "";
    this.#send.disabled = false;
    if (m.what === "failed") this.#refuse(this.#sentence(m.code));
    else this.#done(m.code, m.due);
  }

  #refuse(sentence: string): void {
    this.#says.replaceChildren(make("p", {}, sentence));
    this.#says.hidden = false;
    this.#says.focus();
  }

  #sentence(code: string): string {
    switch (code) {
      case "too_many_complaints":
        return this.#texts.t("complain.error.many");
      case "full":
        return this.#texts.t("complain.error.full");
      case "complaint":
        return this.#texts.t("complain.error.plain");
      case "not_found":
        return this.#texts.t("complain.error.gone");
    }
    return this.#texts.t("complain.error.other", { code });
  }

  #done(code: string, due: string): void {
    const texts = this.#texts;
    const day = new Intl.DateTimeFormat(texts.lang === "es" ? "es-MX" : "en-US", { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${due}T00:00:00Z`));
    const copied = make("span", { role: "status", class: "quiet" });
    const copy = make("button", { type: "button", class: "button button-plain" }, texts.t("complain.done.copy"));
    copy.addEventListener("click", () => {
      void navigator.clipboard.writeText(code).then(() => (copied.textContent = texts.t("complain.done.copied")));
    });
    const title = make("h2", { tabindex: "-1" }, texts.t("complain.done"));
    const box = make(
      "section", { class: "notice" }, title, make("p", {}, texts.t("complain.done.code")), make("p", { class: "complaint-code" }, make("code", {}, code)),
      make("div", { class: "buttons" }, copy, copied), make("p", {}, texts.t("complain.done.due", { day })),
      make("p", {}, make("a", { href: `/${texts.lang}/complaints` }, texts.t("complain.done.link"))),
    );
    this.form.replaceWith(box);
    title.focus();
  }
}

island<HTMLFormElement>("form[data-complain]", (form) => new Complaint(form));
