// What a person knows of the camera: by how much its clock is wrong, and how its clips get out of it.

import { make } from "../dom.ts";
import type { Texts } from "../texts.ts";

const minute = 60;

/** The fields in which a person says that the camera's clock is wrong. */
export class Clock {
  readonly element: HTMLElement;
  readonly #amount = make("input", { type: "number", id: "share-clock", class: "short", value: "0", min: "0", step: "any", inputmode: "decimal" });
  readonly #unit: HTMLSelectElement;
  readonly #way: HTMLSelectElement;

  constructor(texts: Texts, changed: () => void) {
    const choice = (label: string, ...options: [value: number, name: string][]) =>
      make("select", { "aria-label": label }, ...options.map(([value, name]) => make("option", { value: String(value) }, name)));
    this.#unit = choice(texts.t("share.clock.unit"), [minute, texts.t("share.clock.minutes")], [60 * minute, texts.t("share.clock.hours")], [24 * 60 * minute, texts.t("share.clock.days")]);
    this.#way = choice(texts.t("share.clock.way"), [1, texts.t("share.clock.ahead")], [-1, texts.t("share.clock.behind")]);
    const fields = [this.#amount, this.#unit, this.#way];
    for (const field of fields) field.addEventListener("change", changed);
    this.element = make(
      "div", { class: "field" }, make("label", { for: this.#amount.id }, texts.t("share.clock")), make("div", { class: "clock" }, ...fields),
      make("p", { class: "quiet" }, texts.t("share.clock.hint")),
    );
  }

  /** By how many seconds the camera's clock runs ahead. */
  ahead(): number {
    const seconds = Math.round(Number(this.#amount.value) * Number(this.#unit.value) * Number(this.#way.value));
    return Number.isFinite(seconds) ? seconds || 0 : 0;
  }
}

/** How clips get out of common cameras. */
export function exportHelp(texts: Texts): HTMLElement {
  return make(
    "details", { class: "export-help" }, make("summary", {}, texts.t("share.help")), make("ul", {}, ...texts.list("share.help.list").map((line) => make("li", {}, line))),
    make("p", { class: "quiet" }, texts.t("share.help.text")),
  );
}
