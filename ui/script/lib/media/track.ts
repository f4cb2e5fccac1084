// One track of a movie, and where its samples stand (internal/media/track.go, samples.go).

import { Refused } from "../errors.ts";
import type { Box } from "./box.ts";
import { kindAt } from "./box.ts";
import type { Span } from "./content.ts";

const maxStretches = 2 << 20;

/** The sizes of a track's samples. */
export interface Sizes {
  count: number;
  uniform: number;
  at(sample: number): number;
  sum(first: number, n: number): number;
}

export type Kind = "video" | "audio" | "metadata" | "other";

const dv = new Set(["dvc ", "dvcp", "dvpp", "dvp ", "dv5n", "dv5p", "dvh2", "dvh3", "dvh5", "dvh6", "dvhp", "dvhq", "AVdv", "AVd1"]);

export class Track {
  readonly id: number;
  readonly kind: Kind;
  readonly codec: string;
  readonly handler: string;
  readonly stbl: Box;
  readonly scale: number; // ticks in a second
  // What fragments add, and take for granted.
  fragmentTicks = 0;
  defaultDuration = 0;
  defaultSize = 0;
  readonly #duration: number; // ticks, as the index says
  readonly #frameBytes: number;

  constructor(readonly box: Box) {
    const [tkhd, mdhd, hdlr, stbl] = [box.child("tkhd"), box.child("mdia", "mdhd"), box.child("mdia", "hdlr"), box.child("mdia", "minf", "stbl")];
    if (!tkhd || !mdhd || !hdlr || !stbl || hdlr.body.length < 12) throw new Refused("clip_damaged");
    this.stbl = stbl;
    this.handler = kindAt(hdlr.body, 8);
    this.kind = kindOf(this.handler);
    const wide = (b: Box) => b.body[0] === 1;
    const needed = (b: Box, n: number) => {
      if (b.body.length < n) throw new Refused("clip_damaged");
    };
    needed(tkhd, wide(tkhd) ? 24 : 16);
    needed(mdhd, wide(mdhd) ? 32 : 20);
    this.id = tkhd.view().getUint32(wide(tkhd) ? 20 : 12);
    const view = mdhd.view();
    const [scale, duration] = wide(mdhd) ? [view.getUint32(20), Number(view.getBigUint64(24))] : [view.getUint32(12), view.getUint32(16)];
    this.scale = scale;
    this.#duration = duration;
    const [entry] = stbl.child("stsd")?.children(8) ?? [];
    this.codec = entry?.kind ?? "";
    this.#frameBytes = this.kind === "audio" && entry && entry.body.length >= 28 ? frameBytes(this.codec, entry.view()) : 0;
  }

