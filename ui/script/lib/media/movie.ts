// Cleans an MP4 or QuickTime film as internal/media does, to the byte: the copy has the same length, what gives its owner away
// is free space or zeros. What is not on the list of what may stay goes.

import type { Bytes } from "../bytes.ts";
import { utf8 } from "../bytes.ts";
import { Refused } from "../errors.ts";
import type { Region } from "./box.ts";
import { Box, kindAt, scanTop } from "./box.ts";
import type { Content, Span } from "./content.ts";
import { Overlay, covers, merged } from "./content.ts";
import type { Edit } from "./edits.ts";
import { EditLog } from "./edits.ts";
import type { Fragment } from "./fragment.ts";
import { fragments, rebase } from "./fragment.ts";
import { entryKeeps, moovRule } from "./rule.ts";
import { Track, add, seconds } from "./track.ts";

const maxIndex = 64 << 20;
const maxTracks = 64;
const maxFileType = 4 << 10;
const epoch1904 = 2082844800;

export interface Film {
  created: Date | undefined;
  seconds: number;
  hasAudio: boolean;
}

export class Movie {
  readonly film: Film;
  readonly scale: number; // of its own times, in a second
  readonly fragmented: boolean; // the index does not say where its pictures stand

  private constructor(
    readonly content: Content,
    readonly top: Region[],
    readonly moov: Box,
    readonly tracks: Track[],
  ) {
    const mvhd = moov.child("mvhd");
    if (!mvhd || mvhd.body.length < (mvhd.body[0] === 1 ? 32 : 20)) throw new Refused("clip_damaged");
    const view = mvhd.view();
    const wide = mvhd.body[0] === 1;
    const created = wide ? Number(view.getBigUint64(4)) : view.getUint32(4);
    const length = wide ? seconds(Number(view.getBigUint64(24)), view.getUint32(20)) : seconds(view.getUint32(16), view.getUint32(12));
    this.scale = view.getUint32(wide ? 20 : 12);
    this.fragmented = top.some((g) => g.kind === "moof");
    const longest = Math.max(0, ...tracks.map((t) => t.seconds));
    this.film = {
      created: boxTime(created),
      seconds: this.fragmented ? Math.max(length, longest) : length || longest,
      hasAudio: tracks.some((t) => t.kind === "audio"),
    };
  }

  static async open(content: Content): Promise<Movie> {
    const top = await scanTop(content);
    let moov: Box | undefined;
    for (const g of top) {
      if (g.kind === "ftyp" && g.size > maxFileType) throw new Refused("clip_damaged");
      if (g.kind !== "moov") continue;
      if (moov) throw new Refused("clip_damaged");
      if (g.size > maxIndex) throw new Refused("clip_index_large");
      moov = new Box("moov", g.off, g.head, await content.read(g.off, g.off + g.size));
    }
    if (!moov) throw new Refused("clip_no_index");
    if (moov.child("cmov")) throw new Refused("clip_format");
    const tracks = [...moov.children()].filter((b) => b.kind === "trak").map((b) => new Track(b));
    if (new Set(tracks.map((t) => t.id)).size < tracks.length) throw new Refused("clip_damaged");
    if (tracks.length > maxTracks) throw new Refused("clip_intricate");
    if (tracks.some((t) => ["encv", "enca", "drmi", "drms"].includes(t.codec))) throw new Refused("clip_encrypted");
    if (!tracks.some((t) => t.kind === "video")) throw new Refused("clip_no_pictures");
    readDefaults(moov, tracks);
    for await (const f of fragments(content, top, tracks)) {
      for (const t of f.trafs) if (t.track) t.track.fragmentTicks += t.runs.reduce((sum, r) => sum + r.ticks, 0);
    }
    return new Movie(content, top, moov, tracks);
  }

  async clean(keepSound: boolean): Promise<{ content: Overlay; edits: Edit[] }> {
    return new Scrub(this, keepSound).run();
  }
}

/** Reads what fragments take for granted (trex, 8.8.3). */
function readDefaults(moov: Box, tracks: Track[]): void {
  for (const b of moov.child("mvex")?.children() ?? []) {
    if (b.kind !== "trex" || b.body.length < 20) continue;
    const view = b.view();
    const t = tracks.find((track) => track.id === view.getUint32(4));
    if (t) [t.defaultDuration, t.defaultSize] = [view.getUint32(12), view.getUint32(16)];
  }
}

