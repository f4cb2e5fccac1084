// A file that a person chose: what it is, when it was filmed, and what is sent of it.

import { Refused } from "../errors.ts";
import type { BlurBox } from "./blur.ts";
import { canBlur } from "./blur.ts";
import type { Content } from "./content.ts";
import { FileContent } from "./content.ts";
import type { Cut } from "./cut.ts";
import { cut } from "./cut.ts";
import type { Edit } from "./edits.ts";
import type { Found } from "./findings.ts";
import { findings } from "./findings.ts";
import { Still } from "./jpeg.ts";
import { Movie } from "./movie.ts";
import type { Foreign, Format } from "./sniff.ts";
import { sniff } from "./sniff.ts";

export interface ClipOptions {
  keepSound: boolean;
  /** Send the untouched original, with all that it contains. */
  original: boolean;
  /** Send this part alone; undefined for the whole film. */
  cut?: Cut | undefined;
  /** Blur these parts of every picture. */
  boxes?: BlurBox[] | undefined;
}

/** Blurs a film; it takes long. */
export type Blurrer = (cleaned: Content, boxes: BlurBox[], cut: Cut | undefined) => Promise<{ content: Content; cut: Cut }>;

export interface Clip {
  format: Format;
  foreign: Foreign;
  /** What is sent, over the file. */
  content: Content;
  /** The file. */
  original: Content;
  untouched: boolean;
  edits: Edit[];
  created: Date | undefined;
  /** Whether created is a moment; else it is the camera's wall clock as though it were UTC. */
  zoned: boolean;
  seconds: number; // of the file
  /** The part that is sent, which begins at a key picture. */
  part: Cut;
  hasAudio: boolean;
  /** Whether this browser can blur it. */
  blurs: boolean;
  /** What the file says about camera and owner. */
  found: Found[];
}

/**
 * Looks at a file and cleans it. What cannot be cleaned is refused unless the original is to be sent. Without a blurrer it
 * tells what would be sent: with the edits that blurring makes, but without its pictures.
 */
export async function prepare(file: Blob, options: ClipOptions, blurrer?: Blurrer): Promise<Clip> {
  const content = new FileContent(file);
  const { format, foreign } = await sniff(content);
  if (format === "other" && !options.original) throw new Refused("clip_format");
  const whole: Clip = { format, foreign, content, original: content, untouched: true, edits: [], created: undefined, zoned: true, seconds: 0, part: { from: 0, to: 0 }, hasAudio: true, blurs: false, found: [] };
  if (format === "other") return whole;
  try {
    if (format === "jpeg") return await still(whole, options);
    const movie = await Movie.open(content);
    Object.assign(whole, movie.film, { part: { from: 0, to: movie.film.seconds }, found: await findings(movie) });
    whole.blurs = await canBlur(movie);
    if (options.original) return whole;
    return await edited(whole, movie, options, blurrer);
  } catch (error) {
    if (options.original && error instanceof Refused && !mustBeWhole.has(error.code)) return whole;
    throw error;
  }
}

async function edited(whole: Clip, movie: Movie, o: ClipOptions, blurrer: Blurrer | undefined): Promise<Clip> {
  const boxes = o.boxes ?? [];
  const cleaned: Clip = { ...whole, ...(await movie.clean(o.keepSound && boxes.length === 0)), untouched: false };
  if (boxes.length > 0) return blurred(cleaned, boxes, o.cut, blurrer);
  return o.cut ? shortened(cleaned, await cut(cleaned.content, o.cut)) : cleaned;
}

async function blurred(c: Clip, boxes: BlurBox[], wanted: Cut | undefined, blurrer: Blurrer | undefined): Promise<Clip> {
  const part = { from: Math.max(0, wanted?.from ?? 0), to: Math.min(wanted?.to ?? Infinity, c.seconds) };
  const made = blurrer ? await blurrer(c.content, boxes, wanted) : { content: (await cut(c.content, part)).content, cut: part };
  const edits: Edit[] = [{ code: "blurred", what: `Blurred in every picture: ${boxes.length} boxes.` }, { code: "recoded", what: "Pictures coded anew in H.264." }, ...c.edits];
  const out = { ...c, edits, content: made.content, part: made.cut };
  return wanted ? shortened(out, made) : out;
}

async function still(whole: Clip, options: ClipOptions): Promise<Clip> {
  const picture = await Still.open(whole.content);
  const clip = { ...whole, ...picture.inspect(), hasAudio: false };
  return options.original ? clip : { ...clip, ...picture.clean(), untouched: false };
}

function shortened(c: Clip, made: { content: Content; cut: Cut }): Clip {
  const { content, cut: part } = made;
  const what = `Cut to ${clock(part.from)}-${clock(part.to)} of ${clock(c.seconds)}; the time of creation moved along.`;
  return { ...c, content, part, edits: [{ code: "trimmed", what }, ...c.edits] };
}

/** Minutes, seconds and tenths, as manifests have them. */
const clock = (seconds: number): string => {
  const tenths = Math.round(seconds * 10);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
};

/** What is refused even as an original: nobody could see it. */
const mustBeWhole = new Set(["clip_changed", "clip_cut_short", "clip_no_index", "clip_no_pictures", "clip_damaged"]);

const mediaTypes: Record<string, string> = {
  mp4: "video/mp4", mov: "video/quicktime", mkv: "video/x-matroska", webm: "video/webm", avi: "video/x-msvideo", ts: "video/mp2t", png: "image/png",
  heic: "image/heic", jpg: "image/jpeg", jpeg: "image/jpeg", wmv: "video/x-ms-wmv",
};

/** The extension that fits the content, without its dot; the name's own, if it is a plain one, when the content is not understood. */
export function extension(clip: Clip, name: string): string {
  if (clip.format === "jpeg") return "jpg";
  if (clip.format !== "other") return clip.format;
  return /\.([a-z0-9]{1,8})$/.exec(name.toLowerCase())?.[1] ?? "";
}

export const mediaType = (extension: string): string => mediaTypes[extension] ?? "application/octet-stream";

/** The name under which the n-th clip travels, from 1. */
export const neutralName = (n: number, extension: string): string => `clip-${String(n).padStart(2, "0")}${extension && "."}${extension}`;
