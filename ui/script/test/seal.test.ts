import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { sha256 } from "@noble/hashes/sha2.js";
import * as age from "age-encryption";
import { fromUtf8, hex, utf8 } from "../lib/bytes.ts";
import type { Bytes } from "../lib/bytes.ts";
import { Refused } from "../lib/errors.ts";
import { Envelope } from "../lib/seal/envelope.ts";
import { sealBytes } from "../lib/seal/message.ts";
import { openWith } from "../lib/seal/open.ts";
import type { Twin } from "./lib/seal.ts";
import { checks, codeOf, pattern, same } from "./lib/seal.ts";

const env = (name: string): string => process.env[name] ?? "";
const twin = JSON.parse(fromUtf8(readFileSync(env("TWIN")))) as Twin;

for (const [name, check] of Object.entries(checks)) test(`twin: ${name}`, () => check(twin));

// What Go opens afterwards, byte by byte.
test("for Go", async () => {
  const recipient = await age.identityToRecipient(twin.identity);
  for (const n of [0, 70_001, 3_000_000]) {
    const envelope = await Envelope.create(n, recipient);
    const clip = pattern(n);
    writeFileSync(`${env("OUT")}/${n}.age`, await envelope.sealed(0, envelope.sealedSize, async (from, to) => clip.slice(from, to)));
    writeFileSync(`${env("OUT")}/${n}.json`, JSON.stringify(envelope));
  }
  writeFileSync(`${env("OUT")}/message`, await sealBytes(utf8("Good morning."), 512, recipient));
});

test("a clip that became shorter is not sealed", async () => {
  const envelope = await Envelope.create(1000, await age.identityToRecipient(twin.identity));
  same("short", await codeOf(() => envelope.sealed(0, envelope.sealedSize, async () => new Uint8Array(999))), "clip_changed");
});

// The age format's own vectors (https://c2sp.org/CCTV/age), each as a file.
test("age vectors", async () => {
  const names = readdirSync(env("AGE"));
  if (names.length < 147) throw new Error(`only ${names.length} vectors`);
  for (const name of names) await ageVector(name, readFileSync(`${env("AGE")}/${name}`));
});

async function ageVector(name: string, raw: Bytes): Promise<void> {
  const end = raw.findIndex((b, i) => b === 10 && raw[i + 1] === 10);
  let file = raw.slice(end + 2);
  const said = new Map<string, string[]>();
  for (const line of fromUtf8(raw.subarray(0, end)).split("\n")) {
    const at = line.indexOf(": ");
    said.set(line.slice(0, at), [...(said.get(line.slice(0, at)) ?? []), line.slice(at + 2)]);
  }
  if (said.has("compressed")) file = inflateSync(file);
  const expect = said.get("expect")?.[0] ?? "";
  let plain: Bytes | undefined;
  const got = await codeOf(async () => {
    if (said.has("armored")) file = unarmored(file);
    plain = await openWith(file, said.get("identity") ?? [], said.get("passphrase") ?? []);
    return "success";
  });
  const classes: Record<string, string[]> = {
    success: ["success"], "no match": ["wrong_key"], "HMAC failure": ["header_altered"], "armor failure": ["armor"],
    "header failure": ["not_age", "bad_header", "truncated", "header_altered"], "payload failure": ["corrupted", "truncated", "trailing_bytes"],
  };
  if (!classes[expect]?.includes(got)) throw new Error(`${name}: ${got}, want ${expect}`);
  if (plain) same(name, hex(sha256(plain)), said.get("payload")?.[0]);
}

function unarmored(file: Bytes): Bytes {
  try {
    return age.armor.decode(fromUtf8(file)) as Bytes;
  } catch {
    throw new Refused("armor");
  }
}
