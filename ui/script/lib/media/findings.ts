// What a film says about its camera and its owner, for the owner's eyes alone (internal/media/findings.go). What stands here
// is taken out of the copy, but for what stays is true of.

import { Box } from "./box.ts";
import type { Region } from "./box.ts";
import type { Content } from "./content.ts";
import { entryMeaning, keyMeaning } from "./meaning.ts";
import type { Finding } from "./meaning.ts";
import type { Movie } from "./movie.ts";
import { moovRule } from "./rule.ts";
import type { Track } from "./track.ts";

export interface Found {
  code: Finding;
  where: string;
  value: string; // what can be read of it, or ""
  bytes: number;
  stays: boolean;
}

const maxFound = 200;

/** Lists what a film says. */
export async function findings(m: Movie): Promise<Found[]> {
  const inspection = new Inspection();
  inspection.container("moov", m.moov.children());
  for (const t of m.tracks) inspection.track(t, m.film.seconds);
  for (const g of m.top) await inspection.region(m.content, g);
  return inspection.found;
}

/** Collects what is found, each once. */
export class Inspection {
  readonly found: Found[] = [];

  add(code: Finding, where: string, bytes: Uint8Array, o: { stays?: boolean; unread?: boolean } = {}): void {
    const value = o.unread ? "" : readable(bytes);
    const seen = this.found.some((f) => f.code === code && f.where === where && f.value === value && f.bytes === bytes.length);
    if (!seen && this.found.length < maxFound) this.found.push({ code, where, value, bytes: bytes.length, stays: o.stays ?? false });
  }

  /** Looks at boxes that hold descriptions, wherever they stand. */
  container(where: string, inside: Iterable<Box>): void {
    for (const b of inside) {
      const at = `${where}/${printable(b.kind)}`;
      if (b.kind === "udta") for (const c of b.children()) this.#userData(at, c);
      else if (b.kind === "meta") this.#meta(at, b);
      else if (b.kind === "uuid") this.#uuid(at, b.body);
      else if (b.kind === "gps ") this.add("position", at, b.body);
      else if (["free", "skip", ""].includes(b.kind)) this.#leftover(at, b.body);
      else if (!["trak", "mvhd", "mvex", "iods", "wide"].includes(b.kind) && moovRule("moov", b.kind) === "drop") this.add("unknown", at, b.body);
    }
  }

