// A content that is put together: bytes made here, and stretches of another content, one behind the other.

import type { Bytes } from "../bytes.ts";
import type { Content, Span } from "./content.ts";
import { firstEndingAfter } from "./content.ts";

/** Stretches that lie closer together are read in one go: a read of a file costs more than a few bytes too many. */
const near = 128 << 10;

export class Pieces implements Content {
  readonly size: number;
  readonly #places: Span[] = []; // of the spans, in this content

  /** The spans are in order and do not overlap. */
  constructor(
    private readonly head: Bytes,
    private readonly under: Content,
    private readonly spans: Span[],
  ) {
    let at = head.length;
    for (const s of spans) {
      this.#places.push({ off: at, end: at + s.end - s.off });
      at += s.end - s.off;
    }
    this.size = at;
  }

  async read(from: number, to: number): Promise<Bytes> {
    const out = new Uint8Array(to - from);
    if (from < this.head.length) out.set(this.head.subarray(from, to));
    let i = firstEndingAfter(this.#places, from);
    while (i < this.#places.length && this.#place(i).off < to) i = await this.#group(i, from, to, out);
    return out;
  }

  /** Copies spans that lie close together, from the i-th on, and returns which is next. */
  async #group(i: number, from: number, to: number, out: Bytes): Promise<number> {
    const wanted: { span: Span; at: number }[] = [];
    for (; i < this.#places.length; i++) {
      const [place, span] = [this.#place(i), this.spans[i] as Span];
      const [a, b] = [Math.max(place.off, from), Math.min(place.end, to)];
      const last = wanted.at(-1);
      if (a >= b || (last && span.off - last.span.end > near)) break;
      const off = span.off + a - place.off;
      wanted.push({ span: { off, end: off + b - a }, at: a - from });
    }
    const [first, last] = [wanted[0], wanted.at(-1)];
    if (!first || !last) return this.#places.length;
    const raw = await this.under.read(first.span.off, last.span.end);
    for (const w of wanted) out.set(raw.subarray(w.span.off - first.span.off, w.span.end - first.span.off), w.at);
    return i;
  }

  #place(i: number): Span {
    return this.#places[i] as Span;
  }
}
