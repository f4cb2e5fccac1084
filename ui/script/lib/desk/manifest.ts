// The list of clips under the seal, as an agency reads it (evidence/manifest_check.go, internal/desk/unseal.go).

import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../bytes.ts";
import { equal, fromBase64url, fromUtf8, hex } from "../bytes.ts";
import { canonicalBytes } from "../canonical.ts";
import { Refused } from "../errors.ts";
import { holds } from "../mailbox/mailbox.ts";
import type { Checked } from "../proof/types.ts";
import { openBytes } from "../seal/message.ts";
import { paddedLength } from "../seal/padding.ts";
import type { ManifestClip } from "../share/manifest.ts";
import type { Delivery } from "./exchange.ts";

export interface Manifest {
  type: string;
  exchange: string;
  request: string;
  agency: string;
  epoch: number;
  prepared: string;
  consent: { version: string; language: string; sha256: string };
  terms: { version: string; sha256: string };
  pseudonym: string;
  resident: { recipient: string; verify: string };
  contact?: { name?: string; email?: string; phone?: string };
  message?: string;
  clips: ManifestClip[];
  sig: string;
}

const type = "porchlight/manifest/v1";
const maxManifest = 1 << 20;

/** Opens the list of clips. It is refused unless it is signed, and of the very clips that the receipt names. */
export async function openManifest(d: Delivery, c: Checked, epoch: string): Promise<{ raw: Bytes; manifest: Manifest }> {
  const sealed = fromBase64url(d.manifest ?? "");
  if (hex(sha256(sealed)) !== d.receipt.manifest) throw new Refused("manifest_hash");
  const raw = await openBytes(sealed, epoch);
  return { raw, manifest: readManifest(raw, d, c) };
}

export function readManifest(raw: Bytes, d: Delivery, c: Checked): Manifest {
  let m: Manifest;
  try {
    m = JSON.parse(fromUtf8(raw)) as Manifest;
    const { sig, ...unsigned } = m;
    const good = raw.length <= maxManifest && equal(canonicalBytes(m), raw) && m.type === type && holds(fromBase64url(m.resident.verify), type, unsigned, sig);
    if (!good) throw new Refused("manifest");
  } catch {
    throw new Refused("manifest");
  }
  const same = m.request === d.request && m.agency === c.agency.id && m.epoch === d.epoch && m.exchange === d.receipt.exchange && m.clips.length === d.receipt.clips.length;
  if (!same || !m.clips.every((clip) => bound(clip, d)) || new Set(m.clips.map((clip) => clip.id)).size !== m.clips.length) throw new Refused("manifest_binding");
  return m;
}

const bound = (clip: ManifestClip, d: Delivery): boolean =>
  Number.isSafeInteger(clip.size) && clip.size > 0 && clip.padded_size === paddedLength(clip.size) &&
  d.receipt.clips.some((r) => r.id === clip.id && r.size === clip.sealed.size && r.digest === clip.sealed.digest);
