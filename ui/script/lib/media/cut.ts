// Cuts a cleaned film without coding it anew: the samples of the chosen part are copied bit by bit behind a new index. It
// begins with the key picture at the chosen moment or before it, since no later one can be shown without that. The same film
// and the same moments always give the same bytes, so that a share can go on after the page was closed.

import type { Bytes } from "../bytes.ts";
import { concat, utf8 } from "../bytes.ts";
import { Refused } from "../errors.ts";
import type { Box } from "./box.ts";
import type { Content, Span } from "./content.ts";
import { firstEndingAfter, merged } from "./content.ts";
import { Movie } from "./movie.ts";
import { Pieces } from "./pieces.ts";
import { words } from "./runs.ts";
import { Timing } from "./timing.ts";
import type { Track } from "./track.ts";

/** A part of a film, in seconds from its first moment. */
export interface Cut {
  from: number;
  to: number;
}

interface Chunk extends Span {
  samples: number;
  description: number;
}

/** The part of one track that stays. */
interface Part {
  track: Track;
  timing: Timing;
  first: number;
  end: number;
  late: number; // seconds that it begins behind the film
  start: number; // ticks of its own, from the first sample on, with which it begins
  chunks: Chunk[];
}

/** The chosen part of a cleaned film, and where it really begins and ends. */
export async function cut(cleaned: Content, wanted: Cut): Promise<{ content: Content; cut: Cut }> {
  const movie = await Movie.open(cleaned);
  if (movie.fragmented) throw new Refused("clip_fragmented");
  const all = movie.tracks.map((t) => new Timing(t, movie.scale));
  const lead = all.find((t) => t.track.kind === "video");
  if (!lead) throw new Refused("clip_no_pictures");
  const from = lead.keyAt(Math.max(0, wanted.from)).moment;
  const to = Math.min(wanted.to, movie.film.seconds);
  if (!(from < to)) throw new Refused("clip_cut_empty");
  const parts = all.map((t) => partOf(t, { from, to })).filter((p) => p !== undefined);
  return { content: await write(movie, parts, { from, to }), cut: { from, to } };
}

function partOf(timing: Timing, c: Cut): Part | undefined {
  const { track } = timing;
  const late = Math.max(0, timing.late - c.from);
  const ticks = timing.ticks(c.from);
  const first = track.kind === "video" ? timing.keyAt(c.from).sample : Math.max(0, timing.decode.reaching(ticks + 1) - 1);
  const end = Math.min(timing.endAt(c.to), track.sizes().count);
  if (first >= end || c.from + late >= c.to) return undefined;
  return { track, timing, first, end, late, start: Math.max(0, ticks - timing.decode.before(first)), chunks: chunksOf(track, first, end) };
}

/** Where the samples from one to before another stand. */
function chunksOf(track: Track, first: number, end: number): Chunk[] {
  const [sizes, places, run] = [track.sizes(), track.chunks(), track.runs()];
  const out: Chunk[] = [];
  for (let i = 0, sample = 0; i < places.count && sample < end; i++) {
    const { samples, description } = run(i + 1);
    const [from, to] = [Math.max(sample, first), Math.min(sample + samples, end)];
    if (from < to) {
      const off = places.at(i) + sizes.sum(sample, from - sample);
      out.push({ off, end: off + sizes.sum(from, to - from), samples: to - from, description });
    }
    sample += samples;
  }
  return out;
}

async function write(movie: Movie, parts: Part[], c: Cut): Promise<Content> {
  const type = movie.top.find((g) => g.kind === "ftyp");
  const ftyp = type ? await movie.content.read(type.off, type.off + type.size) : new Uint8Array(0);
  const spans = merged(parts.flatMap((p) => p.chunks.filter((k) => k.end > k.off)));
  const total = spans.reduce((sum, s) => sum + s.end - s.off, 0);
  const wide = total > 2 ** 32 - 2 ** 27; // less than the largest index
  const index = (places: (k: Chunk) => number) => moov(movie, parts, c, places, wide);
  const head = wide ? concat(words(1), utf8("mdat"), words(long(total + 16))) : concat(words(total + 8), utf8("mdat"));
  const start = ftyp.length + index(() => 0).length + head.length;
  const before: number[] = [];
  spans.reduce((sum, s) => (before.push(sum), sum + s.end - s.off), 0);
  const place = (k: Chunk) => {
    const i = k.end > k.off ? firstEndingAfter(spans, k.off) : 0;
    return start + (k.end > k.off ? (before[i] as number) + k.off - (spans[i] as Span).off : 0);
  };
  return new Pieces(concat(ftyp, index(place), head), movie.content, spans);
}

