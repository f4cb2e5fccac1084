// Sentences about a request that the list, the map and the notices share.

import type { Texts } from "../texts.ts";
import type { Basemap } from "./basemap.ts";
import { squareMiles } from "./geo.ts";
import type { Item } from "./item.ts";
import type { Match } from "./match.ts";

export class Words {
  constructor(
    readonly texts: Texts,
    readonly base: Basemap,
  ) {}

  offence(code: string): string {
    return this.texts.has(`offence.${code}`) ? this.texts.t(`offence.${code}`) : code;
  }

  /** Where a request's area is: its two longest streets and its size. */
  where(item: Item): string {
    const [first, second] = this.base.streetsIn(item.document.area);
    const size = this.texts.t("unit.sqmi", { n: this.texts.number(squareMiles(item.document.area)) });
    if (!first) return size;
    return `${this.texts.t("request.around", { street: first })}${second ? this.texts.t("request.and", { street: second }) : ""}, ${size}`;
  }

  distance(m: Match): string {
    if (m.miles === undefined) return "";
    return m.miles === 0 ? this.texts.t("find.inside") : this.texts.t("find.miles", { miles: this.texts.number(m.miles, m.miles < 10 ? 1 : 0) });
  }

  headline(item: Item): string {
    return `${item.document.agency_name}: ${item.document.title}`;
  }

  /** What is read aloud for an area on the map. */
  spoken(m: Match, number: number): string {
    return [String(number), this.headline(m.item), this.distance(m)].filter((s) => s !== "").join(". ");
  }

  /** A list of names, as the pages write it: "a, b and c". */
  join(items: string[]): string {
    const last = items.at(-1) ?? "";
    if (items.length < 2) return last;
    const and = this.texts.lang === "es" ? (/^h?i/iu.test(last) ? " e " : " y ") : " and ";
    return items.slice(0, -1).join(", ") + and + last;
  }
}
