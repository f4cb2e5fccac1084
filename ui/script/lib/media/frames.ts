// The pictures of a film one by one: where each stands, when it is shown, and in which codec a browser is to decode it.

import type { Bytes } from "../bytes.ts";
import { Refused } from "../errors.ts";
import type { Box } from "./box.ts";
import type { Timing } from "./timing.ts";
import type { Track } from "./track.ts";

export interface Frame {
  off: number;
  end: number;
  shown: number; // ticks of the track
  key: boolean;
}

/** The pictures from one to before another, in the order in which they are decoded. */
export function* framesOf(timing: Timing, first: number, end: number): Generator<Frame> {
  const { track } = timing;
  const [sizes, places, run] = [track.sizes(), track.chunks(), track.runs()];
  const keys = timing.keys && new Set(timing.keys);
  for (let i = 0, sample = 0; i < places.count && sample < end; i++) {
    const { samples, description } = run(i + 1);
    let off = places.at(i);
    for (let k = 0; k < samples && sample < Math.min(end, sizes.count); k++, sample++) {
      const size = sizes.at(sample);
      if (sample >= first) {
        if (description !== 1) throw new Refused("clip_blur");
        yield { off, end: off + size, shown: timing.decode.before(sample) + timing.delay.at(sample), key: keys?.has(sample) ?? true };
      }
      off += size;
    }
  }
}

/** How a browser's decoder is to be set for a track (WebCodecs codec registry), or undefined for codecs that none has. */
export function decoderFor(track: Track): { codec: string; description?: Bytes; codedWidth: number; codedHeight: number } | undefined {
  const entry = track.entry;
  if (!entry || entry.body.length < 78) return undefined;
  const view = entry.view();
  const size = { codedWidth: view.getUint16(24), codedHeight: view.getUint16(26) };
  const part = (kind: string) => [...entry.children(78)].find((b) => b.kind === kind);
  const [avcC, hvcC] = [part("avcC"), part("hvcC")];
  if (["avc1", "avc3"].includes(track.codec) && avcC && avcC.body.length >= 4) {
    return { codec: `avc1.${hexOf(avcC.body.subarray(1, 4))}`, description: avcC.body.slice(), ...size };
  }
  if (["hvc1", "hev1"].includes(track.codec) && hvcC && hvcC.body.length >= 13) return { codec: hevc(track.codec, hvcC), description: hvcC.body.slice(), ...size };
  return undefined;
}

const hexOf = (b: Uint8Array): string => [...b].map((v) => v.toString(16).padStart(2, "0")).join("").toUpperCase();

/** The codec string of H.265 (ISO/IEC 14496-15, E.3). */
function hevc(codec: string, hvcC: Box): string {
  const [b, view] = [hvcC.body, hvcC.view()];
  const head = b[1] as number;
  let flags = view.getUint32(2);
  let reversed = 0;
  for (let i = 0; i < 32; i++, flags >>>= 1) reversed = ((reversed << 1) | (flags & 1)) >>> 0;
  const constraints = [...b.subarray(6, 12)];
  while (constraints.at(-1) === 0) constraints.pop();
  const tail = constraints.map((c) => `.${c.toString(16).toUpperCase()}`).join("");
  return `${codec}.${["", "A", "B", "C"][head >> 6]}${head & 31}.${reversed.toString(16).toUpperCase()}.${head & 32 ? "H" : "L"}${b[12]}${tail}`;
}
