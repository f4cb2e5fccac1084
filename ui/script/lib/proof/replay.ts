// The part of the public record that a bundle shows, played entry by entry in the log's order (evidence/replay.go).

import { fromBase64url } from "../bytes.ts";
import { Refused } from "../errors.ts";
import type { Agency, Entry, Epoch, ExchangeCreated, Lent, Person, Places } from "./types.ts";
import { Vouching } from "./vouching.ts";

interface Published {
  index: number;
  assertions: string;
  at: string;
  people: Map<string, Person>;
  lent: Map<string, Lent>;
  verified: boolean; // twice, at that moment
}

interface Logged {
  update: string;
  kind: string;
  assertions: string;
  people: Map<string, Person>;
  lent: Map<string, Lent>;
}

/** The members of the facts that are played. An agency is an ID in some and a description in others. */
interface Data {
  name: string;
  sha256: string;
  agency: string;
  person: string;
  request: string;
  status: string;
  served: boolean;
  to: string;
  epoch: Epoch;
  custodian: { id: string; key: string };
  attestation: { agency: string };
  approval: { agency: string };
}

export class Replay {
  exchange: ExchangeCreated | undefined;
  agency: Agency | undefined;
  suspended = false;
  paused = false;
  desk = false;
  readonly stopped = new Set<string>(); // people who are suspended
  readonly vouching: Vouching;
  readonly epochs: Epoch[] = [];
  readonly custodians = new Map<string, string>();
  readonly people = new Map<string, Person>();
  readonly lent = new Map<string, Lent>(); // to the agency that asks
  readonly policies = new Set<string>();
  published: Published | undefined;
  readonly updates: Logged[] = [];
  status = "";
  readonly enrolled = new Map<string, number>(); // index of the newest enrolment
  readonly stops = new Map<string, number>(); // index of the newest suspension or its end
  readonly at: Places = { registered: 0, agency: 0, vouched: 0, epoch: 0, head: 0, desk: 0 };

  constructor(
    readonly request: string,
    readonly asking: string,
  ) {
    this.vouching = new Vouching(asking);
  }

  play(entry: Entry, index: number): void {
    const d = entry.data as unknown as Data;
    this.#place(entry, index);
    this.vouching.play(entry.kind, entry.data, entry.at, this.exchange, this.#whoMaySign());
    switch (entry.kind) {
      case "exchange.created":
        if (index !== 0 || this.exchange) throw new Refused("wrong_exchange");
        this.exchange = entry.data as unknown as ExchangeCreated;
        return;
      case "policy.adopted":
        this.policies.add(policyKey(d.name, d.sha256));
        return;
      case "agency.registered":
      case "agency.changed":
        return this.#describe(d.agency as unknown as Agency);
      case "agency.suspended":
        this.suspended ||= d.agency === this.asking;
        return;
      case "agency.restored":
        this.suspended &&= d.agency !== this.asking;
        return;
      case "person.enrolled":
        this.people.set(d.person, entry.data as unknown as Person);
        return;
      case "person.disabled":
        this.people.delete(d.person);
        return;
      case "person.lent":
        if (d.to === this.asking) this.lent.set(d.person, entry.data as unknown as Lent);
        return;
      case "person.returned":
        if (d.to === this.asking) this.lent.delete(d.person);
        return;
      case "person.suspended":
        this.stopped.add(d.person);
        return;
      case "person.restored":
        this.stopped.delete(d.person);
        return;
      case "agency.paused":
        this.paused ||= d.agency === this.asking;
        return;
      case "agency.resumed":
        this.paused &&= d.agency !== this.asking;
        return;
      case "agency.desk":
        if (d.agency !== this.asking) return;
        this.desk = d.served;
        this.at.desk = index;
        return;
      case "epoch.opened":
        return this.#epoch(d.epoch);
      case "custodian.added":
        if (d.agency !== this.asking) throw new Refused("epoch_other_agency");
        return this.#custodian(d.custodian);
      case "request.published":
        return this.#publish(entry, index);
      case "request.updated":
        return this.#update(entry);
      case "request.closed":
        if (d.request === this.request) this.status = d.status;
    }
  }

  /** Notes where the newest entry about a part of the request stands. */
  #place(entry: Entry, index: number): void {
    const d = entry.data as unknown as Data;
    const agency = typeof d.agency === "string" ? d.agency : (d.agency as Agency | undefined)?.id;
    switch (entry.kind) {
      case "agency.registered":
        if (agency === this.asking) this.at.registered = this.at.agency = index;
        return;
      case "agency.changed":
      case "agency.suspended":
      case "agency.restored":
        if (agency === this.asking) this.at.agency = index;
        return;
      case "person.enrolled":
        this.enrolled.set(d.person, index);
        return;
      case "person.suspended":
      case "person.restored":
        this.stops.set(d.person, index);
        return;
      case "operator.named":
        this.at.vouched = index;
        return;
      case "agency.attested":
        if (d.attestation.agency === this.asking) this.at.vouched = index;
        return;
      case "agency.approved":
        if (d.approval.agency === this.asking) this.at.vouched = index;
        return;
      case "agency.resumed":
        if (agency === this.asking) this.at.vouched = index;
        return;
      case "epoch.opened":
        this.at.epoch = index;
        return;
      case "request.published":
      case "request.updated":
        this.at.head = index;
    }
  }

  /** Who was lent to the agency that asks at a moment. */
  #lentAt(at: string): Map<string, Lent> {
    return new Map([...this.lent].filter(([, l]) => Date.parse(at) < Date.parse(l.until)));
  }

  /** Those who are enrolled and not suspended at this moment. */
  #whoMaySign(): Map<string, Person> {
    return new Map([...this.people].filter(([id]) => !this.stopped.has(id)));
  }

  #describe(a: Agency): void {
    if (a.id === this.asking) this.agency = a;
  }

  #epoch(e: Epoch): void {
    if (e.agency !== this.asking) throw new Refused("epoch_other_agency");
    const last = this.epochs.at(-1);
    if (last && e.number <= last.number) throw new Refused("epoch_order");
    this.epochs.push(e);
    for (const c of e.custodians) this.#custodian(c);
  }

  /** One custodian's ID never means two keys. */
  #custodian(c: { id: string; key: string }): void {
    if (fromBase64url(c.key).length !== 32) throw new Refused("bad_entry");
    if (this.custodians.has(c.id) && this.custodians.get(c.id) !== c.key) throw new Refused("custodian_twice");
    this.custodians.set(c.id, c.key);
  }

  #publish(entry: Entry, index: number): void {
    const d = entry.data as { request: string; agency: string; assertions_sha256: string };
    if (d.request !== this.request) throw new Refused("text_changed");
    if (d.agency !== this.asking) throw new Refused("other_agency");
    if (this.published) throw new Refused("published_twice");
    this.published = { index, assertions: d.assertions_sha256, at: entry.at, people: this.#whoMaySign(), lent: this.#lentAt(entry.at), verified: this.vouching.inForce(this.agency, Date.parse(entry.at)) };
    this.status = "published";
  }

  #update(entry: Entry): void {
    const d = entry.data as { request: string; update_sha256: string; kind: string; assertions_sha256: string };
    if (d.request !== this.request) throw new Refused("update_unlogged");
    this.updates.push({ update: d.update_sha256, kind: d.kind, assertions: d.assertions_sha256, people: this.#whoMaySign(), lent: this.#lentAt(entry.at) });
    if (["resolved", "withdrawn", "expired"].includes(d.kind)) this.status = d.kind;
  }
}

export const policyKey = (name: string, sha256: string): string => `${name}\n${sha256}`;
