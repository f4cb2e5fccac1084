// What a file says about camera and owner, for the owner to see before it is taken out, or sent.

import { make } from "../dom.ts";
import type { Found } from "../media/findings.ts";
import type { Texts } from "../texts.ts";
import { bytes } from "./sentences.ts";

/** The list of what was found, folded up at first. original says that all of it is sent. */
export function saidList(found: Found[], original: boolean, texts: Texts): HTMLDetailsElement {
  const items = found.map((f) => {
    const what = f.value ? texts.t("share.found.value", { what: name(f, texts), value: f.value }) : f.bytes > 0 ? texts.t("share.found.bytes", { what: name(f, texts), size: bytes(f.bytes, texts) }) : name(f, texts);
    return make("li", {}, what, " ", make("em", { class: "quiet" }, original || f.stays ? texts.t("share.found.stays") : texts.t("share.found.out")));
  });
  return make("details", { class: "clip-said" }, make("summary", {}, texts.t("share.found", { n: found.length })), make("ul", {}, ...items));
}

function name(f: Found, texts: Texts): string {
  switch (f.code) {
    case "position":
      return texts.t("share.found.position");
    case "serial":
      return texts.t("share.found.serial");
    case "device":
      return texts.t("share.found.device");
    case "owner":
      return texts.t("share.found.owner");
    case "text":
      return texts.t("share.found.text");
    case "software":
      return texts.t("share.found.software");
    case "handler":
      return texts.t("share.found.handler");
    case "file_name":
      return texts.t("share.found.file_name");
    case "thumbnail":
      return texts.t("share.found.thumbnail");
    case "leftover":
      return texts.t("share.found.leftover");
    case "hidden_part":
      return texts.t("share.found.hidden_part");
    case "in_picture":
      return texts.t("share.found.in_picture");
    case "unknown":
      return texts.t("share.found.unknown");
  }
}
