import { writeFileSync } from "node:fs";
import { test } from "node:test";
import type { Clip } from "../lib/media/clip.ts";
import { FileContent } from "../lib/media/content.ts";
import { captureOf } from "../lib/share/capture.ts";

interface Case {
  Name: string;
  Created: number; // seconds; 0: not stated
  Zoned: boolean;
  Seconds: number;
  Format: "mp4" | "jpeg";
  Zone: string;
  Ahead: number;
}

// Go compares what is written here with what it makes of the same cases.
test("capture", () => {
  const cases = JSON.parse(process.env["CASES"] ?? "[]") as Case[];
  const content = new FileContent(new Blob([]));
  const out = cases.map((c) => {
    const clip: Clip = {
      format: c.Format, foreign: "", content, original: content, untouched: true, edits: [], created: c.Created ? new Date(c.Created * 1000) : undefined, zoned: c.Zoned,
      seconds: c.Seconds, part: { from: 0, to: c.Seconds }, hasAudio: false, blurs: false, found: [],
    };
    const { from, to, source, margin } = captureOf(clip, { name: c.Name, modified: 1_790_000_000_000, clockAhead: c.Ahead, zone: c.Zone });
    return { from: from / 1000, to: to / 1000, source, margin: margin / 1000 };
  });
  writeFileSync(process.env["OUT"] ?? "", JSON.stringify(out));
});
