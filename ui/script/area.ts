// The form in which an officer writes a request: a map to draw the area on, and what the rules say while one types.
//
//   <form data-draft="DECIDE" data-frame="LON LAT EAST NORTH" data-texts="{{texts "staff.area."}}"> … <figure data-map><svg>…
//   <aside data-verdict> …
//
// The fields "place" and "corners" hold the coordinates as text, "latitude, longitude", corners one on each line. The map
// writes and reads these fields and nothing else, so that whoever types and whoever draws does the same. data-frame says
// which position the middle of the drawing is and how many degrees a unit of it measures.
//
// Half a second after the last change the form goes to DECIDE by POST, which answers with sentences in the page's language.
// They are announced politely, and only when they changed.

import { find, island, make } from "./lib/dom.ts";
import { Texts } from "./lib/texts.ts";

interface Point {
  lat: number;
  lon: number;
}

interface Answer {
  missing: string[];
  refused: string[];
  held: string[];
  linked: { name: string; path: string }[];
  area: number;
  hours: number;
}

const svgSpace = "http://www.w3.org/2000/svg";
const width = 400;
const height = 300;
const closest = 32; // how many times the map can be enlarged

/** The positions in a text, "latitude, longitude" on each line; lines that are none are left out. */
export function positions(text: string): Point[] {
  const out: Point[] = [];
  for (const line of text.split(/[\n;]+/)) {
    const found = /^\s*(-?\d+(?:\.\d+)?)\s*[,\s]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(line);
    if (found) out.push({ lat: Number(found[1]), lon: Number(found[2]) });
  }
  return out;
}

/** A position as the fields hold it: to about a metre. */
export function written(p: Point): string {
  return `${p.lat.toFixed(5)}, ${p.lon.toFixed(5)}`;
}

/** Lets the area and the place be drawn on the map. */
class Drawing {
  readonly #svg: SVGSVGElement;
  readonly #frame: [number, number, number, number];
  readonly #place: HTMLInputElement;
  readonly #corners: HTMLTextAreaElement;
  readonly #layer = document.createElementNS(svgSpace, "g");
  readonly #modes: Record<"place" | "corners", HTMLButtonElement>;
  #mode: "place" | "corners" = "place";
  #view = { x: 0, y: 0, w: width, h: height };
  #held = -1; // the corner under the pointer
  #from: { x: number; y: number; view: { x: number; y: number } } | null = null; // where a press began
  #moved = false;

