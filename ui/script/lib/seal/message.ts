// Small sealed messages (seal/message.go): four bytes of length, the message, zeros up to a multiple of a step.

import type { Bytes } from "../bytes.ts";
import { Refused } from "../errors.ts";
import { Envelope } from "./envelope.ts";
import { open } from "./open.ts";

export const maxMessage = 16 << 20;
const prefix = 4;

export async function sealBytes(plain: Uint8Array, padTo: number, ...recipients: string[]): Promise<Bytes> {
  const length = Math.ceil((prefix + plain.length) / padTo) * padTo;
  if (length > maxMessage) throw new Refused("too_large");
  const padded = new Uint8Array(length);
  new DataView(padded.buffer).setUint32(0, plain.length);
  padded.set(plain, prefix);
  const envelope = await Envelope.forLengths(length, length, recipients);
  return envelope.sealed(0, envelope.sealedSize, async (from, to) => padded.subarray(from, to));
}

export async function openBytes(sealed: Bytes, ...identities: string[]): Promise<Bytes> {
  const plain = await open(sealed, ...identities);
  if (plain.length < prefix) throw new Refused("wrong_length");
  const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0);
  if (length > plain.length - prefix) throw new Refused("wrong_length");
  if (plain.subarray(prefix + length).some((b) => b !== 0)) throw new Refused("bad_padding");
  return plain.subarray(prefix, prefix + length);
}
