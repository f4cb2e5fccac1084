package resident

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"porchlight.example/internal/footage"
)

// once hands on to a writer only what it has not had yet. A stream that is made again after a broken connection passes it
// from some earlier place; what was hashed before is not hashed again.
type once struct {
	w    io.Writer // it never fails: a hash
	seen int64     // bytes that w has had
	at   int64     // where in the whole stream the next Write stands; never beyond seen
}

func (o *once) Write(p []byte) (int, error) {
	if end := o.at + int64(len(p)); end > o.seen {
		_, _ = o.w.Write(p[o.seen-o.at:])
		o.seen = end
	}
	o.at += int64(len(p))
	return len(p), nil
}

// tap is an original that is hashed while it is read in order, so that its hash costs no second reading.
type tap struct {
	r    io.ReaderAt
	h    hash.Hash // nil while nobody asks for it
	seen int64     // bytes hashed
}

func newTap(r io.ReaderAt) *tap { return &tap{r: r} }

// start begins a hash. From then on the tap is for one goroutine at a time.
func (t *tap) start() { t.h, t.seen = sha256.New(), 0 }

// stop ends hashing.
func (t *tap) stop() { t.h = nil }

// ReadAt reads the original; what comes next in its order is hashed in passing.
func (t *tap) ReadAt(p []byte, off int64) (int, error) {
	n, err := t.r.ReadAt(p, off)
	if end := off + int64(n); t.h != nil && off <= t.seen && end > t.seen {
		_, _ = t.h.Write(p[t.seen-off : n]) // a hash never fails
		t.seen = end
	}
	return n, err
}

// sum returns the SHA-256 of the whole original of a length, in hexadecimal. What was not read in passing is read now:
// nothing of a film, all of a still, whose copy was made beforehand.
func (t *tap) sum(size int64) (string, error) {
	if _, err := io.Copy(io.Discard, io.NewSectionReader(t, t.seen, size-t.seen)); err != nil {
		return "", fmt.Errorf("read original: %w", err)
	}
	if t.seen != size {
		return "", errChanged()
	}
	return hex.EncodeToString(t.h.Sum(nil)), nil
}

// sums are the hashes of a clip, made while it is sealed and sent.
type sums struct {
	sha256 hash.Hash
	clip   once // in front of sha256
	sealed once // in front of digest
	digest *footage.SegmentDigest
}

func newSums() *sums {
	s := &sums{sha256: sha256.New(), digest: &footage.SegmentDigest{}}
	s.clip.w, s.sealed.w = s.sha256, s.digest
	return s
}

// from tells where in clip and sealed stream the next bytes stand.
func (s *sums) from(clip, sealed int64) {
	s.clip.at, s.sealed.at = clip, sealed
}

func errChanged() error {
	return footage.Coded(footage.Conflict, "clip_changed", "The clip has changed while it was being sent. Wait until it is no longer being recorded or edited, and send it anew.")
}
