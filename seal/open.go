package seal

import (
	"crypto/cipher"
	"fmt"
	"io"
)

// Open returns the plaintext of a sealed clip as a stream: the clip, then its padding, which the caller cuts off at the
// length that the manifest says and checks ([OpenFile] does both). Whichever identity fits opens it.
//
// Open itself fails for a header that does not open; the reader fails later for a payload that was changed, cut off or
// added to. Every byte that it returns is authentic and in its place, but only io.EOF shows that nothing is missing.
// An error of r is passed on wrapped. The reader holds 2 MiB, has a WriteTo for io.Copy, and is for one goroutine.
func Open(r io.Reader, ids ...*Identity) (io.Reader, error) {
	return start(r, ageIdentities(ids))
}

// opener decrypts a payload batch by batch.
type opener struct {
	src    io.Reader // at the next sealed chunk
	aead   cipher.AEAD
	header int64 // bytes of the header
	expect int64 // bytes of plaintext if known beforehand, else 0; sharpens which refusal is given, not whether

	index  int64  // of the next chunk
	sealed []byte // room for a batch of sealed chunks
	plain  []byte // room for them opened
	ready  []byte // opened and not yet returned
	err    error  // what comes after it
}

func (o *opener) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(o.ready) == 0 {
		if o.err != nil {
			return 0, o.err
		}
		o.fill()
	}
	n := copy(p, o.ready)
	o.ready = o.ready[n:]
	return n, nil
}

// WriteTo writes the rest of the plaintext batch by batch, without a copy between; io.Copy uses it.
func (o *opener) WriteTo(w io.Writer) (total int64, err error) {
	for {
		n, err := w.Write(o.ready)
		total += int64(n)
		o.ready = o.ready[n:]
		switch {
		case err != nil:
			return total, err
		case o.err == io.EOF:
			return total, nil
		case o.err != nil:
			return total, o.err
		}
		o.fill()
	}
}

// fill reads and opens the next batch. It sets err when the payload is over, for good or ill.
func (o *opener) fill() {
	if o.sealed == nil {
		o.sealed = make([]byte, batchChunks*sealedChunk)
	}
	if o.plain == nil {
		o.plain = make([]byte, 0, batchSize)
	}
	n, err := readUpTo(o.src, o.sealed)
	if err != nil && err != io.EOF {
		n -= n % sealedChunk // a chunk that the source broke off cannot be judged
		o.err = fmt.Errorf("read sealed payload: %w", err)
	}
	o.openBatch(o.sealed[:n])
	if o.err == nil && err == io.EOF {
		o.err = errTruncated() // no chunk was marked as the last
	}
}

func (o *opener) openBatch(rest []byte) {
	o.ready = o.plain[:0]
	for len(rest) > 0 {
		in := rest[:min(sealedChunk, len(rest))]
		rest = rest[len(in):]
		out, last, ok := openChunk(o.aead, o.ready, o.index, in)
		if !ok {
			o.err = refuseChunk(o.aead, o.index, in, o.expect)
			return
		}
		o.ready = out
		o.index++
		if last {
			o.err = o.finish(rest)
			return
		}
	}
}

// finish makes sure that nothing follows the last chunk.
func (o *opener) finish(rest []byte) error {
	var one [1]byte
	n, err := readUpTo(o.src, one[:])
	switch {
	case len(rest) > 0 || n > 0:
		return errTrailing()
	case err != io.EOF:
		return fmt.Errorf("read after sealed payload: %w", err)
	}
	return io.EOF
}

// openChunk appends the plaintext of one sealed chunk to out. Whether a whole chunk is the last shows only in how it
// opens; a short one must be.
func openChunk(aead cipher.AEAD, out []byte, index int64, in []byte) (plain []byte, last, ok bool) {
	if len(in) == sealedChunk {
		if plain, err := aead.Open(out, chunkNonce(index, false)[:], in, nil); err == nil {
			return plain, false, true
		}
	}
	if len(in) == tagSize && index > 0 {
		return nil, false, false // an empty chunk may only stand alone
	}
	plain, err := aead.Open(out, chunkNonce(index, true)[:], in, nil)
	return plain, true, err == nil
}

// refuseChunk says why a chunk did not open. No answer is more trusted than another, they all refuse; but "fetch it again"
// and "it was changed" are different news for people.
//
// A last chunk with something behind it is recognised by trying every padded length that could end in it: at most 32.
// A short one is taken for cut off unless the file as it is has the expected, or at least a padded, length.
func refuseChunk(aead cipher.AEAD, index int64, in []byte, expect int64) error {
	base := index * chunkSize
	for length := PaddedLength(base + 1); length-base+tagSize < int64(len(in)); length = PaddedLength(length + 1) {
		if _, err := aead.Open(nil, chunkNonce(index, true)[:], in[:length-base+tagSize], nil); err == nil {
			return errTrailing()
		}
	}
	length := base + int64(len(in)) - tagSize
	whole := length == PaddedLength(length)
	if expect > 0 {
		whole = length >= expect
	}
	if len(in) < sealedChunk && !whole {
		return errTruncated()
	}
	return errCorrupted()
}
