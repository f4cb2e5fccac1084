// How long a clip is made with zeros, so that its length tells little (seal/padding.go, doc/formats.md 16).

/** The smallest padded length: one chunk. Below it all clips look alike. */
export const minPadded = 64 << 10;

/** The longest clip that can be sealed, 1 PiB; every length below it is an exact number here. */
export const maxClip = 2 ** 50;

/** The Padmé length of a clip, and minPadded at least. */
export function paddedLength(n: number): number {
  if (n <= minPadded) return minPadded;
  const e = floorLog2(n);
  const step = 2 ** (e - (floorLog2(e) + 1));
  return Math.ceil(n / step) * step;
}

/** Math.log2 may round up just below a power of two. */
function floorLog2(n: number): number {
  let e = Math.floor(Math.log2(n));
  if (2 ** e > n) e--;
  if (2 ** (e + 1) <= n) e++;
  return e;
}
