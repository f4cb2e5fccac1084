package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/jobs"
	"porchlight.example/internal/store"
)

// endings are the ways in which a share's clips come to be erased.
func (w *world) endings() map[string]func(p parcel) error {
	ctx := w.t.Context()
	picked := []footage.EventKind{footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted}
	return map[string]func(p parcel) error{
		"confirmed": func(p parcel) error {
			w.release()
			w.steps(w.police, p.Share, picked...)
			return w.step(w.police, p.Share, footage.EventConfirmed, nil)
		},
		"declined": func(p parcel) error {
			w.release()
			w.steps(w.police, p.Share, picked[:2]...)
			return w.step(w.police, p.Share, footage.EventDeclined, map[string]string{"reason": "not_relevant", "exculpatory": "none_seen"})
		},
		"withdrawn": func(p parcel) error { return discard(w.x.Withdraw(ctx, p.credential)) },
		"never picked up": func(parcel) error {
			w.release()
			w.advance(retention)
			return w.x.Sweep(ctx)
		},
		"never confirmed": func(p parcel) error {
			w.release()
			w.steps(w.police, p.Share, picked...)
			w.advance(retention)
			return w.x.Sweep(ctx)
		},
	}
}

// erased checks that nothing is left of a share but its tombstone, and that chain and guard say so.
func (w *world) erased(p parcel) {
	w.t.Helper()
	ctx := w.t.Context()
	box, err := w.x.Mailbox(ctx, p.credential)
	must(w.t, err)
	last := box.Events[len(box.Events)-1]
	if (box.State != footage.ShareErased && box.State != footage.ShareTakenBack) || last.Kind != footage.EventErased {
		w.t.Errorf("the receipt says %s, the chain ends with %s", box.State, last.Kind)
	}
	if _, err := footage.CheckChain(box.Events, w.keyOf(w.police)); err != nil {
		w.t.Error(err)
	}
	if kept := w.clips(); len(kept) != 0 {
		w.t.Errorf("clips are left: %v", kept)
	}
	must(w.t, w.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		s, err := tx.Share(p.Share)
		must(w.t, err)
		uploads, err := tx.Uploads(p.Share)
		if len(s.Manifest) != 0 || s.Declared != 0 || len(uploads) != 0 {
			w.t.Errorf("the row keeps %d bytes of manifest, %d declared, %d uploads", len(s.Manifest), s.Declared, len(uploads))
		}
		return err
	}))
	recorded, unreadable, err := w.cfg.Guard.Erasures()
	must(w.t, err)
	if i := slices.IndexFunc(recorded, func(e exchange.Erasure) bool { return e.Share == p.Share && e.Final == box.State }); i < 0 || unreadable > 0 {
		w.t.Errorf("the guard does not know of the erasure: %v, %d lines unreadable", recorded, unreadable)
	}
	n := 0
	for _, e := range box.Events {
		if e.Kind == footage.EventErased {
			n++
		}
	}
	if n != 1 {
		w.t.Errorf("the chain says %d times that the clips are erased", n)
	}
}

// TestEveryEndErases: whatever ends a share's life, its clips go (D1).
func TestEveryEndErases(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		for name, end := range w.endings() {
			p, _ := w.send(w.police, w.publish(w.police, w.fresh()), []byte("one"), []byte("two"))
			must(t, end(p))
			t.Log(name)
			w.erased(p)
		}
	})
}

