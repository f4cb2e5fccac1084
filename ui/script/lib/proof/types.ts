// The parts of a bundle that are read here (doc/formats.md 3, 5, 7, 8, 10).

import type { Area } from "../find/geo.ts";
import type { Assertion, RelyingParty } from "./assertion.ts";
import type { Vouching } from "./vouching.ts";

export interface Document {
  type: string;
  agency: string;
  agency_name: string;
  code: string;
  changed?: string; // what is different from the first request of the investigation
  offence: string;
  area: Area;
  contact: { name?: string; email?: string; phone?: string };
  title: string;
  text: string;
  language: string;
  zone: string;
  window: { from: string; to: string };
  closes: string;
  policies: { name: string; sha256: string }[];
}

export interface Update {
  type: string;
  request: string;
  previous: string;
  kind: string;
  text: string;
  at: string;
}

export interface Entry {
  v: number;
  kind: string;
  at: string;
  data: Record<string, unknown>;
}

export interface Bundle {
  type: string;
  verifier: string;
  checkpoint: string;
  record: { document: Document; assertions: Assertion[] };
  updates: { update: Update; assertions: Assertion[] }[] | null;
  entries: { entry: Entry; index: number; hashes: string[] }[];
}

export interface ExchangeCreated {
  origin: string;
  name: string;
  fictional: boolean;
  rp: RelyingParty;
  receipt_key: string;
  continues?: Continues;
}

/** A record that was closed, from which another goes on. */
export interface Continues {
  origin: string;
  verifier: string;
  continues?: Continues;
}

export interface Agency {
  id: string;
  name: string;
  body: string;
  jurisdiction?: Area[];
}

export interface Epoch {
  agency: string;
  number: number;
  recipient: string;
  custodians: { id: string; key: string }[];
}

export interface Person {
  person: string;
  agency?: string;
  roles: string[];
  public_key: string;
  credential: string;
  software: boolean;
}

/** A supervisor whom one agency lends to another. */
export interface Lent {
  person: string;
  from: string;
  to: string;
  until: string;
}

/** What a bundle says, after every part of it was verified. */
export interface Checked {
  id: string;
  document: Document;
  exchange: ExchangeCreated;
  firstUse: boolean;
  agency: Agency;
  suspended: boolean;
  paused: boolean; // the record says that it is not verified twice any more
  desk: boolean; // the agency opens clips in pages that the exchange serves
  signerSuspended: boolean;
  vouching: Vouching;
  epochs: Epoch[];
  custodians: Map<string, string>;
  status: string;
  publishedAt: string;
  logIndex: number;
  signers: { person: string; enrolled: number }[]; // with the index of the entry that holds the key
  head: string; // hash of the newest update, or the ID
  at: Places;
  stops: Map<string, number>; // index of the newest entry that suspended or restored a person
  ended: "" | "agency_suspended" | "agency_paused" | "signer_suspended" | "request_closed"; // what the present state of the record says
  verifiedUntil: number; // end of the agency's verifications by the present state, in milliseconds
}

/** Indexes of the newest entries that a bundle shows of its parts. */
export interface Places {
  registered: number;
  agency: number;
  vouched: number;
  epoch: number;
  head: number;
  desk: number;
}
