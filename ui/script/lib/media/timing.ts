// When the samples of a track are shown. Times of the film are seconds from its first moment, as players count them; a track's
// own ticks are tied to them by its edit list (ISO/IEC 14496-12, 8.6).

import { Refused } from "../errors.ts";
import type { Box } from "./box.ts";
import { Runs } from "./runs.ts";
import type { Track } from "./track.ts";

export class Timing {
  readonly decode: Runs;
  readonly delay: Runs; // from decoding to showing
  readonly keys: number[] | undefined; // samples, from zero; undefined: each
  readonly late: number; // seconds of the film before the track begins
  readonly #start: number; // ticks of the track at which it begins

  constructor(
    readonly track: Track,
    movieScale: number,
  ) {
    const { stbl } = track;
    if (track.scale === 0) throw new Refused("clip_damaged");
    this.decode = Runs.read(stbl.child("stts"), false);
    this.delay = Runs.read(stbl.child("ctts"), true);
    const stss = stbl.child("stss");
    this.keys = stss && keySamples(stss);
    [this.late, this.#start] = beginning(track.box.child("edts", "elst"), movieScale);
  }

  /** The ticks that are shown at a moment of the film. */
  ticks(moment: number): number {
    return Math.round(Math.max(0, moment - this.late) * this.track.scale) + this.#start;
  }

  /** The last key picture that is shown at a moment or before it; the first one if there is none. */
  keyAt(moment: number): { sample: number; moment: number } {
    const ticks = this.ticks(moment);
    const shown = (sample: number) => this.decode.before(sample) + this.delay.at(sample);
    let sample = this.keys ? (this.keys[0] ?? 0) : Math.max(0, this.decode.reaching(ticks + 1) - 1);
    for (const key of this.keys ?? []) {
      if (shown(key) > ticks) break;
      sample = key;
    }
    return { sample, moment: this.moment(shown(sample)) };
  }

  /** The moment of the film at which ticks of the track are shown. */
  moment(ticks: number): number {
    return Math.max(0, (ticks - this.#start) / this.track.scale + this.late);
  }

  /** The first sample that is not needed for what is shown before a moment. */
  endAt(moment: number): number {
    return this.decode.reaching(this.ticks(moment) - this.delay.least());
  }
}

function keySamples(stss: Box): number[] {
  if (stss.body.length < 8) throw new Refused("clip_damaged");
  const view = stss.view();
  const count = view.getUint32(4);
  if (count * 4 > view.byteLength - 8) throw new Refused("clip_damaged");
  return Array.from({ length: count }, (_, i) => Math.max(0, view.getUint32(8 + 4 * i) - 1));
}

/** Reads an edit list that does no more than shift a track: how late it begins, and with which of its ticks. */
function beginning(elst: Box | undefined, movieScale: number): [late: number, start: number] {
  if (!elst) return [0, 0];
  const wide = elst.body[0] === 1;
  const width = wide ? 20 : 12;
  const view = elst.view();
  if (view.byteLength < 8 || view.getUint32(4) * width > view.byteLength - 8) throw new Refused("clip_damaged");
  let late = 0;
  for (let i = 0; i < view.getUint32(4); i++) {
    const at = 8 + i * width;
    const length = wide ? Number(view.getBigUint64(at)) : view.getUint32(at);
    const start = wide ? Number(view.getBigInt64(at + 8)) : view.getInt32(at + 4);
    const rate = view.getUint32(at + width - 4);
    if (start >= 0) {
      if (i + 1 < view.getUint32(4) || rate !== 1 << 16) throw new Refused("clip_edited");
      return [late, start];
    }
    if (movieScale === 0) throw new Refused("clip_damaged");
    late += length / movieScale;
  }
  return [late, 0];
}
