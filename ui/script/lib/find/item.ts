// What the page and its worker tell each other about the region's requests.

import type { Document, Update } from "../proof/types.ts";
import type { Area, Point } from "./geo.ts";

/** A request that the worker has checked, as far as the page shows it. */
export interface Item {
  id: string;
  document: Document;
  updates: Update[];
  publishedAt: string;
  logIndex: number;
  signers: { role: string; person: string; agency?: string }[];
  jurisdiction: Area[]; // of the agency that asks
}

/** A request of the feed that does not hold what it claims; the code says why. */
export interface Refusal {
  id: string; // empty if not even that can be read
  code: string;
}

/** Fetches the region's feed and checks it. pinned is the exchange's verifier key; near chooses the cells where the feed is too large to be had whole. */
export interface ToFinder {
  pinned: string;
  near?: Point;
}

export type FromFinder =
  | { what: "feed"; items: Item[]; refused: Refusal[]; whole: boolean }
  | { what: "large" } // too many requests to have them all: a place is needed
  | { what: "failed"; code: string }; // nothing of the feed can be relied on, or it cannot be had
