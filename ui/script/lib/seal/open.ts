// Opening age files that are held whole (seal/open.go). Nothing is returned before the end was reached and holds.

import * as age from "age-encryption";
import type { Bytes } from "../bytes.ts";
import { Refused } from "../errors.ts";
import { readHeader } from "./header.ts";
import { chunkSize, nonceSize, payloadCipher, sealedChunk, tagSize } from "./payload.ts";
import { parseIdentity } from "./recipient.ts";

/** Opens an age file with identities of the post-quantum kind. */
export async function open(sealed: Bytes, ...identities: string[]): Promise<Bytes> {
  return openWith(
    sealed,
    identities.map((id) => parseIdentity(id)),
  );
}

/** Opens with any identity that age knows, so that the format's own test vectors run through this code. */
export async function openWith(sealed: Bytes, identities: (string | age.Identity)[], passphrases: string[] = [], native = true): Promise<Bytes> {
  const header = readHeader(sealed);
  const fileKey = await fileKeyOf(header, identities, passphrases);
  const body = sealed.subarray(header.length);
  if (body.length < nonceSize) throw new Refused("truncated");
  const cipher = await payloadCipher(fileKey, body.subarray(0, nonceSize), native);
  const payload = body.subarray(nonceSize);
  const out = new Uint8Array(payload.length);
  let length = 0;
  for (let i = 0, at = 0; ; i++) {
    const chunk = payload.subarray(at, at + sealedChunk);
    at += chunk.length;
    const last = at === payload.length;
    const plain = chunk.length < tagSize ? undefined : await cipher.open(i, last, chunk);
    if (plain === undefined) throw new Refused(await reason(cipher, i, last, chunk));
    if (last && i > 0 && plain.length === 0) throw new Refused("corrupted"); // an empty chunk is an empty file's alone
    out.set(plain, length);
    length += plain.length;
    if (last) return out.subarray(0, length);
    if (plain.length < chunkSize) throw new Refused("corrupted");
  }
}

/** Why a chunk did not open: the end is missing, something follows it, or bytes were changed. */
async function reason(cipher: Awaited<ReturnType<typeof payloadCipher>>, i: number, last: boolean, chunk: Bytes): Promise<string> {
  if (chunk.length < tagSize) return "truncated";
  if (await cipher.open(i, !last, chunk)) return last ? "truncated" : "trailing_bytes";
  return last && chunk.length < sealedChunk ? "truncated" : "corrupted";
}

/** The file key that a header holds for one of the identities or passphrases. */
export async function fileKeyOf(header: Bytes, identities: (string | age.Identity)[], passphrases: string[] = []): Promise<Uint8Array> {
  const decrypter = new age.Decrypter();
  for (const id of identities) decrypter.addIdentity(id);
  for (const p of passphrases) decrypter.addPassphrase(p);
  try {
    return await decrypter.decryptHeader(header);
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    if (/no identity/i.test(message)) throw new Refused("wrong_key");
    if (/HMAC/i.test(message)) throw new Refused("header_altered");
    throw new Refused("bad_header");
  }
}
