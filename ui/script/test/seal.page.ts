// The twin's checks in a browser, with its own cipher.
import { Envelope } from "../lib/seal/envelope.ts";
import { payloadCipher } from "../lib/seal/payload.ts";
import type { Twin } from "./lib/seal.ts";
import { checks } from "./lib/seal.ts";

interface Result {
  native: boolean;
  passed: string[];
  failed: string[];
}

async function run(): Promise<Result> {
  const twin = (await (await fetch("twin.json")).json()) as Twin;
  const result: Result = { native: (await payloadCipher(new Uint8Array(16), new Uint8Array(16))).native, passed: [], failed: [] };
  for (const [name, check] of Object.entries(checks)) {
    await check(twin).then(
      () => result.passed.push(name),
      (error: unknown) => result.failed.push(`${name}: ${error}`),
    );
  }
  return result;
}

/** How many MB of a clip are sealed in a second, by the browser's cipher. */
async function speed(megabytes: number, recipient: string): Promise<number> {
  const clip = new Blob([new Uint8Array(megabytes * 1e6)]);
  const envelope = await Envelope.create(clip.size, recipient);
  const start = performance.now();
  const step = 4 << 20;
  for (let at = 0; at < envelope.sealedSize; at += step) {
    await envelope.sealed(at, Math.min(at + step, envelope.sealedSize), async (from, to) => new Uint8Array(await clip.slice(from, to).arrayBuffer()));
  }
  return (megabytes * 1000) / (performance.now() - start);
}

Object.assign(globalThis, { speed, result: undefined });
run().then(
  (result) => Object.assign(globalThis, { result }),
  (error: unknown) => Object.assign(globalThis, { result: { failed: [String(error)] } }),
);
