// Exif, as far as a still's owner is concerned (internal/media/exif.go; JEITA CP-3451, 4.6).

import type { Bytes } from "../bytes.ts";
import { kindAt } from "./box.ts";
import type { Finding } from "./meaning.ts";

const tagOrientation = 0x0112;
const tagExif = 0x8769;
const tagGPS = 0x8825;
const tagTime = 0x9003; // DateTimeOriginal
const tagZone = 0x9011; // OffsetTimeOriginal
const maxTags = 512;

interface Tag {
  id: number;
  value: Bytes | undefined; // undefined if it lies outside the data
  number: number;
}

/** The body of an Exif segment, a TIFF file (TIFF 6.0, 2). */
class Tiff {
  private constructor(
    private readonly data: Bytes,
    private readonly view: DataView,
    private readonly little: boolean,
  ) {}

  static open(data: Bytes): Tiff | undefined {
    const mark = kindAt(data, 0);
    if ((mark !== "II*\0" && mark !== "MM\0*") || data.length < 8) return undefined;
    return new Tiff(data, new DataView(data.buffer, data.byteOffset, data.length), mark === "II*\0");
  }

  get first(): number {
    return this.view.getUint32(4, this.little);
  }

  /** The directory at an offset, and where the next one is. What lies outside the data is left out. */
  directory(off: number): { tags: Tag[]; next: number } {
    const { view, little, data } = this;
    const tags: Tag[] = [];
    if (off + 2 > data.length) return { tags, next: 0 };
    const n = view.getUint16(off, little);
    let at = off + 2;
    for (let i = 0; i < Math.min(n, maxTags); i++, at += 12) {
      if (at + 12 > data.length) return { tags, next: 0 };
      tags.push(this.#entry(at));
    }
    return { tags, next: n <= maxTags && at + 4 <= data.length ? view.getUint32(at, little) : 0 };
  }

  #entry(at: number): Tag {
    const { view, little, data } = this;
    const [id, kind] = [view.getUint16(at, little), view.getUint16(at + 2, little)];
    const width = { 3: 2, 8: 2, 4: 4, 9: 4, 11: 4, 5: 8, 10: 8, 12: 8 }[kind] ?? 1;
    const size = width * view.getUint32(at + 4, little);
    const off = size <= 4 ? at + 8 : view.getUint32(at + 8, little);
    const value = off + size <= data.length ? data.subarray(off, off + size) : undefined;
    let number = 0;
    if (value && kind === 3 && size >= 2) number = view.getUint16(off, little);
    if (value && kind === 4 && size >= 4) number = view.getUint32(off, little);
    return { id, value, number };
  }
}

/** How the picture is to be turned, 1 to 8; 1 is as it is. */
export function orientation(data: Bytes): number {
  const t = Tiff.open(data);
  return t?.directory(t.first).tags.find((g) => g.id === tagOrientation && g.number >= 1 && g.number <= 8)?.number ?? 1;
}

export interface ExifFacts {
  found: { code: Finding; where: string; value: Bytes }[];
  clock: string; // as the camera wrote it, "2026:11:20 18:00:00"
  zone: string; // "+01:00", or ""
}

/** What an Exif segment says. */
export function exifFacts(data: Bytes): ExifFacts {
  const out: ExifFacts = { found: [], clock: "", zone: "" };
  const t = Tiff.open(data);
  const add = (code: Finding, where: string, value: Bytes = new Uint8Array(0)) => out.found.push({ code, where, value });
  if (!t) {
    add("unknown", "EXIF");
    return out;
  }
  const text = (g: Tag) => String.fromCharCode(...(g.value ?? [])).replace(/^[\0 ]+|[\0 ]+$/g, "");
  const look = (g: Tag) => {
    if (g.id === tagTime) out.clock = text(g);
    if (g.id === tagZone) out.zone = text(g);
    if (g.id === tagGPS && t.directory(g.number).tags.length > 0) add("position", "EXIF/GPS");
    const meaning = meanings.find(([ids]) => ids.includes(g.id));
    if (meaning && g.value?.some((b) => b !== 0)) add(meaning[1], `EXIF/${meaning[2]}`, g.value);
  };
  const { tags, next } = t.directory(t.first);
  for (const g of tags) {
    if (g.id === tagExif) t.directory(g.number).tags.forEach(look);
    look(g);
  }
  if (next !== 0) add("thumbnail", "EXIF/IFD1");
  if (out.found.length === 0) add("unknown", "EXIF");
  return out;
}

const meanings: [number[], Finding, string][] = [
  [[0x010f], "device", "Make"], [[0x0110], "device", "Model"], [[0x0131], "software", "Software"], [[0x013c], "device", "HostComputer"], [[0x013b, 0x9c9d], "owner", "Artist"],
  [[0x8298], "owner", "Copyright"], [[0xa430], "owner", "CameraOwnerName"], [[0xa431], "serial", "BodySerialNumber"], [[0xa435], "serial", "LensSerialNumber"],
  [[0xa420], "serial", "ImageUniqueID"], [[0x010e, 0x9286, 0x9c9b, 0x9c9c, 0x9c9e, 0x9c9f], "text", "Description"], [[0x010d], "file_name", "DocumentName"],
  [[0x927c], "serial", "MakerNote"],
];

/** An Exif segment that holds an orientation and nothing else. */
export function orientationOnly(turn: number): Bytes {
  const out = new Uint8Array(36);
  out.set([0xff, 0xe1, 0, 0x22, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, turn]);
  return out;
}

/** The moment that Exif states, in milliseconds since 1970; without a zone it is the camera's wall clock as though it were UTC. */
export function exifTime(f: ExifFacts): { at: Date; zoned: boolean } | undefined {
  const m = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(f.clock);
  if (!m) return undefined;
  const zoned = /^[+-]\d\d:\d\d$/.test(f.zone);
  const at = new Date(`${m[1]}-${m[2]}-${m[3]}T${m[4]}${zoned ? f.zone : "Z"}`);
  return Number.isNaN(at.getTime()) ? undefined : { at, zoned };
}