export const box = (kind: string, ...parts: Uint8Array[]): Bytes => concat(words(8 + parts.reduce((n, p) => n + p.length, 0)), utf8(kind), ...parts);

/** A number of 64 bits as two words. */
const long = (n: number): number[] => [Math.floor(n / 2 ** 32), n % 2 ** 32];

function moov(movie: Movie, parts: Part[], c: Cut, place: (k: Chunk) => number, wide: boolean): Bytes {
  const length = Math.round((c.to - c.from) * movie.scale);
  const head = withTimes(movie.moov.child("mvhd"), [16, 24], length, Math.floor(c.from));
  return box("moov", head, ...parts.map((p) => trak(p, movie.scale, length, c, place, wide)));
}

function trak(p: Part, movieScale: number, length: number, c: Cut, place: (k: Chunk) => number, wide: boolean): Bytes {
  const source = p.track.box;
  const moved = Math.floor(c.from);
  const late = Math.round(p.late * movieScale);
  const edits = [...(late > 0 ? [late, 0xffffffff, 1 << 16] : []), length - late, p.start, 1 << 16];
  if (edits.some((n) => n >= 2 ** 32)) throw new Refused("clip_intricate");
  const ticks = p.timing.decode.before(p.end) - p.timing.decode.before(p.first);
  const mdia = source.child("mdia") as Box;
  const minf = mdia.child("minf") as Box;
  return box(
    "trak", withTimes(source.child("tkhd"), [20, 28], length, moved), box("edts", box("elst", words(0, edits.length / 3, edits))), ...whole(source, "tapt"),
    box("mdia", withTimes(mdia.child("mdhd"), [16, 24], ticks, moved), ...whole(mdia, "hdlr"), box("minf", ...whole(minf, "vmhd", "smhd", "hdlr", "dinf"), stbl(p, place, wide))),
  );
}

/** The boxes of some kinds, as they are. */
export const whole = (within: Box, ...kinds: string[]): Bytes[] => [...within.children()].filter((b) => kinds.includes(b.kind)).map((b) => b.raw);

/** A header with another duration, and a time of creation so many seconds later: that of the first picture that is left. */
export function withTimes(b: Box | undefined, durationAt: [narrow: number, wide: number], duration: number, moved: number): Bytes {
  const wide = b?.body[0] === 1;
  const at = durationAt[wide ? 1 : 0];
  if (!b || b.body.length < at + (wide ? 8 : 4)) throw new Refused("clip_damaged");
  const raw = b.raw.slice();
  const view = new DataView(raw.buffer, b.head);
  if (wide) {
    const created = view.getBigUint64(4);
    if (created > 0n) view.setBigUint64(4, created + BigInt(moved));
    view.setBigUint64(at, BigInt(duration));
  } else {
    const created = view.getUint32(4);
    if (created > 0) view.setUint32(4, created + moved);
    view.setUint32(at, Math.min(duration, 0xffffffff));
  }
  return raw;
}

function stbl(p: Part, place: (k: Chunk) => number, wide: boolean): Bytes {
  const { first, end, timing, track } = p;
  const source = track.stbl;
  const n = end - first;
  const parts: Bytes[] = [...whole(source, "stsd"), box("stts", words(0), timing.decode.slice(first, end))];
  const ctts = source.child("ctts");
  if (ctts) parts.push(box("ctts", ctts.body.subarray(0, 4), timing.delay.slice(first, end)));
  if (timing.keys) {
    const keys = timing.keys.filter((k) => k >= first && k < end).map((k) => k - first + 1);
    parts.push(box("stss", words(0, keys.length, keys)));
  }
  const sizes = track.sizes();
  const lengths = sizes.uniform > 0 ? [] : Array.from({ length: n }, (_, i) => sizes.at(first + i));
  parts.push(box("stsc", words(0), chunkRuns(p.chunks)), box("stsz", words(0, sizes.uniform, n, lengths)));
  const places = p.chunks.map(place);
  parts.push(wide ? box("co64", words(0, places.length, places.flatMap(long))) : box("stco", words(0, places.length, places)));
  return box("stbl", ...parts);
}

function chunkRuns(chunks: Chunk[]): Bytes {
  const runs: number[] = [];
  chunks.forEach((k, i) => {
    const last = chunks[i - 1];
    if (!last || last.samples !== k.samples || last.description !== k.description) runs.push(i + 1, k.samples, k.description);
  });
  return words(runs.length / 3, runs);
}