  constructor(form: HTMLFormElement, svg: SVGSVGElement, frame: [number, number, number, number], texts: Texts) {
    this.#svg = svg;
    this.#frame = frame;
    this.#place = find(form, "[name=place]");
    this.#corners = find(form, "[name=corners]");
    svg.append(this.#layer);
    const tool = (words: string, press: () => void): HTMLButtonElement => {
      const button = make("button", { type: "button" }, words);
      button.addEventListener("click", press);
      return button;
    };
    this.#modes = {
      place: tool(texts.t("staff.area.place"), () => this.#choose("place")),
      corners: tool(texts.t("staff.area.corners"), () => this.#choose("corners")),
    };
    const tools = make(
      "div",
      { class: "draw-tools", role: "group", "aria-label": texts.t("staff.area.tools") },
      this.#modes.place,
      this.#modes.corners,
      tool(texts.t("staff.area.back"), () => this.#write(positions(this.#corners.value).slice(0, -1))),
      tool(texts.t("staff.area.clear"), () => this.#write([])),
      tool(texts.t("staff.area.closer"), () => this.#zoom(0.5)),
      tool(texts.t("staff.area.wider"), () => this.#zoom(2)),
    );
    svg.closest("[data-map]")?.before(tools);
    for (const field of [this.#place, this.#corners]) field.addEventListener("input", () => this.#draw());
    svg.addEventListener("pointerdown", (e) => this.#press(e));
    svg.addEventListener("pointermove", (e) => this.#drag(e));
    svg.addEventListener("pointerup", (e) => this.#release(e));
    svg.addEventListener("pointercancel", () => this.#let());
    this.#choose(this.#place.value.trim() === "" ? "place" : "corners");
    this.#draw();
  }

  #choose(mode: "place" | "corners"): void {
    this.#mode = mode;
    for (const [name, button] of Object.entries(this.#modes)) button.setAttribute("aria-pressed", String(name === mode));
  }

  #xy(p: Point): { x: number; y: number } {
    const [lon, lat, east, north] = this.#frame;
    return { x: width / 2 + (p.lon - lon) / east, y: height / 2 - (p.lat - lat) / north };
  }

  /** Where on the drawing, and on the earth, a pointer is. */
  #at(e: PointerEvent): { x: number; y: number; point: Point } {
    const box = this.#svg.getBoundingClientRect();
    const x = this.#view.x + ((e.clientX - box.left) / box.width) * this.#view.w;
    const y = this.#view.y + ((e.clientY - box.top) / box.height) * this.#view.h;
    const [lon, lat, east, north] = this.#frame;
    return { x, y, point: { lon: lon + (x - width / 2) * east, lat: lat - (y - height / 2) * north } };
  }

  #press(e: PointerEvent): void {
    if (e.button !== 0) return;
    const at = this.#at(e);
    const near = (10 / width) * this.#view.w;
    this.#held = positions(this.#corners.value).findIndex((p) => Math.hypot(this.#xy(p).x - at.x, this.#xy(p).y - at.y) < near);
    this.#from = { x: e.clientX, y: e.clientY, view: { x: this.#view.x, y: this.#view.y } };
    this.#moved = false;
    this.#svg.setPointerCapture(e.pointerId);
  }

  #drag(e: PointerEvent): void {
    if (!this.#from) return;
    if (!this.#moved && Math.hypot(e.clientX - this.#from.x, e.clientY - this.#from.y) < 5) return;
    this.#moved = true;
    if (this.#held >= 0) {
      const all = positions(this.#corners.value);
      all[this.#held] = this.#at(e).point;
      this.#write(all);
      return;
    }
    const box = this.#svg.getBoundingClientRect(); // the map is moved under the finger
    this.#look(this.#from.view.x - ((e.clientX - this.#from.x) / box.width) * this.#view.w, this.#from.view.y - ((e.clientY - this.#from.y) / box.height) * this.#view.h);
  }

  #release(e: PointerEvent): void {
    const pressed = this.#from && !this.#moved;
    if (pressed && this.#mode === "place") {
      this.#place.value = written(this.#at(e).point);
      this.#place.dispatchEvent(new Event("input", { bubbles: true }));
      this.#choose("corners");
    } else if (pressed && this.#held < 0) {
      this.#write([...positions(this.#corners.value), this.#at(e).point]);
    }
    this.#let();
  }

  #let(): void {
    this.#from = null;
    this.#held = -1;
  }

  #write(all: Point[]): void {
    this.#corners.value = all.map(written).join("\n");
    this.#corners.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Enlarges about what is drawn, or about the middle of what is seen. */
  #zoom(by: number): void {
    const drawn = [...positions(this.#corners.value), ...positions(this.#place.value)].map((p) => this.#xy(p));
    const middle = { x: this.#view.x + this.#view.w / 2, y: this.#view.y + this.#view.h / 2 };
    const about = drawn.length > 0 && by < 1 ? { x: mean(drawn.map((p) => p.x)), y: mean(drawn.map((p) => p.y)) } : middle;
    const w = Math.min(width, Math.max(width / closest, this.#view.w * by));
    this.#view = { ...this.#view, w, h: (w / width) * height };
    this.#look(about.x - this.#view.w / 2, about.y - this.#view.h / 2);
    this.#draw();
  }

  #look(x: number, y: number): void {
    this.#view.x = Math.min(Math.max(0, x), width - this.#view.w);
    this.#view.y = Math.min(Math.max(0, y), height - this.#view.h);
    this.#svg.setAttribute("viewBox", `${this.#view.x} ${this.#view.y} ${this.#view.w} ${this.#view.h}`);
  }

  #draw(): void {
    const scale = this.#view.w / width;
    const corners = positions(this.#corners.value).map((p) => this.#xy(p));
    const shapes: SVGElement[] = [];
    if (corners.length > 1) {
      const points = corners.map((p) => `${p.x.toFixed(2)},${p.y.toFixed(2)}`).join(" ");
      shapes.push(shape("polygon", { points, class: "m-area", "stroke-width": String(2.4 * scale) }));
    }
    for (const p of corners) shapes.push(shape("circle", { cx: String(p.x), cy: String(p.y), r: String(5 * scale), class: "m-corner" }));
    for (const p of positions(this.#place.value).map((q) => this.#xy(q))) {
      shapes.push(shape("circle", { cx: String(p.x), cy: String(p.y), r: String(4 * scale), class: "m-incident" }));
    }
    this.#layer.replaceChildren(...shapes);
  }
}

function shape(tag: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS(svgSpace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function mean(all: number[]): number {
  return all.reduce((sum, n) => sum + n, 0) / all.length;
}

/** Takes away what was wrong with a field before it was changed; the verdict says what is wrong now. */
function forget(field: Element): void {
  const box = field.closest(".field-bad");
  box?.classList.remove("field-bad");
  box?.querySelector(".field-errors")?.remove();
  field.removeAttribute("aria-invalid");
}

/** Says what the rules say of the form as it stands. */
class Verdict {
  readonly #form: HTMLFormElement;
  readonly #texts: Texts;
  readonly #notes: NodeListOf<HTMLElement>;
  readonly #says = make("div", { role: "status", "aria-live": "polite" });
  #timer = 0;
  #asked = 0;
  #last = "";

  constructor(form: HTMLFormElement, verdict: HTMLElement, texts: Texts) {
    this.#form = form;
    this.#texts = texts;
    this.#notes = verdict.querySelectorAll<HTMLElement>("[data-without-script]");
    verdict.append(this.#says);
    form.addEventListener("input", (event) => {
      if (event.target instanceof Element) forget(event.target);
      this.#soon();
    });
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), 500);
  }

  async #ask(): Promise<void> {
    const turn = ++this.#asked;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.#form)) if (typeof value === "string") body.append(name, value);
    let answer: Answer | null = null;
    try {
      const response = await fetch(this.#form.dataset["draft"] ?? "", { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (response.ok) answer = (await response.json()) as Answer;
    } catch {
      // said below
    }
    if (turn === this.#asked) this.#tell(answer);
  }

  #tell(answer: Answer | null): void {
    const said = JSON.stringify(answer);
    if (said === this.#last) return; // nothing new to announce
    this.#last = said;
    for (const note of this.#notes) note.hidden = true;
    if (!answer) {
      this.#says.replaceChildren(make("p", {}, this.#texts.t("staff.area.failed")));
      return;
    }
    const list = (all: (Node | string)[]): HTMLElement => make("ul", {}, ...all.map((one) => make("li", {}, one)));
    const parts: HTMLElement[] = [];
    if (answer.refused.length > 0) {
      parts.push(make("p", { class: "bad" }, this.#texts.t("staff.area.bad", { n: answer.refused.length })), list(answer.refused));
    } else {
      parts.push(make("p", { class: "good" }, answer.missing.length > 0 ? this.#texts.t("staff.area.sofar") : this.#texts.t("staff.area.good")));
    }
    if (answer.missing.length > 0) {
      parts.push(make("p", { class: "missing" }, this.#texts.t("staff.area.missing", { n: answer.missing.length })), list(answer.missing));
    }
    if (answer.held.length > 0) parts.push(make("p", {}, this.#texts.t("staff.area.held")), list(answer.held));
    if (answer.linked.length > 0) {
      const links = answer.linked.map((l) => make("a", { href: l.path }, l.name));
      parts.push(make("p", {}, this.#texts.t("staff.area.linked", { n: answer.linked.length })), list(links));
    }
    if (answer.area > 0) parts.push(make("p", {}, this.#texts.t("staff.area.measure", { area: answer.area, hours: answer.hours })));
    this.#says.replaceChildren(...parts);
  }
}

island<HTMLFormElement>("form[data-draft]", (form) => {
  const texts = Texts.of(form);
  const frame = (form.dataset["frame"] ?? "").split(" ").map(Number);
  const svg = form.querySelector<SVGSVGElement>("[data-map] svg");
  if (svg && frame.length === 4 && frame.every(Number.isFinite)) new Drawing(form, svg, frame as [number, number, number, number], texts);
  const verdict = document.querySelector<HTMLElement>("[data-verdict]");
  if (verdict) new Verdict(form, verdict, texts);
});
