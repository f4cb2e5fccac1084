// What a file is, by its first bytes and never by its name (internal/media/sniff.go).

import { fromUtf8 } from "../bytes.ts";
import { Refused } from "../errors.ts";
import { kindAt } from "./box.ts";
import type { Content } from "./content.ts";

export type Format = "mp4" | "mov" | "jpeg" | "other";

/** A format that cannot be cleaned, as far as it has a name here. */
export type Foreign = "heic" | "matroska" | "avi" | "stream" | "picture" | "archive" | "";

const sniffLength = 3 * 188;

export async function sniff(content: Content): Promise<{ format: Format; foreign: Foreign }> {
  if (content.size === 0) throw new Refused("clip_empty");
  const head = await content.read(0, Math.min(content.size, sniffLength));
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return { format: "jpeg", foreign: "" };
  const format = head.length >= 12 ? ofBoxes(head) : undefined;
  if (format === "heic") return { format: "other", foreign: "heic" };
  if (format) return { format, foreign: "" };
  if (isText(head.subarray(0, Math.max(0, head.length - 4)))) throw new Refused("clip_not_video");
  return { format: "other", foreign: foreign(head) };
}

/** The ISO base media family, by the type of the first box and the major brand. */
function ofBoxes(head: Uint8Array): Format | "heic" | undefined {
  const kind = kindAt(head, 4);
  const brand = kindAt(head, 8);
  if (kind === "ftyp" || kind === "styp") {
    if (["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"].includes(brand)) return "heic";
    return brand === "qt  " ? "mov" : "mp4";
  }
  if (["moov", "mdat", "wide", "free", "skip", "pnot"].includes(kind)) return "mov";
  if (["moof", "sidx"].includes(kind)) throw new Refused("clip_no_index");
  return undefined;
}

const magic: [string, Foreign][] = [
  ["\x1a\x45\xdf\xa3", "matroska"], ["\0\0\x01\xba", "stream"], ["\0\0\0\x01", "stream"], ["DHAV", "stream"], ["\x30\x26\xb2\x75", "avi"], ["FLV\x01", "avi"],
  ["\x89PNG", "picture"], ["GIF8", "picture"], ["II*\0", "picture"], ["MM\0*", "picture"], ["PK\x03\x04", "archive"], ["%PDF-", "archive"], ["Rar!", "archive"], ["7z\xbc\xaf", "archive"],
];

function foreign(head: Uint8Array): Foreign {
  const start = String.fromCharCode(...head.subarray(0, 12));
  if (start.startsWith("RIFF")) return start.endsWith("AVI ") ? "avi" : "picture";
  if (head[0] === 0x47 && head[188] === 0x47 && head[376] === 0x47) return "stream";
  return magic.find(([bytes]) => start.startsWith(bytes))?.[1] ?? "";
}

function isText(head: Uint8Array): boolean {
  try {
    return head.length > 0 && !fromUtf8(head).includes("\0");
  } catch {
    return false;
  }
}
