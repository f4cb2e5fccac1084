// One request, shown from what the page has: opening and closing it asks nobody anything.

import { make } from "../dom.ts";
import type { Update } from "../proof/types.ts";
import { squareMiles } from "./geo.ts";
import type { Item } from "./item.ts";
import { fact } from "./list.ts";
import { MapView } from "./map.ts";
import { moment, span } from "./when.ts";
import type { Words } from "./words.ts";

export interface Links {
  request: string; // its own page
  agency: string;
}

export class RequestView {
  readonly element: HTMLElement;
  readonly heading: HTMLElement;

  constructor(
    private readonly item: Item,
    private readonly words: Words,
    private readonly links: Links,
    close: () => void,
  ) {
    const { texts } = words;
    const d = item.document;
    const back = make("button", { type: "button", class: "link-button" }, texts.t("find.back"));
    back.addEventListener("click", close);
    this.heading = make(
      "h1", { tabindex: "-1" }, make("span", { class: "asker-large" }, d.agency_name), " ", make("span", { class: "asks" }, texts.t("request.asks")), " ",
      make("span", { class: "request-title", lang: d.language }, d.title),
    );
    const chips = make("p", { class: "chips" }, make("span", { class: "chip chip-published" }, texts.t("status.published")), " ", make("span", { class: "chip" }, words.offence(d.offence)));
    this.element = make(
      "article", { class: "wrap request-page" },
      make("header", { class: "request-head" }, make("p", {}, back), this.heading, chips, make("p", { class: "quiet" }, texts.t("find.opened"))),
      make("div", { class: "request-body" }, this.#what(), this.#where(), this.#when()),
      make("div", { class: "request-side" }, this.#facts()),
      make("div", { class: "request-answer" }, this.#answer(), this.#proof()),
    );
  }

  #what(): HTMLElement {
    const { texts } = this.words;
    const d = this.item.document;
    const more = this.item.updates.filter((u) => u.kind === "amended").map((u) => this.#added(u));
    const changed = d.changed ? [make("p", {}, make("strong", {}, texts.t("request.changed")), " ", make("span", { lang: d.language }, d.changed))] : [];
    const other = d.language === texts.lang ? [] : [make("p", { class: "quiet" }, texts.t("request.otherlanguage", { language: language(d.language, texts.lang) }))];
    return section(texts.t("request.what"), ...other, make("p", { class: "request-text", lang: d.language }, d.text), ...more, ...changed);
  }

  #added(u: Update): HTMLElement {
    const d = this.item.document;
    const when = make("time", { datetime: u.at }, moment(u.at, d.zone, this.words.texts));
    return make("div", { class: "added" }, make("p", { class: "quiet" }, make("strong", {}, this.words.texts.t("update.amended")), " ", when), make("p", { class: "request-text", lang: d.language }, u.text));
  }

  #where(): HTMLElement {
    const { texts, base } = this.words;
    const d = this.item.document;
    const map = new MapView(base, texts, texts.t("map.request.title", { request: d.title }));
    map.show({ shapes: [{ id: this.item.id, area: d.area, label: "", name: this.words.where(this.item) }], bounds: this.item.jurisdiction, place: null, within: 0 }, true);
    const streets = base.streetsIn(d.area);
    const named = streets.length > 0 ? [make("p", {}, make("strong", {}, texts.t("request.streets")), ` ${this.words.join(streets)}.`)] : [];
    return section(texts.t("request.where"), make("figure", { class: "mapbox" }, map.element, make("figcaption", {}, texts.t("request.map"), ...(base.attribution ? [` ${texts.t("map.by", { whose: base.attribution })}`] : []))), ...named);
  }

  #when(): HTMLElement {
    const { texts } = this.words;
    const d = this.item.document;
    return section(
      texts.t("request.when"), make("p", { class: "big" }, make("time", { datetime: d.window.from }, span(d.window, d.zone, texts))), make("p", { class: "quiet" }, span(d.window, "UTC", texts)),
    );
  }

  #facts(): HTMLElement {
    const { texts } = this.words;
    const d = this.item.document;
    const size = squareMiles(d.area);
    const hours = (Date.parse(d.window.to) - Date.parse(d.window.from)) / 3_600_000;
    const sum = texts.t("request.camerahours.sum", { area: size, hours });
    const rows = [
      fact(texts.t("request.agency"), make("a", { href: this.links.agency }, d.agency_name)), fact(texts.t("request.code"), make("code", {}, d.code)),
      fact(texts.t("request.contact"), this.#contact()), fact(texts.t("request.open.until"), make("time", { datetime: d.closes }, moment(d.closes, d.zone, texts))),
      fact(texts.t("request.area"), texts.t("unit.sqmi", { n: texts.number(size) })), fact(texts.t("request.camerahours"), `${texts.number(size * hours)} `, make("span", { class: "quiet" }, sum)),
    ];
    const box = section(texts.t("request.facts"), make("dl", { class: "facts" }, ...rows));
    box.className = "facts-box";
    return box;
  }

  #contact(): HTMLElement {
    const { name, email, phone } = this.item.document.contact;
    const links = [email ? make("a", { href: `mailto:${email}` }, email) : "", phone ? make("a", { href: `tel:${phone.replaceAll(" ", "")}` }, phone) : ""];
    return make("span", { class: "contact" }, name ?? "", ...links.filter((l) => l !== "").flatMap((l) => [" ", l]));
  }

  /** Doing nothing stands beside sharing, and needs nothing. */
  #answer(): HTMLElement {
    const { texts } = this.words;
    const way = (heading: string, ...content: Node[]) => make("section", { class: "way" }, make("h3", {}, heading), ...content);
    const go = make("a", { class: "button", href: this.links.request }, texts.t("find.share"));
    const nothing = way(texts.t("request.nothing"), make("p", {}, texts.t("request.nothing.text")), make("p", {}, texts.t("request.nothing.more")));
    const share = way(texts.t("request.share"), make("p", {}, texts.t("request.share.text", { agency: this.item.document.agency_name })), make("p", {}, go), make("p", { class: "quiet" }, texts.t("find.share.asks")));
    const box = section(texts.t("request.answer"), make("div", { class: "two" }, nothing, share));
    box.className = "ways";
    return box;
  }

  #proof(): HTMLElement {
    const { texts } = this.words;
    const { id, logIndex, signers } = this.item;
    const rows = [
      fact(texts.t("request.hash"), make("code", {}, id)), fact(texts.t("request.entry"), texts.number(logIndex)),
      ...signers.map((s) => fact(`${texts.t("request.signed")}: ${texts.t(`role.${s.role}`)}`, make("code", {}, s.person))),
    ];
    return section(texts.t("find.checked"), make("p", { class: "prose-line" }, texts.t("find.checked.text")), make("dl", { class: "facts wide" }, ...rows));
  }
}

function section(heading: string, ...content: (Node | string)[]): HTMLElement {
  return make("section", {}, make("h2", {}, heading), ...content);
}

function language(tag: string, lang: string): string {
  try {
    return new Intl.DisplayNames([lang], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
