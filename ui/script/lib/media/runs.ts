// Tables of samples that are written as runs: so many samples with this value, then so many with that (stts, ctts).

import type { Bytes } from "../bytes.ts";
import { Refused } from "../errors.ts";
import type { Box } from "./box.ts";

interface Run {
  first: number; // sample
  before: number; // the sum of the values of all samples before it
  value: number;
}

export class Runs {
  private constructor(
    private readonly runs: Run[],
    readonly count: number,
  ) {}

  /** Reads a table; a missing one has no samples. Values may be negative in ctts alone. */
  static read(b: Box | undefined, signed: boolean): Runs {
    if (!b) return new Runs([], 0);
    if (b.body.length < 8) throw new Refused("clip_damaged");
    const view = b.view();
    const entries = view.getUint32(4);
    if (entries * 8 > view.byteLength - 8) throw new Refused("clip_damaged");
    const runs: Run[] = [];
    let [first, before] = [0, 0];
    for (let i = 0; i < entries; i++) {
      const n = view.getUint32(8 + 8 * i);
      const value = signed ? view.getInt32(12 + 8 * i) : view.getUint32(12 + 8 * i);
      if (n > 0) runs.push({ first, before, value });
      first += n;
      before += n * value;
    }
    return new Runs(runs, first);
  }

  /** The value of a sample; 0 where the table does not reach. */
  at(sample: number): number {
    return sample < this.count ? (this.#run((r) => r.first <= sample)?.value ?? 0) : 0;
  }

  /** The sum of the values of all samples before one. */
  before(sample: number): number {
    const at = Math.min(sample, this.count);
    const r = this.#run((r) => r.first <= at);
    return r ? r.before + (at - r.first) * r.value : 0;
  }

  /** The first sample before which the values sum up to so much. All values are positive or zero. */
  reaching(sum: number): number {
    const r = this.#run((r) => r.before < sum);
    if (!r) return 0;
    return r.value === 0 ? this.count : Math.min(this.count, r.first + Math.ceil((sum - r.before) / r.value));
  }

  least(): number {
    return this.runs.reduce((least, r) => Math.min(least, r.value), 0);
  }

  /** The table of the samples from one to before another, without its head: count, then pairs. */
  slice(first: number, end: number): Bytes {
    const pairs: number[] = [];
    this.runs.forEach((r, i) => {
      const from = Math.max(first, r.first);
      const to = Math.min(end, this.runs[i + 1]?.first ?? this.count);
      if (from < to) pairs.push(to - from, r.value);
    });
    return words(pairs.length / 2, pairs);
  }

  /** The last run of those at the front that fulfil a condition. */
  #run(holds: (r: Run) => boolean): Run | undefined {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.runs[middle] as Run)) low = middle + 1;
      else high = middle;
    }
    return this.runs[low - 1];
  }
}

/** Big-endian words of 32 bits. */
export function words(...values: (number | number[])[]): Bytes {
  const all = values.flat();
  const out = new Uint8Array(all.length * 4);
  const view = new DataView(out.buffer);
  all.forEach((v, i) => view.setUint32(i * 4, v));
  return out;
}
