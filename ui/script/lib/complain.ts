// A complaint on its way to the exchange (doc/formats.md, "Complaints").

import { sha256 } from "@noble/hashes/sha2.js";
import { hex, utf8 } from "./bytes.ts";
import { json, solve } from "./share/exchange.ts";

export interface ToWorker {
  code: string;
  about: { request: string } | { agency: string };
  reason: string;
  words: string;
  hand_on: boolean;
}

export type FromWorker = { what: "done"; code: string; due: string } | { what: "failed"; code: string };

/** Sends a complaint with the hash of its code. The same again with the same code is taken in once. */
export async function complain(m: ToWorker): Promise<FromWorker> {
  const work = await json<{ challenge: string; bits: number }>("POST", "/v1/work", {});
  const body = { work: solve(work.challenge, work.bits), ...m.about, reason: m.reason, words: m.words, hand_on: m.hand_on, code_sha256: hashOf(m.code) };
  const taken = await json<{ due: string }>("POST", "/v1/complaints", body);
  return { what: "done", code: m.code, due: taken.due };
}

/** The hash by which the exchange finds a code: over it without hyphens. */
export const hashOf = (code: string): string => hex(sha256(utf8(`porchlight complaint code\n${code.replaceAll("-", "")}`)));
