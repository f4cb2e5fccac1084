// Signed notes and checkpoints (https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint; ledger/checkpoint.go).

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../bytes.ts";
import { base64, concat, equal, fromBase64, utf8 } from "../bytes.ts";

/** A key that signs notes, read from a verifier key string. */
export interface Verifier {
  name: string;
  hash: Bytes; // four bytes that tell keys of one name apart
  key: Bytes;
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
}

/** Reads a verifier key string such as "exchange.example/log+1a2b3c4d+AQ…"; undefined if it is none. */
export function parseVerifier(text: string): Verifier | undefined {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text.trim());
  if (!match) return undefined;
  const [, name = "", hash = "", encoded = ""] = match;
  try {
    const key = fromBase64(encoded);
    const digest = sha256(concat(utf8(name + "\n"), key)).subarray(0, 4) as Bytes;
    const stated = Uint8Array.from(hash.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    if (key.length !== 33 || key[0] !== 1 || !equal(digest, stated)) return undefined;
    return { name, hash: digest, key: key.slice(1) };
  } catch {
    return undefined;
  }
}

/** Opens a signed checkpoint; undefined unless the verifier's signature holds and it is of its log. Others' signatures are passed over. */
export function openCheckpoint(note: string, verifier: Verifier): Checkpoint | undefined {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) return undefined;
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split("\n");
  if (!lines.some((line) => signs(line, text, verifier))) return undefined;
  const c = parseCheckpoint(text);
  return c?.origin === verifier.name ? c : undefined;
}

function signs(line: string, text: string, verifier: Verifier): boolean {
  const prefix = `— ${verifier.name} `;
  if (!line.startsWith(prefix)) return false;
  try {
    const raw = fromBase64(line.slice(prefix.length));
    return raw.length === 68 && equal(raw.subarray(0, 4), verifier.hash) && ed25519.verify(raw.slice(4), utf8(text), verifier.key, { zip215: false });
  } catch {
    return false;
  }
}

function parseCheckpoint(text: string): Checkpoint | undefined {
  const match = /^([^\s+]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n$/u.exec(text);
  if (!match) return undefined;
  const [, origin = "", size = "", hash = ""] = match;
  try {
    const root = fromBase64(hash);
    return base64(root) === hash ? { origin, size: Number(size), root } : undefined;
  } catch {
    return undefined;
  }
}
