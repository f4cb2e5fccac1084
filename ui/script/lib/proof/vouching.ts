// Who vouches for the agency that asks, played entry by entry (evidence/vouching.go, internal/footage/vouching.go).

import { ed25519 } from "@noble/curves/ed25519.js";
import { fromBase64url, utf8 } from "../bytes.ts";
import { canonical, canonicalBytes, hashJSON } from "../canonical.ts";
import type { JSONValue } from "../canonical.ts";
import { Refused } from "../errors.ts";
import { holds } from "./assertion.ts";
import type { Assertion } from "./assertion.ts";
import type { Agency, ExchangeCreated, Person } from "./types.ts";

interface Attestor {
  id: string;
  body: string;
  kind: string;
  key: string;
  withdrawn?: boolean;
}

interface Attestation {
  type: string;
  exchange: string;
  attestor: string;
  agency: string;
  description_sha256: string;
  checks: { kind: string; on: string }[];
  issued: string;
  expires: string;
  sig?: string;
}

interface Retraction {
  type: string;
  attestor: string;
  agency: string;
  attestation_sha256: string;
  sig?: string;
}

interface Approval {
  exchange: string;
  operator: string;
  agency: string;
  description_sha256: string;
  expires: string;
}

interface Facts {
  body: { id: string };
  attestor: Attestor | string;
  attestation: Attestation;
  retraction: Retraction;
  approval: Approval;
  assertion: Assertion;
  agency: string;
  approval_sha256: string;
}

const attestationType = "porchlight/attestation/v1";
const retractionType = "porchlight/attestation-retraction/v1";
const slack = 24 * 60 * 60 * 1000;
const checkDays = 90 * 24 * 60 * 60 * 1000;

export class Vouching {
  operator = "";
  forged: Refused | undefined; // the first entry that does not hold
  readonly attestors = new Map<string, Attestor>();
  readonly statements: { a: Attestation; by: Attestor; taken: boolean }[] = [];
  admission: { a: Approval; taken: boolean } | undefined;

  constructor(readonly asking: string) {}

  /** Takes an entry in; people are those whose signatures count at this moment. */
  play(kind: string, data: unknown, at: string, exchange: ExchangeCreated | undefined, people: Map<string, Person>): void {
    if (!exchange) return;
    try {
      this.#play(kind, data as Facts, at, exchange, people);
    } catch (error) {
      this.forged ??= error instanceof Refused ? error : new Refused("bad_entry", String(error));
    }
  }

  #play(kind: string, d: Facts, at: string, exchange: ExchangeCreated, people: Map<string, Person>): void {
    switch (kind) {
      case "operator.named":
        this.operator = d.body.id;
        return;
      case "attestor.registered":
        if (typeof d.attestor !== "string") this.attestors.set(d.attestor.id, { ...d.attestor });
        return;
      case "attestor.withdrawn": {
        const by = typeof d.attestor === "string" ? this.attestors.get(d.attestor) : undefined;
        if (by) by.withdrawn = true;
        return;
      }
      case "agency.attested":
        return this.#attested(d.attestation, at, exchange);
      case "agency.unattested":
        return this.#unattested(d.retraction);
      case "agency.approved":
        return this.#approved(d.approval, d.assertion, exchange, people);
      case "agency.unapproved":
        if (d.agency === this.asking && this.admission && hashJSON(this.admission.a) === d.approval_sha256) this.admission.taken = true;
    }
  }

  #attested(a: Attestation, at: string, exchange: ExchangeCreated): void {
    if (a.agency !== this.asking) return;
    const by = this.attestors.get(a.attestor);
    if (!by) throw new Refused("attestor_unknown");
    const late = Date.parse(a.issued) > Date.parse(at) + slack;
    if (!signs(by, attestationType, a) || !was(exchange, a.exchange) || !wellFormed(a, by.kind) || late) throw new Refused("attestation_forged");
    this.statements.push({ a, by, taken: by.withdrawn === true });
  }

  #unattested(x: Retraction): void {
    const by = this.attestors.get(x.attestor);
    if (x.agency !== this.asking || !by) return;
    if (x.type !== retractionType || !signs(by, retractionType, x)) throw new Refused("attestation_forged");
    for (const s of this.statements) if (s.by.id === x.attestor && hashJSON(unsigned(s.a)) === x.attestation_sha256) s.taken = true;
  }

  #approved(a: Approval, by: Assertion, exchange: ExchangeCreated, people: Map<string, Person>): void {
    if (a.agency !== this.asking) return;
    const p = people.get(by.person);
    if (!p || p.agency || !p.roles.includes("operator") || p.credential !== by.credential) throw new Refused("approval_forged");
    if (!was(exchange, a.exchange)) throw new Refused("approval_forged");
    if (p.software && !exchange.fictional) throw new Refused("software_signature");
    if (!holds(by, fromBase64url(p.public_key), exchange.rp, canonicalBytes(a))) throw new Refused("approval_forged");
    this.admission = { a, taken: false };
  }

  /** Whether an independent attestor's statement and the operator's approval, of three bodies, are both in force at a time. */
  inForce(agency: Agency | undefined, at: number): boolean {
    if (!agency) return false;
    const description = hashJSON(agency);
    const ours = agency.body;
    const counts = (s: { a: Attestation; by: Attestor; taken: boolean }) =>
      s.by.kind === "independent" && !s.taken && s.by.withdrawn !== true && s.a.description_sha256 === description && at < Date.parse(s.a.expires) &&
      this.operator !== "" && !same(s.by.body, this.operator) && !same(s.by.body, ours) && !same(this.operator, ours);
    const given = this.admission;
    return (
      this.statements.some(counts) && given !== undefined && !given.taken && given.a.description_sha256 === description &&
      same(given.a.operator, this.operator) && at < Date.parse(given.a.expires)
    );
  }
}

const unsigned = (v: object): object => ({ ...v, sig: undefined });

/** Two IDs name one body, however they are hyphenated. */
const same = (a: string, b: string): boolean => a.replaceAll("-", "") === b.replaceAll("-", "");

/** Whether a name is that of this record or of one that it goes on from. */
function was(exchange: ExchangeCreated, origin: string): boolean {
  for (let x: ExchangeCreated["continues"] | ExchangeCreated = exchange; x; x = x.continues) if (x.origin === origin) return true;
  return false;
}

function signs(by: Attestor, context: string, v: { sig?: string }): boolean {
  try {
    const message = utf8(`${context}\n${canonical(unsigned(v) as JSONValue)}`);
    return ed25519.verify(fromBase64url(v.sig ?? ""), message, fromBase64url(by.key), { zip215: false });
  } catch {
    return false;
  }
}

/** A statement lasts a year at most, and an independent attestor has rung back and found the agency in its register. */
function wellFormed(a: Attestation, kind: string): boolean {
  const issued = new Date(a.issued);
  const year = new Date(issued);
  year.setUTCFullYear(year.getUTCFullYear() + 1);
  const expires = Date.parse(a.expires);
  const made = (k: string) => a.checks.some((c) => c.kind === k);
  return (
    a.type === attestationType && expires > issued.getTime() && expires <= year.getTime() && a.checks.length > 0 &&
    a.checks.every((c) => Date.parse(c.on) <= issued.getTime() && Date.parse(c.on) >= issued.getTime() - checkDays) &&
    (kind !== "independent" || (made("call_back") && made("register_match")))
  );
}
