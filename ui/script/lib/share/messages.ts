// What the page and its worker say to each other.

import type { Fit, Source } from "./capture.ts";
import type { Order, Progress, Sent } from "./send.ts";
import type { Pending } from "./pending.ts";
import type { Memory } from "../proof/memory.ts";
import type { ClipOptions } from "../media/clip.ts";
import type { Cut } from "../media/cut.ts";
import type { Found } from "../media/findings.ts";
import type { Foreign } from "../media/sniff.ts";

export type ToWorker =
  | { act: "check"; request: string; known?: Memory | undefined }
  | { act: "look"; id: number; file: File; options: ClipOptions; filmed?: number | undefined; clockAhead: number; zone: string; window: { from: string; to: string } }
  | { act: "send"; order: Order; known?: Memory | undefined }
  | { act: "resume"; pending: Pending; files: (File | undefined)[]; known?: Memory | undefined }
  | { act: "pause" };

/** What was found out about a chosen file. */
export interface Look {
  id: number;
  error?: string | undefined; // a code
  canBeOriginal: boolean; // it may go out as it is, if its owner wants that
  from: number;
  to: number;
  source: Source;
  fit: Fit;
  size: number; // bytes that are sent
  seconds: number; // of the file
  part: Cut; // that is sent
  foreign: Foreign;
  hasAudio: boolean;
  blurs: boolean; // this browser can blur it
  edits: string[]; // codes
  found: Found[];
}

export type FromWorker =
  | { what: "checked"; limits: { file_bytes: number; share_bytes: number; files: number }; memory: Memory }
  | { what: "look"; look: Look }
  | { what: "progress"; progress: Progress }
  | { what: "sent"; sent: Sent; memory: Memory }
  | { what: "failed"; code: string; act: "check" | "send" };
