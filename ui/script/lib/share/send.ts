// Seals clips and sends them. What is on its way is sealed under the agency's key; if sealing fails nothing is sent, and there
// is no other way round. A broken connection is waited for, and sending goes on from what is durable on the exchange.

import { base64url, fromBase64url, hex, utf8 } from "../bytes.ts";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { canonical } from "../canonical.ts";
import type { JSONValue } from "../canonical.ts";
import { Refused } from "../errors.ts";
import type { Clip } from "../media/clip.ts";
import { extension, mediaType, neutralName, prepare } from "../media/clip.ts";
import { verifyBundle } from "../proof/bundle.ts";
import { against, verifyHead } from "../proof/head.ts";
import type { Memory } from "../proof/memory.ts";
import { goesOn, sameKey } from "../proof/memory.ts";
import type { Checked } from "../proof/types.ts";
import { Envelope } from "../seal/envelope.ts";
import { paddedLength } from "../seal/padding.ts";
import { Secret, credentialHash } from "../seal/secret.ts";
import { Blurring } from "./blurring.ts";
import { captureOf } from "./capture.ts";
import { takesShares } from "./ends.ts";
import * as exchange from "./exchange.ts";
import { Problem } from "./exchange.ts";
import { sealManifest } from "./manifest.ts";
import type { ManifestClip } from "./manifest.ts";
import type { Pending, PendingClip } from "./pending.ts";
import { forget, keep } from "./pending.ts";
import { Stream, commitment, nothing } from "./stream.ts";

/** What a person decided to send. */
export interface Order {
  request: string;
  consent: Pending["consent"];
  /** Whether the owner was told that the agency opens clips in pages of the exchange. */
  desk: boolean;
  terms: Pending["terms"];
  contact?: Pending["contact"];
  message: string;
  zone: string; // of the request
  clips: { file: File; options: PendingClip["options"]; filmed?: number | undefined; clockAhead: number }[];
}

export interface Sent {
  receipt: exchange.Receipt;
  words: { en: string[]; es: string[] };
  pseudonym: string;
}

/** What the person is told while it goes on. */
export interface Progress {
  step: "checking" | "blurring" | "working" | "sealing" | "sending" | "waiting" | "finishing";
  done: number; // bytes; of blurring, pictures
  total: number;
  kept: boolean; // whether the share can go on after the page was closed
}

/** That what was uploaded cannot be gone on with, and that nothing but beginning anew helps. */
export class Anew extends Error {}

const firstPiece = 8 << 20;
const largestPiece = 16 << 20; // two of them are in memory at a time
const largestPart = 128 << 20; // of an object store, for the longest clips

export class Sender {
  #done = 0;
  #total = 0;
  #piece = firstPiece;
  #kept = true;

  constructor(
    private readonly tell: (p: Progress) => void,
    private readonly signal: AbortSignal,
    private readonly blurring = new Blurring(),
    /** What is known of the exchange beforehand, and after a check what it has shown. */
    public memory?: Memory,
  ) {}

  /** Checks the request against the public record, as it stands now, and that the record goes on from what is known of it. */
  async check(request: string): Promise<Checked> {
    this.#say("checking");
    const bundle = await this.#patiently(() => exchange.bundle(request));
    const checked = verifyBundle(bundle, "", new Date());
    if (checked.id !== request) throw new Refused("other_request");
    sameKey(this.memory, bundle.verifier, checked);
    const { head, document } = await this.#patiently(exchange.present);
    const standing = verifyHead(head, bundle.verifier, document, new Date());
    this.memory = await goesOn(this.memory, bundle.verifier, head, (path) => this.#patiently(() => exchange.object(path)));
    return against(checked, standing);
  }

  /** Seals and sends a new share. */
  async send(order: Order): Promise<Sent> {
    const checked = await this.check(order.request);
    takesShares(checked);
    if (checked.desk && !order.desk) throw new Refused("desk_untold");
    const files = order.clips.map((c) => c.file);
    for (let tries = 0; ; tries++) {
      const pending = await this.#begin(order, checked);
      try {
        return await this.resume(pending, files, checked);
      } catch (error) {
        if (!(error instanceof Anew) || tries === 1) throw error;
        takesShares(await this.check(order.request)); // what was uploaded is gone as well when the request has ended
      }
    }
  }

  async #begin(order: Order, checked: Checked): Promise<Pending> {
    const epoch = checked.epochs.at(-1);
    if (!epoch) throw new Refused("epoch_missing");
    const secret = Secret.random();
    const clips: PendingClip[] = [];
    const sizes: number[] = [];
    for (const [i, c] of order.clips.entries()) {
      const clip = await this.#prepare(c.file, c.options);
      const envelope = await Envelope.create(clip.content.size, epoch.recipient);
      sizes.push(envelope.sealedSize);
      clips.push({
        file: { name: c.file.name, size: c.file.size, modified: c.file.lastModified }, options: c.options, filmed: c.filmed, clockAhead: c.clockAhead,
        name: neutralName(i + 1, extension(clip, c.file.name)), id: "", salt: base64url(crypto.getRandomValues(new Uint8Array(16))),
        envelope: envelope.toJSON(),
      });
    }
    this.#say("working");
    const begun = await this.#patiently(() => exchange.begin(order.request, credentialHash(secret.credential()), epoch.number, sizes));
    if (begun.clips.length !== clips.length) throw new Refused("unexpected_answer");
    clips.forEach((c, i) => (c.id = begun.clips[i] ?? ""));
    const pending: Pending = {
      type: "porchlight/pending-page/v1", request: order.request, title: checked.document.title, epoch: epoch.number, words: secret.words("en").join(" "),
      until: begun.sweep, share: begun.share, ticket: begun.ticket, consent: order.consent, terms: order.terms, contact: order.contact, message: order.message, zone: order.zone, clips,
    };
    await this.#keep(pending);
    return pending;
  }

