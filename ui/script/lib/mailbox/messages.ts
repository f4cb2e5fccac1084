// What the page of shares and its worker say to each other.

import type { Mailbox } from "./mailbox.ts";

export type ToWorker = { act: "look"; words: string } | { act: "withdraw"; words: string } | { act: "reply"; words: string; text: string };

export type FromWorker =
  | { what: "mailbox"; mailbox: Mailbox; words: string[] }
  | { what: "failed"; code: string; unknown: { position: number; word: string; nearest: string[] }[] };
