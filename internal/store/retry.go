package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"porchlight.example/internal/footage"
)

// again marks an error after which an attempt may be made anew: nothing of it is in the database.
type again struct{ error }

func (a again) Unwrap() error { return a.error }

// persist makes attempts until one ends in anything but [again], ctx ends, or the patience does. The pauses between them
// grow from about a millisecond to a quarter of a second and are random, so that rivals do not meet again.
func persist(ctx context.Context, patience time.Duration, attempt func() error) error {
	end := time.Now().Add(patience)
	for n := 0; ; n++ {
		err := attempt()
		var a again
		if !errors.As(err, &a) {
			return err
		}
		wait := time.Duration(rand.Int64N(int64(time.Millisecond) << min(n, 8)))
		if time.Now().Add(wait).After(end) {
			return tired(a.error)
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// tired is the error of a transaction that was tried again until the patience ended.
func tired(err error) error {
	if footage.KindOf(err) == footage.Unavailable {
		return err
	}
	return fmt.Errorf("%w (%w)", footage.E(footage.Unavailable, "The database is too busy; try again later."), err)
}

// pause waits, or returns ctx's error as soon as ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
