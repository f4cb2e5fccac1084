import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { prepare } from "../lib/media/clip.ts";
import { Stream } from "../lib/share/stream.ts";
import { Envelope } from "../lib/seal/envelope.ts";
import { Refused } from "../lib/errors.ts";

const dir = process.env["CLIPS"] ?? "";
const out = process.env["OUT"] ?? "";
const recipient = process.env["RECIPIENT"] ?? "";

// Go has programs that know nothing of ours look at what is written here.
test("cut", async () => {
  for (const name of readdirSync(dir)) {
    for (const [from, to] of [[1.2, 2.4], [2, 1e6]] as [number, number][]) {
      const base = `${out}/${name}-${from}`;
      try {
        const clip = await prepare(new Blob([readFileSync(`${dir}/${name}`)]), { keepSound: true, original: false, cut: { from, to } });
        const whole = await clip.content.read(0, clip.content.size);
        writeFileSync(base, whole);
        const stream = new Stream(clip, await Envelope.create(clip.content.size, recipient));
        for (let at = 0, size = stream.envelope.sealedSize; at < size; at += 70_000) await stream.sealed(at, Math.min(at + 70_000, size));
        writeFileSync(`${base}.json`, JSON.stringify({ part: clip.part, edits: clip.edits, ...(await stream.sums()) }));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        writeFileSync(`${base}.code`, error.code);
      }
    }
  }
});
