// Where positions stand in a drawing of 400 by 300 units (ui/townmap/project.go): true to scale about its middle.

import { scaleAt } from "./geo.ts";
import type { Area, Point, Position } from "./geo.ts";

export const width = 400;
export const height = 300;
const minSpan = 600; // metres across: no map is opened at a scale that shows single houses
const closest = 150; // metres across: nobody can come nearer than this
const widest = 6_000_000;

export interface XY {
  x: number;
  y: number;
}

export class View {
  readonly #scale: { east: number; north: number };

  constructor(
    readonly middle: Point,
    readonly unit: number, // metres that a unit of the drawing measures
  ) {
    const { east, north } = scaleAt(middle.lat);
    this.#scale = { east: east / unit, north: north / unit };
  }

  /** Fits areas and positions into the drawing with a margin about them, given as a part of their size on each side. */
  static about(areas: Area[], others: Point[], margin: number): View | undefined {
    const all: Position[] = [...areas.flatMap((a) => a.coordinates.flat()), ...others.map((p): Position => [p.lon, p.lat])];
    if (all.length === 0) return undefined;
    const [west, south] = [Math.min(...all.map((p) => p[0])), Math.min(...all.map((p) => p[1]))];
    const [east, north] = [Math.max(...all.map((p) => p[0])), Math.max(...all.map((p) => p[1]))];
    const middle = { lat: (south + north) / 2, lon: (west + east) / 2 };
    const scale = scaleAt(middle.lat);
    const unit = Math.max(((east - west) * scale.east) / width, ((north - south) * scale.north) / height) * (1 + 2 * margin);
    return new View(middle, Math.max(unit, minSpan / width));
  }

  xy([lon, lat]: Position): XY {
    return { x: width / 2 + (lon - this.middle.lon) * this.#scale.east, y: height / 2 - (lat - this.middle.lat) * this.#scale.north };
  }

  at({ x, y }: XY): Point {
    return { lon: this.middle.lon + (x - width / 2) / this.#scale.east, lat: this.middle.lat - (y - height / 2) / this.#scale.north };
  }

  /** The view after the drawing was moved by so many units and made larger by a factor about a point of it. */
  moved(by: XY, factor = 1, about: XY = { x: width / 2, y: height / 2 }): View {
    const unit = Math.min(widest / width, Math.max(closest / width, this.unit / factor));
    const k = unit / this.unit; // what of the factor is left
    const middle = this.at({ x: about.x + (width / 2 - about.x) * k - by.x * k, y: about.y + (height / 2 - about.y) * k - by.y * k });
    return new View({ lat: Math.max(-85, Math.min(85, middle.lat)), lon: middle.lon }, unit);
  }

  /** A line as path data, with what is closer than half a unit left out; "" where nothing of it is to be seen. */
  path(line: Position[], closed: boolean): string {
    const points = line.map((p) => this.xy(p));
    const xs = points.map((p) => p.x);
    const ys = points.map((p) => p.y);
    if (Math.max(...xs) < 0 || Math.min(...xs) > width || Math.max(...ys) < 0 || Math.min(...ys) > height) return "";
    let out = "";
    let last: XY = { x: Infinity, y: Infinity };
    points.forEach((p, i) => {
      if (closed && i === points.length - 1) return; // the closing position is the first again
      if (i > 0 && i < points.length - 1 && Math.hypot(p.x - last.x, p.y - last.y) < 0.5) return;
      out += `${i === 0 ? "M" : "L"}${round(p.x)} ${round(p.y)}`;
      last = p;
    });
    return closed ? `${out}Z` : out;
  }

  outline(area: Area): string {
    return area.coordinates.map((ring) => this.path(ring, true)).join("");
  }
}

const round = (n: number): number => Math.round(n * 10) / 10;
