// A file that a person chose: what it is, when it was filmed, and what is sent of it.

import { fromUtf8 } from "../bytes.ts";
import { Refused } from "../errors.ts";
import { kindAt } from "./box.ts";
import type { Content } from "./content.ts";
import { FileContent } from "./content.ts";
import type { Edit } from "./edits.ts";
import { Movie } from "./movie.ts";

export type Format = "mp4" | "mov" | "other";

export interface ClipOptions {
  keepSound: boolean;
  /** Send the untouched original, with all that it contains. */
  original: boolean;
}

export interface Clip {
  format: Format;
  /** What is sent, over the file. */
  content: Content;
  untouched: boolean;
  edits: Edit[];
  created: Date | undefined;
  seconds: number;
  hasAudio: boolean;
}

/** Looks at a file and cleans it. What cannot be cleaned is refused unless the original is to be sent. */
export async function prepare(file: Blob, options: ClipOptions): Promise<Clip> {
  const content = new FileContent(file);
  const format = await sniff(content);
  if (format === "other" && !options.original) throw new Refused("clip_format");
  const whole: Clip = { format, content, untouched: true, edits: [], created: undefined, seconds: 0, hasAudio: true };
  if (format === "other") return whole;
  try {
    const movie = await Movie.open(content);
    Object.assign(whole, movie.film);
    return options.original ? whole : { ...whole, ...movie.clean(options.keepSound), untouched: false };
  } catch (error) {
    if (options.original && error instanceof Refused && !mustBeWhole.has(error.code)) return whole;
    throw error;
  }
}

/** What is refused even as an original: nobody could see it. */
const mustBeWhole = new Set(["clip_changed", "clip_cut_short", "clip_no_index", "clip_no_pictures", "clip_damaged"]);

async function sniff(content: Content): Promise<Format> {
  if (content.size === 0) throw new Refused("clip_empty");
  const head = await content.read(0, Math.min(content.size, 564));
  if (head.length >= 12) {
    const kind = kindAt(head, 4);
    const brand = kindAt(head, 8);
    if (kind === "ftyp" || kind === "styp") {
      if (["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"].includes(brand)) return "other";
      return brand === "qt  " ? "mov" : "mp4";
    }
    if (["moov", "mdat", "wide", "free", "skip", "pnot"].includes(kind)) return "mov";
    if (["moof", "sidx"].includes(kind)) throw new Refused("clip_no_index");
  }
  if (isText(head.subarray(0, Math.max(0, head.length - 4)))) throw new Refused("clip_not_video");
  return "other";
}

function isText(head: Uint8Array): boolean {
  try {
    return head.length > 0 && !fromUtf8(head).includes("\0");
  } catch {
    return false;
  }
}

const mediaTypes: Record<string, string> = {
  mp4: "video/mp4", mov: "video/quicktime", mkv: "video/x-matroska", webm: "video/webm", avi: "video/x-msvideo", ts: "video/mp2t", png: "image/png",
  heic: "image/heic", jpg: "image/jpeg", jpeg: "image/jpeg", wmv: "video/x-ms-wmv",
};

/** The extension that fits the content, without its dot; the name's own, if it is a plain one, when the content is not understood. */
export function extension(clip: Clip, name: string): string {
  if (clip.format !== "other") return clip.format;
  return /\.([a-z0-9]{1,8})$/.exec(name.toLowerCase())?.[1] ?? "";
}

export const mediaType = (extension: string): string => mediaTypes[extension] ?? "application/octet-stream";

/** The name under which the n-th clip travels, from 1. */
export const neutralName = (n: number, extension: string): string => `clip-${String(n).padStart(2, "0")}${extension && "."}${extension}`;
