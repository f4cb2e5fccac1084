package seal

import (
	"crypto/cipher"
	"fmt"
	"io"
	"sync"

	"filippo.io/age"

	"porchlight.example/internal/footage"
)

// ReaderAt reads the plaintext of a sealed clip at random: each read opens only the chunks it touches. It may be used
// from several goroutines.
type ReaderAt struct {
	src    io.ReaderAt
	aead   cipher.AEAD
	start  int64 // offset of the payload's first chunk
	plain  int64 // bytes of plaintext
	sealed int64 // bytes of payload

	mu     sync.Mutex
	cached int64  // index of the chunk in cache, -1 for none; mu guards both
	cache  []byte // a copy, replaced and never written to
}

// OpenAt opens a sealed clip of size bytes for random access. It reads the header and the last chunk, so that the length
// is authentic from the beginning; it fails as [Open] and the reader that Open returns do. What lies between is checked
// when it is read, and only then.
func OpenAt(r io.ReaderAt, size int64, ids ...*Identity) (*ReaderAt, error) {
	return openAt(r, size, ageIdentities(ids))
}

func openAt(r io.ReaderAt, size int64, ids []age.Identity) (*ReaderAt, error) {
	o, err := start(io.NewSectionReader(r, 0, size), ids)
	if err != nil {
		return nil, err
	}
	return openPayloadAt(r, o.header+nonceSize, size, o.aead)
}

// openPayloadAt opens a payload that begins at a byte of r and ends at size.
func openPayloadAt(r io.ReaderAt, begin, size int64, aead cipher.AEAD) (*ReaderAt, error) {
	sealed := size - begin
	if sealed < tagSize {
		return nil, errTruncated()
	}
	chunks := (sealed + sealedChunk - 1) / sealedChunk
	a := &ReaderAt{src: r, aead: aead, start: begin, sealed: sealed, plain: sealed - chunks*tagSize, cached: -1}
	if err := a.checkLast(chunks - 1); err != nil {
		return nil, err
	}
	return a, nil
}

// Size returns the length of the plaintext in bytes, padding included. The clip's own length is in the manifest.
func (a *ReaderAt) Size() int64 { return a.plain }

// ReadAt is that of io.ReaderAt.
func (a *ReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, footage.E(footage.Invalid, "A clip cannot be read from before its beginning.")
	}
	n := 0
	for n < len(p) {
		at := off + int64(n)
		if at >= a.plain {
			return n, io.EOF
		}
		chunk, err := a.chunk(at / chunkSize)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], chunk[at%chunkSize:])
	}
	return n, nil
}

// chunk returns the plaintext of one chunk, which must exist.
func (a *ReaderAt) chunk(index int64) ([]byte, error) {
	a.mu.Lock()
	if a.cached == index {
		defer a.mu.Unlock()
		return a.cache, nil
	}
	a.mu.Unlock()
	in, err := a.readChunk(index)
	if err != nil {
		return nil, err
	}
	plain, err := a.aead.Open(in[:0], chunkNonce(index, a.isLast(index))[:], in, nil)
	if err != nil {
		return nil, errCorrupted()
	}
	a.mu.Lock()
	a.cached, a.cache = index, plain
	a.mu.Unlock()
	return plain, nil
}

func (a *ReaderAt) isLast(index int64) bool { return (index+1)*sealedChunk >= a.sealed }

func (a *ReaderAt) readChunk(index int64) ([]byte, error) {
	from := index * sealedChunk
	in := make([]byte, min(sealedChunk, a.sealed-from))
	n, err := a.src.ReadAt(in, a.start+from)
	switch {
	case n == len(in):
		return in, nil
	case err == nil || err == io.EOF:
		return nil, errTruncated()
	}
	return nil, fmt.Errorf("read sealed chunk %d: %w", index, err)
}

// checkLast opens the last chunk, which shows that the size is the one that was sealed.
func (a *ReaderAt) checkLast(index int64) error {
	in, err := a.readChunk(index)
	if err != nil {
		return err
	}
	plain, last, ok := openChunk(a.aead, nil, index, in)
	switch {
	case ok && last:
		a.cached, a.cache = index, plain
		return nil
	case ok:
		return errTruncated()
	case index > 0 && a.endsIn(index-1):
		return errTrailing()
	}
	return refuseChunk(a.aead, index, in, 0)
}

// endsIn reports whether the payload was sealed to end in an earlier chunk, so that what follows was added.
func (a *ReaderAt) endsIn(index int64) bool {
	in, err := a.readChunk(index)
	if err != nil {
		return false
	}
	if _, last, ok := openChunk(a.aead, nil, index, in); ok {
		return last
	}
	return codeOf(refuseChunk(a.aead, index, in, 0)) == CodeTrailing
}
