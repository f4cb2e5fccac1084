// SHA-256 (FIPS 180-4) whose state can be kept: a share that goes on after its page was closed goes on hashing from there,
// instead of reading again what was sent.

import type { Bytes } from "../bytes.ts";
import { base64url, fromBase64url } from "../bytes.ts";

const block = 64;
const state = 32;

export class SHA256 {
  readonly #h = Int32Array.from(initial);
  readonly #rest = new Uint8Array(block); // of a block that is not whole yet
  #length = 0;

  /** Goes on from a state that save gave. */
  static restore(saved: string): SHA256 {
    const bytes = fromBase64url(saved);
    const view = new DataView(bytes.buffer);
    const out = new SHA256();
    if (bytes.length < state + 8) throw new TypeError("not a state of SHA-256");
    for (let i = 0; i < 8; i++) out.#h[i] = view.getInt32(4 * i);
    out.#length = Number(view.getBigUint64(state));
    if (bytes.length !== state + 8 + (out.#length % block)) throw new TypeError("not a state of SHA-256");
    out.#rest.set(bytes.subarray(state + 8));
    return out;
  }

  /** How many bytes were hashed. */
  get length(): number {
    return this.#length;
  }

  /** The state: eight words, the length, and the bytes of the block that is not whole. */
  save(): string {
    const rest = this.#length % block;
    const bytes = new Uint8Array(state + 8 + rest);
    const view = new DataView(bytes.buffer);
    this.#h.forEach((h, i) => view.setInt32(4 * i, h));
    view.setBigUint64(state, BigInt(this.#length));
    bytes.set(this.#rest.subarray(0, rest), state + 8);
    return base64url(bytes);
  }

  update(bytes: Uint8Array): this {
    let at = 0;
    const rest = this.#length % block;
    this.#length += bytes.length;
    if (rest > 0) {
      at = Math.min(block - rest, bytes.length);
      this.#rest.set(bytes.subarray(0, at), rest);
      if (rest + at < block) return this;
      compress(this.#h, this.#rest, 0, block);
    }
    const end = at + Math.floor((bytes.length - at) / block) * block;
    compress(this.#h, bytes, at, end);
    this.#rest.set(bytes.subarray(end));
    return this;
  }

  /** The hash. Nothing can be added afterwards. */
  digest(): Bytes {
    const bits = BigInt(this.#length) * 8n;
    const padding = new Uint8Array(block + ((2 * block - 9 - (this.#length % block)) % block) + 9 - block);
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.length - 8, bits);
    this.update(padding);
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    this.#h.forEach((h, i) => view.setInt32(4 * i, h));
    return out;
  }
}

/** The first 32 bits of the fractional parts of roots of the first primes: square roots, and cube roots. */
const roots = (n: number, power: number): number[] => {
  const out: number[] = [];
  for (let p = 2; out.length < n; p++) {
    let prime = true;
    for (let d = 2; d * d <= p; d++) if (p % d === 0) prime = false;
    if (prime) out.push(((p ** power - Math.floor(p ** power)) * 2 ** 32) | 0);
  }
  return out;
};

const initial = roots(8, 1 / 2);
const k = Int32Array.from(roots(64, 1 / 3));
const w = new Int32Array(64);

/** Takes in whole blocks. */
function compress(sum: Int32Array, bytes: Uint8Array, from: number, to: number): void {
  let h0 = sum[0]!, h1 = sum[1]!, h2 = sum[2]!, h3 = sum[3]!, h4 = sum[4]!, h5 = sum[5]!, h6 = sum[6]!, h7 = sum[7]!;
  for (let at = from; at < to; at += block) {
    for (let i = 0, j = at; i < 16; i++, j += 4) w[i] = (bytes[j]! << 24) | (bytes[j + 1]! << 16) | (bytes[j + 2]! << 8) | bytes[j + 3]!;
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
    }
    for (let i = 0; i < 64; i++) w[i] = (w[i]! + k[i]!) | 0;
    let a = h0, b = h1, c = h2, d = h3, e = h4, f = h5, g = h6, h = h7;
    for (let i = 0; i < 64; i += 8) {
      h = (h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (g ^ (e & (f ^ g))) + w[i]!) | 0;
      d = (d + h) | 0;
      h = (h + ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + ((a & b) | (c & (a | b)))) | 0;
      g = (g + ((d >>> 6 | d << 26) ^ (d >>> 11 | d << 21) ^ (d >>> 25 | d << 7)) + (f ^ (d & (e ^ f))) + w[i + 1]!) | 0;
      c = (c + g) | 0;
      g = (g + ((h >>> 2 | h << 30) ^ (h >>> 13 | h << 19) ^ (h >>> 22 | h << 10)) + ((h & a) | (b & (h | a)))) | 0;
      f = (f + ((c >>> 6 | c << 26) ^ (c >>> 11 | c << 21) ^ (c >>> 25 | c << 7)) + (e ^ (c & (d ^ e))) + w[i + 2]!) | 0;
      b = (b + f) | 0;
      f = (f + ((g >>> 2 | g << 30) ^ (g >>> 13 | g << 19) ^ (g >>> 22 | g << 10)) + ((g & h) | (a & (g | h)))) | 0;
      e = (e + ((b >>> 6 | b << 26) ^ (b >>> 11 | b << 21) ^ (b >>> 25 | b << 7)) + (d ^ (b & (c ^ d))) + w[i + 3]!) | 0;
      a = (a + e) | 0;
      e = (e + ((f >>> 2 | f << 30) ^ (f >>> 13 | f << 19) ^ (f >>> 22 | f << 10)) + ((f & g) | (h & (f | g)))) | 0;
      d = (d + ((a >>> 6 | a << 26) ^ (a >>> 11 | a << 21) ^ (a >>> 25 | a << 7)) + (c ^ (a & (b ^ c))) + w[i + 4]!) | 0;
      h = (h + d) | 0;
      d = (d + ((e >>> 2 | e << 30) ^ (e >>> 13 | e << 19) ^ (e >>> 22 | e << 10)) + ((e & f) | (g & (e | f)))) | 0;
      c = (c + ((h >>> 6 | h << 26) ^ (h >>> 11 | h << 21) ^ (h >>> 25 | h << 7)) + (b ^ (h & (a ^ b))) + w[i + 5]!) | 0;
      g = (g + c) | 0;
      c = (c + ((d >>> 2 | d << 30) ^ (d >>> 13 | d << 19) ^ (d >>> 22 | d << 10)) + ((d & e) | (f & (d | e)))) | 0;
      b = (b + ((g >>> 6 | g << 26) ^ (g >>> 11 | g << 21) ^ (g >>> 25 | g << 7)) + (a ^ (g & (h ^ a))) + w[i + 6]!) | 0;
      f = (f + b) | 0;
      b = (b + ((c >>> 2 | c << 30) ^ (c >>> 13 | c << 19) ^ (c >>> 22 | c << 10)) + ((c & d) | (e & (c | d)))) | 0;
      a = (a + ((f >>> 6 | f << 26) ^ (f >>> 11 | f << 21) ^ (f >>> 25 | f << 7)) + (h ^ (f & (g ^ h))) + w[i + 7]!) | 0;
      e = (e + a) | 0;
      a = (a + ((b >>> 2 | b << 30) ^ (b >>> 13 | b << 19) ^ (b >>> 22 | b << 10)) + ((b & c) | (d & (b | c)))) | 0;
    }
    h0 = (h0 + a) | 0;
    h1 = (h1 + b) | 0;
    h2 = (h2 + c) | 0;
    h3 = (h3 + d) | 0;
    h4 = (h4 + e) | 0;
    h5 = (h5 + f) | 0;
    h6 = (h6 + g) | 0;
    h7 = (h7 + h) | 0;
  }
  sum.set([h0, h1, h2, h3, h4, h5, h6, h7]);
}
