package seal

import "strings"

const (
	identityPrefix = "AGE-SECRET-KEY-PQ-"
	bech32Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	bech32Checksum = 6 // characters
)

// encodeIdentity writes a 32-byte seed as an age identity: Bech32 (BIP 173, without its limit of 90 characters) in upper
// case. The age library can read identities but gives no way to make one from a seed.
func encodeIdentity(seed []byte) string {
	values := toFiveBits(seed)
	var out strings.Builder
	out.WriteString(strings.ToLower(identityPrefix) + "1")
	for _, v := range append(values, bech32Check(strings.ToLower(identityPrefix), values)...) {
		out.WriteByte(bech32Alphabet[v])
	}
	return strings.ToUpper(out.String())
}

func toFiveBits(data []byte) []byte {
	var out []byte
	acc, n := uint32(0), 0
	for _, b := range data {
		acc, n = acc<<8|uint32(b), n+8
		for ; n >= 5; n -= 5 {
			out = append(out, byte(acc>>(n-5))&31)
		}
	}
	if n > 0 {
		out = append(out, byte(acc<<(5-n))&31)
	}
	return out
}

// bech32Check computes the checksum over the prefix, spread as BIP 173 says, and the five-bit values.
func bech32Check(prefix string, values []byte) []byte {
	var all []byte
	for i := range prefix {
		all = append(all, prefix[i]>>5)
	}
	all = append(all, 0)
	for i := range prefix {
		all = append(all, prefix[i]&31)
	}
	all = append(append(all, values...), make([]byte, bech32Checksum)...)
	mod := bech32Polymod(all) ^ 1
	check := make([]byte, bech32Checksum)
	for i := range check {
		check[i] = byte(mod>>(5*(bech32Checksum-1-i))) & 31
	}
	return check
}

func bech32Polymod(values []byte) uint32 {
	generator := [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	sum := uint32(1)
	for _, v := range values {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range generator {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	return sum
}
