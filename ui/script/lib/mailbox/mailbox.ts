// A share as its sender sees it (internal/resident/mailbox.go): receipt, custody chain and notes are verified with the keys of
// the public record, so that the exchange could leave something out, but invent nothing.

import { ed25519 } from "@noble/curves/ed25519.js";
import type { Bytes } from "../bytes.ts";
import { base64url, equal, fromBase64, fromBase64url, fromHex, fromUtf8, utf8 } from "../bytes.ts";
import { canonical, canonicalBytes, hashJSON } from "../canonical.ts";
import type { JSONValue } from "../canonical.ts";
import { Refused } from "../errors.ts";
import { verifyBundle } from "../proof/bundle.ts";
import { included, leafHash } from "../proof/merkle.ts";
import { openCheckpoint, parseVerifier } from "../proof/note.ts";
import type { Checked, Entry } from "../proof/types.ts";
import { openBytes, sealBytes } from "../seal/message.ts";
import type { Secret } from "../seal/secret.ts";
import type { Receipt } from "../share/exchange.ts";
import { bundle, json } from "../share/exchange.ts";
import { wholeSeconds } from "../share/manifest.ts";

export interface Event {
  share: string;
  seq: number;
  prev: string;
  at: string;
  kind: string;
  party: string;
  signer: string;
  detail?: Record<string, string>;
  sig: string;
}

export interface Message {
  id: string;
  from: string;
  at: string;
  body: string;
}

export interface Day {
  seq: number;
  leaf: number;
  path: string[];
  entry: Entry;
  proof: { index: number; size: number; hashes: string[]; checkpoint: string };
}

interface Raw {
  state: string;
  recalled: boolean;
  receipt: Receipt;
  events: Event[];
  days: Day[] | null;
  messages: Message[] | null;
}

export interface Note {
  from: string;
  at: string;
  text: string;
  broken: boolean; // it could not be opened, or was not written by whom it names
}

export interface Mailbox {
  state: string;
  recalled: boolean;
  pseudonym: string;
  agency: string;
  title: string;
  request: string;
  zone: string;
  eraseBy: string;
  events: Event[];
  rooted: string[]; // days on which the public record bore the chain's head
  notes: Note[];
  /** Receipt, signed steps and their places in the record, with the request's own proofs, as JSON: no words, no messages. */
  papers: string;
}

export const noteType = "porchlight/note/v1";
export const notePadding = 4096;

/** Asks for the state of the share that the words belong to, and verifies it. */
export async function look(secret: Secret): Promise<Mailbox> {
  const raw = await json<Raw>("GET", "/v1/mailbox", undefined, secret.credential());
  const b = await bundle(raw.receipt.request);
  const checked = verifyBundle(b, "", new Date());
  if (checked.id !== raw.receipt.request) throw new Refused("other_request");
  verifyShare(raw, checked);
  const rooted = (raw.days ?? []).map((d) => verifyDay(d, raw.events, b.verifier));
  const notes: Note[] = [];
  for (const m of raw.messages ?? []) notes.push(await openNote(m, raw.receipt.share, secret, checked));
  notes.sort((x, y) => Date.parse(x.at) - Date.parse(y.at));
  return {
    state: raw.state, recalled: raw.recalled, pseudonym: secret.pseudonym(), agency: checked.agency.name, title: checked.document.title, request: checked.id,
    zone: checked.document.zone, eraseBy: raw.receipt.erase_by, events: raw.events, rooted, notes,
    papers: JSON.stringify({ receipt: raw.receipt, events: raw.events, days: raw.days ?? [], request: b }, undefined, 1),
  };
}

/** Takes the share back: before pick-up it is erased, afterwards the agency is asked for it. */
export const withdraw = (secret: Secret): Promise<{ state: string }> => json("POST", "/v1/mailbox/withdraw", {}, secret.credential());

/** Seals a message to the agency's newest key and to the sender's own, signs it and sends it. */
export async function reply(secret: Secret, text: string): Promise<void> {
  const raw = await json<Raw>("GET", "/v1/mailbox", undefined, secret.credential());
  const checked = verifyBundle(await bundle(raw.receipt.request), "", new Date());
  verifyShare(raw, checked);
  const epoch = checked.epochs.at(-1);
  if (!epoch) throw new Refused("epoch_missing");
  const note: Record<string, JSONValue> = { type: noteType, share: raw.receipt.share, from: "resident", signer: "resident", at: wholeSeconds(Date.now()), text: text.trim() };
  note["sig"] = base64url(secret.sign(utf8(`${noteType}\n${canonical(note)}`)));
  const sealed = await sealBytes(canonicalBytes(note), notePadding, epoch.recipient, await secret.recipient());
  await json("POST", "/v1/mailbox/messages", { body: base64url(sealed) }, secret.credential());
}

