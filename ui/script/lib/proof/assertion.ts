// A person's signature: a WebAuthn assertion over the hash of a text (internal/footage/assertion.go, doc/formats.md 4).

import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../bytes.ts";
import { base64url, concat, equal, fromBase64url, fromHex, fromUtf8, utf8 } from "../bytes.ts";

export interface Assertion {
  role: string;
  person: string;
  agency?: string; // the signer's own, where it lends them to the one that asks
  credential: string;
  client_data: string;
  authenticator_data: string;
  signature: string;
}

export interface RelyingParty {
  id: string;
  origin: string;
}

const userPresent = 0x01;
const userVerified = 0x04;

/** Whether the assertion is over exactly this text, by this key, made on this exchange by a person who was verified. */
export function holds(a: Assertion, publicKey: Bytes, rp: RelyingParty, text: Bytes): boolean {
  try {
    const client = fromBase64url(a.client_data);
    const said = JSON.parse(fromUtf8(client)) as { type?: unknown; challenge?: unknown; origin?: unknown };
    const auth = fromBase64url(a.authenticator_data);
    const flags = auth[32] ?? 0;
    return (
      said.type === "webauthn.get" && said.challenge === base64url(sha256(text)) && said.origin === rp.origin && auth.length >= 37 &&
      equal(auth.subarray(0, 32), sha256(utf8(rp.id))) && (flags & userPresent) !== 0 && (flags & userVerified) !== 0 &&
      signed(publicKey, concat(auth, sha256(client)), fromBase64url(a.signature))
    );
  } catch {
    return false;
  }
}

// How a SubjectPublicKeyInfo begins (RFC 5480, RFC 8410).
const p256Info = fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
const ed25519Info = fromHex("302a300506032b6570032100");

function signed(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
  const begins = (info: Bytes, length: number) => publicKey.length === info.length + length && equal(publicKey.subarray(0, info.length), info);
  if (begins(p256Info, 65)) return p256.verify(signature, message, publicKey.slice(p256Info.length), { format: "der", lowS: false });
  if (begins(ed25519Info, 32)) return ed25519.verify(signature, message, publicKey.slice(ed25519Info.length), { zip215: false });
  return false;
}
