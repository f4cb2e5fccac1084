package upload

import (
	"io"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/footage"
)

const (
	bufferSize = 512 << 10 // bytes that are read, written and hashed at a time
	bufferLead = 2         // buffers by which writing may lag behind reading, and hashing behind writing
	smallBody  = 2 << 20   // up to here goroutines cost more than they save
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
	stop    func() // ends the body from outside
	digest  *footage.SegmentDigest
	buffers *buffers
	now     func() time.Time

	at     int64 // offset of the next byte
	end    int64 // the declared length
	every  int64 // it may pause at multiples of this
	paused time.Time
	ended  bool // the body has ended
}

func (u *upload) intake(body io.Reader, stop func(), digest *footage.SegmentDigest) *intake {
	step := u.bucket.Step(u.row.Length)
	return &intake{
		body: body, stop: stop, digest: digest, buffers: u.buffers, now: u.now, paused: u.now(),
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

// take fills p from the body, up to the next multiple of its length, or of where a pause is allowed, and notes when the
// body has ended. Whole pieces can be written past the page cache.
func (in *intake) take(p []byte) (int, error) {
	size := int64(len(p))
	n, err := io.ReadFull(in.body, p[:min(size-in.at%size, in.every-in.at%in.every)])
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

// WriteTo pushes the bytes to a bucket. Of a large body one piece is read while the one before is written and the one
// before that is hashed.
func (in *intake) WriteTo(w io.Writer) (int64, error) {
	if in.end-in.at <= smallBody {
		return in.push(w)
	}
	read, written := make(chan piece, bufferLead), make(chan piece, bufferLead)
	var group errgroup.Group
	var readErr error
	group.Go(func() error { defer close(read); readErr = in.read(read); return nil })
	group.Go(func() error {
		for p := range written {
			in.hash(p)
		}
		return nil
	})
	n, err := in.write(w, read, written)
	close(written)
	_ = group.Wait() // it returns nothing but nil
	if err == nil {
		err = readErr
	}
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

// next reads one piece and reports whether it is the last for now.
func (in *intake) next() (p piece, last bool, err error) {
	p.buffer = in.buffers.take()
	p.n, err = in.take(p.buffer[:])
	if err == io.EOF {
		return p, true, nil
	}
	return p, err != nil || in.pause(), err
}

// read hands on piece after piece.
func (in *intake) read(to chan<- piece) error {
	for {
		p, last, err := in.next()
		to <- p
		if last {
			return err
		}
	}
}

// write writes the pieces and hands them on. After a failure it ends the body and lets go of what was read ahead.
func (in *intake) write(w io.Writer, from <-chan piece, to chan<- piece) (total int64, err error) {
	for p := range from {
		if err != nil {
			in.buffers.giveBack(p.buffer)
			continue
		}
		p.n, err = w.Write(p.buffer[:p.n])
		total += int64(p.n)
		to <- p
		if err != nil {
			in.stop()
		}
	}
	return total, err
}

// push copies a small body to w and hashes each piece once it is written.
func (in *intake) push(w io.Writer) (total int64, err error) {
	for {
		p, last, readErr := in.next()
		p.n, err = w.Write(p.buffer[:p.n])
		total += int64(p.n)
		in.hash(p)
		if err != nil {
			return total, err
		}
		if last {
			return total, readErr
		}
	}
}
