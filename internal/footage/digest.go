package footage

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// SegmentDigest hashes a stream in segments of [SegmentSize] bytes. The digest is the SHA-256 of the concatenated
// SHA-256 hashes of the segments, the last of which may be shorter; an empty stream has no segment. Because whole
// segments are remembered, resuming re-reads one segment at most. The zero value is ready to use.
type SegmentDigest struct {
	whole []byte // hashes of complete segments, 32 bytes each
	n     int    // bytes in the open segment
	open  hash.Hash
}

// ResumeSegments returns a digest that goes on after complete segments whose concatenated hashes are given.
func ResumeSegments(whole []byte) *SegmentDigest {
	return &SegmentDigest{whole: append([]byte(nil), whole[:len(whole)/sha256.Size*sha256.Size]...)}
}

// Write adds bytes; it never fails.
func (d *SegmentDigest) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		if d.open == nil {
			d.open = sha256.New()
		}
		k := min(len(p), SegmentSize-d.n)
		d.open.Write(p[:k])
		d.n += k
		p = p[k:]
		if d.n == SegmentSize {
			d.whole = d.open.Sum(d.whole)
			d.open.Reset()
			d.n = 0
		}
	}
	return total, nil
}

// Whole returns the concatenated hashes of the complete segments.
func (d *SegmentDigest) Whole() []byte { return append([]byte(nil), d.whole...) }

// Len returns how many bytes were written, those of resumed segments included.
func (d *SegmentDigest) Len() int64 {
	return int64(len(d.whole)/sha256.Size)*SegmentSize + int64(d.n)
}

// Sum returns the digest of what was written so far, in hexadecimal. More may be written afterwards.
func (d *SegmentDigest) Sum() string {
	all := d.Whole()
	if d.n > 0 {
		all = d.open.Sum(all)
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:])
}
