// Boxes of the ISO base media format and QuickTime (internal/media/box.go).

import type { Bytes } from "../bytes.ts";
import { Refused } from "../errors.ts";
import type { Content } from "./content.ts";

const maxTopLevel = 1 << 20;

/** A box in memory. Bytes that form no box have an empty kind and no header. */
export class Box {
  constructor(
    readonly kind: string,
    readonly off: number,
    readonly head: number,
    readonly raw: Bytes,
  ) {}

  get body(): Bytes {
    return this.raw.subarray(this.head);
  }

  /** The boxes inside, behind so many bytes of the body. */
  *children(skip = 0): Generator<Box> {
    const start = this.head + skip;
    if (start <= this.raw.length) yield* boxes(this.raw.subarray(start), this.off + start);
  }

  child(...path: string[]): Box | undefined {
    let at: Box | undefined = this;
    for (const kind of path) at = at && [...at.children()].find((c) => c.kind === kind);
    return at;
  }

  view(): DataView {
    return new DataView(this.raw.buffer, this.raw.byteOffset + this.head, this.raw.length - this.head);
  }

  rename(kind: string): void {
    for (let i = 0; i < 4; i++) this.raw[4 + i] = kind.charCodeAt(i);
  }
}

export const kindAt = (b: Uint8Array, at: number): string => String.fromCharCode(...b.subarray(at, at + 4));

function* boxes(data: Bytes, off: number): Generator<Box> {
  while (data.length > 0) {
    const [size, head] = boxSize(data);
    const b = size > 0 ? new Box(kindAt(data, 4), off, head, data.subarray(0, size)) : new Box("", off, 0, data);
    yield b;
    data = data.subarray(b.raw.length);
    off += b.raw.length;
  }
}

function boxSize(data: Bytes): [size: number, head: number] {
  if (data.length < 8) return [0, 0];
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let size = view.getUint32(0);
  let head = 8;
  if (size === 1 && data.length >= 16) {
    size = Number(view.getBigUint64(8));
    head = 16;
  }
  return size < head || size > data.length ? [0, 0] : [size, head];
}

/** A box at the top level, known by its header alone; the kind is empty for what is behind the last box. */
export interface Region {
  kind: string;
  off: number;
  head: number;
  size: number;
}

export async function scanTop(content: Content): Promise<Region[]> {
  const top: Region[] = [];
  for (let off = 0; off < content.size; ) {
    if (top.length === maxTopLevel) throw new Refused("clip_intricate");
    const g = await readRegion(content, off);
    top.push(g);
    off += g.size;
  }
  return top;
}

async function readRegion(content: Content, off: number): Promise<Region> {
  const left = content.size - off;
  const rest: Region = { kind: "", off, head: 0, size: left };
  if (left < 8) return rest;
  const head = await content.read(off, off + Math.min(16, left));
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const g: Region = { kind: kindAt(head, 4), off, head: 8, size: view.getUint32(0) };
  if (g.size === 0 && knownTop.has(g.kind)) g.size = left;
  else if (g.size === 1 && head.length === 16) {
    g.head = 16;
    g.size = Number(view.getBigUint64(8));
  }
  if (g.size >= g.head && g.size <= left) return g;
  if (knownTop.has(g.kind) && g.size > left) throw new Refused("clip_cut_short");
  return rest;
}

const knownTop = new Set(["ftyp", "styp", "moov", "moof", "mdat", "mfra", "sidx", "free", "skip", "wide", "uuid", "meta", "udta"]);
