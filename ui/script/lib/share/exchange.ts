// The exchange's HTTP interface, as far as a resident needs it (doc/openapi.yaml, doc/formats.md 13-15).

import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../bytes.ts";
import { utf8 } from "../bytes.ts";
import { stateHash } from "../proof/head.ts";
import type { Head } from "../proof/head.ts";
import type { Bundle } from "../proof/types.ts";

/** What the exchange answered instead of what was asked for, or that it did not answer. */
export class Problem extends Error {
  constructor(
    readonly status: number, // 0: no answer
    readonly code: string,
    readonly kind: string,
    readonly retryAfter = 0, // seconds
  ) {
    super(code || kind);
    this.name = "Problem";
  }

  /** Whether the same may work by itself in a while. */
  get passes(): boolean {
    return this.status === 0 || this.status === 423 || this.status === 503 || this.status === 502 || this.status === 504 || this.kind === "interrupted" || this.code === "mismatched_offset";
  }
}

export interface Limits {
  file_bytes: number;
  share_bytes: number;
  files: number;
}

export interface Begun {
  share: string;
  ticket: string;
  clips: string[];
  sweep: string;
}

export interface Receipt {
  type: string;
  exchange: string;
  share: string;
  request: string;
  agency: string;
  epoch: number;
  clips: { id: string; size: number; digest: string }[];
  manifest: string;
  committed: string;
  erase_by: string;
  sig: string;
}

const tus = { "Tus-Resumable": "1.0.0" };

async function call(method: string, path: string, headers: Record<string, string> = {}, body?: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    const init: RequestInit = { method, headers: { Accept: "application/json", ...headers }, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" };
    response = await fetch(path, { ...init, ...(body === undefined ? {} : { body }), ...(signal ? { signal } : {}) });
  } catch {
    throw new Problem(0, "no_answer", "unavailable");
  }
  if (response.ok) return response;
  const text = await response.text().catch(() => "");
  throw problem(response.status, text, response.headers.get("Retry-After"));
}

export function problem(status: number, text: string, retryAfter: string | null): Problem {
  let said: { code?: string; kind?: string } = {};
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    // an answer of something in between
  }
  return new Problem(status, said.code ?? "", said.kind ?? "", Number(retryAfter ?? 0));
}

export const json = async <T>(method: string, path: string, body: unknown, ticket?: string): Promise<T> => {
  const headers: Record<string, string> = { "Content-Type": "application/json", ...(ticket ? { Authorization: `Bearer ${ticket}` } : {}) };
  return (await (await call(method, path, headers, body === undefined ? undefined : JSON.stringify(body))).json()) as T;
};

export const limits = async (): Promise<Limits> => (await json<{ limits: Limits }>("GET", "/v1/exchange", undefined)).limits;

export const bundle = (request: string): Promise<Bundle> => json("GET", `/v1/requests/${request}`, undefined);

/** The newest head of the public record, and the state document that it commits to, both unverified. */
export async function present(): Promise<{ head: Head; document: Bytes }> {
  const head = await json<Head>("GET", "/log/head.json", undefined);
  const answer = await call("GET", `/log/state/${stateHash(head)}.json`);
  return { head, document: new Uint8Array(await answer.arrayBuffer()) };
}

/** An object of the public record, unverified; undefined where there is none. */
export async function object(path: string): Promise<Bytes | undefined> {
  try {
    return new Uint8Array(await (await call("GET", `/${path}`)).arrayBuffer());
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return undefined;
    throw error;
  }
}

/** Begins a share. The answer to a proof of work is good for one try. */
export async function begin(request: string, credentialHash: string, epoch: number, sizes: number[]): Promise<Begun> {
  const work = await json<{ challenge: string; bits: number }>("POST", "/v1/work", {});
  return json("POST", `/v1/requests/${request}/shares`, { work: solve(work.challenge, work.bits), credential_hash: credentialHash, epoch, sizes });
}

/** Finds the counter that a proof of work asks for: about 2^bits hashes. */
export function solve(challenge: string, bits: number): { challenge: string; counter: number } {
  const start = sha256.create().update(utf8(challenge));
  for (let counter = 0; ; counter++) {
    const hash = start.clone().update(utf8(String(counter))).digest();
    if (leadingZeros(hash) >= bits) return { challenge, counter };
  }
}

function leadingZeros(hash: Uint8Array): number {
  const first = hash.findIndex((b) => b !== 0);
  return first < 0 ? hash.length * 8 : first * 8 + Math.clz32(hash[first] as number) - 24;
}

/** Opens the upload of a clip and returns its secret path. Doing it again before the first byte gives the same. */
export async function createUpload(ticket: string, clip: string, size: number): Promise<string> {
  const headers = { ...tus, Authorization: `Bearer ${ticket}`, "Upload-Length": String(size), "Porchlight-Clip": clip };
  const location = (await call("POST", "/v1/uploads/", headers)).headers.get("Location") ?? "";
  const url = new URL(location, globalThis.location.href);
  if (!url.pathname.startsWith("/v1/uploads/")) throw new Problem(0, "bad_location", "unsupported");
  return url.pathname;
}

/** How many bytes of an upload are durable. */
export async function uploadOffset(path: string): Promise<number> {
  return offset((await call("HEAD", path, tus)).headers.get("Upload-Offset"));
}

/** Sends bytes from a durable offset on and returns the next one. step is told how many are on their way. */
export function append(path: string, from: number, body: Blob, step: (sent: number) => void, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much of a body was sent
    const stop = () => request.abort();
    request.open("PATCH", path);
    request.setRequestHeader("Tus-Resumable", "1.0.0");
    request.setRequestHeader("Upload-Offset", String(from));
    request.setRequestHeader("Content-Type", "application/offset+octet-stream");
    request.upload.onprogress = (event) => step(event.loaded);
    request.onload = () => {
      if (request.status === 204) resolve(offset(request.getResponseHeader("Upload-Offset")));
      else reject(problem(request.status, request.responseText, request.getResponseHeader("Retry-After")));
    };
    request.onerror = request.onabort = request.ontimeout = () => reject(new Problem(0, "no_answer", "unavailable"));
    request.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop);
    request.send(body);
  });
}

function offset(header: string | null): number {
  const n = Number(header ?? "x");
  if (!Number.isSafeInteger(n) || n < 0) throw new Problem(0, "bad_offset", "unsupported");
  return n;
}

export interface Commit {
  clips: { id: string; digest: string }[];
  manifest: string;
}

export const commit = (ticket: string, body: Commit): Promise<Receipt> => json("POST", "/v1/shares/commit", body, ticket);