  #leftover(where: string, data: Uint8Array): void {
    if (!allZero(data)) this.add("leftover", where, data, { unread: true });
  }

  /** One entry of udta: QuickTime's ©-entries, 3GPP's (TS 26.244, 8) and those that makers add. */
  #userData(where: string, b: Box): void {
    const at = `${where}/${printable(b.kind)}`;
    let text = b.body;
    if (b.kind === "") return this.#leftover(where, b.raw);
    if (b.kind === "meta") return this.#meta(at, b);
    if (b.kind === "uuid") return this.#uuid(at, b.body);
    if (b.kind === "free" || b.kind === "skip") return this.#leftover(at, b.body);
    const counted = text.length > 4 && text[0] === 0 && (text[1] ?? 0) + 4 === text.length;
    if (b.kind.charCodeAt(0) === 0xa9 || counted) text = text.subarray(Math.min(4, text.length)); // length and language go before the text
    this.add(entryMeaning(b.kind), at, text);
  }

  #uuid(where: string, body: Uint8Array): void {
    const xmp = [0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac];
    this.add(xmp.every((b, i) => body[i] === b) ? "text" : "unknown", where, body.subarray(16), { unread: true });
  }

  /** The names inside a track, and what it would tell when played. */
  track(t: Track, filmSeconds: number): void {
    const where = `track ${t.id}`;
    if (t.kind !== "video" && t.kind !== "audio") return this.#stray(where, t);
    this.#described("trak", where, t.box, 4);
    if (t.hidden(filmSeconds) >= 1) this.add("hidden_part", `${where}/edts`, new Uint8Array(0), { stays: true });
    for (const hdlr of [t.box.child("mdia", "hdlr"), t.box.child("mdia", "minf", "hdlr")]) {
      if (hdlr && !allZero(hdlr.body.subarray(12))) this.add("handler", `${where}/hdlr`, hdlr.body.subarray(Math.min(24, hdlr.body.length)));
    }
    for (const d of t.box.child("mdia", "minf", "dinf", "dref")?.children(8) ?? []) {
      if (d.kind !== "" && !allZero(d.body.subarray(4))) this.add("file_name", `${where}/dref`, d.body.subarray(4));
    }
    const { entry } = t;
    if (t.kind === "video" && entry && entry.body.length >= 78) this.#pictures(where, t, entry.body);
  }

  #pictures(where: string, t: Track, entry: Uint8Array): void {
    if (!allZero(entry.subarray(42, 74))) this.add("software", `${where}/stsd`, entry.subarray(42, 74));
    if (["jpeg", "mjpa", "mjpb"].includes(t.codec) || t.soundInPictures) this.add("in_picture", where, new Uint8Array(0), { stays: true });
  }

  /** A track that holds neither pictures nor sound. */
  #stray(where: string, t: Track): void {
    const none = new Uint8Array(0);
    if (["gpmd", "camm", "rtmd", "mebx"].includes(t.codec) || t.handler === "camm") this.add("position", where, none);
    else this.add(t.codec === "tmcd" ? "device" : "unknown", where, none);
  }

  /** Descriptions inside the containers of a track. */
  #described(kind: string, at: string, b: Box, depth: number): void {
    for (const c of b.children()) {
      if (moovRule(kind, c.kind) === "enter" && depth > 0) this.#described(c.kind, `${at}/${c.kind}`, c, depth - 1);
      else if (["udta", "meta", "uuid", "free", "skip"].includes(c.kind)) this.container(at, [c]);
    }
  }

  /** What stands outside moov. Of large free space only the beginning is read. */
  async region(content: Content, g: Region): Promise<void> {
    if (["ftyp", "styp", "moov", "moof", "mdat", "sidx", "mfra", "prft"].includes(g.kind)) return;
    const raw = await content.read(g.off, g.off + Math.min(g.size, 64 << 10));
    const b = new Box(g.kind, g.off, g.head, raw);
    if (g.kind === "") return this.#leftover("end of file", raw);
    if (["free", "skip", "wide", "uuid", "udta", "meta"].includes(g.kind)) return this.container("file", [b]);
    this.add("unknown", printable(g.kind), b.body);
  }

  /** A meta box: of the ISO kind, which starts with version and flags, or of QuickTime's, which does not. */
  #meta(where: string, b: Box): void {
    const skip = String.fromCharCode(...b.body.subarray(4, 8)) === "hdlr" ? 0 : 4;
    const names = keyTable(b, skip);
    let found = false;
    for (const list of b.children(skip)) {
      if (list.kind !== "ilst") continue;
      for (const item of list.children()) {
        if (item.kind === "") continue;
        this.#item(where, item, names);
        found = true;
      }
    }
    if (!found) this.add("unknown", where, b.body);
  }

  /** One entry of an ilst: a value under a four-character type, or under the number of a key. */
  #item(where: string, item: Box, names: string[]): void {
    const key = names[new DataView(item.raw.buffer, item.raw.byteOffset).getUint32(4)];
    const name = key ? `"${key}"` : printable(item.kind);
    let code = key ? keyMeaning(key) : entryMeaning(item.kind);
    for (const d of item.children()) {
      if (d.kind === "name" && item.kind === "----" && d.body.length > 4) code = keyMeaning(String.fromCharCode(...d.body.subarray(4)));
      else if (d.kind === "data" && d.body.length > 8) this.add(code, `${where}/${name}`, d.body.subarray(8));
    }
  }
}

/** The names of a QuickTime metadata list (keys box), counted from one. */
function keyTable(meta: Box, skip: number): string[] {
  const names = [""];
  for (const b of meta.children(skip)) {
    if (b.kind !== "keys" || b.body.length < 8) continue;
    for (const k of b.children(8)) if (names.length <= maxFound) names.push(readable(k.body));
  }
  return names;
}

const allZero = (b: Uint8Array): boolean => b.every((v) => v === 0);

/** A type of four bytes; © is 0xA9 in them, in the Mac Roman encoding of its day. */
const printable = (kind: string): string => [...kind].map((c) => (c === "\xa9" ? "©" : c > " " && c < "\x7f" ? c : "_")).join("");

/** The text that bytes hold, fit for one line on a screen, or "" if they hold none. */
function readable(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 240)).replace(/^[\0 ]+|[\0 ]+$/g, "");
  const plain = text.replace(/[\p{C}\ufffd]/gu, "·").replace(/^[· ]+|[· ]+$/g, "");
  const strange = text.length - plain.replaceAll("·", "").length;
  return strange * 10 > plain.length ? "" : plain.length > 60 ? `${[...plain].slice(0, 60).join("")}…` : plain;
}
