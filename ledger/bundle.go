package ledger

import (
	"encoding/binary"

	"porchlight.example/internal/footage"
)

// MaxEntry is the most bytes that an encoded entry may have; its length must fit 16 bits.
const MaxEntry = 65_535

// AppendBundle appends an entry to an entry bundle: its length as a big-endian uint16, then its bytes. It panics if the
// entry is longer than [MaxEntry], which [Entry.Encode] never lets happen.
func AppendBundle(bundle, entry []byte) []byte {
	if len(entry) > MaxEntry {
		panic("ledger: entry too long for a bundle")
	}
	bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(entry)))
	return append(bundle, entry...)
}

// ParseBundle splits an entry bundle of 1 to 256 entries. The entries share the bundle's memory.
func ParseBundle(bundle []byte) ([][]byte, error) {
	var entries [][]byte
	for len(bundle) > 0 {
		if len(entries) == tileWidth {
			return nil, footage.E(footage.Invalid, "The entry bundle holds more than 256 entries.")
		}
		if len(bundle) < 2 {
			return nil, footage.E(footage.Invalid, "The entry bundle ends inside the length of an entry.")
		}
		n := int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < 2+n {
			return nil, footage.E(footage.Invalid, "The entry bundle ends inside an entry.")
		}
		entries = append(entries, bundle[2:2+n:2+n])
		bundle = bundle[2+n:]
	}
	if len(entries) == 0 {
		return nil, footage.E(footage.Invalid, "The entry bundle is empty.")
	}
	return entries, nil
}
