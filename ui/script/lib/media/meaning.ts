// What entries of a film's descriptions hold (internal/media/meaning.go).

import { words } from "./rule.ts";

export type Finding =
  | "position" | "serial" | "device" | "owner" | "text" | "software" | "handler" | "file_name" | "thumbnail" | "unknown" | "leftover" | "hidden_part" | "in_picture";

// The copyright sign is 0xA9 in these types.
const entries: [Finding, string][] = [
  ["position", "©xyz loci GPS_ GPS0 gps_ ©gpt ©gyw ©grl ©ptc ©yaw ©rol GPMF smta CAMM gpmd"],
  ["serial", "SNum CAME MUID GUMI BCID ©snm"],
  ["device", "©mod ©mak ©mdl CNMN CNCV FIRM LENS modl manu ©cam"],
  ["owner", "©ART ©aut auth perf ©own ownr ©prd ©dir ©cpy cprt aART apID ©wrt"],
  ["text", "©nam titl ©cmt ©des dscp desc ldes ©inf ©key kywd ©alb albm name ©day ©dat XMP_ Xtra"],
  ["software", "©swr ©too ©enc ©req ©fmt ©src FIEL vndr cver CNFV"],
  ["thumbnail", "thmb tnam covr CNTH thum ©thm prvw"],
  ["file_name", "©fil file ©fnm path"],
];

/** What an entry of udta or ilst holds, by its type. */
export function entryMeaning(kind: string): Finding {
  const written = kind.replace(" ", "_");
  return entries.find(([, kinds]) => words(kinds).includes(written))?.[0] ?? "unknown";
}

const keys: [Finding, string][] = [
  ["position", "location gps latitude longitude iso6709 direction"],
  ["serial", "serial identifier uuid deviceid umid"],
  ["software", "software encoder version firmware tool"],
  ["device", "make model lens camera device"],
  ["owner", "author artist owner user copyright director producer account"],
  ["thumbnail", "artwork thumbnail preview"],
  ["file_name", "filename path"],
  ["text", "title comment description keyword date information displayname"],
];

/** What a QuickTime metadata key holds, such as "com.apple.quicktime.location.ISO6709". */
export function keyMeaning(key: string): Finding {
  const lower = key.toLowerCase();
  return keys.find(([, list]) => words(list).some((word) => lower.includes(word)))?.[0] ?? "unknown";
}
