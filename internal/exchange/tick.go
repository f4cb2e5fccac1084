package exchange

import (
	"context"
	"errors"
	"fmt"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

var zeroTime time.Time

// mailboxDays is how long a resident can read what became of a share after its clips are erased.
const mailboxDays = 90

// Release shows the agencies what came in until the present tick, with the tick's time: shares, replies, and that shares
// are asked back. Within a tick the order says nothing: shares bear random IDs and are listed by them. Shares for an agency that
// is suspended or not verified wait; messages and recalls do not, because it owes an answer to them.
func (x *Exchange) Release(ctx context.Context) error {
	some := false
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		_, until, err := x.releasing(tx)
		if err != nil {
			return err
		}
		some, err = anythingWaits(tx, until, x.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("find what to release: %w", err)
	}
	if !some {
		return nil
	}
	return x.db.Write(ctx, x.release)
}

// releasing returns the present tick, and until when what came in is shown with it.
func (x *Exchange) releasing(tx *store.Tx) (tick, until time.Time, err error) {
	set, err := x.policies(tx)
	if err != nil {
		return tick, until, err
	}
	tick = x.tick(set.Limits())
	if x.atOnce {
		return tick, tick, nil
	}
	return tick, tick.Add(-time.Microsecond), nil // what came in during this tick waits for the next
}

func anythingWaits(tx *store.Tx, until, now time.Time) (bool, error) {
	shares, err := tx.ReleasableShares(until, now)
	if err != nil || len(shares) > 0 {
		return len(shares) > 0, err
	}
	messages, err := tx.WaitingMessages(until)
	if err != nil || len(messages) > 0 {
		return len(messages) > 0, err
	}
	recalls, err := tx.UntoldRecalls(until)
	return len(recalls) > 0, err
}

// release shows what waits: shares first, so that the messages about them come with them.
func (x *Exchange) release(tx *store.Tx) error {
	tick, until, err := x.releasing(tx)
	if err != nil {
		return err
	}
	shares, err := tx.ReleasableShares(until, x.now())
	if err != nil {
		return err
	}
	for _, id := range shares {
		if err := x.releaseShare(tx, id, tick); err != nil {
			return err
		}
	}
	messages, err := tx.WaitingMessages(until)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if err := x.releaseMessage(tx, m, tick); err != nil {
			return err
		}
	}
	recalls, err := tx.UntoldRecalls(until)
	if err != nil {
		return err
	}
	for _, id := range recalls {
		if err := x.tellRecall(tx, id, tick); err != nil {
			return err
		}
	}
	return nil
}

func (x *Exchange) releaseShare(tx *store.Tx, id footage.ShareID, tick time.Time) error {
	if err := tx.ReleaseShare(id, tick); err != nil {
		return err
	}
	return x.append(tx, id, tick, footage.EventReleased, nil)
}

func (x *Exchange) releaseMessage(tx *store.Tx, m store.WaitingMessage, tick time.Time) error {
	if err := tx.ReleaseMessage(m.ID, tick); err != nil {
		return err
	}
	return x.append(tx, m.Share, tick, footage.EventReplied, nil)
}

func (x *Exchange) tellRecall(tx *store.Tx, id footage.ShareID, tick time.Time) error {
	if err := tx.TellRecall(id); err != nil {
		return err
	}
	return x.append(tx, id, tick, footage.EventRecalled, nil)
}

// Sweep erases what must not linger: shares that were confirmed, declined, withdrawn or not picked up in time, uploads
// that were never committed, mailboxes that have expired, and spent work. Each share is erased by itself, so that a crash
// or one failing clip stops nothing else; what is left is done at the next sweep.
func (x *Exchange) Sweep(ctx context.Context) error {
	var errs []error
	far := x.now().AddDate(100, 0, 0)
	for _, rule := range []struct {
		state footage.ShareState
		due   time.Time
		do    func(context.Context, store.Share) error
	}{
		{footage.ShareConfirmed, far, x.erase},
		{footage.ShareDeclined, far, x.erase},
		{footage.ShareWithdrawn, far, x.erase},
		{footage.ShareExpired, far, x.erase},
		{footage.ShareCommitted, x.now(), x.expire},
		{footage.ShareReleased, x.now(), x.expire},
		{footage.SharePickedUp, x.now(), x.expire},
		{footage.ShareErased, x.now(), x.closeMailbox},
		{footage.ShareTakenBack, x.now(), x.closeMailbox},
		{footage.ShareLost, x.now(), x.closeMailbox},
		{footage.ShareBegun, x.now(), x.abandon}, // last: what the agency sees must not wait for those who gave up
	} {
		errs = append(errs, x.sweepState(ctx, rule.state, rule.due, rule.do))
	}
	errs = append(errs, x.db.Write(ctx, func(tx *store.Tx) error {
		return errors.Join(tx.ForgetWork(x.now()), x.accounts.Sweep(tx), tx.ClearApplications(x.now().Add(-keepApplication)),
			tx.ForgetComplaints(x.now().Add(-keepComplaint)))
	}))
	return errors.Join(errs...)
}

