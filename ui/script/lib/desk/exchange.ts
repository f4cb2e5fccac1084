// The calls of the staff's pages for opening clips: those of the desk's program, under the browser's sign-in.

import { Problem, problem } from "../share/exchange.ts";
import type { Receipt } from "../share/exchange.ts";
import type { Day, Event, Message } from "../mailbox/mailbox.ts";

export interface Delivery {
  share: string;
  request: string;
  state: string;
  recalled: boolean;
  clips: { id: string; size: number; digest: string }[];
  erase_by: string;
  epoch: number;
  receipt: Receipt;
  manifest?: string;
  events: Event[];
  days: Day[] | null;
  talk: Message[] | null;
}

export interface Keys {
  custodians: { id: string; person: string; sign_key: string; recipient: string; disabled: boolean }[];
  wrapped: { epoch: number; holder: string; wrapped: string }[];
}

const root = "/staff/desk/";

async function call(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(root + path, { credentials: "same-origin", cache: "no-store", referrerPolicy: "same-origin", ...init });
  } catch {
    throw new Problem(0, "no_answer", "unavailable");
  }
  if (response.ok) return response;
  throw problem(response.status, await response.text().catch(() => ""), response.headers.get("Retry-After"));
}

const accept = { Accept: "application/json" };

const get = async <T>(path: string): Promise<T> => (await (await call(path, { headers: accept })).json()) as T;

const post = async (path: string, body: unknown): Promise<void> => {
  await call(path, { method: "POST", headers: { ...accept, "Content-Type": "application/json" }, body: JSON.stringify(body) });
};

export const delivery = (share: string): Promise<Delivery> => get(`shares/${share}/delivery`);
export const keys = (): Promise<Keys> => get("keys");
export const record = (e: Event): Promise<void> => post(`shares/${e.share}/events`, e);
export const say = (share: string, body: string): Promise<void> => post(`shares/${share}/messages`, { body });

/** The sealed bytes of a clip, from an offset on. */
export async function clip(share: string, id: string, from: number): Promise<ReadableStream<Uint8Array>> {
  const answer = await call(`shares/${share}/clips/${id}`, { headers: from > 0 ? { ...accept, Range: `bytes=${from}-` } : accept });
  if (!answer.body) throw new Problem(0, "no_answer", "unavailable");
  return answer.body;
}
