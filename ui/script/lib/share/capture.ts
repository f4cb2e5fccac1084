// When a clip was filmed, how that is known, and how it lies to the window that a request asks for.

import type { Clip } from "../media/clip.ts";
import { nameTime, readClock } from "./clock.ts";
import type { Reading } from "./clock.ts";
import { wholeSeconds } from "./manifest.ts";
import type { ManifestClip } from "./manifest.ts";

export type Fit = "inside" | "maybe" | "unknown" | "outside";
export type Source = "container" | "exif" | "name" | "file" | "stated";

export interface Capture {
  from: number; // milliseconds since 1970, in true time
  to: number;
  source: Source;
  margin: number; // by how much each end may be off
  manifest: ManifestClip["capture"];
}

/** What is known about a clip outside of it. */
export interface Hint {
  name: string;
  modified: number; // milliseconds since 1970
  filmed?: number | undefined; // the file's first moment as its owner states it, in seconds since 1970
  clockAhead: number; // by how many seconds the camera's clock runs ahead
  zone: string; // that the camera's clock shows
}

/** When the part that is sent was filmed. */
export function captureOf(clip: Clip, h: Hint): Capture {
  const start = startOf(clip, h);
  const begun = start.at - (start.source === "stated" ? 0 : h.clockAhead * 1000);
  const [from, to] = [begun + clip.part.from * 1000, begun + clip.part.to * 1000];
  const { source, margin } = start;
  const manifest = {
    from: wholeSeconds(from), to: wholeSeconds(Math.ceil(to / 1000) * 1000), source: source === "name" ? "file" : source, clock_offset_seconds: h.clockAhead ? -h.clockAhead : 0,
  };
  return { from, to, source, margin, manifest };
}

/** When the file's first moment was filmed, as the camera's clock has it. */
function startOf(clip: Clip, h: Hint): { at: number; source: Source; margin: number } {
  const length = clip.seconds * 1000;
  if (h.filmed !== undefined) return { at: h.filmed * 1000, source: "stated", margin: 0 };
  const created = clip.created?.getTime();
  if (created !== undefined && clip.format === "jpeg") {
    const r = clip.zoned ? { at: created, doubt: 0 } : readClock(created, h.zone);
    return { at: r.at, source: "exif", margin: 1000 + r.doubt };
  }
  const named = nameTime(h.name, h.zone);
  if (created !== undefined && !(named && localAsUTC(created, named, length))) return { at: created, source: "container", margin: length };
  if (named) return { at: named.at, source: "name", margin: 60_000 + named.doubt };
  return { at: h.modified - length, source: "file", margin: 24 * 60 * 60 * 1000 };
}

/** Whether the camera wrote its wall clock where UTC belongs: the same clock as in the name, at the beginning or the end. */
function localAsUTC(created: number, named: Reading, length: number): boolean {
  const near = (n: number) => Math.abs(n) <= 60_000;
  const ahead = created - named.clock;
  return !near(named.at - created) && (near(ahead) || near(ahead - length));
}

/** Compares a capture time with a window. A file's time says at most that a clip cannot be of the window. */
export function fit(c: Capture, window: { from: string; to: string }): Fit {
  const [from, to] = [Date.parse(window.from), Date.parse(window.to)];
  const touches = (margin: number) => c.from - margin <= to && c.to + margin >= from;
  if (c.source === "file") return c.to < from ? "outside" : "unknown";
  if (touches(0)) return "inside";
  return touches(c.margin) ? "maybe" : "outside";
}
