package exchange

import (
	"errors"
	"fmt"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// detailBackup names, in the detail of a restored event, the time of the backup.
const detailBackup = "backup"

// shares brings the shares of the backup in line with what happened since: what was erased becomes a tombstone again, and
// what has lost its clips says so. Each chain that goes on says that steps may be missing. Clips of shares that the backup
// does not know are counted: nobody can ever claim them.
func (b *restore) shares() error {
	erased, err := b.erasures()
	if err != nil {
		return err
	}
	var last footage.ShareID
	for {
		var page []store.Share
		err := b.db.Read(b.ctx, func(tx *store.Tx) (err error) {
			page, err = tx.SharesAfter(last, 256)
			return err
		})
		if err != nil {
			return fmt.Errorf("read the shares: %w", err)
		}
		if len(page) == 0 {
			return b.orphans()
		}
		for _, s := range page {
			if err := b.share(s, erased[s.ID]); err != nil {
				return fmt.Errorf("bring a share back: %w", err)
			}
			last = s.ID
		}
	}
}

// erasures joins what all guards have recorded and has this exchange's own remember it.
func (b *restore) erasures() (map[footage.ShareID]footage.ShareState, error) {
	all := map[footage.ShareID]footage.ShareState{}
	own, _, err := b.guard.Erasures()
	if err != nil {
		return nil, err
	}
	for _, e := range own {
		all[e.Share] = e.Final
	}
	for _, g := range b.plan.Guards {
		others, _, err := g.Erasures()
		if err != nil {
			return nil, err
		}
		for _, e := range others {
			if all[e.Share] != "" {
				continue
			}
			all[e.Share] = e.Final
			if err := b.guard.Erased(e.Share, e.Final, e.Keys); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// share brings one share in line. erased is what a guard recorded of it, if it did.
func (b *restore) share(s store.Share, erased footage.ShareState) error {
	final := footage.ShareState("")
	switch s.State {
	case footage.ShareErased, footage.ShareTakenBack, footage.ShareLost:
		return nil
	case footage.ShareBegun:
		if erased == "" {
			return nil // it can go on, or is swept away
		}
		return b.db.Write(b.ctx, func(tx *store.Tx) error { return tx.DropShare(s.ID) })
	case footage.ShareCommitted, footage.ShareReleased, footage.SharePickedUp:
		whole, err := b.whole(s)
		if err != nil {
			return err
		}
		if !whole {
			final = footage.ShareLost
		}
	}
	if erased != "" {
		final = erased
	}
	switch final {
	case "":
		b.out.Kept++
	case footage.ShareLost:
		b.out.Lost++
	default:
		b.out.Tombstones++
	}
	return b.db.Write(b.ctx, func(tx *store.Tx) error { return b.mark(tx, s, final) })
}

// mark writes into a share's chain that it was restored and, when it has ended, how.
func (b *restore) mark(tx *store.Tx, s store.Share, final footage.ShareState) error {
	events := []footage.EventKind{footage.EventRestored}
	switch final {
	case footage.ShareTakenBack:
		events = append(events, footage.EventWithdrawn, footage.EventErased)
	case footage.ShareErased:
		events = append(events, footage.EventErased)
	case footage.ShareLost:
		events = append(events, footage.EventLost)
	}
	if final != "" {
		if err := tx.EraseShare(s.ID, s.State, final, b.now().AddDate(0, 0, mailboxDays)); err != nil {
			return err
		}
	}
	for _, kind := range events {
		var detail map[string]string
		if kind == footage.EventRestored {
			detail = map[string]string{detailBackup: b.plan.Made.UTC().Format(time.RFC3339)}
		}
		at := b.now().Truncate(time.Hour) // which says nothing of the order in which shares were looked at
		if err := b.append(tx, s.ID, at, kind, detail); err != nil {
			return err
		}
	}
	return nil
}

// whole reports whether every clip of a share is in the bucket with its size. What lies inside is for fsck to read.
func (b *restore) whole(s store.Share) (bool, error) {
	var uploads []store.Upload
	err := b.db.Read(b.ctx, func(tx *store.Tx) (err error) {
		uploads, err = tx.Uploads(s.ID)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, u := range uploads {
		size, err := b.bucket.Stat(b.ctx, u.Key)
		if errors.Is(err, footage.NotFound) || (err == nil && size != u.Length) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("look for a clip: %w", err)
		}
	}
	return len(uploads) > 0, nil
}

// orphans counts the clips in the bucket of which no row knows.
func (b *restore) orphans() error {
	known := map[string]bool{}
	err := b.db.Read(b.ctx, func(tx *store.Tx) error {
		keys, err := tx.UploadKeys()
		for _, key := range keys {
			known[key] = true
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read the keys of clips: %w", err)
	}
	for object, err := range b.bucket.List(b.ctx, clipPrefix) {
		if err != nil {
			return fmt.Errorf("list the clips: %w", err)
		}
		if !known[object.Key] {
			b.out.Orphans++
		}
	}
	return nil
}
