// Recipients and identities of the post-quantum hybrid kind. Every other kind is refused here: the age library would take
// them, and mix them.

import { bech32 } from "@scure/base";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../bytes.ts";
import { utf8 } from "../bytes.ts";
import { Refused } from "../errors.ts";

const recipientSize = 1184 + 32; // ML-KEM-768 and X25519

/** Checks that footage may be sealed to a recipient, and returns it without white space around it. */
export function parseRecipient(text: string): string {
  const recipient = text.trim();
  try {
    const { prefix, bytes } = bech32.decodeToBytes(recipient);
    if (prefix === "age1pq" && bytes.length === recipientSize && recipient === recipient.toLowerCase()) return recipient;
    if (prefix === "age" && bytes.length === 32) throw new Refused("classic_recipient");
  } catch (error) {
    if (error instanceof Refused) throw error;
  }
  throw new Refused(recipient.startsWith("ssh-") ? "classic_recipient" : "bad_recipient");
}

/** Checks an identity, and returns it without white space around it. The error repeats nothing of it. */
export function parseIdentity(text: string): string {
  const identity = text.trim();
  try {
    const { prefix, bytes } = bech32.decodeToBytes(identity);
    if (prefix.toUpperCase() === "AGE-SECRET-KEY-PQ-" && bytes.length === 32 && identity === identity.toUpperCase()) return identity;
  } catch {
    // refused below
  }
  throw new Refused("bad_identity");
}

/** An identity from its seed of 32 bytes. */
export const identityOf = (seed: Uint8Array): string => bech32.encodeFromBytes("AGE-SECRET-KEY-PQ-", seed).toUpperCase();

/** 80 bits of a recipient's hash, for people to compare. */
export function fingerprint(recipient: string): string {
  const text = crockford(sha256(utf8(recipient.trim())).subarray(0, 10) as Bytes);
  return (text.match(/.{4}/g) ?? []).join("-");
}

function crockford(bytes: Bytes): string {
  let out = "";
  let bits = 0;
  let held = 0;
  for (const b of bytes) {
    held = (held << 8) | b;
    for (bits += 8; bits >= 5; bits -= 5) out += "0123456789abcdefghjkmnpqrstvwxyz"[(held >> (bits - 5)) & 31];
    held &= 0xff;
  }
  return out;
}
