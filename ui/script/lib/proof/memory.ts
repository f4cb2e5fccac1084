// What a browser remembers of an exchange: its key, and how far its public record had come (internal/trust,
// internal/resident/present.go). The record may only go on from there.

import { fromBase64 } from "../bytes.ts";
import { Refused } from "../errors.ts";
import { openOf } from "./bundle.ts";
import type { Read, Tree } from "./consistency.ts";
import { grew, proveGrowth } from "./consistency.ts";
import type { Head } from "./head.ts";
import { openCheckpoint, parseVerifier } from "./note.ts";
import type { Checked, Continues } from "./types.ts";

export interface Memory {
  verifier: string;
  checkpoint: string; // the newest signed one that was verified; "" where the key alone is known
}

/** Refuses an exchange that shows another key than the one that is known. */
export function sameKey(known: Memory | undefined, shown: string, checked: Checked): void {
  if (!known || shown === known.verifier) return;
  throw new Refused(follows(checked.exchange.continues, known.verifier) ? "record_succeeds" : "pinned_another");
}

/** Whether a record says that it goes on from another. That it says so shows nothing. */
function follows(from: Continues | undefined, verifier: string): boolean {
  return from !== undefined && (from.verifier === verifier || follows(from.continues, verifier));
}

/** Makes sure that a verified head goes on from what is remembered, and returns what to remember from now on. */
export async function goesOn(known: Memory | undefined, verifier: string, head: Head, read: Read): Promise<Memory> {
  const next: Memory = { verifier, checkpoint: head.checkpoint };
  if (!known || known.checkpoint === "" || known.checkpoint === head.checkpoint) return next;
  const key = parseVerifier(verifier);
  const seen = key && openCheckpoint(known.checkpoint, key);
  if (!seen) throw new Refused("seen_other");
  const now = openOf(head.checkpoint, key);
  if (now.size < seen.size) {
    // A copy that is not the newest, such as a cache keeps, is no younger than its state may be. A record that was rolled back
    // has lost what came afterwards.
    if (!(await shown(now, seen, read))) throw new Refused("rolled_back");
    return known;
  }
  const tells = head.since === seen.size && now.size > seen.size; // else the two are further apart, and the tiles tell
  if (!(tells ? grew(seen, now, head.consistency.map(fromBase64)) : await shown(seen, now, read))) throw new Refused("record_forked");
  return next;
}

async function shown(old: Tree, now: Tree, read: Read): Promise<boolean> {
  const proof = await proveGrowth(old.size, now.size, read);
  return proof !== undefined && grew(old, now, proof);
}
