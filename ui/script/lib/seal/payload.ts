// The payload of an age file: chunks, each sealed on its own (https://c2sp.org/age#payload). The browser's own
// ChaCha20-Poly1305 is used where it has one; else the one in JavaScript, which gives the same bytes.

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../bytes.ts";
import { utf8 } from "../bytes.ts";

export const chunkSize = 64 << 10;
export const tagSize = 16;
export const sealedChunk = chunkSize + tagSize;
export const nonceSize = 16;
export const fileKeySize = 16;

/** How many chunks hold a plaintext; an empty one has one empty chunk. */
export const chunkCount = (plain: number): number => Math.max(1, Math.ceil(plain / chunkSize));

/** The length of the sealed chunks of a plaintext, without the nonce. */
export const payloadSize = (plain: number): number => plain + chunkCount(plain) * tagSize;

/** Seals and opens the chunks of one payload. */
export interface ChunkCipher {
  /** Whether the browser's own code does it. */
  readonly native: boolean;
  seal(index: number, last: boolean, plain: Bytes): Promise<Bytes>;
  /** Opens a chunk, or returns undefined when its seal does not hold. */
  open(index: number, last: boolean, sealed: Bytes): Promise<Bytes | undefined>;
}

/** The cipher of a file. With native false the one in JavaScript is taken wherever it runs. */
export async function payloadCipher(fileKey: Uint8Array, nonce: Uint8Array, native = true): Promise<ChunkCipher> {
  const key = hkdf(sha256, fileKey, nonce, utf8("payload"), 32) as Bytes;
  return (native && (await nativeCipher(key))) || new NobleCipher(key);
}

/** An 11-byte counter, big-endian, and a byte that marks the last chunk. */
function chunkNonce(index: number, last: boolean): Bytes {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(3, BigInt(index));
  if (last) nonce[11] = 1;
  return nonce;
}

const algorithm = "ChaCha20-Poly1305";

async function nativeCipher(key: Bytes): Promise<ChunkCipher | undefined> {
  if (!globalThis.crypto?.subtle) return undefined; // only on secure origins
  try {
    const known = await crypto.subtle.importKey("raw-secret" as "raw", key, { name: algorithm }, false, ["encrypt", "decrypt"]);
    return new NativeCipher(known);
  } catch {
    return undefined; // this browser does not have it
  }
}

class NativeCipher implements ChunkCipher {
  readonly native = true;
  constructor(private readonly key: CryptoKey) {}

  async seal(index: number, last: boolean, plain: Bytes): Promise<Bytes> {
    return new Uint8Array(await crypto.subtle.encrypt({ name: algorithm, iv: chunkNonce(index, last) } as AesGcmParams, this.key, plain));
  }

  async open(index: number, last: boolean, sealed: Bytes): Promise<Bytes | undefined> {
    try {
      return new Uint8Array(await crypto.subtle.decrypt({ name: algorithm, iv: chunkNonce(index, last) } as AesGcmParams, this.key, sealed));
    } catch {
      return undefined;
    }
  }
}

class NobleCipher implements ChunkCipher {
  readonly native = false;
  constructor(private readonly key: Bytes) {}

  async seal(index: number, last: boolean, plain: Bytes): Promise<Bytes> {
    return chacha20poly1305(this.key, chunkNonce(index, last)).encrypt(plain) as Bytes;
  }

  async open(index: number, last: boolean, sealed: Bytes): Promise<Bytes | undefined> {
    if (sealed.length < tagSize) return undefined;
    try {
      return chacha20poly1305(this.key, chunkNonce(index, last)).decrypt(sealed) as Bytes;
    } catch {
      return undefined;
    }
  }
}
