// The worker behind the share island: everything that takes long or holds keys.

import { Refused } from "./lib/errors.ts";
import { prepare } from "./lib/media/clip.ts";
import { Blurring } from "./lib/share/blurring.ts";
import type { Memory } from "./lib/proof/memory.ts";
import { captureOf, fit } from "./lib/share/capture.ts";
import { takesShares } from "./lib/share/ends.ts";
import { Problem, limits } from "./lib/share/exchange.ts";
import type { FromWorker, Look, ToWorker } from "./lib/share/messages.ts";
import { Anew, Sender } from "./lib/share/send.ts";

const say = (message: FromWorker) => postMessage(message);
const blurring = new Blurring();
let stop = new AbortController();
let looking = Promise.resolve(); // one file at a time: there may be hundreds

onmessage = (event: MessageEvent<ToWorker>) => {
  const m = event.data;
  switch (m.act) {
    case "check":
      check(m.request, m.known).catch((error: unknown) => say({ what: "failed", act: "check", code: codeOf(error) }));
      return;
    case "look":
      looking = looking.then(() => look(m)).then((found) => say({ what: "look", look: found }));
      return;
    case "pause":
      stop.abort(new Refused("paused"));
      return;
    case "send":
    case "resume": {
      stop = new AbortController();
      const sender = new Sender((progress) => say({ what: "progress", progress }), stop.signal, blurring, m.known);
      const sent = m.act === "send" ? sender.send(m.order) : sender.resume(m.pending, m.files);
      const request = m.act === "send" ? m.order.request : m.pending.request;
      sent.then((sent) => say({ what: "sent", sent, memory: known(sender) })).catch(async (error: unknown) => say({ what: "failed", act: "send", code: await whyNot(request, codeOf(error)) }));
    }
  }
};

/** The public record says more than the exchange, which refuses whoever knocks with the same words. */
async function whyNot(request: string, code: string): Promise<string> {
  return code === "not_now" || code === "upload_lost" ? checkOpen(request).then(() => code, codeOf) : code;
}

async function checkOpen(request: string, memory?: Memory): Promise<Memory> {
  const sender = new Sender(() => undefined, new AbortController().signal, blurring, memory);
  takesShares(await sender.check(request));
  return known(sender);
}

function known(sender: Sender): Memory {
  if (!sender.memory) throw new Error("nothing was checked");
  return sender.memory;
}

async function check(request: string, memory: Memory | undefined): Promise<void> {
  const seen = await checkOpen(request, memory);
  say({ what: "checked", limits: await limits(), memory: seen });
}

async function look(m: Extract<ToWorker, { act: "look" }>): Promise<Look> {
  const part = { from: 0, to: 0 };
  const out: Look = { id: m.id, canBeOriginal: true, from: 0, to: 0, source: "file", fit: "unknown", size: m.file.size, seconds: 0, part, foreign: "", hasAudio: true, blurs: false, edits: [], found: [] };
  try {
    const clip = await prepare(m.file, m.options);
    const capture = captureOf(clip, { name: m.file.name, modified: m.file.lastModified, filmed: m.filmed, clockAhead: m.clockAhead, zone: m.zone });
    const { from, to, source } = capture;
    return { ...out, from, to, source, fit: fit(capture, m.window), size: clip.content.size, seconds: clip.seconds, part: clip.part, hasAudio: clip.hasAudio, blurs: clip.blurs, edits: clip.edits.map((e) => e.code), found: clip.found };
  } catch (error) {
    const original = await prepare(m.file, { ...m.options, original: true }).catch(() => undefined);
    return { ...out, error: codeOf(error), canBeOriginal: original !== undefined, foreign: original?.foreign ?? "" };
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Refused) return error.code;
  if (error instanceof Anew) return "upload_lost";
  if (error instanceof Problem) return error.code || error.kind || "internal";
  return "internal";
}
