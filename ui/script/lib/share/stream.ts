// The sealed bytes of one clip, from any place that was reached before and as often as they are wanted, hashed in passing: the
// clip is read once (internal/resident/stream.go).

import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../bytes.ts";
import { base64url, equal, fromBase64url, hex, utf8, concat } from "../bytes.ts";
import type { Clip } from "../media/clip.ts";
import { Overlay } from "../media/content.ts";
import { hash, segmentDigest, segmentSize } from "../seal/digest.ts";
import type { Envelope } from "../seal/envelope.ts";

export class Stream {
  readonly #clipHash = sha256.create();
  readonly #originalHash = sha256.create();
  #clipSeen = 0;
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
    const unseen = this.#clipSeen - from;
    if (content instanceof Overlay) {
      if (unseen < raw.length) this.#originalHash.update(raw.subarray(unseen));
      content.lay(raw, from);
    }
    if (unseen < raw.length) {
      this.#clipHash.update(raw.subarray(unseen));
      this.#clipSeen = to;
    }
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

  /** The hashes of the segments that are whole, base64url. */
  whole(): string {
    return base64url(concat(...this.#segments));
  }

  /**
   * Makes again what an earlier page has sent, for its hashes, and reports whether it is the same: other bytes may never go out
   * under the same file key.
   */
  async retrace(sent: string, durable: number, step: (at: number) => void): Promise<boolean> {
    const hashes = fromBase64url(sent);
    const until = Math.max(durable, (hashes.length / 32) * segmentSize);
    for (let at = 0; at < until; ) {
      const to = Math.min(at + segmentSize, until);
      await this.sealed(at, to);
      at = to;
      step(at);
    }
    const made = concat(...this.#segments);
    return made.length >= hashes.length && equal(made.subarray(0, hashes.length), hashes);
  }

  /** The hashes, once every byte was made. The original is read for its own where it was not read whole in passing. */
  async sums(): Promise<{ sha256: string; original: string; digest: string }> {
    const { content, original, untouched } = this.clip;
    for (let at = content instanceof Overlay ? original.size : 0; !untouched && at < original.size; at += segmentSize) {
      this.#originalHash.update(await original.read(at, Math.min(at + segmentSize, original.size)));
    }
    const open = this.#sealedSeen % segmentSize;
    const hashes = open > 0 ? [...this.#segments, await hash(this.#open.slice(0, open))] : this.#segments;
    const sum = hex(this.#clipHash.digest());
    return { sha256: sum, original: untouched ? sum : hex(this.#originalHash.digest()), digest: await segmentDigest(hashes) };
  }
}

/** A commitment to a value: base64url(SHA-256(salt ‖ 0x00 ‖ value)). */
export const commitment = (salt: Bytes, value: string): string => base64url(sha256(concat(salt, Uint8Array.of(0), utf8(value))));
