import type { Bytes } from "../bytes.ts";
import { Refused } from "../errors.ts";

/** The longest age header that is read. One recipient takes 1.6 kB. */
export const maxHeader = 64 << 10;

const intro = "age-encryption.org/v1\n";

/** The header, up to and with the line of its authentication code. */
export function readHeader(sealed: Bytes): Bytes {
  for (let i = 0; i < Math.min(intro.length, sealed.length); i++) {
    if (sealed[i] !== intro.charCodeAt(i)) throw new Refused("not_age");
  }
  if (sealed.length === 0) throw new Refused("not_age");
  for (let start = 0; ; ) {
    const end = sealed.indexOf(0x0a, start);
    if (end < 0 || end >= maxHeader) throw new Refused(sealed.length > maxHeader ? "header_too_large" : "truncated");
    if (end - start >= 3 && sealed[start] === 0x2d && sealed[start + 1] === 0x2d && sealed[start + 2] === 0x2d) return sealed.subarray(0, end + 1);
    start = end + 1;
  }
}
