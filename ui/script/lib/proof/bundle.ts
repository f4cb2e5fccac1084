// The check of a published request (evidence/bundle_verify.go, doc/formats.md 10), in the order and with the codes of Go's.

import { fromBase64, fromBase64url } from "../bytes.ts";
import type { Bytes } from "../bytes.ts";
import { canonicalBytes, hashJSON } from "../canonical.ts";
import { Refused } from "../errors.ts";
import type { Assertion } from "./assertion.ts";
import { holds } from "./assertion.ts";
import { kinds } from "./kinds.ts";
import { included, leafHash } from "./merkle.ts";
import type { Checkpoint, Verifier } from "./note.ts";
import { openCheckpoint, parseVerifier } from "./note.ts";
import { Replay, policyKey } from "./replay.ts";
import type { Bundle, Checked, Entry, Lent, Person } from "./types.ts";

export const maxBundle = 8 << 20;
const maxEntry = 65535;
/** How far this device's clock may be behind the exchange's, in milliseconds. */
export const clockSlack = 24 * 60 * 60 * 1000;

/**
 * Verifies a bundle offline. pinned is the exchange's verifier key if it is known beforehand, else ""; then the bundle's own is
 * used, which shows nothing about who the exchange is.
 */
export function verifyBundle(b: Bundle, pinned: string, now: Date): Checked {
  try {
    return verify(b, pinned, now);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused("bad_bundle", String(error)); // a member is missing or of another kind
  }
}

function verify(b: Bundle, pinned: string, now: Date): Checked {
  const doc = b.record.document;
  if (b.type !== "porchlight/bundle/v1" || doc.type !== "porchlight/request/v1") throw new Refused("bundle_type");
  const checkpoint = openOf(b.checkpoint, parseVerifier(pinned.trim() || b.verifier));
  const text = canonicalBytes(doc);
  const r = replay(b, checkpoint, hashJSON(doc));
  if (!r.exchange) throw new Refused("exchange_missing");
  if (r.exchange.origin !== checkpoint.origin) throw new Refused("wrong_exchange");
  if (r.vouching.forged) throw r.vouching.forged;
  if (!r.published) throw new Refused("not_published");
  if (!r.agency) throw new Refused("agency_unknown");
  if (r.epochs.length === 0) throw new Refused("epoch_missing");
  if (!r.published.verified) throw new Refused("not_verified_twice");
  if (!doc.policies.every((p) => r.policies.has(policyKey(p.name, p.sha256)))) throw new Refused("policy_not_adopted");
  if (Date.parse(r.published.at) > now.getTime() + clockSlack) throw new Refused("from_the_future");
  new Signatures(text, b.record.assertions, r.published.assertions, r.published.people, r.published.lent).needs("officer", "supervisor").verify(r);
  checkUpdates(b, r);
  return {
    paused: r.paused, desk: r.desk, vouching: r.vouching, signerSuspended: b.record.assertions.some((a) => r.stopped.has(a.person)),
    id: r.request, document: doc, exchange: r.exchange, firstUse: pinned.trim() === "", agency: r.agency, suspended: r.suspended, epochs: r.epochs,
    custodians: r.custodians, status: r.status, publishedAt: r.published.at, logIndex: r.published.index, at: r.at, stops: r.stops, ended: "", verifiedUntil: Infinity,
    signers: b.record.assertions.map((a) => ({ person: a.person, enrolled: r.enrolled.get(a.person) ?? 0 })),
    head: b.updates?.length ? hashJSON(b.updates.at(-1)?.update) : r.request,
  };
}

/** Opens a checkpoint with the key of its exchange, or says why not. */
export function openOf(note: string, verifier: Verifier | undefined): Checkpoint {
  if (!verifier) throw new Refused("bad_verifier");
  if (note.split("\n", 1)[0] !== verifier.name) throw new Refused("wrong_exchange");
  const checkpoint = openCheckpoint(note, verifier);
  if (!checkpoint) throw new Refused("bad_checkpoint");
  return checkpoint;
}

function replay(b: Bundle, checkpoint: Checkpoint, id: string): Replay {
  const r = new Replay(id, b.record.document.agency);
  let last = -1;
  let at = "";
  for (const p of b.entries) {
    const time = sortable(p.entry.at);
    if (p.index <= last || time < at) throw new Refused("entry_order");
    last = p.index;
    at = time;
    const path = p.hashes.map(fromBase64);
    if (!included(leafHash(entryBytes(p.entry)), p.index, checkpoint.size, path, checkpoint.root)) throw new Refused("not_in_log");
    r.play(p.entry, p.index);
  }
  return r;
}

