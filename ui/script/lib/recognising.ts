// "Is this the right exchange?": what this browser remembers of it, and a key that a person was given elsewhere. A key that the
// exchange itself shows proves nothing.

import { make, pressable } from "./dom.ts";
import { keyInAddress, keyOf, remember, remembered } from "./known.ts";
import type { Memory } from "./proof/memory.ts";
import type { Texts } from "./texts.ts";

/** Refusals that only another key, or forgetting the one that is remembered, can mend. */
const about = new Set(["pinned_another", "record_succeeds", "given_another", "seen_other", "rolled_back", "record_forked"]);

export class Recognising {
  readonly element = make("details", { class: "recognise" });
  readonly #says = make("p", { role: "status" });
  #stored = remembered();
  #given = ""; // by a link or by hand: what is to be checked with
  #seen: Memory | undefined; // on this page
  #trouble = false;

  constructor(
    private readonly texts: Texts,
    private readonly check: () => void,
  ) {
    const link = keyInAddress();
    if (link !== "" && (!this.#stored || this.#stored.verifier === link)) this.#given = link;
    this.#draw(link);
    if (link === "") return;
    this.element.open = true;
    this.#says.textContent = this.#given === "" ? texts.t("key.link.other") : texts.t("key.checking");
  }

  /** What the next check must agree with. */
  known(): Memory | undefined {
    const last = this.#seen ?? this.#stored;
    if (this.#given === "" || this.#given === last?.verifier) return last;
    return { verifier: this.#given, checkpoint: "" };
  }

  /** Takes what a check has shown. It is kept if the person asked for that, or did so earlier. */
  saw(m: Memory): void {
    this.#seen = m;
    this.#trouble = false;
    if (this.#given === "" && !this.#stored) return this.#draw();
    const kept = this.keep();
    if (this.#given !== "") this.#says.textContent = kept ? this.texts.t("key.right") : this.texts.t("key.right.notkept");
    this.#given = "";
  }

  /** Keeps what was seen, since the person shares or asks for it. */
  keep(): boolean {
    const kept = remember(this.#seen);
    if (kept) this.#stored = this.#seen;
    this.#draw();
    return kept;
  }

  /** The code by which a refusal is told, after the way forward was opened if there is one. */
  refused(code: string): string {
    const named = this.#given !== "" && (code === "pinned_another" || code === "record_succeeds") ? "given_another" : code;
    if (!about.has(named)) return named;
    this.#given = "";
    this.#trouble = true;
    this.#draw();
    this.element.open = true;
    return named;
  }

  /** Whether a refusal is about what this element shows. */
  static about(code: string): boolean {
    return about.has(code);
  }

  #draw(typed = ""): void {
    const { texts } = this;
    const known = this.#stored;
    const shown = known ?? this.#seen;
    const text = this.#trouble ? texts.t("key.trouble") : known ? texts.t("key.remembered") : texts.t("key.none");
    const input = make("input", { id: "recognise-key", autocomplete: "off", spellcheck: "false", "aria-describedby": "recognise-hint" });
    if (known?.verifier !== typed) input.value = typed;
    const buttons = make("p", { class: "buttons" }, pressable(texts.t("key.check"), () => this.#use(input.value)));
    if (!known && this.#seen) buttons.append(pressable(texts.t("key.remember"), () => this.#remember()));
    if (known) buttons.append(pressable(texts.t("key.forget"), () => this.#forget()));
    const names = shown ? [make("p", { class: "quiet" }, known ? texts.t("key.kept") : texts.t("key.shown"), make("br"), make("code", {}, shown.verifier))] : [];
    this.element.replaceChildren(
      make("summary", {}, texts.t("key.title")), make("p", {}, text), ...names,
      make("p", { class: "field" }, make("label", { for: input.id }, texts.t("key.given")), make("span", { class: "quiet", id: "recognise-hint" }, texts.t("key.given.hint")), input),
      buttons, this.#says,
    );
  }

  #use(text: string): void {
    const given = keyOf(text);
    if (given === "") return this.#say(this.texts.t("key.bad"));
    this.#given = given;
    this.#say(this.texts.t("key.checking"));
    this.check();
  }

  #forget(): void {
    remember(undefined);
    this.#stored = this.#seen = undefined;
    this.#given = "";
    this.#trouble = false;
    this.#draw();
    this.#say(this.texts.t("key.forgotten"));
    this.check();
  }

  #remember(): void {
    if (!this.keep()) this.#say(this.texts.t("key.notkept"));
  }

  #say(sentence: string): void {
    this.#says.textContent = sentence;
  }
}
