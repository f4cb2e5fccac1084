package seal

import (
	"crypto/cipher"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/footage"
)

// Tee says who is shown the bytes that pass while sealing, so that a clip is read once for sealing and hashing. Each
// writer gets its bytes in order, in large pieces that it must not keep or change. Clip writers run in goroutines of
// their own, which end within the Read that started them. Writers may be up to 1 MiB ahead of what Read has returned.
// An error of a writer ends the reader with that error.
type Tee struct {
	Clip   []io.Writer // the clip's bytes from [Envelope.ClipOffset] on, padding left out
	Sealed []io.Writer // the sealed bytes from the reader's offset on
}

// Reader returns the sealed bytes from a sealed offset to the end. The same envelope, clip and offset always give the same
// bytes. The clip is read in order, in large pieces, from [Envelope.ClipOffset] on.
//
// If the clip turns out shorter or longer than the envelope's length the reader fails with Conflict (clip_changed); an
// error of the clip is passed on wrapped. The reader holds about 3 MiB and is for one goroutine; it never closes the clip.
func (e *Envelope) Reader(clip io.ReaderAt, offset int64) io.Reader {
	return e.ReaderTee(clip, offset, Tee{})
}

// ReaderTee is [Envelope.Reader] with onlookers.
func (e *Envelope) ReaderTee(clip io.ReaderAt, offset int64, tee Tee) io.Reader {
	s := &sealer{clip: clip, tee: tee, aead: payloadCipher(e.fileKey[:], e.nonce[:]), length: e.clip, padded: e.padded}
	if offset < 0 || offset > e.SealedSize() {
		s.err = footage.E(footage.Invalid, fmt.Sprintf("A sealed file of %d bytes cannot be read from byte %d.", e.SealedSize(), offset))
		return s
	}
	prefix := append(append([]byte(nil), e.header...), e.nonce[:]...)
	if offset < int64(len(prefix)) {
		s.prefix = prefix[offset:]
		return s
	}
	payload := offset - int64(len(prefix))
	s.index = payload / sealedChunk
	s.skip = int(payload % sealedChunk)
	return s
}

// Stream is [Envelope.ReaderTee] from the beginning, for a clip that can only be read once and in order.
func (e *Envelope) Stream(clip io.Reader, tee Tee) io.Reader {
	return e.ReaderTee(&sequence{r: clip}, 0, tee)
}

// sequence makes a reader pass for a ReaderAt that is only ever asked for what comes next.
type sequence struct {
	r  io.Reader
	at int64
}

func (s *sequence) ReadAt(p []byte, off int64) (int, error) {
	if off != s.at {
		panic(fmt.Sprintf("seal: sequential clip read at %d instead of %d", off, s.at))
	}
	n, err := readUpTo(s.r, p)
	s.at += int64(n)
	return n, err
}

// sealer makes a payload batch by batch. While one batch is sealed, the next is already read.
type sealer struct {
	clip   io.ReaderAt
	tee    Tee
	aead   cipher.AEAD
	length int64 // of the clip
	padded int64

	prefix []byte // header and nonce, as far as they are wanted
	index  int64  // of the next chunk to seal
	skip   int    // bytes of the first chunk that are not wanted

	now, next batch
	out       []byte // room for a batch of sealed chunks
	ready     []byte // sealed and not yet returned
	err       error  // what comes after it
}

// batch is a piece of plaintext that begins with a chunk.
type batch struct {
	buf  []byte // clip and padding
	clip int    // bytes of it that are the clip's
	err  error
	full bool // read, and not yet sealed
}

func (s *sealer) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(s.ready) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.fill()
	}
	n := copy(p, s.ready)
	s.ready = s.ready[n:]
	return n, nil
}

