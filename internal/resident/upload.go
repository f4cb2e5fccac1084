package resident

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// upload sends the clips of one pending share.
type upload struct {
	client *api.Client // with the share's ticket
	p      *Pending
	opts   SendOptions
	before int64 // sealed bytes of the clips that are done
	total  int64
	kept   time.Time // when the pending share was kept last
}

func newUpload(x *Exchange, p *Pending, o SendOptions) *upload {
	u := &upload{client: x.Client.As(p.Ticket), p: p, opts: o, kept: time.Now()}
	for _, c := range p.Clips {
		if c.Done != nil {
			u.before += c.Done.Sealed.Size
			u.total += c.Done.Sealed.Size
		} else {
			u.total += c.Envelope.SealedSize()
		}
	}
	return u
}

func (u *upload) progress(at int64) {
	if u.opts.Progress != nil {
		u.opts.Progress(u.before+at, u.total)
	}
}

// clip sends one clip, or the rest of it, and fills in its line of the manifest.
func (u *upload) clip(ctx context.Context, pc *PendingClip, c *Clip) error {
	s, err := newStream(c, pc.Envelope, pc.Stamp)
	if err != nil {
		return err
	}
	defer c.orig.stop()
	wait := newPatience(u.opts.Patience)
	durable, err := u.find(ctx, pc, s, wait)
	for size := s.env.SealedSize(); err == nil && durable < size; {
		durable, err = u.push(ctx, pc, s, durable, wait)
	}
	if err != nil {
		return err
	}
	if pc.Done, err = s.line(*pc); err != nil {
		return err
	}
	u.before += s.env.SealedSize()
	pc.Envelope, pc.Upload, pc.Segments = nil, "", ""
	return u.opts.keep(u.p)
}

// find opens the upload, or asks how much of it is durable and makes the same bytes again up to there.
func (u *upload) find(ctx context.Context, pc *PendingClip, s *stream, wait *patience) (durable int64, err error) {
	if pc.Upload == "" {
		err := wait.do(ctx, func(ctx context.Context) (err error) {
			pc.Upload, err = u.client.CreateUpload(ctx, pc.ID, s.env.SealedSize())
			return err
		})
		if err != nil {
			return 0, lost(err)
		}
		wait.advanced()
		return 0, u.opts.keep(u.p)
	}
	if durable, err = u.offset(ctx, pc, wait); err != nil {
		return 0, err
	}
	sent, err := base64.RawURLEncoding.DecodeString(pc.Segments)
	if err != nil {
		return 0, errAnew
	}
	same, err := s.retrace(sent, durable, u.progress)
	if err == nil && !same {
		err = errAnew
	}
	return durable, err
}

func (u *upload) offset(ctx context.Context, pc *PendingClip, wait *patience) (durable int64, err error) {
	err = wait.do(ctx, func(ctx context.Context) (err error) {
		durable, err = u.client.UploadOffset(ctx, pc.Upload)
		if errors.Is(err, footage.Conflict) { // an answer to HEAD cannot say so, but this passes: another connection holds it
			err = footage.E(footage.Interrupted, "The exchange still waits for an older connection to end. Try again in a minute.")
		}
		return err
	})
	return durable, lost(err)
}

// lost tells an upload that the exchange no longer has from other failures.
func lost(err error) error {
	var own *footage.Error
	if errors.As(err, &own) && (own.Code == "upload_lost" || own.Kind == footage.NotFound || own.Code == "not_announced") {
		return errors.Join(errAnew, err)
	}
	return err
}

// push sends from a durable offset on, once, and returns the next one.
func (u *upload) push(ctx context.Context, pc *PendingClip, s *stream, from int64, wait *patience) (int64, error) {
	if err := s.unchanged(); err != nil {
		return from, err
	}
	call, cancel := context.WithCancel(ctx)
	defer cancel()
	b := &body{r: s.open(from), at: from, size: s.env.SealedSize(), alive: newWatch(cancel)}
	b.step = func(at int64) error { u.progress(at); return u.keepNow(pc, s) }
	durable, err := u.client.Append(call, pc.Upload, from, b.size-from, b)
	own := b.halt()
	if own != nil || err != nil {
		own = errors.Join(own, u.note(pc, s))
	}
	switch {
	case own != nil: // the clip's fault, not the connection's
		return from, own
	case err == nil:
		wait.advanced()
		return durable, nil
	case ctx.Err() != nil:
		return from, ctx.Err()
	case b.alive.fired.Load():
		err = footage.E(footage.Interrupted, "The exchange has stopped taking bytes. Try again later; what it has is kept.")
	}
	if err := wait.wait(ctx, lost(err)); err != nil {
		return from, err
	}
	durable, err = u.offset(ctx, pc, wait)
	if durable > from {
		wait.advanced()
	}
	return durable, err
}

// keepEvery is how often a pending share is kept while a clip is under way.
const keepEvery = 5 * time.Second

// keepNow notes now and then which segments went out.
func (u *upload) keepNow(pc *PendingClip, s *stream) error {
	if u.opts.Keep == nil || time.Since(u.kept) < keepEvery {
		return nil
	}
	return u.note(pc, s)
}

// note keeps what went out.
func (u *upload) note(pc *PendingClip, s *stream) error {
	u.kept = time.Now()
	pc.Segments = base64.RawURLEncoding.EncodeToString(s.sums.digest.Whole())
	return u.opts.keep(u.p)
}

// body is the body of one request: sealed bytes on their way. The HTTP client may read it a little longer than its call
// lasts, from a goroutine of its own; halt ends that.
type body struct {
	size  int64
	alive *watch
	step  func(at int64) error

	mu     sync.Mutex // guards the rest, and the stream behind r
	r      io.Reader
	at     int64
	halted bool
	err    error // of reading or keeping; nil at the end
}

func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.halted {
		return 0, io.ErrClosedPipe
	}
	n, err := b.r.Read(p)
	b.at += int64(n)
	b.alive.reset(b.at == b.size)
	if err == nil {
		err = b.step(b.at)
	}
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// halt ends reading and returns what made it fail, if something did.
func (b *body) halt() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.halted = true
	b.alive.stop()
	return b.err
}

// How long the exchange may take no byte, and how long it may take to make the last ones durable, before the connection is
// given up.
const (
	silence  = 90 * time.Second
	settling = 5 * time.Minute
)

// watch cancels a call that hangs.
type watch struct {
	timer *time.Timer
	fired atomic.Bool
}

func newWatch(cancel context.CancelFunc) *watch {
	w := &watch{}
	w.timer = time.AfterFunc(silence, func() { w.fired.Store(true); cancel() })
	return w
}

func (w *watch) stop() { w.timer.Stop() }

// reset begins to wait anew: for the next bytes to be taken, or for the acknowledgement of the last.
func (w *watch) reset(last bool) {
	if last {
		w.timer.Reset(settling)
		return
	}
	w.timer.Reset(silence)
}