/** Seconds since 1904, or since 1970 as some recorders count; nothing before 1990 or after 2200. */
function boxTime(n: number): Date | undefined {
  if (n >= epoch1904) n -= epoch1904;
  return n < 631152000 || n > 7258118400 ? undefined : new Date(n * 1000);
}

const allZero = (b: Uint8Array): boolean => b.every((v) => v === 0);

class Scrub {
  readonly #over: Overlay;
  readonly #log = new EditLog();
  readonly #tracks: Track[]; // on the copy of the index that is edited

  constructor(
    private readonly m: Movie,
    private readonly keepSound: boolean,
  ) {
    this.#over = new Overlay(m.content);
    this.#tracks = m.tracks;
  }

  async run(): Promise<{ content: Overlay; edits: Edit[] }> {
    const spans: Span[] = [];
    for (const t of this.#tracks) {
      if (!this.#keeps(t)) {
        this.#log.track(t.kind);
        continue;
      }
      if (t.soundInPictures && !this.keepSound) throw new Refused("clip_sound_in_pictures");
      t.extent(spans, this.m.content.size);
    }
    const moov = new Box("moov", this.m.moov.off, this.m.moov.head, this.m.moov.raw.slice());
    this.#container("moov", moov);
    this.#over.write(moov.off, moov.raw);
    for await (const f of fragments(this.m.content, this.m.top, this.#tracks)) this.#fragment(f, spans);
    await this.#topLevel(merged(spans));
    return { content: this.#over.finish(), edits: this.#log.edits() };
  }

  #keeps(t: Track | undefined): boolean {
    return t !== undefined && (t.kind === "video" || (t.kind === "audio" && this.keepSound));
  }

  #byID(id: number): Track | undefined {
    return this.#tracks.find((t) => t.id === id);
  }

  #container(kind: string, b: Box): void {
    for (const c of b.children()) {
      if (c.kind === "") {
        if (c.raw.length >= 8 && !allZero(c.raw.subarray(0, 4))) throw new Refused("clip_damaged");
        c.raw.fill(0); // a terminator, as QuickTime sets it
        continue;
      }
      switch (moovRule(kind, c.kind)) {
        case "drop":
          this.#drop(c);
          break;
        case "enter":
          this.#container(c.kind, c);
          break;
        case "edit":
          this.#edit(c);
      }
    }
  }