  get seconds(): number {
    return seconds(this.#duration || this.fragmentTicks, this.scale);
  }

  /** The first description of the samples. */
  get entry(): Box | undefined {
    return this.stbl.child("stsd")?.children(8).next().value ?? undefined;
  }

  /** The upper left four numbers of the matrix that turns the pictures before they are shown, row by row (tkhd, 8.3.2). */
  get turn(): [number, number, number, number] {
    const tkhd = this.box.child("tkhd");
    const at = tkhd?.body[0] === 1 ? 52 : 40;
    if (!tkhd || tkhd.body.length < at + 36) return [1, 0, 0, 1];
    const n = (i: number) => tkhd.view().getInt32(at + 4 * i) / 65536;
    return [n(0), n(1), n(3), n(4)];
  }

  /** Whether the pictures are DV, which weaves the sound into each of them. */
  get soundInPictures(): boolean {
    return dv.has(this.codec);
  }

  /** How many seconds at its start or end the edit list leaves out of a film of such a length (elst, 8.6.6). */
  hidden(filmSeconds: number): number {
    const elst = this.box.child("edts", "elst");
    if (!elst || elst.body.length < 8 || this.#duration === 0 || filmSeconds === 0) return 0;
    const view = elst.view();
    const wide = elst.body[0] === 1;
    const entries = view.getUint32(4);
    if (entries === 0 || entries > 64) return 0;
    let start = 0;
    for (let i = 0; i < entries && 8 + (i + 1) * (wide ? 20 : 12) <= view.byteLength; i++) {
      start = wide ? Number(view.getBigInt64(16 + i * 20)) : view.getInt32(12 + i * 12);
      if (start >= 0) break;
    }
    return Math.max(seconds(Math.max(0, start), this.scale), this.seconds - filmSeconds);
  }

  /** Adds where the track's samples stand. */
  extent(out: Span[], fileSize: number): void {
    const size = this.sizes();
    const chunk = this.chunks();
    const run = this.runs();
    let sample = 0;
    for (let i = 0; i < chunk.count && sample < size.count; i++) {
      const n = Math.min(run(i + 1).samples, size.count - sample);
      const off = chunk.at(i);
      const length = size.sum(sample, n);
      sample += n;
      if (off > fileSize || length > fileSize - off) throw new Refused("clip_cut_short");
      add(out, off, off + length);
    }
    if (sample < size.count) throw new Refused("clip_damaged");
  }

  /** How long the samples are; all of them alike where uniform, as the table has it, is not 0. */
  sizes(): Sizes {
    let b = this.stbl.child("stsz");
    const compact = !b;
    b ??= this.stbl.child("stz2");
    if (!b) return { count: 0, uniform: 0, at: () => 0, sum: () => 0 };
    if (b.body.length < 12) throw new Refused("clip_damaged");
    const view = b.view();
    const word = view.getUint32(4);
    const count = view.getUint32(8);
    const bits = compact ? word & 0xff : 32;
    if (compact && ![4, 8, 16].includes(bits)) throw new Refused("clip_damaged");
    if (!compact && word !== 0) {
      const uniform = Math.max(word, this.#frameBytes);
      return { count, uniform: word, at: () => uniform, sum: (_, n) => n * uniform };
    }
    if (count * bits > (b.body.length - 12) * 8) throw new Refused("clip_damaged");
    const at = (i: number): number => {
      switch (bits) {
        case 4:
          return (view.getUint8(12 + (i >> 1)) >> (4 * (1 - (i % 2)))) & 0xf;
        case 8:
          return view.getUint8(12 + i);
        case 16:
          return view.getUint16(12 + 2 * i);
      }
      return view.getUint32(12 + 4 * i);
    };
    const sum = (first: number, n: number) => {
      let total = 0;
      for (let i = first; i < first + n; i++) total += at(i);
      return total;
    };
    return { count, uniform: 0, at, sum };
  }

  /** Where the chunks stand, counted from zero. */
  chunks(): { count: number; at(i: number): number } {
    const narrow = this.stbl.child("stco");
    const b = narrow ?? this.stbl.child("co64");
    if (!b) return { count: 0, at: () => 0 };
    const width = narrow ? 4 : 8;
    if (b.body.length < 8) throw new Refused("clip_damaged");
    const view = b.view();
    const count = view.getUint32(4);
    if (count * width > b.body.length - 8) throw new Refused("clip_damaged");
    return { count, at: (i) => (narrow ? view.getUint32(8 + 4 * i) : Number(view.getBigUint64(8 + 8 * i))) };
  }

  /** The samples in a chunk, and which description is theirs; chunks are counted from one and asked for in order. */
  runs(): (chunk: number) => { samples: number; description: number } {
    const b = this.stbl.child("stsc");
    if (!b) return () => ({ samples: 0, description: 1 });
    if (b.body.length < 8) throw new Refused("clip_damaged");
    const view = b.view();
    const count = view.getUint32(4);
    if (count * 12 > b.body.length - 8) throw new Refused("clip_damaged");
    let next = 0;
    let now = { samples: 0, description: 1 };
    return (chunk) => {
      for (; next < count && view.getUint32(8 + 12 * next) <= chunk; next++) {
        now = { samples: view.getUint32(12 + 12 * next), description: view.getUint32(16 + 12 * next) };
      }
      return now;
    };
  }
}

/** Adds a stretch behind others. */
export function add(out: Span[], off: number, end: number): void {
  if (end <= off) return;
  const last = out.at(-1);
  if (last && last.off <= off && off <= last.end) {
    last.end = Math.max(end, last.end);
    return;
  }
  if (out.length === maxStretches) throw new Refused("clip_intricate");
  out.push({ off, end });
}

function kindOf(handler: string): Kind {
  switch (handler) {
    case "vide":
      return "video";
    case "soun":
      return "audio";
    case "meta":
    case "camm":
    case "gpmd":
    case "rtmd":
    case "data":
      return "metadata";
  }
  return "other";
}

/** How long one moment of uncompressed sound is; QuickTime's sample sizes say 1 for it, whatever it is. */
function frameBytes(codec: string, entry: DataView): number {
  const version = entry.getUint16(8);
  if (version === 1 && entry.byteLength >= 44 && entry.getUint32(28) === 1) return entry.getUint32(36);
  if (version === 2 && entry.byteLength >= 64) return entry.getUint32(56);
  const channels = entry.getUint16(16);
  if (["sowt", "twos", "raw ", "NONE", "in24", "in32", "fl32", "fl64", "ipcm", "fpcm", "lpcm"].includes(codec)) return (channels * entry.getUint16(18)) / 8;
  return ["ulaw", "alaw"].includes(codec) ? channels : 0;
}

/** A duration in units of 1/scale seconds; unknown and absurd ones are zero. */
export function seconds(n: number, scale: number): number {
  return scale === 0 || n >= 2 ** 64 - 2048 || n === 0xffffffff || n / scale > 1e9 ? 0 : n / scale;
}
