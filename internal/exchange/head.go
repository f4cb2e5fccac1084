package exchange

import (
	"context"
	"errors"
	"fmt"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// publishHead makes the head of the newest state public, unless that or a newer one is: one small object, for everybody the
// same, which changes with the state and not with each entry.
func (x *Exchange) publishHead(ctx context.Context) error {
	var head store.LogHead
	var rows []store.Logged
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		if head, err = tx.LogHead(); err == nil {
			rows, err = tx.NewestOfKind(string(ledger.KindState), head.Integrated, 1)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("find the newest state: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	old, err := x.publicHead(ctx)
	if err != nil {
		return err
	}
	if old.index >= rows[0].Index {
		return nil
	}
	h, err := evidence.NewHead(ctx, x.objects, []byte(head.Checkpoint), x.info.LogVerifier, rows[0].Index, old.size)
	if err != nil {
		return fmt.Errorf("make the head: %w", err)
	}
	raw, err := h.Encode()
	if err != nil {
		return err
	}
	if err := x.objects.Put(ctx, evidence.HeadKey, raw); err != nil {
		return fmt.Errorf("publish the head: %w", err)
	}
	return nil
}

// shownHead is what a published head shows.
type shownHead struct {
	index int64 // of the state entry, -1 for none
	size  int64 // of the record
}

// publicHead returns what the published head shows. One that is damaged, or of the record that this one goes on from, is as
// none: it is replaced.
func (x *Exchange) publicHead(ctx context.Context) (shownHead, error) {
	none := shownHead{index: -1}
	raw, err := x.objects.Get(ctx, evidence.HeadKey)
	if errors.Is(err, footage.NotFound) {
		return none, nil
	}
	if err != nil {
		return none, fmt.Errorf("read the published head: %w", err)
	}
	h, err := evidence.ParseHead(raw)
	if err != nil {
		return none, nil
	}
	seen, err := ledger.OpenCheckpoint([]byte(h.Checkpoint), x.info.LogVerifier)
	if err != nil {
		return none, nil
	}
	return shownHead{h.State.Index, seen.Size}, nil
}
