// What a person sees while it seals and sends.

import { make } from "../dom.ts";
import type { Texts } from "../texts.ts";
import type { Progress } from "./send.ts";
import { ended } from "./ends.ts";
import { bytes, sentence, whatBecame } from "./sentences.ts";

export class Progressing {
  readonly element: HTMLElement;
  readonly #step: HTMLElement;
  readonly #bar = make("progress", { max: "1", value: "0" });
  readonly #amount = make("p", { class: "quiet" });
  readonly #kept = make("p", { class: "quiet" });
  readonly #pause: HTMLButtonElement;
  readonly #goOn: HTMLButtonElement;
  readonly #leave: HTMLButtonElement;

  constructor(
    private readonly texts: Texts,
    private readonly act: { pause(): void; goOn(): Promise<void>; leave(): void },
  ) {
    const button = (label: string, press: () => void) => {
      const b = make("button", { type: "button", class: "button" }, label);
      b.addEventListener("click", press);
      return b;
    };
    this.#pause = button(texts.t("share.pause"), () => act.pause());
    this.#goOn = button(texts.t("share.goon"), () => this.#again());
    this.#leave = button(texts.t("share.stop"), () => act.leave());
    this.#step = make("p", { role: "status", class: "share-step" }, texts.t("share.step.checking"));
    this.#bar.setAttribute("aria-label", texts.t("share.title"));
    this.#goOn.hidden = this.#leave.hidden = true;
    this.element = make("div", {}, make("h2", {}, texts.t("share.title")), this.#step, this.#bar, this.#amount, this.#kept, make("div", { class: "buttons" }, this.#pause, this.#goOn, this.#leave));
  }

  report(p: Progress): void {
    const { texts } = this;
    const steps = {
      checking: texts.t("share.step.checking"), blurring: texts.t("share.step.blurring"), working: texts.t("share.step.working"), sealing: texts.t("share.step.sealing"), sending: texts.t("share.step.sending"),
      waiting: texts.t("share.step.waiting"), finishing: texts.t("share.step.finishing"),
    };
    if (this.#step.textContent !== steps[p.step]) this.#step.textContent = steps[p.step];
    if (p.step === "blurring") {
      this.#bar.value = p.total > 0 ? p.done / p.total : 0;
    } else if (p.total > 0 && p.step !== "waiting") {
      const done = p.step === "finishing" ? p.total : Math.min(p.done, p.total);
      this.#bar.value = done / p.total;
      this.#amount.textContent = texts.t("share.progress", { done: bytes(done, texts), total: bytes(p.total, texts) });
      this.#kept.textContent = p.kept ? texts.t("share.kept") : texts.t("share.notkept");
    }
  }

  failed(code: string): void {
    const paused = code === "paused";
    this.#step.replaceChildren(
      paused ? this.texts.t("share.paused") : make("span", { role: "alert", class: "clip-bad" }, sentence(code, this.texts), " ", whatBecame(code, this.texts)),
    );
    this.#pause.hidden = true;
    this.#goOn.hidden = ended(code);
    this.#leave.hidden = false;
    (ended(code) ? this.#leave : this.#goOn).focus();
  }

  #again(): void {
    this.#pause.hidden = false;
    this.#goOn.hidden = this.#leave.hidden = true;
    this.#step.textContent = this.texts.t("share.step.checking");
    void this.act.goOn();
  }
}
