// The keys of a custodian's device (internal/desk/device.go): one signs custody events, the other opens what is wrapped for the
// device. They are in the worker that made this, and nowhere else unless sealed.

import { ed25519 } from "@noble/curves/ed25519.js";
import { identityToRecipient } from "age-encryption";
import type { Bytes } from "../bytes.ts";
import { base64url, concat, equal, fromBase64url, fromUtf8, utf8 } from "../bytes.ts";
import { Refused } from "../errors.ts";
import { openWith } from "../seal/open.ts";
import { fingerprint, parseIdentity } from "../seal/recipient.ts";

const type = "porchlight/desk-device/v1";
const seedSize = 32;
const ageIntro = utf8("age-encryption.org/v1\n");

interface DeviceJSON {
  type: string;
  custodian: string;
  sign_seed: string;
  identity: string;
}

/** Whether a file is a device's keys under a passphrase. */
export const locked = (file: Uint8Array): boolean => equal(file.subarray(0, ageIntro.length), ageIntro);

export class Device {
  readonly #seed: Bytes;
  readonly #raw: string;

  private constructor(
    readonly id: string,
    raw: string,
    seed: Bytes,
    readonly identity: string,
  ) {
    this.#raw = raw;
    this.#seed = seed;
  }

  /** Reads a device's file, with its passphrase if it is under one. */
  static async open(file: Bytes, passphrase: string): Promise<Device> {
    if (!locked(file)) return Device.parse(file);
    let open: Bytes;
    try {
      open = await openWith(file, [], [passphrase]);
    } catch (error) {
      throw error instanceof Refused && error.code === "wrong_key" ? new Refused("wrong_passphrase") : error;
    }
    return Device.parse(open);
  }

  static parse(raw: Bytes): Device {
    try {
      const text = fromUtf8(raw);
      const f = JSON.parse(text) as DeviceJSON;
      const seed = fromBase64url(f.sign_seed);
      if (f.type === type && f.custodian !== "" && seed.length === seedSize) return new Device(f.custodian, text, seed, parseIdentity(f.identity));
    } catch {
      // refused below, without a word of what stands in it
    }
    throw new Refused("bad_device");
  }

  signKey(): string {
    return base64url(ed25519.getPublicKey(this.#seed));
  }

  sign(message: Uint8Array): Bytes {
    return ed25519.sign(message, this.#seed) as Bytes;
  }

  /** What two people compare before one lets the other's device open footage. */
  async fingerprint(): Promise<string> {
    return fingerprint(`${await identityToRecipient(this.identity)} ${this.signKey()}`);
  }

  /** The keys under another key of the browser's own, to be kept in it. */
  async seal(key: CryptoKey, about: string): Promise<Bytes> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(about) }, key, utf8(this.#raw));
    return concat(iv, new Uint8Array(sealed));
  }

  static async unseal(key: CryptoKey, sealed: Bytes, about: string): Promise<Device> {
    try {
      const raw = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.subarray(0, 12), additionalData: utf8(about) }, key, sealed.subarray(12));
      return Device.parse(new Uint8Array(raw));
    } catch {
      throw new Refused("wrong_passkey");
    }
  }

  /** Nothing that prints it shows it. */
  toString(): string {
    return "(device)";
  }
}
