package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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
	if old.index >= rows[0].Index && (x.watched == nil || old.cosigned) {
		return nil
	}
	note, err := x.cosigned(ctx, head, old)
	if err != nil || old.index >= rows[0].Index && string(note) == head.Checkpoint {
		return err
	}
	h, err := evidence.NewHead(ctx, x.tiles, note, x.info.LogVerifier, rows[0].Index, old.size)
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
	return x.showCosigned(ctx, note)
}

// cosignCheckpoint asks the witnesses about the checkpoint that is public, unless enough of them have cosigned it. The head has
// its own: this is for whoever reads the record by its tiles.
func (x *Exchange) cosignCheckpoint(ctx context.Context) error {
	if x.watched == nil {
		return nil
	}
	shown, err := x.objects.Get(ctx, ledger.CheckpointKey)
	if errors.Is(err, footage.NotFound) || err == nil && x.watched.Cosigned(shown) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the published checkpoint: %w", err)
	}
	head, err := x.Checkpoint(ctx)
	if err != nil || !strings.HasPrefix(string(shown), head.Checkpoint) {
		return err // the record has just grown: its newest checkpoint is asked about next
	}
	note, asked := x.watched.Cosign(ctx, x.objects, []byte(head.Checkpoint), head.Integrated)
	if asked != nil && !errors.Is(asked, footage.Unavailable) {
		return asked
	}
	return x.showCosigned(ctx, note) // with those that came, be they too few for a quorum; the others are asked again in a minute
}

// showCosigned adds cosignatures to the checkpoint that is public, if it is still the one that they are of.
func (x *Exchange) showCosigned(ctx context.Context, note []byte) error {
	x.integrating.Lock()
	defer x.integrating.Unlock()
	shown, err := x.objects.Get(ctx, ledger.CheckpointKey)
	if err != nil {
		return fmt.Errorf("read the published checkpoint: %w", err)
	}
	if ledger.Text(shown) != ledger.Text(note) || len(note) <= len(shown) {
		return nil
	}
	if err := x.objects.Put(ctx, ledger.CheckpointKey, note); err != nil {
		return fmt.Errorf("publish the cosigned checkpoint: %w", err)
	}
	x.lastPublished = string(note)
	head, err := x.Checkpoint(ctx) // another node may have published a newer one in between
	if err != nil {
		return err
	}
	return x.publishCheckpoint(ctx, head.Checkpoint)
}

// shownHead is what a published head shows.
type shownHead struct {
	index    int64 // of the state entry, -1 for none
	at       time.Time
	size     int64 // of the record
	cosigned bool  // by the quorum
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
	out := shownHead{index: h.State.Index, at: h.State.Entry.At, size: seen.Size}
	if x.watched != nil {
		out.cosigned = x.watched.Cosigned([]byte(h.Checkpoint))
	}
	return out, nil
}

// headWaits is how long a head may wait for its witnesses, so that one that was cosigned stays: clients refuse one without.
const headWaits = 6 * time.Hour

// cosigned asks the witnesses for their cosignatures of the newest checkpoint. While they are too few the head that is public
// stays, up to six hours, and the error says so; but what takes trust away goes out at once, signed by the log alone: removing
// trust needs less proof than granting it, and who asks for a quorum seals nothing then.
func (x *Exchange) cosigned(ctx context.Context, head store.LogHead, old shownHead) ([]byte, error) {
	note := []byte(head.Checkpoint)
	if x.watched == nil {
		return note, nil
	}
	more, err := x.watched.Cosign(ctx, x.objects, note, head.Integrated)
	if err == nil {
		return more, nil
	}
	if !errors.Is(err, footage.Unavailable) {
		return nil, err
	}
	var kinds []string
	if read := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		kinds, err = tx.KindsSince(max(old.index, 0))
		return err
	}); read != nil {
		return nil, read
	}
	if old.index < 0 || slices.ContainsFunc(kinds, revoking) || x.now().Sub(old.at) > headWaits {
		return note, nil
	}
	return nil, err
}

// checkWitnesses refuses a database that is behind what a witness has cosigned, or beside it. A witness that does not answer
// says nothing.
func (x *Exchange) checkWitnesses(ctx context.Context) error {
	head, err := x.Checkpoint(ctx)
	if x.watched == nil || err != nil || head.Checkpoint == "" {
		return err
	}
	if _, err := x.watched.Cosign(ctx, x.objects, []byte(head.Checkpoint), head.Integrated); errors.Is(err, footage.Untrusted) {
		return err
	}
	return nil
}
