// The receipt secret (seal/secret.go, words.go, pseudonym.go): 104 random bits, made on this device and never sent.

import { ed25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { identityToRecipient } from "age-encryption";
import { wordlist as english } from "@scure/bip39/wordlists/english.js";
import { wordlist as spanish } from "@scure/bip39/wordlists/spanish.js";
import type { Bytes } from "../bytes.ts";
import { base64url, concat, hex, utf8 } from "../bytes.ts";
import { Refused } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { pseudonymFirst, pseudonymSecond } from "./pseudonym.ts";
import { identityOf } from "./recipient.ts";

const secretSize = 13;
const secretWords = 10;
const label = "porchlight/receipt/v1/";

/** Words that are in no list, with the nearest ones. They are for the person at the device alone. */
export class UnknownWords extends Refused {
  constructor(readonly words: { position: number; word: string; nearest: string[] }[]) {
    super("unknown_word");
  }
}

export class Secret {
  readonly #bits: Bytes;

  constructor(bits: Uint8Array) {
    if (bits.length !== secretSize) throw new TypeError("a receipt secret has 13 bytes");
    this.#bits = bits.slice() as Bytes;
  }

  static random(): Secret {
    return new Secret(crypto.getRandomValues(new Uint8Array(secretSize)));
  }

  /** Ten words, the last six bits of which are a checksum. */
  words(lang: string): string[] {
    let n = 0n;
    for (const b of this.#bits) n = (n << 8n) | BigInt(b);
    n = (n << 6n) | BigInt(this.#check());
    const list = wordList(lang);
    return Array.from({ length: secretWords }, (_, i) => (list[Number((n >> BigInt((secretWords - 1 - i) * 11)) & 2047n)] ?? "").normalize("NFC"));
  }

  /** The bearer credential of the share's mailbox. */
  credential(): string {
    return base64url(this.#derive("credential", 32));
  }

  /** The identity to which the agency seals its questions. */
  identity(): string {
    return identityOf(this.#derive("identity", 32));
  }

  recipient(): Promise<string> {
    return identityToRecipient(this.identity());
  }

  verifyKey(): Bytes {
    return ed25519.getPublicKey(this.#derive("signing", 32)) as Bytes;
  }

  sign(message: Uint8Array): Bytes {
    return ed25519.sign(message, this.#derive("signing", 32)) as Bytes;
  }

  /** The name under which the agency knows the sender, such as "Amber Finch 07". */
  pseudonym(): string {
    const [a, b, c, d] = this.#derive("pseudonym", 4) as unknown as [number, number, number, number];
    const number = ((c << 8) | d) % 100;
    return `${capital(pseudonymFirst[a % pseudonymFirst.length] ?? "")} ${capital(pseudonymSecond[b % pseudonymSecond.length] ?? "")} ${String(number).padStart(2, "0")}`;
  }

  /** Nothing that prints it shows it. */
  toString(): string {
    return "(receipt secret)";
  }

  #derive(name: string, length: number): Bytes {
    return hkdf(sha256, this.#bits, undefined, utf8(label + name), length) as Bytes;
  }

  #check(): number {
    return (sha256(concat(utf8(label + "check"), this.#bits))[0] ?? 0) >> 2;
  }

  /** Reads a secret from words as people type them: English or Spanish, any case, with or without accents or numbers. */
  static parse(text: string): Secret {
    const words = text.length > 4096 ? [] : splitWords(text);
    if (words.length !== secretWords) throw new Refused("word_count");
    let best: Reading | undefined;
    for (const lang of ["en", "es"]) {
      const r = read(words, wordList(lang));
      if (r.unknown.length === 0 && r.secret.#check() === r.check) return r.secret;
      if (!best || r.unknown.length < best.unknown.length) best = r;
    }
    if (best && best.unknown.length > 0) {
      const { list } = best;
      throw new UnknownWords(best.unknown.map((i) => ({ position: i + 1, word: words[i] ?? "", nearest: nearest(words[i] ?? "", list) })));
    }
    throw new Refused("word_checksum");
  }
}

/** What an exchange keeps of a mailbox credential. */
export const credentialHash = (credential: string): string => hex(sha256(utf8(credential)));

interface Reading {
  list: string[];
  secret: Secret;
  check: number;
  unknown: number[];
}

function read(words: string[], wordlist: string[]): Reading {
  const list = wordlist.map(fold);
  const places = new Map(list.map((w, i) => [w, i]));
  const unknown: number[] = [];
  let n = 0n;
  words.forEach((w, i) => {
    const place = places.get(w);
    if (place === undefined) unknown.push(i);
    n = (n << 11n) | BigInt(place ?? 0);
  });
  const check = Number(n & 63n);
  n >>= 6n;
  const bits = new Uint8Array(secretSize);
  for (let i = secretSize - 1; i >= 0; i--, n >>= 8n) bits[i] = Number(n & 255n);
  return { list, secret: new Secret(bits), check, unknown };
}

const wordList = (lang: string): string[] => (lang.toLowerCase().split("-")[0] === "es" ? spanish : english);

const splitWords = (text: string): string[] => (text.match(/[\p{L}\p{Mn}]+/gu) ?? []).map(fold).filter((w) => w !== "");

/** Drops case and accents. */
const fold = (word: string): string => word.normalize("NFD").replaceAll(/\p{Mn}/gu, "").toLowerCase();

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
