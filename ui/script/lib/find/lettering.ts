// The names on a map (ui/townmap/label.go): places first, then streets from the longest stretch down, each once, as long as
// nothing overlaps.

import type { Basemap } from "./basemap.ts";
import type { Position } from "./geo.ts";
import { draw } from "./svg.ts";
import { height, width } from "./view.ts";
import type { View, XY } from "./view.ts";

const letterWidth = 4.6; // units, on the generous side: the font is not known
const clearance = 10; // units between two names
const maxNames = 26;
const border = 6;

interface Run {
  name: string;
  major: boolean;
  from: XY;
  to: XY;
}

const length = (r: { from: XY; to: XY }): number => Math.hypot(r.to.x - r.from.x, r.to.y - r.from.y);

export class Lettering {
  readonly names: SVGTextElement[] = [];
  readonly #placed: XY[];

  constructor(
    readonly view: View,
    taken: XY[],
  ) {
    this.#placed = [...taken];
  }

  write(base: Basemap): this {
    const best = new Map<string, Run>();
    for (const f of base.features) {
      if (f.name === "") continue;
      if (f.kind === "place" || f.filled) this.#place(f.kind, f.name, f.lines.flat());
      else for (const line of f.lines) this.#longer(best, f.name, f.major, line);
    }
    const runs = [...best.values()].sort((a, b) => Number(b.major) - Number(a.major) || length(b) - length(a) || (a.name < b.name ? -1 : 1));
    let written = 0;
    for (const run of runs) if (written < maxNames && this.#street(run)) written++;
    return this;
  }

  #longer(best: Map<string, Run>, name: string, major: boolean, line: Position[]): void {
    const run = longestRun(line.map((p) => this.view.xy(p)));
    const old = best.get(name);
    if (run && (!old || length(run) > length(old))) best.set(name, { ...run, name, major });
  }

  #place(kind: string, name: string, points: Position[]): void {
    const all = points.map((p) => this.view.xy(p));
    const mid = (of: number[]) => (Math.min(...of) + Math.max(...of)) / 2;
    const at = { x: mid(all.map((p) => p.x)), y: mid(all.map((p) => p.y)) };
    const half = ([...name].length * letterWidth) / 2;
    if (at.x - half < 4 || at.x + half > width - 4 || at.y < 14 || at.y > height - 28) return;
    if (this.#reserve({ x: at.x - half, y: at.y }, { x: at.x + half, y: at.y })) this.names.push(draw("text", { class: `m-name m-name-${kind}`, x: at.x.toFixed(1), y: at.y.toFixed(1) }, name));
  }

  #street(run: Run): boolean {
    const half = ([...run.name].length * letterWidth) / 2;
    const long = length(run);
    if (long < half * 2 + 8) return false;
    const mid = { x: (run.from.x + run.to.x) / 2, y: (run.from.y + run.to.y) / 2 };
    const along = { x: (run.to.x - run.from.x) / long, y: (run.to.y - run.from.y) / long };
    if (!this.#reserve({ x: mid.x - along.x * half, y: mid.y - along.y * half }, { x: mid.x + along.x * half, y: mid.y + along.y * half })) return false;
    let turn = (Math.atan2(along.y, along.x) * 180) / Math.PI;
    if (turn > 90 || turn <= -90) turn += turn > 0 ? -180 : 180;
    const name = draw("text", { class: "m-name", transform: `translate(${mid.x.toFixed(1)} ${mid.y.toFixed(1)})rotate(${turn.toFixed(1)})`, dy: "0.35em" }, run.name);
    this.names.push(name);
    return true;
  }

  /** Takes the strip between two points unless something is near it. */
  #reserve(from: XY, to: XY): boolean {
    const steps = Math.floor(Math.hypot(to.x - from.x, to.y - from.y) / 5) + 1;
    const strip: XY[] = [];
    for (let i = 0; i <= steps; i++) strip.push({ x: from.x + ((to.x - from.x) * i) / steps, y: from.y + ((to.y - from.y) * i) / steps });
    // The corners hold the tools, the north arrow and the scale bar.
    const free = strip.every((p) => !(p.x > width - 30 && p.y < 42) && !(p.x < 40 && p.y < 95) && !(p.x < width / 4 + 30 && p.y > height - 30) && this.#placed.every((q) => Math.hypot(p.x - q.x, p.y - q.y) >= clearance));
    if (free) this.#placed.push(...strip);
    return free;
  }
}

/** The longest stretch of a line in the drawing that bends by less than eight degrees at each point. */
function longestRun(points: XY[]): { from: XY; to: XY } | undefined {
  const bend = (8 * Math.PI) / 180;
  let best: { from: XY; to: XY } | undefined;
  let run: { from: XY; to: XY } | undefined;
  let last = NaN;
  for (let i = 1; i < points.length; i++) {
    const piece = clip(points[i - 1] as XY, points[i] as XY);
    if (!piece) {
      run = undefined;
      continue;
    }
    const direction = Math.atan2(piece.to.y - piece.from.y, piece.to.x - piece.from.x);
    const turned = Math.abs(Math.atan2(Math.sin(direction - last), Math.cos(direction - last)));
    const goesOn = run && turned < bend && run.to.x === piece.from.x && run.to.y === piece.from.y;
    run = goesOn && run ? { from: run.from, to: piece.to } : piece;
    last = direction;
    if (!best || length(run) > length(best)) best = run;
  }
  return best;
}

/** Cuts a segment to the drawing less a small border (Liang and Barsky). */
function clip(a: XY, b: XY): { from: XY; to: XY } | undefined {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  let [t0, t1] = [0, 1];
  for (const [p, q] of [[-dx, a.x - border], [dx, width - border - a.x], [-dy, a.y - border], [dy, height - border - a.y]] as const) {
    if (p === 0 && q < 0) return undefined;
    if (p < 0) t0 = Math.max(t0, q / p);
    if (p > 0) t1 = Math.min(t1, q / p);
  }
  if (t0 >= t1) return undefined;
  const at = (t: number): XY => (t === 0 ? a : t === 1 ? b : { x: a.x + t * dx, y: a.y + t * dy });
  return { from: at(t0), to: at(t1) };
}
