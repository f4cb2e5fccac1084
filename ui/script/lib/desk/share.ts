// One share at the agency's desk (internal/desk): everything that the exchange says of it is held against the public record, and
// what is done with it is signed here by the custodian's own key.

import { sha256 } from "@noble/hashes/sha2.js";
import { identityToRecipient } from "age-encryption";
import { base64url, equal, fromBase64url, fromUtf8, hex, utf8 } from "../bytes.ts";
import type { Bytes } from "../bytes.ts";
import { canonical, canonicalBytes, hashJSON } from "../canonical.ts";
import type { JSONValue } from "../canonical.ts";
import { Refused } from "../errors.ts";
import { holds, keyOf, notePadding, noteType, verifyShare } from "../mailbox/mailbox.ts";
import type { Event, Message, Note } from "../mailbox/mailbox.ts";
import { verifyBundle } from "../proof/bundle.ts";
import type { Bundle, Checked } from "../proof/types.ts";
import { openBytes, sealBytes } from "../seal/message.ts";
import { Problem, bundle } from "../share/exchange.ts";
import { wholeSeconds } from "../share/manifest.ts";
import { openInto } from "./clip.ts";
import type { Device } from "./device.ts";
import * as exchange from "./exchange.ts";
import type { Delivery } from "./exchange.ts";
import type { Folder } from "./folder.ts";
import type { Finding, Texts } from "./judge.ts";
import { failed, judge, summary } from "./judge.ts";
import type { Manifest } from "./manifest.ts";
import { openManifest } from "./manifest.ts";

const epochPrefix = "porchlight/epoch/v1\n";
/** How often an event is signed anew because others appended to the chain meanwhile. */
const maxTries = 10;

export class Share {
  delivery!: Delivery;
  checked!: Checked;
  request!: Bundle;
  manifest: Manifest | undefined;
  findings: Finding[] = [];
  readonly #epochs = new Map<number, string>(); // those that the device can open
  #raw: Bytes = new Uint8Array(0); // the list of clips, as it was sealed

  constructor(
    readonly id: string,
    readonly device: Device,
    readonly agency: string,
    readonly person: string,
  ) {}

  /** Fetches the share and checks all of it that the public record can show. It records nothing. */
  async load(): Promise<void> {
    const d = await exchange.delivery(this.id);
    this.request = await bundle(d.request);
    this.checked = verifyBundle(this.request, "", new Date());
    this.#check(d);
    await this.#unwrap(await exchange.keys());
  }

