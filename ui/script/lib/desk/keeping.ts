// A device's keys in this browser, sealed under what a passkey alone gives (WebAuthn Level 3, 10.1.4: PRF): the authenticator
// makes 32 bytes from a salt, HKDF makes an AES key of them, and what lies in the browser is of no use without the passkey.

import type { Bytes } from "../bytes.ts";
import { base64url, fromBase64url, utf8 } from "../bytes.ts";
import { Refused } from "../errors.ts";
import type { Kept } from "./messages.ts";

const database = "porchlight-desk";
const store = "device";
const info = "porchlight/desk-device/passkey/v1";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath: "person" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no database"));
  });
}

async function run<T>(mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = db.transaction(store, mode);
      const request = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error("not kept"));
    });
  } finally {
    db.close();
  }
}

/** What this browser keeps for a person; nothing where it keeps nothing at all. */
export const kept = (person: string): Promise<Kept | undefined> => run<Kept | undefined>("readonly", (s) => s.get(person) as IDBRequest<Kept | undefined>).catch(() => undefined);

export const keep = (k: Kept): Promise<unknown> => run("readwrite", (s) => s.put(k));

export const forget = (person: string): Promise<unknown> => run("readwrite", (s) => s.delete(person)).catch(() => undefined);

export const newSalt = (): Bytes => crypto.getRandomValues(new Uint8Array(32));

/** Asks the person's passkey for the key of a salt, and says which passkey it was. */
export async function passkeyKey(credentials: string[], salt: Bytes): Promise<{ credential: string; key: CryptoKey }> {
  const answer = await navigator.credentials.get({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)), // the answer goes nowhere
      userVerification: "required", allowCredentials: credentials.map((id) => ({ type: "public-key" as const, id: fromBase64url(id) })),
      extensions: { prf: { eval: { first: salt } } },
    },
  });
  if (!(answer instanceof PublicKeyCredential)) throw new Refused("cancelled");
  const first = answer.getClientExtensionResults().prf?.results?.first;
  if (!first) throw new Refused("no_prf");
  const secret = await crypto.subtle.importKey("raw", first, "HKDF", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt, info: utf8(info) }, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  return { credential: base64url(new Uint8Array(answer.rawId)), key };
}
