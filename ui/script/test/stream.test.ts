import { test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../lib/bytes.ts";
import { hex } from "../lib/bytes.ts";
import { prepare } from "../lib/media/clip.ts";
import type { Content } from "../lib/media/content.ts";
import { Envelope } from "../lib/seal/envelope.ts";
import { segmentSize } from "../lib/seal/digest.ts";
import { SHA256 } from "../lib/seal/sha256.ts";
import { Stream, nothing } from "../lib/share/stream.ts";

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

const pattern = (n: number): Bytes => {
  const out = new Uint8Array(n);
  for (let i = 0; i < n; i++) out[i] = i * 31 + (i >> 8) * 17 + (i >> 16);
  return out;
};

test("SHA-256 at every length, in pieces, and from a state that was kept", () => {
  const bytes = pattern(300);
  for (let n = 0; n <= bytes.length; n++) {
    const want = hex(sha256(bytes.subarray(0, n)));
    check(hex(new SHA256().update(bytes.subarray(0, n)).digest()) === want, `${n} bytes`);
    const cut = Math.floor(n / 3);
    const begun = new SHA256().update(bytes.subarray(0, cut));
    check(hex(SHA256.restore(begun.save()).update(bytes.subarray(cut, n)).digest()) === want, `${n} bytes, kept at ${cut}`);
  }
});

/** A content that counts what is read of it. */
class Counted implements Content {
  asked = 0;
  constructor(
    private readonly bytes: Bytes,
    private readonly claims: number,
  ) {}
  get size(): number {
    return this.claims;
  }
  async read(from: number, to: number): Promise<Bytes> {
    this.asked += to - from;
    const out = new Uint8Array(to - from);
    for (let at = from; at < to; ) {
      const piece = this.bytes.subarray(at % this.bytes.length).subarray(0, to - at);
      out.set(piece, at - from);
      at += piece.length;
    }
    return out;
  }
}

// A page that is opened again reads one segment and what was not noted, not what was sent; and notices another content.
test("going on", async () => {
  const size = 70 << 20;
  const bytes = pattern(1 << 20);
  const whole = await prepare(new Blob([new Uint8Array(600).fill(0xff)]), { keepSound: false, original: true });
  const clip = (content: Content) => ({ ...whole, content, original: content });
  const first = new Stream(clip(new Counted(bytes, size)), await Envelope.create(size, process.env["RECIPIENT"] ?? ""));
  const { envelope } = first;
  const sent = 61 << 20;
  const notedAt = 60 << 20;
  let reached = nothing();
  for (let at = 0; at < sent; at += segmentSize / 4) {
    await first.sealed(at, at + segmentSize / 4);
    if (at + segmentSize / 4 === notedAt) reached = first.reached();
  }
  const content = new Counted(bytes, size);
  const again = new Stream(clip(content), envelope);
  check(await again.retrace(reached, sent, () => undefined), "the same content is not recognised");
  check(content.asked < 2 * segmentSize + (1 << 20), `${content.asked} bytes were read again`);
  for (let at = sent; at < envelope.sealedSize; at += segmentSize) await again.sealed(at, Math.min(at + segmentSize, envelope.sealedSize));
  for (let at = sent; at < envelope.sealedSize; at += segmentSize) await first.sealed(at, Math.min(at + segmentSize, envelope.sealedSize));
  const [a, b] = [await first.sums(), await again.sums()];
  const want = sha256.create();
  for (let i = 0; i < 70; i++) want.update(bytes);
  check(a.sha256 === hex(want.digest()) && JSON.stringify(a) === JSON.stringify(b), "other hashes");

  const other = new Stream(clip(new Counted(pattern((1 << 20) + 1), size)), envelope);
  check(!(await other.retrace(reached, sent, () => undefined)), "another content goes on under the same key");
});
