// What a reader chose: what not to be shown, whether to be told, and a place to remember. It is kept in this browser alone,
// and where the browser keeps nothing, until the page is closed. The exchange has no such list and can hand none over.

import type { Item } from "./item.ts";

export interface Choices {
  none: boolean; // show no requests at all
  agencies: string[]; // not to be shown, by ID
  offences: string[]; // not to be shown, by code
  notify: boolean;
  place: { lat: number; lon: number; name: string } | null;
  within: number; // miles; 0: however far
}

const key = "porchlight.find";

export const noChoices = (): Choices => ({ none: false, agencies: [], offences: [], notify: false, place: null, within: 0 });

export function readChoices(): Choices {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Choices>;
    const strings = (v: unknown): string[] => (Array.isArray(v) ? v.filter((s): s is string => typeof s === "string") : []);
    return {
      none: kept.none === true, agencies: strings(kept.agencies), offences: strings(kept.offences), notify: kept.notify === true,
      place: typeof kept.place?.lat === "number" && typeof kept.place.lon === "number" ? kept.place : null, within: Number(kept.within) || 0,
    };
  } catch {
    return noChoices();
  }
}

/** Keeps the choices; reports whether the browser does. */
export function keepChoices(c: Choices): boolean {
  try {
    if (JSON.stringify(c) === JSON.stringify(noChoices())) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(c));
    return true;
  } catch {
    return false;
  }
}

/** Whether the reader wants to see requests of this kind. */
export function wanted(c: Choices, item: Item): boolean {
  return !c.none && !c.agencies.includes(item.document.agency) && !c.offences.includes(item.document.offence);
}
