// The list of requests, made as the server makes it (ui/part/requestlist), with how far each is.

import { make } from "../dom.ts";
import type { Match } from "./match.ts";
import { span } from "./when.ts";
import type { Words } from "./words.ts";

export function requestList(found: Match[], words: Words, href: (id: string) => string): HTMLElement {
  return make("ol", { class: "requests" }, ...found.map((m) => entry(m, words, href(m.item.id))));
}

function entry(m: Match, words: Words, href: string): HTMLElement {
  const { texts } = words;
  const d = m.item.document;
  const distance = words.distance(m);
  return make(
    "li", { class: "request status-published" },
    make("p", { class: "asker" }, d.agency_name),
    make("h3", {}, make("a", { href, lang: d.language, "data-open": m.item.id }, d.title)),
    make("p", { class: "chips" }, make("span", { class: "chip" }, words.offence(d.offence)), ...(distance === "" ? [] : [" ", make("span", { class: "chip chip-near" }, distance)])),
    make(
      "dl", { class: "facts" },
      fact(texts.t("request.when"), make("time", { datetime: d.window.from }, span(d.window, d.zone, texts))),
      fact(texts.t("request.where"), words.where(m.item)),
      fact(texts.t("request.code"), make("code", {}, d.code)),
    ),
  );
}

export function fact(name: string, ...value: (Node | string)[]): HTMLElement {
  return make("div", {}, make("dt", {}, name), make("dd", {}, ...value));
}
