package upload

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"porchlight.example/internal/footage"
)

// call is what our parts behind tusd need to know of the request.
type call struct {
	ticket string
	clip   footage.ClipID
	asks   bool // for the offset
	body   *body
}

type callKey struct{}

// callOf returns the call of a request's context, which tusd passes on.
func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// body is a request's body that can be stopped from outside, and that remembers whether it broke off.
type body struct {
	io.ReadCloser
	conn    *http.ResponseController
	stopped atomic.Bool
	broken  atomic.Bool
}

func (b *body) Read(p []byte) (int, error) {
	if b.stopped.Load() {
		b.broken.Store(true)
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.broken.Store(true)
		if b.stopped.Load() || !nameable(err) {
			err = io.ErrUnexpectedEOF // not the deadline's fault
		}
	}
	return n, err
}

// nameable reports whether tusd knows how a body broke off. It takes every other fault of the sender's, such as a chunk that
// is no chunk, for one of its own.
func nameable(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, http.ErrBodyReadAfterClose)
}

// stop ends the body. The deadline wakes a read that is under way; the flag stands in front of those to come, since tusd
// sets the deadline anew after each that succeeds.
func (b *body) stop() {
	b.stopped.Store(true)
	_ = b.conn.SetReadDeadline(time.Now()) // without deadlines the sender's silence ends it
}

func (b *body) cut() bool { return b.broken.Load() }
