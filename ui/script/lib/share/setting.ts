import type { Pending } from "./pending.ts";

/** What the server tells the island of its page. */
export interface Setting {
  request: string;
  title: string;
  agency: string;
  exchange: string;
  zone: string;
  window: { from: string; to: string };
  consent: Pending["consent"];
  terms: Pending["terms"];
  /** Whether the page says that the agency opens clips in pages of the exchange. */
  desk: boolean;
}
