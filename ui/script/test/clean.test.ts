import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Refused } from "../lib/errors.ts";
import { prepare } from "../lib/media/clip.ts";

const dir = process.env["CLIPS"] ?? "";
const out = process.env["OUT"] ?? "";

// Go compares what is written here with what it makes of the same clips.
test("clean", async () => {
  for (const name of readdirSync(dir)) {
    for (const keepSound of [false, true]) {
      const to = `${out}/${name}-${keepSound}`;
      try {
        const clip = await prepare(new Blob([readFileSync(`${dir}/${name}`)]), { keepSound, original: false });
        writeFileSync(to, await clip.content.read(0, clip.content.size));
        const { created, zoned, edits, seconds, hasAudio, format, found } = clip;
        writeFileSync(`${to}.json`, JSON.stringify({ zoned, created: created ? created.getTime() / 1000 : 0, edits, seconds, hasAudio, format, found }));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        writeFileSync(`${to}.code`, error.code);
      }
    }
  }
});
