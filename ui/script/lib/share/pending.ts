// A share that was begun and is not complete: all that is needed to go on after the page was closed. It holds the receipt's
// words and the clips' file keys, so it is as secret as they are; it is kept in this browser from the first byte to the
// receipt, and no longer than the exchange would keep the unfinished share.

import type { EnvelopeJSON } from "../seal/envelope.ts";
import type { Commit } from "./exchange.ts";
import type { Reached } from "./stream.ts";
import type { ManifestClip } from "./manifest.ts";
import type { ClipOptions } from "../media/clip.ts";

export interface PendingClip {
  /** What tells the person's file apart from another: it has to be chosen again. */
  file: { name: string; size: number; modified: number };
  options: ClipOptions;
  /** When it was filmed, as its owner states it, in seconds since 1970; undefined to take it from the clip. */
  filmed?: number | undefined;
  clockAhead: number; // seconds
  name: string;
  id: string;
  salt: string;
  envelope?: EnvelopeJSON | undefined;
  upload?: string | undefined;
  reached?: Reached | undefined; // of what was sent
  done?: ManifestClip | undefined;
}

export interface Pending {
  type: "porchlight/pending-page/v1";
  request: string;
  title: string;
  epoch: number;
  words: string;
  until: string;
  share: string;
  ticket: string;
  consent: { version: string; language: string; sha256: string };
  terms: { version: string; sha256: string };
  contact?: { name: string; email?: string; phone?: string } | undefined;
  message: string;
  zone: string; // of the request
  clips: PendingClip[];
  commit?: Commit | undefined;
}

const database = "porchlight";
const store = "pending";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath: "request" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no database"));
  });
}

async function run<T>(mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>, durability: IDBTransactionDurability = "strict"): Promise<T> {
  const db = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = db.transaction(store, mode, { durability });
      const request = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error("not kept"));
    });
  } finally {
    db.close();
  }
}

/** Keeps a pending share in place of an earlier state of it; false where this browser keeps nothing. */
export async function keep(p: Pending, durability: IDBTransactionDurability = "strict"): Promise<boolean> {
  try {
    await run("readwrite", (s) => s.put(p), durability);
    return true;
  } catch {
    return false;
  }
}

export async function forget(request: string): Promise<void> {
  await run("readwrite", (s) => s.delete(request)).catch(() => undefined);
}

/** The pending share for a request. What the exchange has forgotten by now is forgotten here too. */
export async function pendingFor(request: string, now: Date): Promise<Pending | undefined> {
  const all = await run<Pending[]>("readonly", (s) => s.getAll() as IDBRequest<Pending[]>).catch(() => []);
  for (const p of all) {
    if (Date.parse(p.until) <= now.getTime()) await forget(p.request);
    else if (p.request === request) return p;
  }
  return undefined;
}
