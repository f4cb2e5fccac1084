// Boxes over a film under which it is blurred. They are moved and sized with pointer or keys, and shown blurred at once.

import { make } from "../dom.ts";
import type { BlurBox } from "../media/blur.ts";
import type { Texts } from "../texts.ts";

const corner = 24; // CSS pixels at a box's lower right that size it
const step = 0.02; // of the picture, for one press of an arrow
const least = 0.03; // of the picture, for a box's sides

export class Boxes {
  /** Lies over the film. */
  readonly layer = make("div", { class: "blur-layer" });
  readonly tools = make("div", { class: "blur-tools" });
  readonly #boxes: { box: BlurBox; element: HTMLButtonElement }[] = [];

  constructor(
    private readonly texts: Texts,
    private readonly changed: (boxes: BlurBox[]) => void,
  ) {
    const add = make("button", { type: "button", class: "button button-plain" }, texts.t("share.blur.add"));
    add.addEventListener("click", () => this.#add());
    this.tools.append(add, make("p", { class: "quiet" }, texts.t("share.blur.hint")));
  }

  #add(): void {
    const n = this.#boxes.length;
    const box = { x: Math.min(0.35 + 0.05 * n, 0.6), y: Math.min(0.3 + 0.05 * n, 0.6), width: 0.3, height: 0.3 };
    const element = make("button", { type: "button", class: "blur-box", "aria-label": this.texts.t("share.blur.box", { number: n + 1 }) });
    this.#boxes.push({ box, element });
    this.layer.append(element);
    element.addEventListener("pointerdown", (event) => this.#drag(event, box, element));
    element.addEventListener("keydown", (event) => this.#key(event, box, element));
    this.#place(box, element);
    element.focus();
    this.#tell();
  }

  #tell(): void {
    this.changed(this.#boxes.map((b) => ({ ...b.box })));
  }

  #drag(start: PointerEvent, box: BlurBox, element: HTMLElement): void {
    const within = this.layer.getBoundingClientRect();
    const at = element.getBoundingClientRect();
    const sizing = at.right - start.clientX < corner && at.bottom - start.clientY < corner;
    const before = { ...box };
    element.setPointerCapture(start.pointerId);
    const move = (event: PointerEvent) => {
      const [dx, dy] = [(event.clientX - start.clientX) / within.width, (event.clientY - start.clientY) / within.height];
      Object.assign(box, sizing ? { width: before.width + dx, height: before.height + dy } : { x: before.x + dx, y: before.y + dy });
      this.#place(box, element);
    };
    const end = () => {
      element.removeEventListener("pointermove", move);
      this.#tell();
    };
    element.addEventListener("pointermove", move);
    element.addEventListener("lostpointercapture", end, { once: true });
  }

  #key(event: KeyboardEvent, box: BlurBox, element: HTMLElement): void {
    const way = ({ ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] } as Record<string, [number, number]>)[event.key];
    if (way) {
      event.preventDefault();
      const [dx, dy] = way;
      Object.assign(box, event.shiftKey ? { width: box.width + dx, height: box.height + dy } : { x: box.x + dx, y: box.y + dy });
      this.#place(box, element);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.#boxes.splice(this.#boxes.findIndex((b) => b.box === box), 1);
      element.remove();
      this.tools.querySelector("button")?.focus();
    } else return;
    this.#tell();
  }

  /** Keeps a box inside the picture, and shows it there. */
  #place(box: BlurBox, element: HTMLElement): void {
    const between = (n: number, low: number, high: number) => Math.min(Math.max(n, low), high);
    box.x = between(box.x, 0, 1 - least);
    box.y = between(box.y, 0, 1 - least);
    box.width = between(box.width, least, 1 - box.x);
    box.height = between(box.height, least, 1 - box.y);
    const percent = (n: number) => `${(n * 100).toFixed(2)}%`;
    Object.assign(element.style, { left: percent(box.x), top: percent(box.y), width: percent(box.width), height: percent(box.height) });
  }
}