/** A time that sorts as text, to the microsecond; what is written in another way than entries do is refused. */
function sortable(time: string): string {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{0,5}[1-9]))?Z$/.exec(time);
  if (!match || Number.isNaN(Date.parse(time))) throw new Refused("bad_entry");
  return `${match[1]}.${(match[2] ?? "").padEnd(6, "0")}`;
}

export function entryBytes(e: Entry): Bytes {
  const members = Object.keys(e).sort().join();
  if (members !== "at,data,kind,v" || e.v !== 1 || e.data === null || typeof e.data !== "object" || !kinds.includes(e.kind)) throw new Refused("bad_entry");
  const bytes = canonicalBytes(e);
  if (bytes.length > maxEntry) throw new Refused("bad_entry");
  return bytes;
}

/** One signed text with those who could sign it, and what the record says of its signatures. */
class Signatures {
  constructor(
    readonly text: Bytes,
    readonly assertions: Assertion[],
    readonly logged: string,
    readonly people: Map<string, Person>,
    readonly lent: Map<string, Lent>, // to the agency that asks
  ) {}

  /** There is one signature for each role, and no other. */
  needs(...roles: string[]): this {
    if (!roles.every((role) => this.assertions.some((a) => a.role === role))) throw new Refused("signature_missing");
    if (this.assertions.length > roles.length) throw new Refused("signature_extra");
    return this;
  }

  verify(r: Replay): void {
    if (hashJSON(this.assertions) !== this.logged) throw new Refused("signatures_changed");
    const seen = new Set<string>();
    for (const a of this.assertions) {
      const p = this.#person(a, r);
      const marks = [`person ${a.person}`, `key ${p.public_key}`, `credential ${p.credential}`];
      if (marks.some((m) => seen.has(m))) throw new Refused("same_person_twice");
      for (const m of marks) seen.add(m);
      if (!r.exchange || !holds(a, fromBase64url(p.public_key), r.exchange.rp, this.text)) throw new Refused("signature_wrong");
    }
  }

  #person(a: Assertion, r: Replay): Person {
    const p = this.people.get(a.person);
    if (!p) throw new Refused("signer_unknown");
    if (p.agency === r.asking ? a.agency !== undefined : !this.#borrowed(a, p)) throw new Refused("other_agency");
    if (!p.roles.includes(a.role)) throw new Refused("signer_role");
    if (p.credential !== a.credential) throw new Refused("signer_credential");
    if (p.software && !r.exchange?.fictional) throw new Refused("software_signature");
    return p;
  }

  /** Whether a supervisor of another agency was lent to the one that asks, and the signature says so. */
  #borrowed(a: Assertion, p: Person): boolean {
    return a.role === "supervisor" && p.agency !== undefined && a.agency === p.agency && this.lent.get(a.person)?.from === p.agency;
  }
}

/** The updates are those of the record, chained to the request, and signed as their kind demands. */
function checkUpdates(b: Bundle, r: Replay): void {
  const updates = b.updates ?? [];
  if (updates.length !== r.updates.length) throw new Refused("update_unlogged");
  let previous = r.request;
  updates.forEach((u, i) => {
    const hash = hashJSON(u.update);
    const logged = r.updates[i];
    if (u.update.type !== "porchlight/update/v1" || u.update.request !== r.request || u.update.previous !== previous) throw new Refused("update_chain");
    if (!logged || logged.update !== hash || logged.kind !== u.update.kind) throw new Refused("update_unlogged");
    const s = new Signatures(canonicalBytes(u.update), u.assertions, logged.assertions, logged.people, logged.lent);
    if (u.update.kind === "amended") s.needs("officer", "supervisor");
    else if (u.update.kind === "expired") s.needs();
    else if (u.assertions.length === 0 || u.assertions.some((a) => a.role !== "officer" && a.role !== "supervisor")) throw new Refused("signature_missing");
    s.verify(r);
    previous = hash;
  });
}

/** Why a checked request takes no new share at a time, or "". */
export function closedFor(c: Checked, now: Date): "" | "agency_suspended" | "agency_paused" | "signer_suspended" | "request_closed" {
  if (c.suspended) return "agency_suspended";
  if (c.signerSuspended) return "signer_suspended";
  if (c.paused || now.getTime() >= c.verifiedUntil || !c.vouching.inForce(c.agency, now.getTime())) return "agency_paused";
  if (c.status === "published" && c.ended !== "") return c.ended;
  return c.status !== "published" || now.getTime() >= Date.parse(c.document.closes) ? "request_closed" : "";
}
