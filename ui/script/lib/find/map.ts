// A map of areas on the operator's street map, or on a net of longitudes and latitudes where there is none: moved and made
// larger by keys, fingers and buttons, with areas that can be focused and opened. Nothing is fetched to draw it.

import { make } from "../dom.ts";
import type { Texts } from "../texts.ts";
import type { Basemap } from "./basemap.ts";
import { metresPerMile } from "./geo.ts";
import type { Area, Point, Position } from "./geo.ts";
import { Gestures } from "./gestures.ts";
import { Lettering } from "./lettering.ts";
import { draw } from "./svg.ts";
import { View, height, width } from "./view.ts";
import type { XY } from "./view.ts";

/** An area of the map. */
export interface Shape {
  id: string;
  area: Area;
  label: string; // on the map, such as its number in the list; may be empty
  name: string; // read aloud
}

export interface Scene {
  shapes: Shape[];
  bounds: Area[]; // outlines for orientation
  place: Point | null; // the reader's own
  within: number; // metres about the place that are looked at; 0: no bound
}

const far = 7.7; // metres a unit, from which on streets are drawn thin

export class MapView {
  readonly element: HTMLElement;
  readonly #svg: SVGSVGElement;
  readonly #layer = draw("g");
  readonly #areas = draw("g");
  readonly #groups = new Map<string, SVGGElement>();
  #view = new View({ lat: 40, lon: -97 }, 12_000);
  #home: View | undefined;
  #scene: Scene = { shapes: [], bounds: [], place: null, within: 0 };
  #picking = false;

