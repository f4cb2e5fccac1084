// Which of the region's requests the list shows, and in which order. List, map and notices all take them from here.

import { distanceTo, metresPerMile } from "./geo.ts";
import type { Point } from "./geo.ts";
import { wanted } from "./choices.ts";
import type { Choices } from "./choices.ts";
import type { Item } from "./item.ts";

export interface Filter {
  place: Point | null;
  within: number; // miles; 0: however far
  days: number; // how long ago the window may have ended; 0: however long
  offence: string; // "": any
}

export interface Match {
  item: Item;
  miles: number | undefined; // from the place; nought inside the area
}

/** The requests that pass: the nearest first and of the same distance the newest first; without a place the newest first. */
export function matches(items: Item[], f: Filter, c: Choices, now: Date): Match[] {
  const found: Match[] = [];
  for (const item of items) {
    const { area, offence, window } = item.document;
    const { place } = f;
    if (!wanted(c, item) || (f.offence !== "" && offence !== f.offence)) continue;
    if (f.days > 0 && now.getTime() - Date.parse(window.to) > f.days * 86_400_000) continue;
    const miles = place ? distanceTo(area, place) / metresPerMile : undefined;
    if (miles === undefined || f.within === 0 || miles <= f.within) found.push({ item, miles });
  }
  return found.sort((a, b) => (a.miles ?? 0) - (b.miles ?? 0) || (a.item.publishedAt < b.item.publishedAt ? 1 : -1));
}