  /** Goes on with a share. The files are those of its clips, in their order. */
  async resume(p: Pending, files: (File | undefined)[], known?: Checked): Promise<Sent> {
    const checked = known ?? (await this.check(p.request));
    this.#total = 0;
    this.#done = 0;
    for (const c of p.clips) {
      this.#total += c.done ? c.done.sealed.size : (await Envelope.fromJSON(c.envelope)).sealedSize;
      if (c.done) this.#done += c.done.sealed.size;
    }
    for (const [i, c] of p.clips.entries()) {
      if (!c.done) await this.#clip(p, c, files[i]);
    }
    this.#say("finishing");
    if (!p.commit) {
      const manifest = await sealManifest(p, checked, new Date());
      p.commit = { manifest: base64url(manifest), clips: p.clips.map((c) => ({ id: c.id, digest: c.done?.sealed.digest ?? "" })) };
      await this.#keep(p);
    }
    const { commit } = p;
    const receipt = await this.#patiently(() => exchange.commit(p.ticket, commit));
    checkReceipt(receipt, p, checked);
    await forget(p.request);
    const secret = Secret.parse(p.words);
    return { receipt, words: { en: secret.words("en"), es: secret.words("es") }, pseudonym: secret.pseudonym() };
  }

  #prepare(file: File, options: PendingClip["options"]): Promise<Clip> {
    return prepare(file, options, this.blurring.of(file, options, (done, total) => {
      this.signal.throwIfAborted();
      this.tell({ step: "blurring", done, total, kept: this.#kept });
    }));
  }

  async #clip(p: Pending, c: PendingClip, file: File | undefined): Promise<void> {
    if (!file || file.size !== c.file.size || file.lastModified !== c.file.modified) throw new Refused("clip_changed");
    const clip = await this.#prepare(file, c.options);
    const envelope = await Envelope.fromJSON(c.envelope);
    if (clip.content.size !== envelope.clipLength) throw new Refused("clip_changed");
    const stream = new Stream(clip, envelope);
    let durable = await this.#find(p, c, stream);
    while (durable < envelope.sealedSize) durable = await this.#push(p, c, stream, durable);
    const line = await this.#line(p.zone, c, clip, stream);
    c.done = line;
    c.envelope = c.upload = c.reached = undefined;
    this.#done += line.sealed.size;
    await this.#keep(p);
  }

  /** Opens the upload, or asks how much of it is durable and makes the same bytes again up to there. */
  async #find(p: Pending, c: PendingClip, stream: Stream): Promise<number> {
    if (!c.upload) {
      c.upload = await this.#patiently(() => exchange.createUpload(p.ticket, c.id, stream.envelope.sealedSize));
      await this.#keep(p);
      return 0;
    }
    const durable = await this.#offset(c.upload);
    if (!(await stream.retrace(c.reached ?? nothing(), durable, (at) => this.#say("sealing", at)))) throw new Anew();
    return durable;
  }

  async #offset(upload: string): Promise<number> {
    return this.#patiently(() => exchange.uploadOffset(upload));
  }

  /** Sends from a durable offset on, while the next piece is already sealed, and returns the durable offset afterwards. */
  async #push(p: Pending, c: PendingClip, stream: Stream, from: number): Promise<number> {
    const size = stream.envelope.sealedSize;
    const upload = c.upload ?? "";
    let next = this.#make(stream, from, size);
    for (let at = from; at < size; ) {
      const body = await next;
      const end = at + body.size;
      next = end < size ? this.#make(stream, end, size) : Promise.resolve(new Blob());
      next.catch(() => undefined); // it is reported when its turn comes
      const start = performance.now();
      try {
        at = await exchange.append(upload, at, body, (sent) => this.#say("sending", at + sent), this.signal);
      } catch (error) {
        await next.catch(() => undefined); // one stretch at a time passes the hashes
        return this.#recover(p, c, stream, at, error);
      }
      if (at !== end) return at;
      this.#say("sending", at);
      this.#pace(performance.now() - start);
      await this.#note(p, c, stream);
    }
    return size;
  }

  /** Notes what went out, waits, and asks what of it is durable. */
  async #recover(p: Pending, c: PendingClip, stream: Stream, at: number, error: unknown): Promise<number> {
    await this.#note(p, c, stream);
    if (error instanceof Problem && error.code === "piece_too_small" && this.#piece < largestPart) {
      this.#piece *= 2;
      return at;
    }
    if (!(error instanceof Problem) || !error.passes) throw lost(error);
    this.#piece = Math.max(this.#piece / 2, firstPiece);
    await this.#wait(error, 0);
    return this.#offset(c.upload ?? "");
  }

