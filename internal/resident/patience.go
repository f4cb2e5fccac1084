package resident

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"porchlight.example/internal/footage"
)

// DefaultPatience is how long sending goes on trying without getting any further.
const DefaultPatience = 2 * time.Minute

// The pauses between tries grow from the first to the longest.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 15 * time.Second
)

// patience says how long to go on trying. It ends when nothing has got further for its limit.
type patience struct {
	limit time.Duration
	since time.Time // of the last thing that got further
	pause time.Duration
}

func newPatience(limit time.Duration) *patience {
	if limit == 0 {
		limit = DefaultPatience
	}
	return &patience{limit: limit, since: time.Now(), pause: firstPause}
}

// advanced notes that something got further.
func (p *patience) advanced() { p.since, p.pause = time.Now(), firstPause }

// wait pauses before the next try, or returns err when another try would not help or it has been tried for long enough.
func (p *patience) wait(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !passing(err) || time.Since(p.since)+p.pause > p.limit {
		return err
	}
	jitter := p.pause/2 + rand.N(p.pause)
	p.pause = min(2*p.pause, longestPause)
	timer := time.NewTimer(jitter)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// passing reports whether a failure may pass by itself.
func passing(err error) bool {
	switch footage.KindOf(err) {
	case footage.Unavailable, footage.Interrupted:
		return true
	case footage.Conflict:
		var own *footage.Error
		return errors.As(err, &own) && (own.Code == "upload_busy" || own.Code == "mismatched_offset")
	}
	return false
}

// do tries until it works, or until trying again would not help.
func (p *patience) do(ctx context.Context, try func(context.Context) error) error {
	for {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		err := try(call)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			err = footage.E(footage.Unavailable, "The exchange does not answer in time. Try again later; nothing is lost.")
		}
		if err == nil {
			return nil
		}
		if err := p.wait(ctx, err); err != nil {
			return err
		}
	}
}