// WriteTo writes the rest of the sealed bytes batch by batch; io.Copy uses it.
func (s *sealer) WriteTo(w io.Writer) (total int64, err error) {
	for {
		n, err := w.Write(s.ready)
		total += int64(n)
		s.ready = s.ready[n:]
		switch {
		case err != nil:
			return total, err
		case s.err == io.EOF:
			return total, nil
		case s.err != nil:
			return total, s.err
		}
		s.fill()
	}
}

// fill makes the next sealed bytes ready, or sets err.
func (s *sealer) fill() {
	if len(s.prefix) > 0 {
		s.ready, s.prefix = s.prefix, nil
		s.err = writeAll(s.tee.Sealed, s.ready)
		return
	}
	start := s.index * chunkSize
	if s.index == chunkCount(s.padded) {
		s.err = io.EOF
		return
	}
	if !s.now.full {
		s.now = s.read(s.now.buf, start)
	}
	if s.now.err != nil {
		s.err = s.now.err
		return
	}
	if s.err = s.sealBatch(start); s.err != nil {
		s.ready = nil
		return
	}
	s.now, s.next = s.next, s.now
}

// sealBatch seals the batch that starts at a plaintext offset, shows it to the onlookers and reads the next, all at once.
func (s *sealer) sealBatch(start int64) error {
	var work errgroup.Group
	for _, w := range s.tee.Clip {
		work.Go(func() error { return writeAll([]io.Writer{w}, s.now.buf[:s.now.clip]) })
	}
	s.next.full = false
	if after := start + int64(len(s.now.buf)); after < s.padded {
		work.Go(func() error {
			s.next = s.read(s.next.buf, after)
			return nil // it is reported when its turn comes
		})
	}
	s.sealChunks()
	err := writeAll(s.tee.Sealed, s.ready)
	if other := work.Wait(); err == nil {
		err = other
	}
	return err
}

func (s *sealer) sealChunks() {
	if s.out == nil {
		s.out = make([]byte, 0, (len(s.now.buf)/chunkSize+1)*sealedChunk)
	}
	out := s.out[:0]
	last := chunkCount(s.padded) - 1
	for rest := s.now.buf; ; {
		plain := rest[:min(chunkSize, len(rest))]
		rest = rest[len(plain):]
		out = s.aead.Seal(out, chunkNonce(s.index, s.index == last)[:], plain, nil)
		s.index++
		if len(rest) == 0 {
			break
		}
	}
	s.ready = out[s.skip:]
	s.skip = 0
}

// read fills a batch from a plaintext offset on: clip as far as it goes, then zeros.
func (s *sealer) read(buf []byte, start int64) batch {
	size := int(min(batchSize, s.padded-start))
	if cap(buf) < size {
		buf = make([]byte, size)
	}
	b := batch{buf: buf[:size], full: true}
	b.clip = int(max(0, min(int64(size), s.length-start)))
	if b.clip > 0 {
		n, err := s.clip.ReadAt(b.buf[:b.clip], start)
		if n < b.clip {
			b.err = clipError(err)
			return b
		}
	}
	clear(b.buf[b.clip:])
	if end := start + int64(b.clip); b.clip > 0 && end == s.length {
		b.err = s.checkEnd()
	}
	return b
}

// checkEnd makes sure that the clip has not grown, as one does that is still being recorded.
func (s *sealer) checkEnd() error {
	var one [1]byte
	n, err := s.clip.ReadAt(one[:], s.length)
	if n == 0 && err == io.EOF {
		return nil
	}
	if n > 0 {
		err = io.EOF
	}
	return clipError(err)
}

func clipError(err error) error {
	if err == nil || err == io.EOF {
		return footage.Coded(footage.Conflict, CodeClipChanged,
			"The clip has changed while it was being sealed. Wait until it is no longer being recorded or edited, and send it from the beginning.")
	}
	return fmt.Errorf("read clip: %w", err)
}

func writeAll(writers []io.Writer, p []byte) error {
	for _, w := range writers {
		if n, err := w.Write(p); err != nil {
			return err
		} else if n < len(p) {
			return io.ErrShortWrite
		}
	}
	return nil
}
