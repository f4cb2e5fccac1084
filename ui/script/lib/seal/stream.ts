// Opening a sealed clip as it comes in (seal/openclip.go), in little memory: nothing is kept but one batch of chunks.

import type { Bytes } from "../bytes.ts";
import { concat } from "../bytes.ts";
import { Refused } from "../errors.ts";
import { maxHeader, readHeader } from "./header.ts";
import { fileKeyOf } from "./open.ts";
import type { ChunkCipher } from "./payload.ts";
import { chunkSize, nonceSize, payloadCipher, payloadSize, sealedChunk } from "./payload.ts";
import { parseIdentity } from "./recipient.ts";
import { paddedLength } from "./padding.ts";

const batch = 32; // chunks that are opened side by side: 2 MiB

/**
 * Opens a sealed clip of so many bytes with an identity, and gives its bytes to a sink in order, without the padding. What the
 * sink got is to be believed only when this returns: that the end is there, and nothing behind it, shows there.
 */
export async function openClip(source: AsyncIterable<Uint8Array>, clip: number, identity: string, sink: (bytes: Bytes) => Promise<void> | void): Promise<void> {
  const pieces = new Pieces(source);
  const header = await pieces.header();
  const cipher = await payloadCipher(await fileKeyOf(header, [parseIdentity(identity)]), await pieces.take(nonceSize));
  let sealed = payloadSize(paddedLength(clip));
  let left = clip;
  for (let index = 0; sealed > 0; ) {
    const bytes = await pieces.take(Math.min(sealed, batch * sealedChunk));
    sealed -= bytes.length;
    const plain = await opened(cipher, index, bytes, sealed === 0);
    index += Math.ceil(bytes.length / sealedChunk);
    const own = plain.subarray(0, Math.min(left, plain.length));
    if (plain.subarray(own.length).some((b) => b !== 0)) throw new Refused("bad_padding");
    left -= own.length;
    if (own.length > 0) await sink(own);
  }
  await pieces.end();
}

async function opened(cipher: ChunkCipher, first: number, bytes: Bytes, end: boolean): Promise<Bytes> {
  const count = Math.ceil(bytes.length / sealedChunk);
  const chunks = Array.from({ length: count }, (_, i) =>
    cipher.open(first + i, end && i === count - 1, bytes.subarray(i * sealedChunk, (i + 1) * sealedChunk)),
  );
  const all = await Promise.all(chunks);
  const plain = all.filter((c) => c !== undefined);
  if (plain.length < count || plain.some((c, i) => c.length < chunkSize && !(end && i === count - 1))) throw new Refused("corrupted");
  return concat(...plain);
}

/** Takes bytes in the pieces that are wanted from the pieces that come. */
class Pieces {
  readonly #from: AsyncIterator<Uint8Array>;
  #held: Uint8Array[] = [];
  #length = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#from = source[Symbol.asyncIterator]();
  }

  async #more(): Promise<boolean> {
    const next = await this.#from.next();
    if (next.done) return false;
    this.#held.push(next.value);
    this.#length += next.value.length;
    return true;
  }

  async header(): Promise<Bytes> {
    for (;;) {
      const so = concat(...this.#held);
      try {
        return await this.take(readHeader(so).length);
      } catch (error) {
        const short = error instanceof Refused && (error.code === "truncated" || (error.code === "not_age" && so.length < 64)) && so.length <= maxHeader;
        if (!short || !(await this.#more())) throw error;
      }
    }
  }

  async take(n: number): Promise<Bytes> {
    while (this.#length < n) if (!(await this.#more())) throw new Refused("truncated");
    const all = concat(...this.#held);
    this.#held = [all.subarray(n)];
    this.#length -= n;
    return all.subarray(0, n);
  }

  async end(): Promise<void> {
    if (this.#length > 0 || (await this.#more())) throw new Refused("trailing_bytes");
  }
}
