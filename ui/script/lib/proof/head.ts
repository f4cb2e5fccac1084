// Inclusion is not validity: whether what a bundle proves still counts is said by the newest state of the public record
// (evidence/head.go). The codes are Go's.

import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64, fromUtf8, hex } from "../bytes.ts";
import type { Bytes } from "../bytes.ts";
import { hashJSON } from "../canonical.ts";
import { Refused } from "../errors.ts";
import { clockSlack, entryBytes, openOf } from "./bundle.ts";
import { included, leafHash } from "./merkle.ts";
import { parseVerifier } from "./note.ts";
import type { Checked, Entry } from "./types.ts";

export interface Head {
  type: string;
  checkpoint: string;
  state: { entry: Entry; index: number; hashes: string[] };
  since: number; // size of the record in the head before this one
  consistency: string[]; // the proof from there to here
}

export interface State {
  type: string;
  agencies: { id: string; sha256: string; suspended: boolean; paused: boolean; desk?: boolean; verified?: { until: string }; epoch?: { number: number; sha256: string } }[];
  people: { id: string; sha256: string; disabled?: number; suspended?: number }[];
  open: { id: string; head: string }[];
}

export interface Standing {
  at: string;
  size: number; // how many entries the state sums up: it says nothing of later ones
  state: State;
}

const maxStateAge = 24 * 60 * 60 * 1000;

/** The hash of the state document that a head commits to, unverified: it says which one to fetch. */
export function stateHash(h: Head): string {
  const hash = (h.state.entry.data as { sha256?: unknown }).sha256;
  if (h.state.entry.kind !== "state" || typeof hash !== "string") throw new Refused("state_missing");
  return hash;
}

/** Verifies a head with its state document; verifier is the key by which the bundle was verified. */
export function verifyHead(h: Head, verifier: string, document: Bytes, now: Date): Standing {
  if (h.type !== "porchlight/head/v1") throw new Refused("head_type");
  const checkpoint = openOf(h.checkpoint, parseVerifier(verifier));
  const { entry, index, hashes } = h.state;
  if (!included(leafHash(entryBytes(entry)), index, checkpoint.size, hashes.map(fromBase64), checkpoint.root)) throw new Refused("not_in_log");
  if (stateHash(h) !== hex(sha256(document))) throw new Refused("state_changed");
  const state = JSON.parse(fromUtf8(document)) as State;
  if (state.type !== "porchlight/state/v2") throw new Refused("state_changed");
  const age = now.getTime() - Date.parse(entry.at);
  if (age < -clockSlack) throw new Refused("from_the_future");
  if (age > maxStateAge) throw new Refused("state_old");
  return { at: entry.at, size: index, state };
}

/** Holds a verified bundle against the present. Where the bundle shows an entry that is newer than the state, its word stands. */
export function against(c: Checked, s: Standing): Checked {
  const now = agencyIn(c, s);
  const ended = [currentAgency(c, s, now), currentVerified(c, s, now)];
  currentEpoch(c, s, now?.epoch);
  ended.push(currentSigners(c, s), currentRequest(c, s));
  return { ...c, ended: ended.find((code) => code !== "") ?? "", verifiedUntil: now?.verified ? Date.parse(now.verified.until) : Infinity };
}

type Ended = Checked["ended"];
type AgencyNow = State["agencies"][number] | undefined;

/** What the state says of the agency. Of one that registered after it, it says nothing. */
function agencyIn(c: Checked, s: Standing): AgencyNow {
  const now = s.state.agencies.find((a) => a.id === c.agency.id);
  if (!now && c.at.registered < s.size) throw new Refused("agency_not_current");
  return now;
}

function currentAgency(c: Checked, s: Standing, now: AgencyNow): Ended {
  if (!now || c.at.agency >= s.size) return "";
  if (now.suspended) return "agency_suspended";
  if (hashJSON(c.agency) !== now.sha256) throw new Refused("agency_outdated");
  if (c.at.desk < s.size && c.desk !== (now.desk ?? false)) throw new Refused("desk_outdated");
  return "";
}

/** The agency's two verifications count, whatever the bundle's own proofs of them are. */
function currentVerified(c: Checked, s: Standing, now: AgencyNow): Ended {
  return c.at.vouched >= s.size || (now && !now.paused && now.verified) ? "" : "agency_paused";
}

function currentEpoch(c: Checked, s: Standing, now: { number: number; sha256: string } | undefined): void {
  if (c.at.epoch >= s.size) return;
  const epoch = c.epochs.at(-1);
  if (!epoch) throw new Refused("epoch_missing");
  if (!now || now.number > epoch.number) throw new Refused("key_revoked");
  if (now.number !== epoch.number || now.sha256 !== hashJSON(epoch)) throw new Refused("key_swapped");
}

/** Nobody had been disabled or suspended when they signed, of which the bundle keeps back the entry; nobody is suspended now. */
function currentSigners(c: Checked, s: Standing): Ended {
  let ended: Ended = "";
  for (const signer of c.signers) {
    const person = s.state.people.find((p) => p.id === signer.person);
    if (!person) {
      if (signer.enrolled >= s.size) continue;
      throw new Refused("signer_not_current");
    }
    const off = person.disabled ?? 0;
    if (off > 0 && off < c.logIndex) throw new Refused("signer_disabled");
    const stopped = person.suspended ?? 0;
    if (stopped > 0 && stopped < c.logIndex) throw new Refused("signer_suspended_before");
    if (stopped > 0 && (c.stops.get(signer.person) ?? 0) < s.size) ended = "signer_suspended";
  }
  return ended;
}

function currentRequest(c: Checked, s: Standing): Ended {
  if (c.logIndex >= s.size || c.status !== "published") return "";
  const open = s.state.open.find((r) => r.id === c.id);
  if (!open) return "request_closed";
  if (c.at.head >= s.size) return "";
  if (open.head !== c.head) throw new Refused("update_withheld");
  return "";
}