func (x *Exchange) sweepState(ctx context.Context, state footage.ShareState, due time.Time, do func(context.Context, store.Share) error) error {
	var shares []store.Share
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		shares, err = tx.DueShares(state, due)
		return err
	})
	if err != nil {
		return fmt.Errorf("find %s shares to sweep: %w", state, err)
	}
	var errs []error
	for _, s := range shares {
		if err := do(ctx, s); err != nil && !errors.Is(err, footage.Conflict) {
			errs = append(errs, fmt.Errorf("sweep a %s share: %w", state, err))
		}
	}
	return errors.Join(errs...)
}

// abandon removes every trace of a share that was never committed. It is closed first, so that nothing can be committed
// or sent while its bytes are deleted, on whatever node and by whatever clock.
func (x *Exchange) abandon(ctx context.Context, s store.Share) error {
	err := x.db.Write(ctx, func(tx *store.Tx) error { return tx.CloseBegun(s.ID, footage.Hash([]byte(s.ID+" abandoned"))) })
	if err != nil {
		return err
	}
	if err := x.deleteClips(ctx, s, ""); err != nil {
		return err
	}
	return x.db.Write(ctx, func(tx *store.Tx) error { return tx.DropShare(s.ID) })
}

// expire ends a share whose days are over, whether or not it was picked up.
func (x *Exchange) expire(ctx context.Context, s store.Share) error {
	err := x.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.MoveShare(s.ID, s.State, footage.ShareExpired); err != nil {
			return err
		}
		return x.appendNow(tx, s.ID, footage.EventExpired)
	})
	if err != nil {
		return err
	}
	s.State = footage.ShareExpired
	return x.erase(ctx, s)
}

// eraseNow erases a share whose life has just ended. Should that fail, the share waits for the next sweep like every other
// of its state, and it is the sweep that reports what it cannot erase.
func (x *Exchange) eraseNow(ctx context.Context, id footage.ShareID) {
	var s store.Share
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		s, err = tx.Share(id)
		return err
	})
	if err == nil {
		_ = x.erase(context.WithoutCancel(ctx), s)
	}
}

// erase deletes a share's clips and then makes it a tombstone. The clips go first: what says "erased" is always true.
func (x *Exchange) erase(ctx context.Context, s store.Share) error {
	final := footage.ShareErased
	if s.State == footage.ShareWithdrawn { // which nobody can who was picked up
		final = footage.ShareTakenBack
	}
	if err := x.deleteClips(ctx, s, final); err != nil {
		return err
	}
	return x.db.Write(ctx, func(tx *store.Tx) error {
		if err := errors.Join(tx.EraseShare(s.ID, s.State, final, x.now().AddDate(0, 0, mailboxDays)), tx.CountErasure(footage.HalfYearOf(x.now()))); err != nil {
			return err
		}
		return x.appendNow(tx, s.ID, footage.EventErased)
	})
}

// deleteClips deletes a share's clips, after the guard was told what the share is about to be.
func (x *Exchange) deleteClips(ctx context.Context, s store.Share, final footage.ShareState) error {
	var uploads []store.Upload
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		uploads, err = tx.Uploads(s.ID)
		return err
	})
	if err != nil {
		return err
	}
	var keys []string
	for _, u := range uploads {
		keys = append(keys, u.Key)
	}
	if s.State != footage.ShareBegun {
		if err := x.guard.Erased(s.ID, final, keys); err != nil {
			return err
		}
	}
	for _, u := range uploads {
		if u.Digest == "" { // also what was staged before a crash and never noted
			if err := x.bucket.Abort(ctx, u.Key, u.State); err != nil {
				return fmt.Errorf("abort upload: %w", err)
			}
		}
		if err := x.bucket.Delete(ctx, u.Key); err != nil {
			return fmt.Errorf("delete clip: %w", err)
		}
	}
	return nil
}

// closeMailbox forgets the conversation and the credential of a share whose mailbox has expired. The custody chain stays
// with the agency's record.
func (x *Exchange) closeMailbox(ctx context.Context, s store.Share) error {
	return x.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.DropMessages(s.ID); err != nil {
			return err
		}
		return tx.CloseMailbox(s.ID, closedMailbox(s.ID), x.now().AddDate(100, 0, 0))
	})
}

// closedMailbox is what stands for the credential of a share whose mailbox has expired. No credential hashes to it.
func closedMailbox(id footage.ShareID) string { return footage.Hash([]byte(id + " closed")) }