export const holds = (key: Bytes, context: string, value: unknown, sig: string): boolean => {
  try {
    return ed25519.verify(fromBase64url(sig), utf8(`${context}\n${canonical(value as JSONValue)}`), key, { zip215: false });
  } catch {
    return false;
  }
};

export function keyOf(c: Checked, party: string, signer: string): Bytes {
  if (party === "exchange" && signer === "exchange") return fromBase64url(c.exchange.receipt_key);
  const key = party === "agency" ? c.custodians.get(signer) : undefined;
  if (!key) throw new Refused("unknown_signer");
  return fromBase64url(key);
}

/** What must have happened for a share to be in a state. */
const witness: Record<string, string> = {
  released: "released", picked_up: "picked_up", confirmed: "confirmed", declined: "declined", withdrawn: "withdrawn", expired: "expired", erased: "erased",
  taken_back: "withdrawn", lost: "lost",
};

/** Checks receipt and chain, and that they tell of the state that the exchange names. */
export function verifyShare(raw: Raw, c: Checked): void {
  const { sig, ...receipt } = raw.receipt;
  if (!holds(fromBase64url(c.exchange.receipt_key), "porchlight/receipt/v1", receipt, sig)) throw new Refused("receipt_signature");
  if (receipt.type !== "porchlight/receipt/v1" || receipt.request !== c.id || receipt.agency !== c.agency.id) throw new Refused("receipt_other");
  checkChain(raw.events, c);
  const first = raw.events[0];
  const detail: Record<string, string> = { manifest: receipt.manifest };
  for (const clip of receipt.clips) detail[clip.id] = clip.digest;
  if (!first || first.share !== receipt.share || first.kind !== "committed" || canonical(first.detail ?? {}) !== canonical(detail)) throw new Refused("chain_other");
  const kind = witness[raw.state];
  if (kind !== undefined && !raw.events.some((e) => e.kind === kind)) throw new Refused("state_unproven");
}

/** The events are one unbroken, ordered chain, each signed by the key of its signer. */
function checkChain(events: Event[], c: Checked): void {
  let prev = "";
  events.forEach((e, i) => {
    const before = events[i - 1];
    const follows = e.seq === i && e.prev === prev && e.share === events[0]?.share && (!before || Date.parse(e.at) >= Date.parse(before.at));
    const { sig, ...unsigned } = e;
    if (!follows || !holds(keyOf(c, e.party, e.signer), "porchlight/custody/v1", unsigned, sig)) throw new Refused("chain_broken");
    prev = hashJSON(e);
  });
}

/** Checks the path from the chain to its day's root in the public record, and returns the day. */
export function verifyDay(d: Day, events: Event[], verifier: string): string {
  const bad = new Refused("custody_path");
  const key = parseVerifier(verifier);
  const checkpoint = key && openCheckpoint(d.proof.checkpoint, key);
  const event = events[d.seq];
  const fact = d.entry.data as { date?: string; root?: string; leaves?: number };
  if (!checkpoint || !event || d.entry.kind !== "custody.root" || d.proof.size !== checkpoint.size) throw bad;
  const inLog = included(leafHash(canonicalBytes(d.entry)), d.proof.index, checkpoint.size, d.proof.hashes.map(fromBase64), checkpoint.root);
  const underRoot = included(leafHash(fromHex(hashJSON(event))), d.leaf, fact.leaves ?? 0, d.path.map(fromHex), fromHex(fact.root ?? ""));
  if (!inLog || !underRoot) throw bad;
  return fact.date ?? "";
}

/** Opens a message with the keys of the words and checks who wrote it. */
async function openNote(m: Message, share: string, secret: Secret, c: Checked): Promise<Note> {
  try {
    const raw = await openBytes(fromBase64url(m.body), secret.identity());
    const note = JSON.parse(fromUtf8(raw)) as { type: string; share: string; from: string; signer: string; at: string; text: string; sig: string };
    const { sig, ...unsigned } = note;
    const key = note.from === "resident" && note.signer === "resident" ? secret.verifyKey() : keyOf(c, note.from, note.signer);
    const good = equal(canonicalBytes(note), raw) && note.type === noteType && note.share === share && note.from === m.from && holds(key, noteType, unsigned, sig);
    if (good) return { from: m.from, at: note.at, text: note.text, broken: false };
  } catch {
    // it is shown as broken
  }
  return { from: m.from, at: m.at, text: "", broken: true };
}

