// The segment digest of sealed bytes (internal/footage/digest.go): SHA-256 over the hashes of segments of 4 MiB.

import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../bytes.ts";
import { concat, hex } from "../bytes.ts";

export const segmentSize = 4 << 20;

/** One-piece SHA-256, by the browser where it can. */
export async function hash(bytes: Bytes): Promise<Bytes> {
  if (!globalThis.crypto?.subtle) return sha256(bytes) as Bytes;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** The digest of segments whose hashes are given, the last of which may be of a shorter one. */
export async function segmentDigest(hashes: Bytes[]): Promise<string> {
  return hex(await hash(concat(...hashes)));
}
