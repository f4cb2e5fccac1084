// What fingers, mouse and keys do to a map. One finger moves it when it starts sideways (up and down scroll the page), two
// move and pinch it; the wheel makes it larger only with Ctrl held, as a trackpad's pinch does, so that nobody's scrolling is
// caught. Keys: arrows move, + and - make it larger and smaller, 0 shows all, Enter opens the focused area.

import { height, width } from "./view.ts";
import type { XY } from "./view.ts";

export interface Moves {
  preview(by: XY, factor: number, about: XY): void; // while it lasts
  move(by: XY, factor?: number, about?: XY): void; // when it is done
  press(at: XY, target: Element): void;
  home(): void;
  middle(): void; // Enter on the map itself
}

export class Gestures {
  readonly #fingers = new Map<number, { from: XY; to: XY }>();
  #moved = false;

  constructor(
    private readonly svg: SVGSVGElement,
    private readonly moves: Moves,
  ) {
    svg.addEventListener("pointerdown", (e) => this.#down(e));
    svg.addEventListener("pointermove", (e) => this.#move(e));
    svg.addEventListener("pointerup", (e) => this.#up(e));
    svg.addEventListener("pointercancel", (e) => this.#cancel(e));
    svg.addEventListener("wheel", (e) => this.#wheel(e), { passive: false });
    svg.addEventListener("keydown", (e) => this.#key(e));
    svg.addEventListener("click", (e) => e.detail === 0 && this.moves.press(this.#at(e), e.target as Element)); // by a screen reader
  }

  #at(e: MouseEvent): XY {
    const box = this.svg.getBoundingClientRect();
    return { x: ((e.clientX - box.left) / box.width) * width, y: ((e.clientY - box.top) / box.height) * height };
  }

  #down(e: PointerEvent): void {
    if (e.button !== 0) return;
    if (this.#fingers.size === 0) this.#moved = false;
    this.#settle();
    this.#fingers.set(e.pointerId, { from: this.#at(e), to: this.#at(e) });
  }

  #move(e: PointerEvent): void {
    const finger = this.#fingers.get(e.pointerId);
    if (!finger) return;
    finger.to = this.#at(e);
    if (!this.#moved && Math.hypot(finger.to.x - finger.from.x, finger.to.y - finger.from.y) < 4) return;
    if (!this.#moved) this.svg.setPointerCapture(e.pointerId);
    this.#moved = true;
    this.moves.preview(...this.#change());
  }

  /** How the fingers have moved, spread and about what. */
  #change(): [XY, number, XY] {
    const all = [...this.#fingers.values()];
    const mid = (of: XY[]): XY => ({ x: of.reduce((s, p) => s + p.x, 0) / of.length, y: of.reduce((s, p) => s + p.y, 0) / of.length });
    const about = mid(all.map((f) => f.from));
    const now = mid(all.map((f) => f.to));
    const spread = (of: XY[]) => of.reduce((s, p) => s + Math.hypot(p.x - (of[0] as XY).x, p.y - (of[0] as XY).y), 0);
    const factor = all.length > 1 ? spread(all.map((f) => f.to)) / Math.max(1, spread(all.map((f) => f.from))) : 1;
    return [{ x: now.x - about.x, y: now.y - about.y }, factor, about];
  }

  /** Makes what the fingers did until now the map's new place, and begins anew from there. */
  #settle(): void {
    if (!this.#moved || this.#fingers.size === 0) return;
    this.moves.move(...this.#change());
    for (const f of this.#fingers.values()) f.from = f.to;
  }

  #up(e: PointerEvent): void {
    if (!this.#fingers.has(e.pointerId)) return;
    const alone = this.#fingers.size === 1;
    this.#settle();
    this.#fingers.delete(e.pointerId);
    if (alone && !this.#moved) this.moves.press(this.#at(e), e.target as Element);
  }

  #cancel(e: PointerEvent): void {
    this.#fingers.delete(e.pointerId);
    this.moves.move({ x: 0, y: 0 });
  }

  #wheel(e: WheelEvent): void {
    if (!e.ctrlKey) return;
    e.preventDefault();
    this.moves.move({ x: 0, y: 0 }, Math.exp(-e.deltaY / 120), this.#at(e));
  }

  #key(e: KeyboardEvent): void {
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    const step = 50;
    const act: Record<string, () => void> = {
      ArrowLeft: () => this.moves.move({ x: step, y: 0 }), ArrowRight: () => this.moves.move({ x: -step, y: 0 }),
      ArrowUp: () => this.moves.move({ x: 0, y: step }), ArrowDown: () => this.moves.move({ x: 0, y: -step }),
      "+": () => this.moves.move({ x: 0, y: 0 }, 1.6), "=": () => this.moves.move({ x: 0, y: 0 }, 1.6), "-": () => this.moves.move({ x: 0, y: 0 }, 1 / 1.6), "0": () => this.moves.home(),
      Enter: () => (e.target === this.svg ? this.moves.middle() : this.moves.press({ x: 0, y: 0 }, e.target as Element)),
    };
    const does = act[e.key];
    if (!does) return;
    e.preventDefault();
    does();
  }
}
