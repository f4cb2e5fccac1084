import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fromUtf8, utf8 } from "../lib/bytes.ts";
import { canonical } from "../lib/canonical.ts";
import type { JSONValue } from "../lib/canonical.ts";
import { closedFor, verifyBundle } from "../lib/proof/bundle.ts";
import { against, verifyHead } from "../lib/proof/head.ts";
import type { Head } from "../lib/proof/head.ts";
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
