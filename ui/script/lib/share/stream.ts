// The sealed bytes of one clip, from any place that was reached before and as often as they are wanted, hashed in passing: the
// clip is read once (internal/resident/stream.go).

import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../bytes.ts";
import { base64url, equal, fromBase64url, hex, utf8, concat } from "../bytes.ts";
import type { Clip } from "../media/clip.ts";
import type { Content } from "../media/content.ts";
import { Overlay } from "../media/content.ts";
import { hash, segmentDigest, segmentSize } from "../seal/digest.ts";
import type { Envelope } from "../seal/envelope.ts";
import { SHA256 } from "../seal/sha256.ts";

/** A content of at most so many bytes is read once more for its hash: the browser's own is ten times as fast, but takes it in one piece. */
const onePiece = 64 << 20;

/** How far the hashes of a stream have come, to go on from after the page was closed. */
export interface Reached {
  segments: string; // hashes of the whole segments of sealed bytes, base64url
  clip: string; // states of SHA-256, at least as far
  original: string;
}

/** Where a stream begins. */
export const nothing = (): Reached => ({ segments: "", clip: new SHA256().save(), original: new SHA256().save() });

export class Stream {
  #clip = new SHA256();
  #original = new SHA256();
  readonly #segments: Bytes[] = [];
  readonly #open = new Uint8Array(segmentSize);
  #sealedSeen = 0;

  constructor(
    readonly clip: Clip,
    readonly envelope: Envelope,
  ) {}

  /** The sealed bytes of a stretch that begins no later than what was made so far. */
  async sealed(from: number, to: number): Promise<Bytes> {
    if (from > this.#sealedSeen) throw new RangeError("sealed bytes were left out");
    const bytes = await this.envelope.sealed(from, to, (a, b) => this.#read(a, b));
    await this.#see(bytes.subarray(this.#sealedSeen - from));
    return bytes;
  }

  /** Reads the clip, and hashes what comes next of it and of the original. */
  async #read(from: number, to: number): Promise<Bytes> {
    const { content } = this.clip;
    const raw = content instanceof Overlay ? await content.under.read(from, to) : await content.read(from, to);
    if (content instanceof Overlay) {
      if (content.size > onePiece) next(this.#original, raw, from);
      content.lay(raw, from);
    }
    if (content.size > onePiece) next(this.#clip, raw, from);
    return raw;
  }

  async #see(bytes: Bytes): Promise<void> {
    while (bytes.length > 0) {
      const at = this.#sealedSeen % segmentSize;
      const piece = bytes.subarray(0, segmentSize - at);
      this.#open.set(piece, at);
      this.#sealedSeen += piece.length;
      bytes = bytes.subarray(piece.length);
      if (this.#sealedSeen % segmentSize === 0) this.#segments.push(await hash(this.#open));
    }
  }

  reached(): Reached {
    return { segments: base64url(concat(...this.#segments)), clip: this.#clip.save(), original: this.#original.save() };
  }

  /**
   * Goes on from where an earlier page came to. What may not be durable, and at least the last segment before, is made again
   * and compared: other bytes may never go out under the same file key. It reports whether they are the same.
   */
  async retrace(r: Reached, durable: number, step: (at: number) => void): Promise<boolean> {
    const hashes = fromBase64url(r.segments);
    const whole = hashes.length / 32;
    const from = Math.min(Math.max(0, whole - 1), Math.floor(durable / segmentSize));
    for (let i = 0; i < from; i++) this.#segments.push(hashes.slice(32 * i, 32 * (i + 1)));
    this.#sealedSeen = from * segmentSize;
    this.#clip = SHA256.restore(r.clip);
    this.#original = SHA256.restore(r.original);
    const until = Math.max(durable, whole * segmentSize);
    for (let at = this.#sealedSeen; at < until; ) {
      const to = Math.min(at + segmentSize, until);
      await this.sealed(at, to);
      at = to;
      step(at);
    }
    const made = concat(...this.#segments);
    return made.length >= hashes.length && equal(made.subarray(0, hashes.length), hashes);
  }

  /** The hashes, once every byte was made. The original is read for its own where it was not hashed in passing. */
  async sums(): Promise<{ sha256: string; original: string; digest: string }> {
    const { content, original, untouched } = this.clip;
    const open = this.#sealedSeen % segmentSize;
    const hashes = open > 0 ? [...this.#segments, await hash(this.#open.slice(0, open))] : this.#segments;
    const sum = await total(content, this.#clip);
    return { sha256: sum, original: untouched ? sum : await total(original, this.#original), digest: await segmentDigest(hashes) };
  }
}

/** Hashes of a stretch what comes next. */
function next(sum: SHA256, raw: Bytes, from: number): void {
  const unseen = sum.length - from;
  if (unseen < raw.length) sum.update(raw.subarray(unseen));
}

/** The hash of a content of which some of the beginning may be hashed already. */
async function total(content: Content, sum: SHA256): Promise<string> {
  if (content.size <= onePiece) return hex(await hash(await content.read(0, content.size)));
  while (sum.length < content.size) sum.update(await content.read(sum.length, Math.min(sum.length + segmentSize, content.size)));
  return hex(sum.digest());
}

/** A commitment to a value: base64url(SHA-256(salt ‖ 0x00 ‖ value)). */
export const commitment = (salt: Bytes, value: string): string => base64url(sha256(concat(salt, Uint8Array.of(0), utf8(value))));
