package upload

import (
	"context"
	"sync"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"porchlight.example/internal/footage"
)

// locks let one request at a time work on an upload, within this process; between processes the Book's compare-and-swap
// decides. A second request is refused, but one that asks for the offset ends the first if that hangs: a sender who asks
// has lost its connection, and the old request would sit on it until it times out.
type locks struct {
	mu   sync.Mutex
	held map[string]*hold // by upload ID
}

// hold is the lock of one upload in the hands of one request.
type hold struct {
	by       *call
	released chan struct{}
}

// NewLock returns the lock of an upload, not yet held.
func (l *locks) NewLock(id string) (handler.Lock, error) { return &lock{locks: l, id: id}, nil }

type lock struct {
	*locks
	id   string
	mine *hold
}

// patience is how long a request that asks for the offset lets the one before come to its own end. A connection that was
// cut still holds bytes that the server has not read; only one that hangs is worth ending.
const patience = time.Second

// Lock takes the lock for the request of ctx.
func (l *lock) Lock(ctx context.Context, _ func()) error {
	c := callOf(ctx)
	for hang := time.After(patience); ; {
		other := l.take(c)
		if other == nil {
			return nil
		}
		if !c.asks {
			return errLocked().tusd()
		}
		select {
		case <-other.released:
		case <-hang:
			l.stop(other)
		case <-ctx.Done():
			return errLocked().tusd()
		}
	}
}

// take takes the lock, or returns who holds it.
func (l *lock) take(c *call) *hold {
	l.mu.Lock()
	defer l.mu.Unlock()
	if other := l.held[l.id]; other != nil {
		return other
	}
	l.mine = &hold{by: c, released: make(chan struct{})}
	l.held[l.id] = l.mine
	return nil
}

// stop tells a holder to end. That happens under the mutex, so that it is still the holder's connection that is told.
func (l *lock) stop(h *hold) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[l.id] == h {
		h.by.body.stop()
	}
}

// Unlock gives the lock back.
func (l *lock) Unlock() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.held, l.id)
	close(l.mine.released)
	return nil
}

func errLocked() problem {
	p := problemOf(footage.Coded(footage.Conflict, "upload_busy", "Another connection is sending this upload just now. Please try again in a moment."))
	p.Status = 423 // Locked, RFC 4918
	return p
}
