// The receipt: ten words, to be written down, printed or saved.

import { make, pressable, saveFile } from "../dom.ts";
import type { Texts } from "../texts.ts";
import { keepWords } from "./keeping.ts";
import type { Sent } from "./send.ts";
import type { Setting } from "./setting.ts";

export function receipt(sent: Sent, setting: Setting, texts: Texts): HTMLElement {
  const words = texts.lang === "es" ? sent.words.es : sent.words.en;
  const date = new Intl.DateTimeFormat(texts.lang, { timeZone: setting.zone, dateStyle: "long", timeStyle: "short" }).format(new Date(sent.receipt.erase_by));
  const print = pressable(texts.t("share.done.print"), () => window.print());
  const save = pressable(texts.t("share.done.save"), () => saveFile(`porchlight-receipt-${sent.receipt.request.slice(0, 12)}.txt`, asText(sent, setting, texts, words), "text/plain"));
  const keep = make("input", { type: "checkbox" });
  keep.addEventListener("change", () => keepWords({ words: sent.words.en.join(" "), title: setting.title, agency: setting.agency, request: setting.request }, keep.checked));
  document.body.dataset["printing"] = "receipt";
  return make(
    "div", { class: "receipt" }, make("h2", {}, texts.t("share.done.title")), make("p", {}, texts.t("share.done.text", { agency: setting.agency, pseudonym: sent.pseudonym })),
    make("h3", {}, texts.t("share.done.words")), make("p", {}, texts.t("share.done.words.text")), make("ol", { class: "words" }, ...words.map((w) => make("li", {}, make("code", {}, w)))),
    make("p", { class: "quiet" }, `${setting.agency}: ${setting.title}`), make("p", {}, texts.t("share.done.erase", { date })),
    make("div", { class: "buttons" }, print, save),
    make("label", { class: "option" }, keep, make("span", {}, texts.t("share.done.keep"))),
    make("p", { class: "receipt-more" }, make("a", { href: `/${texts.lang}/shares` }, texts.t("share.done.look"))),
  );
}

function asText(sent: Sent, setting: Setting, texts: Texts, words: string[]): string {
  const lines = [
    texts.t("share.done.file", { exchange: setting.exchange }), "", `${setting.agency}: ${setting.title}`, `${location.origin}/requests/${setting.request}`, "",
    ...words.map((w, i) => `${i + 1}. ${w}`), "", texts.t("share.done.words.text"), "", JSON.stringify(sent.receipt), "",
  ];
  return lines.join("\n");
}
