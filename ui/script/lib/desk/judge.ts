// What can be shown of a share, and what nobody has shown: the checks of evidence/judge.go, with the same codes and weights, so
// that the counts which a custodian signs are those that the desk's program would sign. Sentences stand in the page's texts.

import { sha256 } from "@noble/hashes/sha2.js";
import { base64url, concat, fromBase64url, hex, utf8 } from "../bytes.ts";
import { keyOf, verifyDay } from "../mailbox/mailbox.ts";
import type { Checked } from "../proof/types.ts";
import type { ManifestClip } from "../share/manifest.ts";
import type { Delivery } from "./exchange.ts";
import type { Manifest } from "./manifest.ts";

export type Level = "ok" | "warn" | "fail";

export interface Finding {
  code: string;
  level: Level;
  clip: string; // its name; empty: it is about the share
}

/** What the page knows beforehand: the texts in force, by which older or other ones are noticed. */
export interface Texts {
  consents: { version: string; language: string; sha256: string }[];
  terms: { version: string; sha256: string };
}

/** The rungs of the ladder with what this page finds of each: it looks for no maker's signature. */
export const rungs = [
  ["maker_signature", "not_checked"], ["maker_service", "not_checked"], ["hash_at_capture", "not_checked"], ["hash_at_sending", "holds"], ["origin_unknown", "holds"],
] as const;

/** Judges a share whose clips were all opened and have the lengths and hashes that its list names: one that has not is not here. */
export function judge(d: Delivery, c: Checked, m: Manifest, raw: Uint8Array, verifier: string, known: Texts): Finding[] {
  const out: Finding[] = [];
  const add = (level: Level, code: string, clip = "") => out.push({ code, level, clip });
  add("ok", "manifest_signature");
  add("warn", "first_use_key");
  if (c.exchange.fictional) add("warn", "fictional_exchange");
  add("ok", "request_published");
  add("ok", "request_signed");
  if (c.suspended) add("warn", "agency_suspended");
  if (c.status === "withdrawn") add("warn", "request_withdrawn");
  const consent = known.consents.find((t) => t.version === m.consent.version && t.language === m.consent.language);
  if (!consent) add("warn", "consent_text");
  else add(consent.sha256 === m.consent.sha256 ? "ok" : "fail", consent.sha256 === m.consent.sha256 ? "consent" : "consent_text");
  const terms = known.terms.version === m.terms.version && known.terms.sha256 === m.terms.sha256;
  add(terms ? "ok" : "fail", terms ? "terms" : "terms_text");
  add("ok", "manifest_binding");
  add("ok", "receipt");
  custody(d, c, raw, verifier, add);
  for (const clip of m.clips) origin(clip, c, (level, code) => add(level, code, clip.name));
  return out;
}

/** The chain itself was checked before: it is unbroken, and tied to the receipt. */
function custody(d: Delivery, c: Checked, raw: Uint8Array, verifier: string, add: (level: Level, code: string) => void): void {
  for (const e of d.events) {
    if ((e.party === "agency") !== agencys.has(e.kind)) return add("fail", "custody_party");
    keyOf(c, e.party, e.signer);
  }
  add("ok", "custody_chain");
  const said = d.events.findLast((e) => e.kind === "verified" && e.detail?.["manifest_sha256"])?.detail?.["manifest_sha256"];
  add(said === undefined ? "warn" : said === hex(sha256(raw)) ? "ok" : "fail", "manifest_vouched");
  if (!d.days?.length) add("warn", "custody_no_root");
  for (const day of d.days ?? []) {
    try {
      verifyDay(day, d.events, verifier);
      add("ok", "custody_root");
    } catch {
      add("fail", "custody_path");
    }
  }
}

const agencys = new Set(["picked_up", "opened", "verified", "accepted", "declined", "exported", "confirmed", "asked", "answered"]);

function origin(clip: ManifestClip, c: Checked, add: (level: Level, code: string) => void): void {
  add("ok", "clip_hash");
  if (!clip.original.sent) add("warn", "clip_derived");
  else add(commitment(clip) === clip.original.sha256_commitment ? "ok" : "fail", "clip_original");
  const { from, to } = clip.capture;
  if (from === undefined || to === undefined) add("warn", "capture_unknown");
  else if (Date.parse(to) < Date.parse(c.document.window.from) || Date.parse(from) > Date.parse(c.document.window.to)) add("warn", "capture_outside_window");
  else add("ok", "capture_window");
  for (const [code, state] of rungs) add(state === "holds" && code !== "origin_unknown" ? "ok" : "warn", `rung_${code}`);
}

/** The commitment to an untouched original, which has the hash that was committed to (footage.Commit). */
function commitment(clip: ManifestClip): string {
  return base64url(sha256(concat(fromBase64url(clip.original.salt), utf8(`\0${clip.sha256}`))));
}

export const failed = (all: Finding[]): boolean => all.some((f) => f.level === "fail");

/** The counts in one line, as they stand in the custody chain. */
export function summary(all: Finding[]): string {
  const count = (level: Level) => all.filter((f) => f.level === level).length;
  return `ok=${count("ok")} warn=${count("warn")} fail=${count("fail")}`;
}