  async #make(stream: Stream, from: number, size: number): Promise<Blob> {
    const end = Math.min(from + this.#piece, size);
    const parts: BlobPart[] = [];
    const step = 4 << 20;
    for (let at = from; at < end; at += step) parts.push(await stream.sealed(at, Math.min(at + step, end)));
    return new Blob(parts);
  }

  /** Larger pieces while they take a few seconds, so that a fast line is not held up by acknowledgements. */
  #pace(milliseconds: number): void {
    if (milliseconds < 2000) this.#piece = Math.min(this.#piece * 2, largestPiece);
    else if (milliseconds > 10_000) this.#piece = Math.max(this.#piece / 2, firstPiece);
  }

  async #line(zone: string, c: PendingClip, clip: Clip, stream: Stream): Promise<ManifestClip> {
    const sums = await stream.sums();
    const { content, untouched, edits } = clip;
    return {
      id: c.id, name: c.name, media_type: mediaType(c.name.split(".")[1] ?? ""), size: content.size, padded_size: paddedLength(content.size), sha256: sums.sha256,
      sealed: { size: stream.envelope.sealedSize, digest: sums.digest },
      original: { sent: untouched, salt: c.salt, sha256_commitment: commitment(fromBase64url(c.salt), sums.original) },
      capture: captureOf(clip, { ...c.file, filmed: c.filmed, clockAhead: c.clockAhead, zone }).manifest,
      edits: edits.map((e) => ({ code: editCodes[e.code] ?? "metadata_removed", what: e.what })), findings_kept: kept(clip, c.options.keepSound),
    };
  }

  async #note(p: Pending, c: PendingClip, stream: Stream): Promise<void> {
    c.reached = stream.reached();
    await this.#keep(p, "relaxed");
  }

  async #keep(p: Pending, durability: IDBTransactionDurability = "strict"): Promise<void> {
    this.#kept = await keep(p, durability);
  }

  /** Tries until it works, until the person stops it, or until trying again would not help. */
  async #patiently<T>(act: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      this.signal.throwIfAborted();
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof Problem) || !error.passes) throw lost(error);
        await this.#wait(error, tries);
      }
    }
  }

  /** Waits longer each time, with jitter, but not longer than until the browser says that it is connected again. */
  async #wait(error: Problem, tries: number): Promise<void> {
    this.signal.throwIfAborted();
    this.#say("waiting");
    const pause = Math.max(error.retryAfter * 1000, Math.min(500 * 2 ** tries, 15_000) * (0.5 + Math.random()));
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        globalThis.removeEventListener("online", done);
        this.signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, pause);
      globalThis.addEventListener("online", done);
      this.signal.addEventListener("abort", done);
    });
    this.signal.throwIfAborted();
  }

  #say(step: Progress["step"], at = 0): void {
    this.tell({ step, done: this.#done + at, total: this.#total, kept: this.#kept });
  }
}

/** Tells an upload that the exchange no longer has from other failures. */
function lost(error: unknown): unknown {
  return error instanceof Problem && (error.code === "upload_lost" || error.status === 404 || error.code === "not_announced") ? new Anew() : error;
}

/** The codes of edits that a manifest names by codes of its own. */
const editCodes: Record<string, string> = { audio: "muted", trimmed: "trimmed", blurred: "blurred", recoded: "recoded" };

/** What was found, or not looked for, and stays in what is sent. */
function kept(clip: Clip, keepSound: boolean): string[] {
  if (clip.format === "other") return ["Not looked at: the format is not understood."];
  if (clip.untouched) return ["Everything that the file holds: it is sent as it is.", ...(clip.hasAudio ? ["Sound."] : [])];
  return ["Not looked for: messages between the pictures.", ...(clip.hasAudio && keepSound ? ["Sound."] : [])];
}

/** The receipt is signed by the exchange of the record and is for what was sent. */
export function checkReceipt(r: exchange.Receipt, p: Pending, c: Checked): void {
  const { sig, ...unsigned } = r;
  const text = utf8(`porchlight/receipt/v1\n${canonical(unsigned as unknown as JSONValue)}`);
  if (!ed25519.verify(fromBase64url(sig), text, fromBase64url(c.exchange.receipt_key), { zip215: false })) throw new Refused("receipt_signature");
  const manifest = hex(sha256(fromBase64url(p.commit?.manifest ?? "")));
  const clips = p.clips.map((clip) => ({ digest: clip.done?.sealed.digest, id: clip.id, size: clip.done?.sealed.size }));
  const fits =
    r.type === "porchlight/receipt/v1" && r.exchange === c.exchange.origin && r.request === p.request && r.agency === c.agency.id && r.share === p.share &&
    r.epoch === p.epoch && r.manifest === manifest && canonical(r.clips as unknown as JSONValue) === canonical(clips as unknown as JSONValue);
  if (!fits) throw new Refused("receipt_other");
}