// TestErasureIsTakenUp breaks each step of an erasure, before and after it happened, kills the program there and lets the
// next sweep of the restarted one end it. Until then nothing says that the clips are gone (S4).
func TestErasureIsTakenUp(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		for name, end := range w.endings() {
			for _, op := range []string{"delete", "after delete"} {
				for clip := range 2 {
					p, _ := w.send(w.police, w.publish(w.police, w.fresh()), []byte("one"), []byte("two"))
					w.faults.set(func(o, key string) error {
						if o == op && strings.HasSuffix(key, string(p.Clips[clip])) {
							return errBroken
						}
						return nil
					})
					what := fmt.Sprintf("%s, %s of clip %d", name, op, clip)
					if err := end(p); err != nil && !errors.Is(err, errBroken) {
						t.Errorf("%s: %v", what, err)
					}
					if err := w.x.Sweep(ctx); !errors.Is(err, errBroken) {
						t.Errorf("%s: the sweep says %v", what, err)
					}
					box, err := w.x.Mailbox(ctx, p.credential)
					must(t, err)
					said := slices.ContainsFunc(box.Events, func(e footage.Event) bool { return e.Kind == footage.EventErased })
					if box.State == footage.ShareErased || box.State == footage.ShareTakenBack || said {
						t.Errorf("%s: it says %s before the clips are gone", what, box.State)
					}
					w.faults.set(nil)
					must(t, w.reopen())
					must(t, w.x.Sweep(ctx))
					must(t, w.x.Sweep(ctx))
					w.erased(p)
				}
			}
		}
	})
}

// TestGuardComesFirst: what the guard cannot record is not erased, for a restored backup would not know of it.
func TestGuardComesFirst(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	p, _ := w.send(w.police, w.publish(w.police, w.draft(0)))
	blocked := filepath.Join(w.cfg.Guard.Dir, "erased")
	must(t, os.Mkdir(blocked, 0o700))
	must(t, discard(w.x.Withdraw(ctx, p.credential)))
	if err := w.x.Sweep(ctx); err == nil {
		t.Error("a sweep that the guard could not record said nothing")
	}
	if kept := w.clips(); len(kept) != 1 {
		t.Errorf("%d clips are left; want the one that the guard does not know of", len(kept))
	}
	must(t, os.Remove(blocked))
	must(t, w.x.Sweep(ctx))
	w.erased(p)
}

// TestOneFailureStopsNothingElse: a clip that cannot be deleted does not keep the others.
func TestOneFailureStopsNothingElse(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		bad, _ := w.send(w.police, id)
		good, _ := w.send(w.police, id)
		w.release()
		w.advance(retention)
		w.faults.set(func(op, key string) error {
			if op == "delete" && strings.HasSuffix(key, string(bad.Clips[0])) {
				return errBroken
			}
			return nil
		})
		if err := w.x.Sweep(ctx); !errors.Is(err, errBroken) {
			t.Errorf("the sweep says %v", err)
		}
		box, err := w.x.Mailbox(ctx, good.credential)
		must(t, err)
		if kept := w.clips(); box.State != footage.ShareErased || len(kept) != 1 {
			t.Errorf("the other share is %s; %d clips are left", box.State, len(kept))
		}
	})
}

// TestLateErasureShows: a sweep that does not succeed is late, and later and later, until it does.
func TestLateErasureShows(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		runner := jobs.New(w.cfg.DB, slog.New(slog.DiscardHandler), jobs.Task{Name: "sweep", Every: 5 * time.Minute, Run: func(ctx context.Context) error { return w.x.Sweep(ctx) }})
		runner.Now = w.now
		late := func() jobs.Status {
			all, err := runner.Status(ctx)
			must(t, err)
			return all[0]
		}
		must(t, runner.RunDue(ctx))
		p, _ := w.send(w.police, w.publish(w.police, w.draft(0)))
		w.faults.set(func(op, _ string) error {
			if op == "delete" {
				return errBroken
			}
			return nil
		})
		must(t, discard(w.x.Withdraw(ctx, p.credential)))
		for i := range 4 {
			w.advance(10 * time.Minute)
			if err := runner.RunDue(ctx); !errors.Is(err, errBroken) {
				t.Errorf("run %d: %v", i, err)
			}
			if s := late(); s.Failures != i+1 || s.Late < time.Duration(i*10)*time.Minute {
				t.Errorf("after %d failures: %+v", i+1, s)
			}
		}
		w.faults.set(nil)
		w.advance(10 * time.Minute)
		must(t, runner.RunDue(ctx))
		if s := late(); s.Late != 0 || s.Failures != 0 {
			t.Errorf("after it succeeded: %+v", s)
		}
		w.erased(p)
	})
}
