// The region's feed as it is downloaded, and the check of every request in it (internal/resident/feed.go, doc/formats.md).
// What is asked for depends on the exchange and, where it is large, on the coarse cell of a place: never on what is found.

import { sha256 } from "@noble/hashes/sha2.js";
import { fromUtf8, hex } from "../bytes.ts";
import type { Bytes } from "../bytes.ts";
import { Refused } from "../errors.ts";
import { canonicalBytes, hashJSON } from "../canonical.ts";
import { closedFor, maxBundle, verifyBundle } from "../proof/bundle.ts";
import { against, stateHash, verifyHead } from "../proof/head.ts";
import type { Head, Standing } from "../proof/head.ts";
import type { Bundle, Checked } from "../proof/types.ts";
import { cellsAround, feedLevel } from "./cells.ts";
import type { FromFinder, Item, Refusal, ToFinder } from "./item.ts";

const maxFile = 64 << 20; // bytes of one file of the feed

/** Fetches a path of this exchange: undefined where there is nothing. What has not changed is not sent again. */
async function fetched(path: string): Promise<Bytes | undefined> {
  let answer: Response;
  try {
    answer = await fetch(path, { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer" });
  } catch {
    throw new Refused("no_answer");
  }
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Refused("no_answer");
  const body = new Uint8Array(await answer.arrayBuffer());
  if (body.length > maxFile) throw new Refused("bad_feed");
  return body;
}

function parsed<T>(body: Bytes | undefined): T {
  if (!body) throw new Refused("no_answer");
  try {
    return JSON.parse(fromUtf8(body)) as T;
  } catch {
    throw new Refused("bad_feed");
  }
}

interface Cell {
  requests: Bundle[];
}

interface Index {
  s2_level: number;
  cells: { cell: string }[];
  whole?: string; // where all requests are in one file
}

/** The requests of the whole exchange, or of the cells around a place; undefined where a place is needed. */
async function download(near: ToFinder["near"]): Promise<{ bundles: Bundle[]; whole: boolean } | undefined> {
  const index = parsed<Index>(await fetched("/feed/index.json"));
  const all = index.whole === undefined ? undefined : await fetched("/feed/all.json");
  if (all) return { bundles: listed(parsed<Cell>(all)), whole: true };
  if (!near) return undefined;
  if (index.s2_level !== feedLevel || !Array.isArray(index.cells)) throw new Refused("feed_level");
  const there = new Set(index.cells.map((c) => c.cell));
  const bundles: Bundle[] = [];
  for (const cell of cellsAround(near)) {
    const body = there.has(cell) ? await fetched(`/feed/cell/${cell}.json`) : undefined;
    if (body) bundles.push(...listed(parsed<Cell>(body)));
  }
  return { bundles, whole: false };
}

function listed(cell: Cell): Bundle[] {
  if (!Array.isArray(cell.requests)) throw new Refused("bad_feed");
  return cell.requests;
}

/** Remembers what was checked, so that a refresh checks only what is new. */
export class Finder {
  #known = new Map<string, Checked>(); // by the hash of the bundle
  #state: { hash: string; document: Bytes } | undefined;

  async find(order: ToFinder): Promise<FromFinder> {
    const got = await download(order.near);
    if (!got) return { what: "large" };
    const standing = got.bundles.length > 0 ? await this.#present(order.pinned || (got.bundles[0] as Bundle).verifier) : undefined;
    const items = new Map<string, Item>();
    const refused: Refusal[] = [];
    const known = new Map<string, Checked>();
    const now = new Date();
    for (const bundle of got.bundles) {
      try {
        const checked = this.#check(bundle, order.pinned, now, known);
        const current = standing ? against(checked, standing) : checked;
        if (closedFor(current, now) === "") items.set(current.id, item(bundle, current));
      } catch (error) {
        refused.push({ id: idOf(bundle), code: error instanceof Refused ? error.code : "bad_bundle" });
      }
    }
    this.#known = known;
    return { what: "feed", items: [...items.values()], refused, whole: got.whole };
  }

  #check(bundle: Bundle, pinned: string, now: Date, known: Map<string, Checked>): Checked {
    const bytes = canonicalBytes(bundle);
    if (bytes.length > maxBundle) throw new Refused("bad_bundle");
    const hash = hex(sha256(bytes));
    const checked = this.#known.get(hash) ?? verifyBundle(bundle, pinned, now);
    known.set(hash, checked);
    return checked;
  }

  /** What the newest state of the record says still counts. */
  async #present(verifier: string): Promise<Standing> {
    const head = parsed<Head>(await fetched("/log/head.json"));
    const hash = stateHash(head);
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new Refused("state_missing");
    if (this.#state?.hash !== hash) {
      const document = await fetched(`/log/state/${hash}.json`);
      if (!document) throw new Refused("no_answer");
      this.#state = { hash, document };
    }
    return verifyHead(head, verifier, this.#state.document, new Date());
  }
}

function idOf(bundle: Bundle): string {
  try {
    return hashJSON(bundle.record.document);
  } catch {
    return "";
  }
}

function item(bundle: Bundle, c: Checked): Item {
  return {
    id: c.id, document: c.document, updates: (bundle.updates ?? []).map((u) => u.update), publishedAt: c.publishedAt, logIndex: c.logIndex,
    signers: bundle.record.assertions.map((a) => ({ role: a.role, person: a.person, ...(a.agency ? { agency: a.agency } : {}) })),
    jurisdiction: c.agency.jurisdiction ?? [],
  };
}
