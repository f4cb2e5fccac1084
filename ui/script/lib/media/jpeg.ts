// Cleans a JPEG still as internal/media/jpeg.go does, to the byte: it is written anew from the segments that decoders need.

import type { Bytes } from "../bytes.ts";
import { concat, equal } from "../bytes.ts";
import { Refused } from "../errors.ts";
import type { Content } from "./content.ts";
import { MemoryContent } from "./content.ts";
import type { Edit } from "./edits.ts";
import { EditLog } from "./edits.ts";
import { exifFacts, exifTime, orientation, orientationOnly } from "./exif.ts";
import type { Found } from "./findings.ts";
import { Inspection } from "./findings.ts";

const maxJPEG = 64 << 20;
const maxSegments = 1 << 16;
const [mSOI, mEOI, mSOS, mAPP0, mAPP1, mAPP13, mAPP14, mAPP15, mCOM] = [0xd8, 0xd9, 0xda, 0xe0, 0xe1, 0xed, 0xee, 0xef, 0xfe];

/** One marker segment. Of a scan, data runs on over the entropy-coded part. */
interface Segment {
  marker: number;
  data: Bytes; // marker and length included
  body: Bytes; // of a scan, its header
}

export class Still {
  private constructor(
    private readonly segments: Segment[], // from behind SOI to before EOI
    private readonly rest: Bytes, // behind EOI
  ) {}

  static async open(content: Content): Promise<Still> {
    if (content.size > maxJPEG) throw new Refused("clip_too_large");
    const data = await content.read(0, content.size);
    const segments: Segment[] = [];
    for (let at = 2; ; ) {
      while (data[at] === 0xff && data[at + 1] === 0xff) at++; // fill bytes
      if (at + 2 > data.length) throw new Refused("clip_cut_short");
      const marker = data[at + 1] as number;
      if (data[at] !== 0xff || marker < 0xc0 || marker === mSOI || (marker >= 0xd0 && marker <= 0xd7)) throw new Refused("clip_damaged");
      if (marker === mEOI) {
        if (!segments.some((s) => s.marker === mSOS)) throw new Refused("clip_damaged");
        return new Still(segments, data.subarray(at + 2));
      }
      const end = segmentEnd(data, at, marker);
      if (end === 0) throw new Refused("clip_cut_short");
      if (segments.length === maxSegments) throw new Refused("clip_intricate");
      segments.push({ marker, data: data.subarray(at, end), body: data.subarray(at + 4, at + 2 + word(data, at + 2)) });
      at = end;
    }
  }

  /** The moment that the picture states, and what it says about camera and owner. */
  inspect(): { created: Date | undefined; zoned: boolean; found: Found[] } {
    const inspection = new Inspection();
    let time: ReturnType<typeof exifTime>;
    for (const s of this.segments) {
      if (isExif(s)) {
        if (equal(s.data, orientationOnly(orientation(s.body.subarray(6))))) continue;
        const facts = exifFacts(s.body.subarray(6));
        for (const f of facts.found) inspection.add(f.code, f.where, f.value);
        time = exifTime(facts);
      } else if (s.marker === mCOM) inspection.add("text", "COM", s.body);
      else if (s.marker === mAPP1) inspection.add("text", "APP1", s.body, { unread: true });
      else if (s.marker === mAPP13) inspection.add("text", "APP13", s.body, { unread: true });
      else if (s.marker === mAPP0 && !equal(s.data, plainJFIF(s.body))) inspection.add("thumbnail", "APP0", s.body, { unread: true });
      else if (s.marker > mAPP0 && s.marker <= mAPP15 && !isAdobe(s)) inspection.add("unknown", `APP${(s.marker & 15).toString(16).toUpperCase()}`, s.body, { unread: true });
    }
    if (this.rest.length > 0) inspection.add("leftover", "behind the picture", this.rest, { unread: true });
    return { created: time?.at, zoned: time?.zoned ?? false, found: inspection.found };
  }

  clean(): { content: Content; edits: Edit[] } {
    const log = new EditLog();
    const out: Bytes[] = [Uint8Array.of(0xff, mSOI)];
    let turn = this.segments.filter(isExif).reduce((turn, s) => (turn === 1 ? orientation(s.body.subarray(6)) : turn), 1);
    const turned = orientationOnly(turn);
    for (const s of this.segments) {
      const kept = keptOf(s);
      if (s.marker !== mAPP0 && turn !== 1) {
        out.push(turned); // behind APP0 or first
        turn = 1;
      }
      out.push(kept);
      if (!equal(kept, s.data) && !equal(turned, s.data)) log.count("metadata", s.data.length - kept.length);
    }
    log.count("tail", this.rest.length);
    return { content: new MemoryContent(concat(...out, Uint8Array.of(0xff, mEOI))), edits: log.edits() };
  }
}

const word = (data: Bytes, at: number): number => ((data[at] as number) << 8) | (data[at + 1] as number);

/** Where the segment at an offset ends, or 0 if it is not whole. */
function segmentEnd(data: Bytes, at: number, marker: number): number {
  if (at + 4 > data.length) return 0;
  let end = at + 2 + word(data, at + 2);
  if (end < at + 4 || end > data.length) return 0;
  if (marker !== mSOS) return end;
  for (; end + 1 < data.length; end++) {
    const next = data[end + 1] as number;
    if (data[end] === 0xff && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return end;
  }
  return 0;
}

const starts = (b: Bytes, text: string): boolean => [...text].every((c, i) => b[i] === c.charCodeAt(0));
const isExif = (s: Segment): boolean => s.marker === mAPP1 && starts(s.body, "Exif\0\0");
const isAdobe = (s: Segment): boolean => s.marker === mAPP14 && s.body.length === 12 && starts(s.body, "Adobe");

/** The JFIF segment without its small picture, or nothing if it is none (T.871, 10.1). */
function plainJFIF(body: Bytes): Bytes {
  if (body.length < 14 || !starts(body, "JFIF\0")) return new Uint8Array(0);
  return concat(Uint8Array.of(0xff, mAPP0, 0, 16), body.subarray(0, 12), Uint8Array.of(0, 0));
}

function keptOf(s: Segment): Bytes {
  if (s.marker === mAPP0) return plainJFIF(s.body);
  if (isAdobe(s)) return s.data; // says how colours are coded
  return s.marker >= mAPP0 && s.marker <= mCOM ? new Uint8Array(0) : s.data;
}
