// The operator's street map, as the exchange serves it (ui/townmap): what is drawn beneath the areas, the streets that an
// area holds, and where a street is that somebody types.

import { contains, scaleAt } from "./geo.ts";
import type { Area, Point, Position } from "./geo.ts";

export interface Feature {
  kind: string; // water, park, building, street, rail or place
  name: string;
  major: boolean;
  filled: boolean;
  lines: Position[][];
}

interface Wire {
  attribution?: string;
  features: { properties: { kind: string; name?: string; class?: string }; geometry: { type: string; coordinates: unknown } }[];
}

export class Basemap {
  constructor(
    readonly features: Feature[] = [],
    readonly attribution = "", // whose work the map is
  ) {}

  static parse(text: string): Basemap {
    const wire = JSON.parse(text) as Wire;
    const features = wire.features.map(({ properties: p, geometry: g }) => ({
      kind: p.kind, name: p.name ?? "", major: p.class === "major", filled: g.type === "Polygon", lines: linesOf(g),
    }));
    return new Basemap(features, wire.attribution);
  }

  /** The names of streets, in order: what somebody may type. */
  streets(): string[] {
    return [...new Set(this.features.filter((f) => f.kind === "street" && f.name !== "").map((f) => f.name))].sort();
  }

  /** The streets that run through an area for forty metres or more, the longest stretch first. */
  streetsIn(area: Area): string[] {
    const inside = new Map<string, number>();
    for (const f of this.features) {
      if (f.kind !== "street" || f.name === "") continue;
      for (const line of f.lines) inside.set(f.name, (inside.get(f.name) ?? 0) + lengthInside(line, area));
    }
    const found = [...inside].filter(([, metres]) => metres >= 40);
    return found.sort(([a, x], [b, y]) => Math.round(y) - Math.round(x) || (a < b ? -1 : 1)).map(([name]) => name);
  }

  /** Where a street is, where two cross ("Oak Street and 3rd Avenue"), or where a place with a name is. */
  find(text: string): { point: Point; name: string } | undefined {
    const [first = "", second] = text.split(/\s+(?:&|and|at|y|con|esq\.?)\s+|\s*[&/@]\s*/iu, 2);
    const a = this.#named(first);
    if (!a) return undefined;
    const b = second ? this.#named(second) : undefined;
    if (second) return b && crossing(a.lines, b.lines, `${a.name} / ${b.name}`);
    return { point: middle(a.lines), name: a.name };
  }

  /** All lines of the thing whose name is typed whole, or else begins so, or else holds the words. */
  #named(typed: string): { name: string; lines: Position[][] } | undefined {
    const wanted = plain(typed);
    if (wanted.length < 2) return undefined;
    const fits = [(n: string) => n === wanted, (n: string) => n.startsWith(wanted), (n: string) => n.includes(wanted)];
    for (const fit of fits) {
      const name = this.features.find((f) => f.name !== "" && fit(plain(f.name)))?.name;
      if (name !== undefined) return { name, lines: this.features.filter((f) => f.name === name).flatMap((f) => f.lines) };
    }
    return undefined;
  }
}

function linesOf(g: { type: string; coordinates: unknown }): Position[][] {
  if (g.type === "Point") return [[g.coordinates as Position]];
  return g.coordinates as Position[][];
}

const plain = (name: string): string => name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

const sample = 15; // metres between two looks at whether a street is in an area
const metresPerDegree = (6371008.8 * Math.PI) / 180; // of latitude, as ui/townmap measures

function lengthInside(line: Position[], area: Area): number {
  let total = 0;
  for (let i = 1; i < line.length; i++) {
    const a = line[i - 1] as Position;
    const b = line[i] as Position;
    const metres = Math.hypot((b[0] - a[0]) * Math.cos((a[1] * Math.PI) / 180), b[1] - a[1]) * metresPerDegree;
    const n = Math.min(Math.floor(metres / sample) + 1, 10_000);
    for (let k = 0; k < n; k++) {
      const t = (k + 0.5) / n;
      if (contains(area, { lon: a[0] + (b[0] - a[0]) * t, lat: a[1] + (b[1] - a[1]) * t })) total += metres / n;
    }
  }
  return total;
}

/** The point half way along the longest line. */
function middle(lines: Position[][]): Point {
  const lengths = lines.map((line) => line.slice(1).map((p, i) => Math.hypot(p[0] - (line[i] as Position)[0], p[1] - (line[i] as Position)[1])));
  const sums = lengths.map((l) => l.reduce((a, b) => a + b, 0));
  const longest = sums.indexOf(Math.max(...sums));
  const line = lines[longest] ?? [];
  let left = (sums[longest] ?? 0) / 2;
  for (let i = 1; i < line.length; i++) {
    const a = line[i - 1] as Position;
    const b = line[i] as Position;
    const length = lengths[longest]?.[i - 1] ?? 0;
    if (left <= length && length > 0) return { lon: a[0] + ((b[0] - a[0]) * left) / length, lat: a[1] + ((b[1] - a[1]) * left) / length };
    left -= length;
  }
  const [lon, lat] = line[0] ?? [0, 0];
  return { lat, lon };
}

/** Where two sets of lines cross or come within thirty metres. */
function crossing(a: Position[][], b: Position[][], name: string): { point: Point; name: string } | undefined {
  let best: { metres: number; point: Point } | undefined;
  for (const p of dense(a)) {
    for (const q of dense(b)) {
      const { east, north } = scaleAt(p[1]);
      const metres = Math.hypot((p[0] - q[0]) * east, (p[1] - q[1]) * north);
      if (!best || metres < best.metres) best = { metres, point: { lon: (p[0] + q[0]) / 2, lat: (p[1] + q[1]) / 2 } };
    }
  }
  return best && best.metres <= 30 ? { point: best.point, name } : undefined;
}

/** The lines' points with more between them, at most some 25 metres apart. */
function dense(lines: Position[][]): Position[] {
  const out: Position[] = [];
  for (const line of lines) {
    line.forEach((p, i) => {
      const from = line[i - 1] ?? p;
      const { east, north } = scaleAt(p[1]);
      const n = Math.min(200, Math.ceil(Math.hypot((p[0] - from[0]) * east, (p[1] - from[1]) * north) / 25) || 1);
      for (let k = 1; k <= n; k++) out.push([from[0] + ((p[0] - from[0]) * k) / n, from[1] + ((p[1] - from[1]) * k) / n]);
    });
  }
  return out;
}
