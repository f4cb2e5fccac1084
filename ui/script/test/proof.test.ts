import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../lib/bytes.ts";
import { concat, fromBase64, fromUtf8, utf8 } from "../lib/bytes.ts";
import { canonical } from "../lib/canonical.ts";
import type { JSONValue } from "../lib/canonical.ts";
import { closedFor, verifyBundle } from "../lib/proof/bundle.ts";
import { against, verifyHead } from "../lib/proof/head.ts";
import type { Head } from "../lib/proof/head.ts";
import { grew, proveGrowth } from "../lib/proof/consistency.ts";
import { goesOn } from "../lib/proof/memory.ts";
import { leafHash } from "../lib/proof/merkle.ts";
import type { Bundle } from "../lib/proof/types.ts";
import { codeOf, same } from "./lib/seal.ts";

interface Vector {
  verifier: string;
  now: string;
  want: string;
  bundle: Bundle;
}

test("canonical JSON", () => {
  // the example of doc/formats.md, section 2
  const value = JSON.parse(String.raw`{ "z":[ 2.50, 1E21, -0, 1e-7, 333333333.33333329 ], "é":"\u20ac\u000F\n<&>", "a":{"b":null,"a":true}, "\ud83d\ude00":1, "\uff21":2 }`) as JSONValue;
  same("canonical", canonical(value), String.raw`{"a":{"a":true,"b":null},"z":[2.5,1e+21,0,1e-7,333333333.3333333],"é":"€\u000f\n<&>","😀":1,"Ａ":2}`);
});

const dir = process.env["BUNDLES"] ?? "";
const read = (name: string): Vector => JSON.parse(fromUtf8(readFileSync(`${dir}/${name}`))) as Vector;
const names = readdirSync(dir).filter((name) => name.endsWith(".json"));

test("bundles, good and bad", async () => {
  if (names.length < 55) throw new Error(`only ${names.length} bundles`);
  for (const name of names) {
    const v = read(name);
    const got = await codeOf(() => (verifyBundle(v.bundle, v.verifier, new Date(v.now)), ""));
    same(name, got, v.want);
  }
});

// Any change of any value in a good bundle is refused, but for what nobody signs: the verifier key when another is pinned.
test("any change is refused", async () => {
  const good = read("good.json");
  let changes = 0;
  for (const path of paths(good.bundle as unknown as JSONValue)) {
    if (path[0] === "verifier") continue;
    const bundle = structuredClone(good.bundle);
    change(bundle as unknown as JSONValue, path);
    const got = await codeOf(() => (verifyBundle(bundle, good.verifier, new Date(good.now)), "passed"));
    if (got === "passed") throw new Error(`a change of ${path.join(".")} passed`);
    changes++;
  }
  if (changes < 100) throw new Error(`only ${changes} changes`);
});

function paths(value: JSONValue, at: string[] = []): string[][] {
  if (value === null || typeof value !== "object") return [at];
  return Object.entries(value).flatMap(([name, inner]) => paths(inner ?? null, [...at, name]));
}

function change(value: JSONValue, path: string[]): void {
  const inside = path.slice(0, -1).reduce((v, name) => (v as Record<string, JSONValue>)[name] ?? null, value) as Record<string, JSONValue>;
  const name = path.at(-1) ?? "";
  const old = inside[name];
  inside[name] = typeof old === "number" ? old + 1 : typeof old === "boolean" ? !old : typeof old === "string" ? `${old}x` : "x";
}

// Whether what a bundle proves still counts. Pages pin no witnesses, so vectors about those are not theirs.
test("heads, good and bad", async () => {
  const heads = process.env["HEADS"] ?? "";
  let checked = 0;
  for (const name of readdirSync(heads)) {
    const v = JSON.parse(fromUtf8(readFileSync(`${heads}/${name}`))) as Vector & { head: Head; state: string; witnesses: string[] | null; quorum: number; ended: string };
    if (v.quorum > 0 && v.want !== "") continue;
    checked++;
    let ended = "";
    const got = await codeOf(() => {
      const now = new Date(v.now);
      const c = against(verifyBundle(v.bundle, v.verifier, now), verifyHead(v.head, v.verifier, utf8(v.state), now));
      ended = closedFor(c, now);
      return "";
    });
    same(name, [got, ended], [v.want, v.ended]);
  }
  if (checked < 20) throw new Error(`only ${checked} heads`);
});

// What a browser remembers of a record, against a newer head.
test("memories, good and bad", async () => {
  const memories = process.env["MEMORIES"] ?? "";
  const files = readdirSync(memories);
  if (files.length < 14) throw new Error(`only ${files.length} memories`);
  for (const name of files) {
    const v = JSON.parse(fromUtf8(readFileSync(`${memories}/${name}`))) as { verifier: string; seen: string; want: string; head: Head; tiles: Record<string, string> };
    const read = async (path: string) => (v.tiles[path] === undefined ? undefined : fromBase64(v.tiles[path]));
    const got = await codeOf(async () => {
      same(name, await goesOn({ verifier: v.verifier, checkpoint: v.seen }, v.verifier, v.head, read), { verifier: v.verifier, checkpoint: v.head.checkpoint });
      return "";
    });
    same(name, got, v.want);
  }
});

// Proofs from tiles of a record of many, over trees that are made by the definition alone (RFC 9162, 2.1.1).
test("growth by tiles", async () => {
  const leaves = Array.from({ length: 66_000 }, (_, i) => leafHash(utf8(String(i))));
  const tiles = new Map<string, Bytes>();
  for (let level = 0, row = leaves; row.length > 0; level++, row = whole(row)) {
    for (let at = 0; at < row.length; at += 256) {
      const part = row.slice(at, at + 256);
      const n = String(at / 256).padStart(3, "0");
      tiles.set(`log/tile/${level}/${n}${part.length < 256 ? `.p/${part.length}` : ""}`, concat(...part));
    }
  }
  const tree = (size: number) => ({ size, root: root(leaves.slice(0, size)) });
  const now = tree(leaves.length);
  const read = async (path: string) => tiles.get(path);
  for (const size of [1, 2, 3, 255, 256, 257, 300, 511, 512, 4096, 65_535, 65_536, 65_537, 65_999, 66_000]) {
    const old = tree(size);
    const proof = (await proveGrowth(size, now.size, read)) ?? [];
    if (!grew(old, now, proof)) throw new Error(`from ${size}`);
    if (grew({ size, root: leafHash(utf8("another")) }, now, proof)) throw new Error(`from another of ${size}`);
    for (const i of proof.keys()) {
      const bent = proof.map((hash, j) => (i === j ? leafHash(hash) : hash));
      if (grew(old, now, bent) || grew(old, now, proof.toSpliced(i, 1))) throw new Error(`from ${size}, hash ${i}`);
    }
    if (size < now.size && grew(now, old, proof)) throw new Error(`back to ${size}`);
  }
  if (await proveGrowth(300, 66_000, async () => undefined)) throw new Error("a proof out of nothing");
});

const pair = (left: Bytes, right: Bytes): Bytes => sha256(concat(Uint8Array.of(1), left, right)) as Bytes;

/** The hash of a tree over leaves. */
function root(leaves: Bytes[]): Bytes {
  if (leaves.length === 1) return leaves[0] as Bytes;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return pair(root(leaves.slice(0, k)), root(leaves.slice(k)));
}

/** The hashes of the whole groups of 256 in a row. */
function whole(row: Bytes[]): Bytes[] {
  return Array.from({ length: Math.floor(row.length / 256) }, (_, i) => root(row.slice(i * 256, (i + 1) * 256)));
}
