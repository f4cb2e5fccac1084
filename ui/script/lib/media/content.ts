// What is sent of a file: the file itself, or the file with changes laid over it. Nothing is copied.

import type { Bytes } from "../bytes.ts";
import { Refused } from "../errors.ts";

/** Bytes that can be read at any place, the same each time. */
export interface Content {
  readonly size: number;
  read(from: number, to: number): Promise<Bytes>;
}

/** A file of the person's. One that was changed or taken away since it was chosen can no longer be read. */
export class FileContent implements Content {
  constructor(private readonly file: Blob) {}

  get size(): number {
    return this.file.size;
  }

  async read(from: number, to: number): Promise<Bytes> {
    try {
      const bytes = new Uint8Array(await this.file.slice(from, to).arrayBuffer());
      if (bytes.length === to - from) return bytes;
    } catch {
      // the file is not what it was
    }
    throw new Refused("clip_changed");
  }
}

/** Bytes that were made here. */
export class MemoryContent implements Content {
  constructor(private readonly bytes: Bytes) {}

  get size(): number {
    return this.bytes.length;
  }

  async read(from: number, to: number): Promise<Bytes> {
    return this.bytes.slice(from, to);
  }
}

export interface Span {
  off: number;
  end: number;
}

/** A content with zeros and then writes laid over it (internal/media/overlay.go). */
export class Overlay implements Content {
  readonly zeros: Span[] = [];
  readonly writes: { off: number; data: Bytes }[] = [];

  constructor(readonly under: Content) {}

  get size(): number {
    return this.under.size;
  }

  zero(off: number, end: number): void {
    if (end <= off) return;
    const last = this.zeros.at(-1);
    if (last && last.off <= off && off <= last.end) last.end = Math.max(end, last.end);
    else this.zeros.push({ off, end });
  }

  write(off: number, data: Bytes): void {
    this.writes.push({ off, data });
  }

  finish(): this {
    this.zeros.sort((a, b) => a.off - b.off);
    this.writes.sort((a, b) => a.off - b.off);
    return this;
  }

  async read(from: number, to: number): Promise<Bytes> {
    return this.lay(await this.under.read(from, to), from);
  }

  /** Changes the bytes of the original that stand at an offset. */
  lay(bytes: Bytes, off: number): Bytes {
    const end = off + bytes.length;
    for (let i = firstEndingAfter(this.zeros, off); i < this.zeros.length; i++) {
      const z = this.zeros[i] as Span;
      if (z.off >= end) break;
      bytes.fill(0, Math.max(z.off, off) - off, Math.min(z.end, end) - off);
    }
    for (const w of this.writes) {
      if (w.off >= end || w.off + w.data.length <= off) continue;
      const from = Math.max(w.off, off);
      bytes.set(w.data.subarray(from - w.off, Math.min(w.data.length, end - w.off)), from - off);
    }
    return bytes;
  }
}

/** The index of the first of ordered stretches that ends after an offset. */
export function firstEndingAfter(spans: Span[], off: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle] as Span).end <= off) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Stretches in order, each byte once. */
export function merged(spans: Span[]): Span[] {
  const out: Span[] = [];
  for (const s of [...spans].sort((a, b) => a.off - b.off)) {
    const last = out.at(-1);
    if (last && s.off <= last.end) last.end = Math.max(last.end, s.end);
    else out.push({ ...s });
  }
  return out;
}

/** Whether one of the merged stretches holds all of another. */
export const covers = (spans: Span[], s: Span): boolean => {
  const at = spans[firstEndingAfter(spans, s.off)];
  return at !== undefined && at.off <= s.off && s.end <= at.end;
};
