// What this browser remembers of the exchange, in its storage: the key, and the newest state of the record that it has verified.
// Never which request anybody looked at. It is kept once a person has shared, or has asked for it.

import type { Memory } from "./proof/memory.ts";

const key = "porchlight.record";

export function remembered(): Memory | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Partial<Memory> | null;
    return typeof kept?.verifier === "string" && typeof kept.checkpoint === "string" ? { verifier: kept.verifier, checkpoint: kept.checkpoint } : undefined;
  } catch {
    return undefined; // this browser keeps nothing
  }
}

/** Keeps what was verified, or forgets it; reports whether the browser does. */
export function remember(m: Memory | undefined): boolean {
  try {
    if (m) localStorage.setItem(key, JSON.stringify({ verifier: m.verifier, checkpoint: m.checkpoint }));
    else localStorage.removeItem(key);
    return true;
  } catch {
    return false;
  }
}

/** A key in the form of one, or "". Whether it is one is found out when something is checked with it. */
export const keyOf = (text: string): string => /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/u.exec(text.trim())?.[0] ?? "";

/** The key in a link that somebody was given: #key=… behind the address, which browsers send to nobody. */
export function keyInAddress(): string {
  const text = /^#key=(.+)$/.exec(location.hash)?.[1] ?? "";
  try {
    return keyOf(decodeURIComponent(text));
  } catch {
    return "";
  }
}
