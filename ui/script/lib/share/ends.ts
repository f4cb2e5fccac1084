// Requests that take no share any more, by how they ended.

import { Refused } from "../errors.ts";
import { closedFor } from "../proof/bundle.ts";
import type { Checked } from "../proof/types.ts";

/** Refuses a request that takes no share now, with a code that says why. */
export function takesShares(c: Checked): void {
  const closed = closedFor(c, new Date());
  if (closed === "") return;
  const status = c.status === "published" && c.ended === "" ? "expired" : c.status; // its time has come, and no entry says so yet
  const known = closed === "request_closed" && ["withdrawn", "resolved", "expired"].includes(status);
  throw new Refused(known ? `request_${status}` : closed);
}

/** Whether a share that was refused so never goes on, and is erased. */
export const ended = (code: string): boolean =>
  ["request_closed", "request_withdrawn", "request_resolved", "request_expired", "agency_suspended"].includes(code);
