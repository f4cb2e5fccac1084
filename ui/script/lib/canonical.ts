// Canonical JSON (RFC 8785), which is what is hashed and signed: JavaScript writes strings and numbers as it asks for.

import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "./bytes.ts";
import { hex, utf8 } from "./bytes.ts";

export type JSONValue = null | boolean | number | string | JSONValue[] | { [name: string]: JSONValue | undefined };

/** The one text of a value. Members that are undefined are left out. */
export function canonical(value: JSONValue | undefined): string {
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new TypeError("half a surrogate pair");
    return JSON.stringify(value);
  }
  if (value === null || typeof value !== "object") {
    if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) throw new TypeError("not a JSON value");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const members = Object.keys(value).filter((name) => value[name] !== undefined);
  return `{${members.sort().map((name) => `${canonical(name)}:${canonical(value[name])}`).join(",")}}`;
}

export const canonicalBytes = (value: unknown): Bytes => utf8(canonical(value as JSONValue));

/** The SHA-256 of a value's canonical JSON, in hexadecimal. */
export const hashJSON = (value: unknown): string => hex(sha256(canonicalBytes(value)));
