// When a clip was filmed, how that is known, and how it lies to the window that a request asks for.

import type { Clip } from "../media/clip.ts";
import { wholeSeconds } from "./manifest.ts";
import type { ManifestClip } from "./manifest.ts";

export type Fit = "inside" | "maybe" | "unknown" | "outside";

export interface Capture {
  from: number; // milliseconds since 1970, in true time
  to: number;
  source: "container" | "file" | "stated";
  margin: number; // by how much each end may be off
  manifest: ManifestClip["capture"];
}

/** When the part that is sent was filmed. filmed is the file's first moment in seconds since 1970, as its owner states it; clockAhead by how many seconds the camera's clock runs ahead. */
export function captureOf(clip: Clip, modified: number, filmed: number | undefined, clockAhead: number): Capture {
  const length = clip.seconds * 1000;
  let [from, source, margin]: [number, Capture["source"], number] = [modified - length, "file", 24 * 60 * 60 * 1000];
  if (filmed !== undefined) [from, source, margin] = [filmed * 1000, "stated", 0];
  else if (clip.created) [from, source, margin] = [clip.created.getTime(), "container", length];
  if (source !== "stated") from -= clockAhead * 1000;
  const to = from + clip.part.to * 1000;
  from += clip.part.from * 1000;
  const manifest = { from: wholeSeconds(from), to: wholeSeconds(Math.ceil(to / 1000) * 1000), source, clock_offset_seconds: clockAhead ? -clockAhead : 0 };
  return { from, to, source, margin, manifest };
}

/** Compares a capture time with a window. A file's time says at most that a clip cannot be of the window. */
export function fit(c: Capture, window: { from: string; to: string }): Fit {
  const [from, to] = [Date.parse(window.from), Date.parse(window.to)];
  const touches = (margin: number) => c.from - margin <= to && c.to + margin >= from;
  if (c.source === "file") return c.to < from ? "outside" : "unknown";
  if (touches(0)) return "inside";
  return touches(c.margin) ? "maybe" : "outside";
}
