// What a page for opening clips and its worker say to each other. Keys stay in the worker.

import type { Event, Note } from "../mailbox/mailbox.ts";
import type { Finding, Texts } from "./judge.ts";
import type { Manifest } from "./manifest.ts";

/** What the server tells the page. */
export interface Setting extends Texts {
  share: string;
  agency: string;
  person: string;
  passkeys: string[]; // credentials of the person's
  zone: string;
  frame: string; // address of the frame in which clips are shown
}

/** A device's keys, sealed under a passkey and kept in this browser. */
export interface Kept {
  person: string;
  credential: string;
  salt: Uint8Array<ArrayBuffer>;
  sealed: Uint8Array<ArrayBuffer>;
}

export type Unlock = { file: Uint8Array<ArrayBuffer>; passphrase: string } | { kept: Kept; key: CryptoKey };

export type ToWorker =
  | { act: "unlock"; setting: Setting; with: Unlock }
  | { act: "open" | "accept" | "confirm" }
  | { act: "decline" | "answer"; detail: Record<string, string> }
  | { act: "ask"; text: string }
  | { act: "keep"; key: CryptoKey };

/** The share as it is shown. */
export interface View {
  state: string;
  recalled: boolean;
  eraseBy: string;
  events: Event[];
  manifest: Manifest | undefined;
  findings: Finding[];
  talk: Note[];
  papers: string; // receipt, signed steps, list of clips and the request's proofs, as JSON
}

export type FromWorker =
  | { what: "unlocked"; fingerprint: string; view: View }
  | { what: "progress"; done: number; total: number }
  | { what: "opened"; folder: string; files: File[]; view: View }
  | { what: "done"; act: string; view: View }
  | { what: "kept"; sealed: Uint8Array<ArrayBuffer> }
  | { what: "failed"; act: string; code: string };
