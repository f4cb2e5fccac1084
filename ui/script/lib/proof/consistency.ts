// That a record only grew (RFC 9162, 2.1.4; ledger/proof.go): a consistency proof is checked, or made from the record's tiles first.

import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../bytes.ts";
import { concat, equal } from "../bytes.ts";

export interface Tree {
  size: number;
  root: Bytes;
}

/** Reads an object of the record by its path; undefined where there is none. */
export type Read = (path: string) => Promise<Bytes | undefined>;

const hashSize = 32;
const tileWidth = 256;

const nodeHash = (left: Bytes, right: Bytes): Bytes => sha256(concat(Uint8Array.of(1), left, right)) as Bytes;
const half = (n: number): number => Math.floor(n / 2); // sizes may be past what shifts take

/** Whether a proof shows that every entry of an older tree is still in its place in a newer one. */
export function grew(old: Tree, now: Tree, proof: Bytes[]): boolean {
  if (old.size > now.size) return false;
  if (old.size === now.size) return proof.length === 0 && equal(old.root, now.root);
  if (old.size === 0) return proof.length === 0;
  if (!proof.every((hash) => hash.length === hashSize)) return false;
  let [node, last] = [old.size - 1, now.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  const [first, ...path] = node === 0 ? [old.root, ...proof] : proof;
  if (!first) return false;
  let [before, after] = [first, first];
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      [before, after] = [nodeHash(sibling, before), nodeHash(sibling, after)];
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      after = nodeHash(after, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equal(before, old.root) && equal(after, now.root);
}

/** The proof that a tree of so many entries continues one of fewer, from tiles that nobody has checked; undefined where one is missing. */
export async function proveGrowth(old: number, now: number, read: Read): Promise<Bytes[] | undefined> {
  try {
    return old === 0 || old === now ? [] : await new Tiles(now, read).subproof(old, 0, now, true);
  } catch (error) {
    if (error instanceof Missing) return undefined;
    throw error;
  }
}

class Missing extends Error {}

/** The hashes of a tree of so many entries, by the tiles that hold them. */
class Tiles {
  readonly #tiles = new Map<string, Promise<Bytes>>();

  constructor(
    private readonly size: number,
    private readonly read: Read,
  ) {}

  /** SUBPROOF of RFC 9162, 2.1.4.1, over the entries from one to another; known: the verifier has that subtree's hash. */
  async subproof(old: number, from: number, to: number, known: boolean): Promise<Bytes[]> {
    if (from + old === to) return known ? [] : [await this.#subtree(from, to)];
    const middle = from + split(to - from);
    if (from + old <= middle) return [...(await this.subproof(old, from, middle, known)), await this.#subtree(middle, to)];
    return [...(await this.subproof(old - (middle - from), middle, to, false)), await this.#subtree(from, middle)];
  }

  async #subtree(from: number, to: number): Promise<Bytes> {
    const level = Math.log2(to - from);
    if (Number.isInteger(level)) return this.#node(level, from / 2 ** level);
    const middle = from + split(to - from);
    return nodeHash(await this.#subtree(from, middle), await this.#subtree(middle, to));
  }

  async #node(level: number, index: number): Promise<Bytes> {
    const tileLevel = Math.floor(level / 8);
    const width = 2 ** (level % 8);
    const tile = await this.#tile(tileLevel, Math.floor((index * width) / tileWidth));
    const at = ((index * width) % tileWidth) * hashSize;
    let row: Bytes[] = Array.from({ length: width }, (_, i) => tile.slice(at + i * hashSize, at + (i + 1) * hashSize));
    if (row.some((hash) => hash.length !== hashSize)) throw new Missing();
    while (row.length > 1) row = row.flatMap((hash, i) => (i % 2 === 0 ? [nodeHash(hash, row[i + 1] as Bytes)] : []));
    return row[0] as Bytes;
  }

  /** A tile, whole if it no longer stands where it was partial. */
  #tile(level: number, n: number): Promise<Bytes> {
    const path = `log/tile/${level}/${grouped(n)}`;
    const width = Math.min(tileWidth, Math.floor(this.size / tileWidth ** level) - n * tileWidth);
    const partial = width < tileWidth ? [`${path}.p/${width}`] : [];
    const tile = this.#tiles.get(path) ?? this.#first([...partial, path]);
    this.#tiles.set(path, tile);
    return tile;
  }

  async #first(paths: string[]): Promise<Bytes> {
    for (const path of paths) {
      const found = await this.read(path);
      if (found) return found;
    }
    throw new Missing();
  }
}

/** The largest power of two below a number. */
const split = (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1);

/** A tile's number in groups of three digits: 1234067 is x001/x234/067. */
function grouped(n: number): string {
  const last = String(n % 1000).padStart(3, "0");
  return n < 1000 ? last : `${grouped(Math.floor(n / 1000)).replace(/(\d+)$/, "x$1")}/${last}`;
}
