// Films whose pictures come in fragments, as recorders and browsers write them (internal/media/fragment.go, scrubfragment.go;
// ISO/IEC 14496-12, 8.8).

import { Refused } from "../errors.ts";
import type { Region } from "./box.ts";
import { Box } from "./box.ts";
import type { Content, Span } from "./content.ts";
import type { Track } from "./track.ts";

const maxFragment = 8 << 20; // bytes of one moof
const maxTracks = 64;

/** One moof box. */
export interface Fragment {
  box: Box;
  trafs: Traf[];
}

/** The part of a fragment that belongs to one track. */
export interface Traf {
  box: Box;
  track: Track | undefined; // undefined if the index does not know it
  base: number; // that the places of its runs count from
  implicit: boolean; // base follows from the part before, as in the first edition of the standard
  runs: Run[];
  end: number; // of its last run's data
}

/** One trun box: samples that follow one another. */
export interface Run {
  field: number; // index in the traf's bytes of the 32-bit offset from base, or -1 if the run follows the one before
  data: Span;
  ticks: number; // how long it lasts
}

/** Flags of tfhd and trun. */
const tfhd = { base: 0x1, entry: 0x2, duration: 0x8, size: 0x10, moofBase: 0x20000 };
const trun = { offset: 0x1, first: 0x4, duration: 0x100, size: 0x200, flags: 0x400, shift: 0x800 };

/** Numbers of a body that may be too short: past the end they are zero, and that is remembered. */
class Fields {
  at = 0;
  short = false;
  readonly flags: number;

  constructor(private readonly view: DataView) {
    this.flags = this.u32() & 0xffffff;
  }

  get left(): number {
    return this.view.byteLength - this.at;
  }

  u32(): number {
    return this.#take(4) ? this.view.getUint32(this.at - 4) : 0;
  }

  i32(): number {
    return this.u32() | 0;
  }

  u64(): number {
    return this.#take(8) ? Number(this.view.getBigUint64(this.at - 8)) : 0;
  }

  #take(n: number): boolean {
    if (n > this.left) {
      this.short = true;
      this.at = this.view.byteLength;
      return false;
    }
    this.at += n;
    return true;
  }
}

/** Reads the fragments one after another; only one is held at a time. */
export async function* fragments(content: Content, top: Region[], tracks: Track[]): AsyncGenerator<Fragment> {
  for (const g of top) {
    if (g.kind !== "moof") continue;
    if (g.size > maxFragment) throw new Refused("clip_index_large");
    const box = new Box("moof", g.off, g.head, await content.read(g.off, g.off + g.size));
    const trafs: Traf[] = [];
    let end = box.off;
    for (const c of box.children()) {
      if (c.kind !== "traf") continue;
      const t = parseTraf(c, box.off, end, tracks, content.size);
      if (trafs.push(t) > maxTracks) throw new Refused("clip_intricate");
      end = t.end;
    }
    yield { box, trafs };
  }
}

/** Reads a traf. before is where the data of the part before ended. */
function parseTraf(box: Box, moof: number, before: number, tracks: Track[], fileSize: number): Traf {
  const head = box.child("tfhd");
  if (!head) throw new Refused("clip_damaged");
  const f = new Fields(head.view());
  const id = f.u32();
  const t: Traf = { box, track: tracks.find((track) => track.id === id), base: before, implicit: true, runs: [], end: 0 };
  let [duration, size] = [t.track?.defaultDuration ?? 0, t.track?.defaultSize ?? 0];
  if (f.flags & tfhd.base) [t.base, t.implicit] = [f.u64(), false];
  else if (f.flags & tfhd.moofBase) [t.base, t.implicit] = [moof, false];
  if (f.flags & tfhd.entry) f.u32();
  if (f.flags & tfhd.duration) duration = f.u32();
  if (f.flags & tfhd.size) size = f.u32();
  if (f.short || t.base > fileSize) throw new Refused("clip_damaged");
  t.end = t.base;
  for (const b of box.children()) {
    if (b.kind !== "trun") continue;
    const run = parseRun(b, t.base, t.end, duration, size);
    if (run.data.off < 0 || run.data.end > fileSize) throw new Refused("clip_cut_short");
    if (run.field >= 0) run.field += b.off - box.off;
    t.runs.push(run);
    t.end = run.data.end;
  }
  return t;
}

/** Reads a trun. Its samples start at base plus the offset that it states, or else at next. */
function parseRun(b: Box, base: number, next: number, duration: number, size: number): Run {
  const f = new Fields(b.view());
  const count = f.u32();
  const run: Run = { field: -1, data: { off: next, end: next }, ticks: count * duration };
  if (f.flags & trun.offset) {
    run.field = b.head + 8;
    run.data.off = base + f.i32();
  }
  if (f.flags & trun.first) f.u32();
  const width = 4 * [trun.duration, trun.size, trun.flags, trun.shift].filter((flag) => f.flags & flag).length;
  if (f.short || count * width > f.left) throw new Refused("clip_damaged");
  let bytes = count * size;
  if (f.flags & (trun.duration | trun.size)) {
    run.ticks = bytes = 0;
    const view = b.view();
    for (let at = f.at; at < f.at + count * width; at += width) {
      run.ticks += f.flags & trun.duration ? view.getUint32(at) : duration;
      bytes += f.flags & trun.size ? view.getUint32(at + (f.flags & trun.duration ? 4 : 0)) : size;
    }
  }
  if (bytes > 2 ** 62) throw new Refused("clip_damaged");
  run.data.end = run.data.off + bytes;
  return run;
}

/**
 * Moves the places of the runs in a copy of a traf, whose implicit base, now that others are gone, is at end.
 */
export function rebase(copy: Box, t: Traf, end: number): void {
  if (!t.implicit || t.base === end) return;
  t.runs.forEach((r, i) => {
    if (r.field < 0 && i === 0) throw new Refused("clip_interwoven");
    if (r.field < 0) return;
    const off = r.data.off - end;
    if (off !== (off | 0)) throw new Refused("clip_interwoven");
    new DataView(copy.raw.buffer, copy.raw.byteOffset + r.field).setInt32(0, off);
  });
}
