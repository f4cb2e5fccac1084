package seal

import "math/bits"

const (
	// MinPadded is the smallest padded length in bytes: one chunk of age's payload. Below it all clips look alike.
	MinPadded = chunkSize
	// MaxClip is the greatest clip length in bytes that can be sealed, 1 PiB; no sum of lengths overflows below it.
	MaxClip = 1 << 50
)

// PaddedLength returns the length in bytes to which a clip of n bytes is padded: the Padmé length, and [MinPadded] at
// least. Padmé leaves O(log log n) bits of the length to see and costs under 12 %, at clip sizes at most 3 %.
// It is for 0 <= n <= [MaxClip].
//
// Source: Nikitin, Barman, Lueks, Underwood, Hubaux, Ford, "Reducing Metadata Leakage from Encrypted Files and
// Communication with PURBs", PoPETs 2019(4), algorithm 1: with E = ⌊log2 n⌋ and S = ⌊log2 E⌋ + 1, the last E - S bits of
// the length are zero.
func PaddedLength(n int64) int64 {
	if n <= MinPadded {
		return MinPadded
	}
	e := bits.Len64(uint64(n)) - 1
	s := bits.Len64(uint64(e))
	mask := int64(1)<<(e-s) - 1
	return (n + mask) &^ mask
}
