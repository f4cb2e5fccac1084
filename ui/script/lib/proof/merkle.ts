// Inclusion in a Merkle tree (RFC 6962, RFC 9162 2.1.3.2).

import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../bytes.ts";
import { concat, equal } from "../bytes.ts";

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

export const leafHash = (entry: Uint8Array): Bytes => sha256(concat(leafPrefix, entry)) as Bytes;

/** Whether an audit path leads from a leaf at an index to the root of a tree of so many leaves. */
export function included(leaf: Bytes, index: number, size: number, path: Bytes[], root: Bytes): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0 || sibling.length !== 32) return false;
    if (node % 2 === 1 || node === last) {
      hash = sha256(concat(nodePrefix, sibling, hash)) as Bytes;
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = sha256(concat(nodePrefix, hash, sibling)) as Bytes;
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equal(hash, root);
}
