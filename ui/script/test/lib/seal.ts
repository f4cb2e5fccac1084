// What the twin of seal must make of seal/testdata/twin.json. It runs in Node and in a browser: the first with the cipher in
// JavaScript, the second with the browser's own.

import { sha256 } from "@noble/hashes/sha2.js";
import { base64url, fromBase64url, fromHex, fromUtf8, hex, utf8 } from "../../lib/bytes.ts";
import type { Bytes } from "../../lib/bytes.ts";
import { Refused } from "../../lib/errors.ts";
import { hash, segmentDigest, segmentSize } from "../../lib/seal/digest.ts";
import type { EnvelopeJSON } from "../../lib/seal/envelope.ts";
import { Envelope } from "../../lib/seal/envelope.ts";
import { openBytes, sealBytes } from "../../lib/seal/message.ts";
import { paddedLength } from "../../lib/seal/padding.ts";
import { fingerprint, parseRecipient } from "../../lib/seal/recipient.ts";
import { Secret, UnknownWords, credentialHash } from "../../lib/seal/secret.ts";

export interface Twin {
  identity: string;
  padded: [number, number][];
  envelopes: { envelope: EnvelopeJSON; sealed_size: number; sealed_sha256: string; digest: string }[];
  openings: { what: string; sealed: string; plain?: string; code?: string }[];
  recipients: { text: string; fingerprint?: string; code?: string }[];
  secrets: { bits: string; en: string; es: string; credential: string; hash: string; identity: string; recipient: string; verify: string; signature: string; pseudonym: string }[];
  texts: { text: string; bits?: string; code?: string; nearest?: string[][] }[];
}

export function same(what: string, got: unknown, want: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

/** The code with which something is refused, or what it returns. */
export async function codeOf<T>(run: () => T | Promise<T>): Promise<T | string> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

/** The clip that every language can make. */
export function pattern(n: number): Bytes {
  const b = new Uint8Array(n);
  for (let i = 0; i < n; i++) b[i] = i * 31 + (i >> 8) * 17 + (i >> 16);
  return b;
}

export const checks: Record<string, (v: Twin) => Promise<void>> = {
  async padding(v) {
    for (const [n, padded] of v.padded) same(`padding of ${n}`, paddedLength(n), padded);
  },

  async envelopes(v) {
    for (const e of v.envelopes) {
      const envelope = await Envelope.fromJSON(e.envelope);
      const clip = pattern(envelope.clipLength);
      const read = async (from: number, to: number) => clip.slice(from, to);
      const sealed = await envelope.sealed(0, envelope.sealedSize, read);
      const what = `clip of ${envelope.clipLength}`;
      same(what, [sealed.length, hex(sha256(sealed)), envelope.toJSON()], [e.sealed_size, e.sealed_sha256, e.envelope]);
      const hashes: Bytes[] = [];
      for (let at = 0; at < sealed.length; at += segmentSize) hashes.push(await hash(sealed.slice(at, at + segmentSize)));
      same(`${what}: digest`, await segmentDigest(hashes), e.digest);
      for (const [from, to] of stretches(sealed.length)) {
        same(`${what}: ${from} to ${to}`, hex(sha256(await envelope.sealed(from, to, read))), hex(sha256(sealed.subarray(from, to))));
      }
    }
  },

  async spoiltEnvelopes(v) {
    const good = v.envelopes[2]?.envelope as EnvelopeJSON;
    const spoilt: Partial<Record<keyof EnvelopeJSON, string | number>>[] = [
      { type: "x" }, { header: good.header.replace("mlkem", "mlxem") }, { header: good.header + "x" }, { file_key: base64url(new Uint8Array(16)) },
      { file_key: "AAAA" }, { nonce: "!" }, { clip_length: -1 }, { clip_length: good.clip_length + 100_000 }, { padded_length: good.padded_length + 1 },
    ];
    for (const s of spoilt) same(JSON.stringify(s).slice(0, 60), await codeOf(() => Envelope.fromJSON({ ...good, ...s })), "bad_envelope");
    same("null", await codeOf(() => Envelope.fromJSON(null)), "bad_envelope");
  },

  async openings(v) {
    for (const o of v.openings) {
      const got = await codeOf(async () => fromUtf8(await openBytes(fromBase64url(o.sealed), v.identity)));
      same(o.what, got, o.code ?? o.plain);
    }
  },

  async recipients(v) {
    for (const r of v.recipients) {
      const got = await codeOf(() => fingerprint(parseRecipient(r.text)));
      same(r.text.slice(0, 20), got, r.code ?? r.fingerprint);
      if (r.code) same("sealing", await codeOf(() => sealBytes(utf8("x"), 16, v.envelopes.length ? r.text : "")), r.code);
    }
  },

  async secrets(v) {
    for (const s of v.secrets) {
      const secret = new Secret(fromHex(s.bits));
      const words = secret.words("en").join(" ");
      const got = { bits: s.bits, en: words, es: secret.words("es-MX").join(" "), credential: secret.credential(), hash: credentialHash(secret.credential()),
        identity: secret.identity(), recipient: await secret.recipient(), verify: base64url(secret.verifyKey()), signature: base64url(secret.sign(utf8(words))), pseudonym: secret.pseudonym() };
      same(s.en, got, s);
      same("print", `${secret}`, "(receipt secret)");
    }
  },

  async texts(v) {
    for (const t of v.texts) {
      try {
        same(t.text, Secret.parse(t.text).words("en"), new Secret(fromHex(t.bits ?? "")).words("en"));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        same(t.text, error.code, t.code);
        if (error instanceof UnknownWords) same(t.text, error.words.map((w) => [w.word, ...w.nearest]), t.nearest);
      }
    }
  },
};

function stretches(length: number): [number, number][] {
  if (length > 300_000) return [[length - 70_000, length], [65_552, 200_000]];
  const ends = [0, 1, 1000, 1748, 1749, 65552, 70000, 200000, length - 1, length].filter((n) => n >= 0 && n <= length);
  return ends.flatMap((from) => ends.filter((to) => to >= from).map((to): [number, number] => [from, to]));
}