  #drop(b: Box): void {
    if (b.kind === "free" && allZero(b.body)) return;
    this.#log.dropped(b.kind, b.body.length);
    this.#quietDrop(b);
  }

  #quietDrop(b: Box): void {
    b.rename("free");
    b.body.fill(0);
  }

  #blank(code: string, b: Bytes): void {
    if (allZero(b)) return;
    this.#log.count(code, b.length);
    b.fill(0);
  }

  #edit(b: Box): void {
    const body = b.body;
    switch (b.kind) {
      case "mvhd":
      case "tkhd":
      case "mdhd":
        if (body.length >= 20 && body[0] === 1) this.#blank("modified", body.subarray(12, 20));
        else if (body.length >= 12) this.#blank("modified", body.subarray(8, 12));
        return;
      case "hdlr":
        return this.#blank("names", body.subarray(Math.min(12, body.length)));
      case "dref":
        return this.#references(b);
      case "stsd":
        for (const c of b.children(8)) this.#entry(c);
        return;
      case "trak": {
        const track = this.#tracks.find((t) => t.box.off === b.off);
        return this.#keeps(track) ? this.#container("trak", b) : this.#quietDrop(b);
      }
      case "tref":
        if (this.#refersToDropped(b)) this.#drop(b);
        return;
      case "trex":
        if (body.length >= 8 && !this.#keeps(this.#byID(b.view().getUint32(4)))) this.#quietDrop(b);
    }
  }

  #refersToDropped(tref: Box): boolean {
    for (const c of tref.children()) {
      const view = c.view();
      for (let i = 0; i + 4 <= view.byteLength; i += 4) {
        if (!this.#keeps(this.#byID(view.getUint32(i)))) return true;
      }
    }
    return false;
  }

  /** Blanks the names of files in dref. Data that really stands in another file cannot be sent from here. */
  #references(b: Box): void {
    for (const c of b.children(8)) {
      if (c.kind === "" || c.body.length < 4) {
        this.#blank("names", c.body);
        continue;
      }
      if (((c.body[3] ?? 0) & 1) === 0) throw new Refused("clip_elsewhere");
      this.#blank("names", c.body.subarray(4));
    }
  }

  /** Blanks the free texts of a sample description and drops the boxes inside it that no decoder needs. */
  #entry(e: Box): void {
    const body = e.body;
    const t = this.#tracks.find((t) => t.box.off <= e.off && e.off < t.box.off + t.box.raw.length);
    if (e.kind === "" || !t) return this.#blank("metadata", e.raw);
    let fixed = 78;
    if (t.kind === "audio") {
      fixed = 28;
      if (body.length >= 28) fixed += [0, 16, 36][Math.min(2, e.view().getUint16(8))] ?? 0;
    } else if (body.length >= fixed) {
      this.#blank("encoder", body.subarray(42, 74));
    }
    if (body.length < fixed) return;
    this.#blank("encoder", body.subarray(12, 16)); // QuickTime's vendor
    for (const c of e.children(fixed)) {
      if (c.kind === "") c.raw.fill(0);
      else if (!entryKeeps(c.kind) || (c.kind === "colr" && ["prof", "rICC"].includes(kindAt(c.body, 0)))) this.#drop(c);
    }
  }

  /** Edits a moof and notes which media data stays. */
  #fragment(f: Fragment, kept: Span[]): void {
    const copy = new Box("moof", f.box.off, f.box.head, f.box.raw.slice());
    let i = 0;
    let end = f.box.off;
    for (const c of copy.children()) {
      const t = c.kind === "traf" ? f.trafs[i++] : undefined;
      if (!t) this.#fragmentBox("moof", c);
      else if (!this.#keeps(t.track)) this.#quietDrop(c);
      else {
        for (const b of c.children()) this.#fragmentBox("traf", b);
        for (const r of t.runs) add(kept, r.data.off, r.data.end);
        rebase(c, t, end);
        end = t.end;
      }
    }
    this.#over.write(copy.off, copy.raw);
  }

  #fragmentBox(parent: string, c: Box): void {
    if (c.kind === "") c.raw.fill(0);
    else if (moovRule(parent, c.kind) === "drop") this.#drop(c);
  }

  /** Deals with everything outside moov and moof. */
  async #topLevel(kept: Span[]): Promise<void> {
    const inside = this.#mediaData(kept);
    if (!kept.every((s) => covers(inside, s))) throw new Refused("clip_intricate");
    for (const g of this.m.top) await this.#region(g);
  }

  /** Zeroes what no kept track refers to, and returns where media data may stand. */
  #mediaData(kept: Span[]): Span[] {
    const inside: Span[] = [];
    let i = 0;
    for (const g of this.m.top) {
      if (g.kind !== "mdat") continue;
      const body = { off: g.off + g.head, end: g.off + g.size };
      if (body.off < body.end) inside.push(body);
      let at = body.off;
      let unused = 0;
      for (let s = kept[i]; s && s.off < body.end; s = kept[++i]) {
        unused += Math.max(0, s.off - at);
        this.#over.zero(at, s.off);
        at = Math.max(at, s.end);
      }
      unused += Math.max(0, body.end - at);
      this.#over.zero(at, body.end);
      this.#log.count("media_data", unused);
    }
    return inside;
  }

  async #region(g: Region): Promise<void> {
    if (["ftyp", "styp", "moov", "moof", "mdat", "prft"].includes(g.kind)) return;
    if (g.kind === "sidx" && (await this.#keepsIndex(g))) return;
    if (g.kind === "") return this.#tail(g);
    this.#log.dropped(g.kind, g.size - g.head);
    this.#over.write(g.off + 4, utf8("free"));
    this.#over.zero(g.off + g.head, g.off + g.size);
  }

  /** Whether a segment index (8.16.3) is of a kept track. */
  async #keepsIndex(g: Region): Promise<boolean> {
    if (g.size - g.head < 8) return false;
    const head = await this.m.content.read(g.off + g.head, g.off + g.head + 8);
    return this.#keeps(this.#byID(new DataView(head.buffer).getUint32(4)));
  }

  /** Turns what stands behind the last box into free space. */
  #tail(g: Region): void {
    this.#log.count("tail", g.size);
    if (g.size < 8) return this.#over.zero(g.off, g.off + g.size);
    const head = new Uint8Array(8);
    new DataView(head.buffer).setUint32(0, g.size < 2 ** 32 ? g.size : 0);
    head.set(utf8("free"), 4);
    this.#over.write(g.off, head);
    this.#over.zero(g.off + 8, g.off + g.size);
  }
}
