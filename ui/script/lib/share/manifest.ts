// The manifest: what is sent, to whom, on which terms. It travels sealed (evidence/manifest.go, doc/formats.md 17).

import type { Bytes } from "../bytes.ts";
import { base64url, utf8 } from "../bytes.ts";
import { canonical } from "../canonical.ts";
import type { JSONValue } from "../canonical.ts";
import type { Checked } from "../proof/types.ts";
import { sealBytes } from "../seal/message.ts";
import { Secret } from "../seal/secret.ts";
import type { Pending } from "./pending.ts";

export interface ManifestClip {
  id: string;
  name: string;
  media_type: string;
  size: number;
  padded_size: number;
  sha256: string;
  sealed: { size: number; digest: string };
  original: { sent: boolean; salt: string; sha256_commitment: string };
  capture: { from?: string; to?: string; source: string; clock_offset_seconds: number };
  edits: { code: string; what: string }[];
  findings_kept: string[];
}

const type = "porchlight/manifest/v1";
/** What a sealed manifest is padded to, so that its size does not tell whether there is a message or a name in it. */
const step = 32 << 10;

/** Writes, signs and seals the manifest of a share whose clips are all sent. */
export async function sealManifest(p: Pending, c: Checked, now: Date): Promise<Bytes> {
  const secret = Secret.parse(p.words);
  const epoch = c.epochs.find((e) => e.number === p.epoch);
  if (!epoch) throw new Error("the agency's key is no longer in the record");
  const manifest: Record<string, JSONValue | undefined> = {
    type, exchange: c.exchange.origin, request: p.request, agency: c.agency.id, epoch: p.epoch, prepared: wholeSeconds(now.getTime()),
    consent: { ...p.consent }, terms: { ...p.terms }, pseudonym: secret.pseudonym(),
    resident: { recipient: await secret.recipient(), verify: base64url(secret.verifyKey()) },
    contact: p.contact as JSONValue | undefined, message: p.message || undefined,
    clips: p.clips.map((clip) => clip.done as unknown as JSONValue),
  };
  manifest["sig"] = base64url(secret.sign(utf8(`${type}\n${canonical(manifest)}`)));
  return sealBytes(utf8(canonical(manifest)), step, epoch.recipient);
}

/** A time as signed documents have it. */
export const wholeSeconds = (milliseconds: number): string => new Date(Math.floor(milliseconds / 1000) * 1000).toISOString().replace(".000Z", "Z");
