// Writes a film of one track whose pictures were coded anew.

import type { Bytes } from "../bytes.ts";
import { concat, utf8 } from "../bytes.ts";
import type { Box } from "./box.ts";
import type { Content } from "./content.ts";
import { MemoryContent } from "./content.ts";
import { box, whole, withTimes } from "./cut.ts";
import type { Movie } from "./movie.ts";
import { words } from "./runs.ts";
import type { Track } from "./track.ts";

export interface Coded {
  data: Bytes;
  at: number; // ticks of the track at which it is shown
  key: boolean;
}

/** A film of pictures in the order in which they are shown, in H.264 with a description (avcC). from is the moment of the first one. */
export function writeFilm(movie: Movie, track: Track, c: { frames: Coded[]; description: Bytes; width: number; height: number }, from: number): Content {
  const first = c.frames[0] as Coded;
  const last = c.frames.at(-1) as Coded;
  const usual = Math.max(1, Math.round((last.at - first.at) / Math.max(1, c.frames.length - 1)));
  const lengths = c.frames.map((f, i) => (c.frames[i + 1]?.at ?? f.at + usual) - f.at);
  const ticks = last.at - first.at + usual;
  const ftyp = box("ftyp", utf8("isom"), words(512), utf8("isomiso2avc1mp41"));
  const mdat = box("mdat", ...c.frames.map((f) => f.data));
  const index = (start: number) => {
    const moved = Math.floor(from);
    const length = Math.round((ticks / track.scale) * movie.scale);
    const mdia = track.box.child("mdia") as Box;
    const minf = mdia.child("minf") as Box;
    return box(
      "moov", withTimes(movie.moov.child("mvhd"), [16, 24], length, moved),
      box(
        "trak", withTimes(track.box.child("tkhd"), [20, 28], length, moved),
        box("mdia", withTimes(mdia.child("mdhd"), [16, 24], ticks, moved), ...whole(mdia, "hdlr"), box("minf", ...whole(minf, "vmhd", "dinf"), stbl(c, lengths, start))),
      ),
    );
  };
  const start = ftyp.length + index(0).length + 8;
  return new MemoryContent(concat(ftyp, index(start), mdat));
}

function stbl(c: { frames: Coded[]; description: Bytes; width: number; height: number }, lengths: number[], start: number): Bytes {
  const keys = c.frames.flatMap((f, i) => (f.key ? [i + 1] : []));
  const sizes = c.frames.map((f) => f.data.length);
  return box(
    "stbl", box("stsd", words(0, 1), entry(c)), box("stts", words(0, lengths.length, lengths.flatMap((n) => [1, n]))), box("stss", words(0, keys.length, keys)),
    box("stsc", words(0, 1, 1, c.frames.length, 1)), box("stsz", words(0, 0, sizes.length, sizes)), box("stco", words(0, 1, start)),
  );
}

/** The description of the pictures (ISO/IEC 14496-15, 5.4). */
function entry(c: { description: Bytes; width: number; height: number }): Bytes {
  const head = new Uint8Array(78);
  const view = new DataView(head.buffer);
  view.setUint16(6, 1); // data reference
  view.setUint16(24, c.width);
  view.setUint16(26, c.height);
  view.setUint32(28, 72 << 16);
  view.setUint32(32, 72 << 16);
  view.setUint16(40, 1); // pictures in a sample
  view.setUint16(74, 24); // depth
  view.setInt16(76, -1);
  return box("avc1", head, box("avcC", c.description));
}
