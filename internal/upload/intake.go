package upload

import (
	"io"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/footage"
)

const (
	bufferSize = 256 << 10 // bytes that are read, written and hashed at a time
	bufferLead = 4         // buffers by which hashing may lag behind writing
	smallBody  = 2 << 20   // up to here a second goroutine costs more than it saves
	pauseEvery = 8 << 20   // bytes between the places at which an intake may pause
	pauseAfter = 2 * time.Second
)

// buffers lends byte slices of bufferSize.
type buffers struct{ pool sync.Pool }

func newBuffers() *buffers {
	return &buffers{pool: sync.Pool{New: func() any { return new([bufferSize]byte) }}}
}

func (b *buffers) take() *[bufferSize]byte      { return b.pool.Get().(*[bufferSize]byte) }
func (b *buffers) giveBack(x *[bufferSize]byte) { b.pool.Put(x) }

// intake is a request's body on its way to the bucket. It hashes what passes, and ends early now and then so that what has
// come so far can be noted: a server that is killed costs the sender of a large clip seconds, not the clip.
type intake struct {
	body    io.Reader
	digest  *footage.SegmentDigest
	buffers *buffers
	now     func() time.Time

	at     int64 // offset of the next byte
	end    int64 // the declared length
	every  int64 // it may pause at multiples of this
	paused time.Time
	ended  bool // the body has ended
}

func (u *upload) intake(body io.Reader, digest *footage.SegmentDigest) *intake {
	step := u.bucket.Step(u.row.Length)
	return &intake{
		body: body, digest: digest, buffers: u.buffers, now: u.now, paused: u.now(),
		at: u.row.Offset, end: u.row.Length, every: (pauseEvery + step - 1) / step * step,
	}
}

// pause reports whether this is the place and the time to note what has come.
func (in *intake) pause() bool {
	if in.at%in.every != 0 || in.at >= in.end || in.now().Sub(in.paused) < pauseAfter {
		return false
	}
	in.paused = in.now()
	return true
}

// take fills p from the body, up to the next place at which a pause is allowed, and notes when the body has ended.
func (in *intake) take(p []byte) (int, error) {
	n, err := io.ReadFull(in.body, p[:min(int64(len(p)), in.every-in.at%in.every)])
	in.at += int64(n)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	in.ended = err != nil
	return n, err
}

// Read lets a bucket pull the bytes, hashing in its time.
func (in *intake) Read(p []byte) (int, error) {
	if in.ended {
		return 0, io.EOF
	}
	n, err := in.take(p[:min(len(p), bufferSize)])
	_, _ = in.digest.Write(p[:n]) // it never fails
	if err == nil && in.pause() {
		err = io.EOF
	}
	return n, err
}

// WriteTo pushes the bytes to a bucket. Of a large body each piece is hashed while the next is read and written.
func (in *intake) WriteTo(w io.Writer) (int64, error) {
	if in.end-in.at <= smallBody {
		return in.push(w, in.hash)
	}
	pieces := make(chan piece, bufferLead)
	var hashing errgroup.Group
	hashing.Go(func() error {
		for p := range pieces {
			in.hash(p)
		}
		return nil
	})
	n, err := in.push(w, func(p piece) { pieces <- p })
	close(pieces)
	_ = hashing.Wait() // it returns nothing but nil
	return n, err
}

// piece is n bytes in a borrowed buffer.
type piece struct {
	buffer *[bufferSize]byte
	n      int
}

// hash hashes a piece and gives its buffer back.
func (in *intake) hash(p piece) {
	_, _ = in.digest.Write(p.buffer[:p.n]) // it never fails
	in.buffers.giveBack(p.buffer)
}

// push copies the body to w and hands each piece on once it is written.
func (in *intake) push(w io.Writer, written func(piece)) (int64, error) {
	var total int64
	for {
		buf := in.buffers.take()
		n, readErr := in.take(buf[:])
		k, err := w.Write(buf[:n])
		total += int64(k)
		written(piece{buf, k})
		switch {
		case err != nil:
			return total, err
		case readErr == io.EOF, readErr == nil && in.pause():
			return total, nil
		case readErr != nil:
			return total, readErr
		}
	}
}
