// A sealing that can be made again (seal/envelope.go): the same envelope over the same clip gives the same sealed bytes, from
// any offset, so that an upload can go on after the page was closed.

import * as age from "age-encryption";
import type { Bytes } from "../bytes.ts";
import { base64url, concat, fromBase64url, fromUtf8, utf8 } from "../bytes.ts";
import { Refused } from "../errors.ts";
import { readHeader } from "./header.ts";
import { maxClip, paddedLength } from "./padding.ts";
import type { ChunkCipher } from "./payload.ts";
import { chunkCount, chunkSize, fileKeySize, nonceSize, payloadCipher, payloadSize, sealedChunk, tagSize } from "./payload.ts";
import { parseRecipient } from "./recipient.ts";

export const maxRecipients = 32;

/** The JSON form of a resume file's envelope. It holds the file key: whoever has it can open the clip. */
export interface EnvelopeJSON {
  type: "porchlight/envelope/v1";
  header: string;
  file_key: string;
  nonce: string;
  clip_length: number;
  padded_length: number;
}

export class Envelope {
  #cipher: Promise<ChunkCipher> | undefined;

  private constructor(
    readonly header: Bytes,
    private readonly fileKey: Bytes,
    private readonly nonce: Bytes,
    readonly clipLength: number,
    readonly padded: number,
  ) {}

  /** An envelope for a clip of so many bytes, to be opened by any one of the recipients. */
  static async create(clipLength: number, ...recipients: string[]): Promise<Envelope> {
    if (!Number.isSafeInteger(clipLength) || clipLength < 0 || clipLength > maxClip) throw new Refused("bad_length");
    return Envelope.forLengths(clipLength, paddedLength(clipLength), recipients);
  }

  static async forLengths(clip: number, padded: number, recipients: string[]): Promise<Envelope> {
    if (recipients.length === 0 || recipients.length > maxRecipients) throw new Refused("bad_recipient");
    let fileKey: Bytes | undefined;
    const encrypter = new age.Encrypter();
    // Adds nothing to the header and keeps the file key, which age shows to recipients alone.
    encrypter.addRecipient({ wrapFileKey: (key) => ((fileKey = key.slice() as Bytes), []) });
    for (const r of recipients) encrypter.addRecipient(parseRecipient(r));
    const start = await encrypter.encrypt(new Uint8Array(0));
    if (fileKey === undefined) throw new Error("the age library kept the file key to itself");
    const end = start.length - nonceSize - tagSize;
    return new Envelope(start.slice(0, end) as Bytes, fileKey, start.slice(end, end + nonceSize) as Bytes, clip, padded);
  }

  toJSON(): EnvelopeJSON {
    return {
      type: "porchlight/envelope/v1",
      header: fromUtf8(this.header),
      file_key: base64url(this.fileKey),
      nonce: base64url(this.nonce),
      clip_length: this.clipLength,
      padded_length: this.padded,
    };
  }

  /** Reads an envelope back. It is refused unless the lengths fit and the header was made with the file key. */
  static async fromJSON(json: unknown): Promise<Envelope> {
    const bad = new Refused("bad_envelope");
    const j = json as EnvelopeJSON;
    try {
      const out = new Envelope(utf8(j.header), fromBase64url(j.file_key), fromBase64url(j.nonce), j.clip_length, j.padded_length);
      const fits =
        j.type === "porchlight/envelope/v1" && readHeader(out.header).length === out.header.length && Number.isSafeInteger(j.clip_length) && j.clip_length >= 0 &&
        j.clip_length <= maxClip && j.padded_length === paddedLength(j.clip_length) && out.fileKey.length === fileKeySize && out.nonce.length === nonceSize;
      if (!fits) throw bad;
      const decrypter = new age.Decrypter();
      decrypter.addIdentity({ unwrapFileKey: () => out.fileKey });
      await decrypter.decryptHeader(out.header); // checks the header's authentication code
      return out;
    } catch {
      throw bad;
    }
  }

  /** The length of the whole sealed file. */
  get sealedSize(): number {
    return this.#payloadStart + payloadSize(this.padded);
  }

  /** The offset in the clip from which sealing at a sealed offset reads. */
  clipOffset(sealed: number): number {
    return Math.min(this.#chunkOf(sealed) * chunkSize, this.clipLength);
  }

  /**
   * The sealed bytes from one sealed offset to another. Of the clip it asks for a stretch that begins with a chunk; what comes
   * may be shorter only if the clip has changed, which is refused.
   */
  async sealed(from: number, to: number, clip: (from: number, to: number) => Promise<Bytes>): Promise<Bytes> {
    if (from < 0 || to < from || to > this.sealedSize) throw new RangeError("no such stretch of the sealed file");
    const parts: Bytes[] = [];
    if (from < this.#payloadStart) parts.push(concat(this.header, this.nonce).slice(from, Math.min(to, this.#payloadStart)));
    if (to > this.#payloadStart) parts.push(await this.#chunks(Math.max(from, this.#payloadStart), to, clip));
    return concat(...parts);
  }

  async #chunks(from: number, to: number, clip: (from: number, to: number) => Promise<Bytes>): Promise<Bytes> {
    const first = this.#chunkOf(from);
    const end = this.#chunkOf(to - 1) + 1;
    const plain = await this.#plain(first * chunkSize, Math.min(end * chunkSize, this.padded), clip);
    const cipher = await (this.#cipher ??= payloadCipher(this.fileKey, this.nonce));
    const last = chunkCount(this.padded) - 1;
    const chunks: Promise<Bytes>[] = [];
    for (let i = first; i < end; i++) {
      chunks.push(cipher.seal(i, i === last, plain.subarray((i - first) * chunkSize, (i - first + 1) * chunkSize)));
    }
    const start = this.#payloadStart + first * sealedChunk;
    return concat(...(await Promise.all(chunks))).subarray(from - start, to - start);
  }

  /** The plaintext from one offset to another: clip as far as it goes, then zeros. */
  async #plain(from: number, to: number, clip: (from: number, to: number) => Promise<Bytes>): Promise<Bytes> {
    const wanted = Math.max(0, Math.min(to, this.clipLength) - from);
    const bytes = wanted > 0 ? await clip(from, from + wanted) : new Uint8Array(0);
    if (bytes.length !== wanted) throw new Refused("clip_changed");
    if (wanted === to - from) return bytes;
    const padded = new Uint8Array(to - from);
    padded.set(bytes);
    return padded;
  }

  get #payloadStart(): number {
    return this.header.length + nonceSize;
  }

  #chunkOf(sealed: number): number {
    return Math.floor(Math.max(0, sealed - this.#payloadStart) / sealedChunk);
  }
}