  constructor(
    private readonly base: Basemap,
    private readonly texts: Texts,
    label: string,
    private readonly act: { choose?: (id: string) => void; pick?: (p: Point) => void } = {},
  ) {
    this.#svg = draw("svg", { class: "map", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label, tabindex: 0 });
    this.#svg.append(draw("rect", { class: "m-land", width, height }), this.#layer);
    const tool = (words: string, sign: string, press: () => void): HTMLButtonElement => {
      const button = make("button", { type: "button", "aria-label": words, title: words }, sign);
      button.addEventListener("click", press);
      return button;
    };
    const tools = make(
      "div", { class: "map-tools" }, tool(texts.t("find.map.closer"), "+", () => this.#zoom(1.6)), tool(texts.t("find.map.wider"), "−", () => this.#zoom(1 / 1.6)),
      tool(texts.t("find.map.whole"), "◻", () => this.#look(this.#home ?? this.#view)),
    );
    new Gestures(this.#svg, {
      preview: (by, factor, about) => this.#preview(by, factor, about),
      move: (by, factor, about) => this.#look(this.#view.moved(by, factor, about)),
      press: (at, target) => this.#press(at, target),
      home: () => this.#look(this.#home ?? this.#view),
      middle: () => this.#picking && this.#press({ x: width / 2, y: height / 2 }, this.#svg),
    });
    this.element = make("div", { class: "map-live" }, tools);
    this.element.prepend(this.#svg);
  }

  /** Shows a scene; fit looks at all that is in it. */
  show(scene: Scene, fit: boolean): void {
    this.#scene = scene;
    this.#home = View.about(scene.shapes.map((s) => s.area), scene.place ? [scene.place] : [], scene.shapes.length === 1 ? 0.45 : 0.1) ?? View.about(scene.bounds, [], 0.08) ?? this.#home;
    if (fit && this.#home) this.#view = this.#home;
    this.#regroup();
    this.#look(this.#view);
  }

  /** Whether the next press says where the reader is. */
  set picking(on: boolean) {
    this.#picking = on;
    this.element.toggleAttribute("data-picking", on);
    if (on) this.#svg.focus();
    this.#look(this.#view);
  }

  #zoom(factor: number): void {
    this.#look(this.#view.moved({ x: 0, y: 0 }, factor));
  }

  #press(at: XY, target: Element): void {
    if (this.#picking) return this.act.pick?.(this.#view.at(at));
    const id = target.closest<SVGElement>("[data-id]")?.dataset["id"];
    if (id !== undefined) this.act.choose?.(id);
  }

  /** While fingers move, what is drawn is moved as it is. */
  #preview(by: XY, factor: number, about: XY): void {
    this.#layer.setAttribute("transform", `translate(${about.x + by.x} ${about.y + by.y})scale(${factor})translate(${-about.x} ${-about.y})`);
  }

  /** Each area keeps its element while it is shown, so that it keeps the focus. */
  #regroup(): void {
    const old = new Map(this.#groups);
    this.#groups.clear();
    const open = this.act.choose !== undefined;
    for (const s of this.#scene.shapes) {
      const attributes = open ? { "data-id": s.id, role: "link", tabindex: 0 } : { role: "img" };
      const group = old.get(s.id) ?? draw("g", { class: "m-shape", ...attributes }, draw("path", { class: "m-area" }), draw("circle", { class: "m-number", r: 9 }), draw("text", { class: "m-number-text" }));
      group.setAttribute("aria-label", s.name);
      old.delete(s.id);
      this.#groups.set(s.id, group);
    }
    for (const group of old.values()) group.remove();
    [...this.#groups.values()].forEach((group, i) => this.#areas.children[i] !== group && this.#areas.insertBefore(group, this.#areas.children[i] ?? null));
  }

  #look(view: View): void {
    this.#view = view;
    this.#svg.classList.toggle("map-far", view.unit > far);
    const taken = this.#scene.shapes.flatMap((s) => this.#shape(s));
    const names = this.base.features.length > 0 ? new Lettering(view, taken).write(this.base).names : [];
    const under = draw("g", { "aria-hidden": "true" }, ...(this.base.features.length > 0 ? this.#streets() : this.#net()), ...this.#outlines());
    const over = draw("g", { "aria-hidden": "true" }, ...this.#place(), ...names, ...this.#marks());
    this.#layer.removeAttribute("transform");
    for (const child of [...this.#layer.children]) if (child !== this.#areas) child.remove();
    if (!this.#areas.parentNode) this.#layer.append(this.#areas);
    this.#layer.prepend(under);
    this.#layer.append(over);
  }

  #streets(): SVGElement[] {
    const layers: [string, string, boolean, boolean | undefined][] = [
      ["m-park", "park", true, undefined], ["m-water", "water", true, undefined], ["m-stream", "water", false, undefined], ["m-building", "building", true, undefined],
      ["m-street", "street", false, false], ["m-street m-major", "street", false, true], ["m-rail", "rail", false, undefined],
    ];
    return layers.map(([look, kind, filled, major]) => {
      const fits = this.base.features.filter((f) => f.kind === kind && f.filled === filled && (major === undefined || f.major === major));
      return draw("path", { class: look, d: fits.flatMap((f) => f.lines.map((line) => this.#view.path(line, f.filled))).join("") });
    });
  }

  /** Lines of longitude and latitude, a handful across, each with its degrees. */
  #net(): SVGElement[] {
    const [nw, se] = [this.#view.at({ x: 0, y: 0 }), this.#view.at({ x: width, y: height })];
    const step = roundStep(se.lon - nw.lon);
    const out: SVGElement[] = [];
    let d = "";
    for (let lon = Math.ceil(nw.lon / step) * step; lon <= se.lon; lon += step) {
      const { x } = this.#view.xy([lon, this.#view.middle.lat]);
      d += `M${x.toFixed(1)} 0V${height}`;
      out.push(draw("text", { class: "m-degree", x: (x + 3).toFixed(1), y: 9 }, degrees(lon, step, "E", "W")));
    }
    for (let lat = Math.ceil(se.lat / step) * step; lat <= nw.lat; lat += step) {
      const { y } = this.#view.xy([this.#view.middle.lon, lat]);
      d += `M0 ${y.toFixed(1)}H${width}`;
      out.push(draw("text", { class: "m-degree", x: 3, y: (y - 3).toFixed(1) }, degrees(lat, step, "N", "S")));
    }
    return [draw("path", { class: "m-graticule", d }), ...out];
  }

  #outlines(): SVGElement[] {
    return [draw("path", { class: "m-bounds", d: this.#scene.bounds.map((a) => this.#view.outline(a)).join("") })];
  }

  /** Draws an area and returns the points that its number covers. */
  #shape(s: Shape): XY[] {
    const group = this.#groups.get(s.id);
    const corners = (s.area.coordinates[0] ?? []).map((p: Position) => this.#view.xy(p));
    const mid = (of: number[]) => (Math.min(...of) + Math.max(...of)) / 2;
    const at = { x: mid(corners.map((p) => p.x)), y: mid(corners.map((p) => p.y)) };
    const [path, circle, text] = [...(group?.children ?? [])];
    path?.setAttribute("d", this.#view.outline(s.area));
    if (s.label === "") circle?.setAttribute("r", "0");
    circle?.setAttribute("cx", at.x.toFixed(1));
    circle?.setAttribute("cy", at.y.toFixed(1));
    text?.setAttribute("x", at.x.toFixed(1));
    text?.setAttribute("y", (at.y + 3.7).toFixed(1));
    if (text) text.textContent = s.label;
    return s.label === "" ? [] : [at, { x: at.x - 7, y: at.y }, { x: at.x + 7, y: at.y }];
  }

  #place(): SVGElement[] {
    const out: SVGElement[] = [];
    const { place, within } = this.#scene;
    if (place) {
      const { x, y } = this.#view.xy([place.lon, place.lat]);
      if (within > 0) out.push(draw("circle", { class: "m-within", cx: x.toFixed(1), cy: y.toFixed(1), r: (within / this.#view.unit).toFixed(1) }));
      out.push(draw("path", { class: "m-here", d: `M${x.toFixed(1)} ${y.toFixed(1)}l-6 -9a7 7 0 1 1 12 0z` }));
    }
    if (this.#picking) out.push(draw("path", { class: "m-cross", d: `M${width / 2 - 9} ${height / 2}h18M${width / 2} ${height / 2 - 9}v18` }));
    return out;
  }

  /** The scale bar, the longest round length that fits into a quarter of the width, and the north arrow. */
  #marks(): SVGElement[] {
    const lengths = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500];
    const miles = lengths.filter((m) => (m * metresPerMile) / this.#view.unit <= width / 4).at(-1) ?? 0.01;
    const long = (miles * metresPerMile) / this.#view.unit;
    const metric = miles >= 1 ? `${((miles * metresPerMile) / 1000).toFixed(1)} km` : `${Math.round(miles * metresPerMile)} m`;
    const [y, x] = [height - 10, width - 16];
    return [
      draw("path", { class: "m-scale", d: `M10 ${y - 4}V${y}H${(10 + long).toFixed(1)}V${y - 4}` }), draw("text", { class: "m-scale-text", x: 12, y: y - 7 }, `${miles} mi · ${metric}`),
      draw("path", { class: "m-north", d: `M${x} 8L${x + 5} 24L${x} 20L${x - 5} 24Z` }), draw("text", { class: "m-north-text", x, y: 35 }, this.texts.t("map.north")),
    ];
  }
}

/** A round step that gives three to eight lines over so many degrees. */
function roundStep(span: number): number {
  for (let step = 0.0001; ; step *= 10) for (const k of [1, 2, 5]) if (span / (step * k) <= 6 || step > 10) return step * k;
}

function degrees(value: number, step: number, positive: string, negative: string): string {
  return `${Math.abs(value).toFixed(Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)))}° ${value < 0 ? negative : positive}`;
}