  #check(d: Delivery): void {
    const c = this.checked;
    verifyShare({ ...d, messages: null }, c);
    const r = d.receipt;
    const same = c.id === d.request && r.share === this.id && d.share === this.id && r.agency === this.agency && r.epoch === d.epoch && canonical(r.clips) === canonical(d.clips);
    if (!same) throw new Refused("receipt_binding");
    this.delivery = d;
  }

  /** Opens what is wrapped for this device, and holds each key against the public record: anyone can wrap some key. */
  async #unwrap(all: exchange.Keys): Promise<void> {
    const known = all.custodians.find((v) => v.id === this.device.id);
    if (!known || known.disabled || known.person !== this.person) throw new Refused("device_unknown");
    if (this.checked.custodians.get(this.device.id) !== this.device.signKey()) throw new Refused("not_in_record");
    for (const w of all.wrapped.filter((one) => one.holder === this.device.id)) {
      const text = fromUtf8(await openBytes(fromBase64url(w.wrapped), this.device.identity));
      const recipient = text.startsWith(epochPrefix) ? await identityToRecipient(text.slice(epochPrefix.length)) : "";
      if (!this.checked.epochs.some((e) => e.number === w.epoch && e.recipient === recipient)) throw new Refused("foreign_epoch");
      this.#epochs.set(w.epoch, text.slice(epochPrefix.length));
    }
    if (!this.#epochs.has(this.delivery.epoch)) throw new Refused("not_wrapped");
  }

  has(kind: string, signer = ""): boolean {
    return this.delivery.events.some((e) => e.kind === kind && (signer === "" || e.signer === signer));
  }

  /** The state and the chain as they are now. The chain may only have grown. */
  async refresh(): Promise<void> {
    const old = this.delivery.events;
    const d = await exchange.delivery(this.id);
    if (d.events.length < old.length || d.events[old.length - 1]?.sig !== old.at(-1)?.sig) throw new Refused("custody_changed");
    this.#check(d);
  }

  /** Signs a step and has the exchange keep it. Where others were faster, it is signed anew behind what they wrote. */
  async record(kind: string, detail?: Record<string, string>): Promise<void> {
    for (let tries = 0; tries < maxTries; tries++) {
      const e = this.#next(kind, detail);
      try {
        await exchange.record(e);
        this.delivery.events.push(e);
        return;
      } catch (error) {
        if (!(error instanceof Problem) || !(error.code === "chain" || error.passes)) throw error;
      }
      const from = this.delivery.events.length;
      await this.refresh();
      if (this.delivery.events.slice(from).some((x) => x.kind === kind && x.signer === e.signer && canonical(x.detail ?? {}) === canonical(e.detail ?? {}))) return;
    }
    throw new Refused("busy");
  }

  #next(kind: string, detail: Record<string, string> | undefined): Event {
    const last = this.delivery.events.at(-1);
    if (!last) throw new Refused("chain_broken");
    const now = wholeSeconds(Date.now());
    const e: Omit<Event, "sig"> = {
      share: this.id, seq: this.delivery.events.length, prev: hashJSON(last), at: Date.parse(now) < Date.parse(last.at) ? last.at : now, kind, party: "agency", signer: this.device.id,
      ...(detail ? { detail } : {}),
    };
    return { ...e, sig: this.#sign("porchlight/custody/v1", e) };
  }

  #sign(context: string, value: unknown): string {
    return base64url(this.device.sign(utf8(`${context}\n${canonical(value as JSONValue)}`)));
  }

  /** Picks the share up, opens its list and its clips, checks all of it and signs what was found. */
  async open(folder: Folder, known: Texts, step: (done: number, total: number) => void): Promise<File[]> {
    if (["erased", "lost", "withdrawn", "taken_back", "expired"].includes(this.delivery.state)) throw new Refused("erased");
    if (!this.has("picked_up", this.device.id)) await this.record("picked_up");
    await this.refresh();
    const epoch = this.#epochs.get(this.delivery.epoch) ?? "";
    const { raw, manifest } = await openManifest(this.delivery, this.checked, epoch);
    if (!this.has("opened", this.device.id)) await this.record("opened");
    const total = manifest.clips.reduce((sum, c) => sum + c.size, 0);
    const files: File[] = [];
    let done = 0;
    for (const clip of manifest.clips) files.push(await openInto(folder, this.id, clip, epoch, (n) => step((done += n), total)));
    this.manifest = manifest;
    this.#raw = raw;
    await this.verify(known);
    return files;
  }

  /** Judges what lies open, and signs the counts where nobody has signed the same. */
  async verify(known: Texts): Promise<void> {
    if (!this.manifest) throw new Refused("not_opened");
    this.findings = judge(this.delivery, this.checked, this.manifest, this.#raw, this.request.verifier, known);
    const detail = { manifest_sha256: hex(sha256(this.#raw)), findings: summary(this.findings) };
    const last = this.delivery.events.findLast((e) => e.kind === "verified");
    if (canonical(last?.detail ?? {}) !== canonical(detail)) await this.record("verified", detail);
  }

  async accept(): Promise<void> {
    if (!this.manifest || failed(this.findings)) throw new Refused("findings_failed");
    await this.record("accepted");
  }

  /** Asks the resident something: the custody event first, so that they notice if the exchange keeps the question back. */
  async ask(text: string): Promise<void> {
    const epoch = this.checked.epochs.at(-1);
    if (!this.manifest || !epoch) throw new Refused("not_opened");
    const note: Record<string, JSONValue> = { type: noteType, share: this.id, from: "agency", signer: this.device.id, at: wholeSeconds(Date.now()), text: text.trim() };
    note["sig"] = this.#sign(noteType, note);
    const sealed = await sealBytes(canonicalBytes(note), notePadding, this.manifest.resident.recipient, epoch.recipient);
    await this.record("asked", { message_sha256: hex(sha256(sealed)) });
    await exchange.say(this.id, base64url(sealed));
    await this.refresh();
  }

  /** The conversation, opened, in the order of the writers' clocks. */
  async talk(): Promise<Note[]> {
    const out: Note[] = [];
    for (const m of this.delivery.talk ?? []) out.push(await this.#read(m));
    return out.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  }

  async #read(m: Message): Promise<Note> {
    try {
      const raw = await openBytes(fromBase64url(m.body), ...this.#epochs.values());
      const note = JSON.parse(fromUtf8(raw)) as { type: string; share: string; from: string; signer: string; at: string; text: string; sig: string };
      const { sig, ...unsigned } = note;
      const key = note.from === "resident" ? fromBase64url(this.manifest?.resident.verify ?? "") : keyOf(this.checked, note.from, note.signer);
      if (equal(canonicalBytes(note), raw) && note.type === noteType && note.share === this.id && note.from === m.from && holds(key, noteType, unsigned, sig)) {
        return { from: m.from, at: note.at, text: note.text, broken: false };
      }
    } catch {
      // it is shown as broken
    }
    return { from: m.from, at: m.at, text: "", broken: true };
  }
}
