package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// record appends a fact to the public record in the caller's transaction and returns its index: the fact and its entry
// are committed together or not at all.
func (x *Exchange) record(tx *store.Tx, fact ledger.Fact) (int64, error) {
	return x.recordAt(tx, x.now(), fact)
}

// recordAt is record with a time; the entry bears it, or that of the entry before if that is later.
func (x *Exchange) recordAt(tx *store.Tx, at time.Time, fact ledger.Fact) (int64, error) {
	index, at, err := tx.BumpLog(at)
	if err != nil {
		return 0, err
	}
	entry, err := ledger.NewEntry(at, fact)
	if err != nil {
		return 0, err
	}
	body, err := entry.Encode()
	if err != nil {
		return 0, err
	}
	return index, tx.InsertLogEntry(index, string(fact.Kind()), subject(fact), body)
}

// subject returns whom or what a fact is about, so that a request's bundle finds the entries that it stands on.
func subject(fact ledger.Fact) string {
	switch f := fact.(type) {
	case ledger.AgencyRegistered:
		return string(f.Agency.ID)
	case ledger.AgencyChanged:
		return string(f.Agency.ID)
	case ledger.AgencySuspended:
		return string(f.Agency)
	case ledger.AgencyRestored:
		return string(f.Agency)
	case ledger.EpochOpened:
		return string(f.Epoch.Agency)
	case ledger.CustodianAdded:
		return string(f.Agency)
	case ledger.PersonEnrolled:
		return string(f.Person)
	case ledger.PersonDisabled:
		return string(f.Person)
	case ledger.RequestPublished:
		return string(f.Request)
	case ledger.RequestUpdated:
		return string(f.Request)
	case ledger.RequestClosed:
		return string(f.Request)
	case ledger.PolicyAdopted:
		return f.SHA256
	}
	return ""
}

// integrateBatch bounds how many entries are held in memory at once.
const integrateBatch = 4096

// Integrate brings tiles and checkpoint up to the entries that are committed. The checkpoint is signed and stored in the
// database and the guard before it is published. It may be run again after a crash at any point.
func (x *Exchange) Integrate(ctx context.Context) error {
	x.integrating.Lock()
	defer x.integrating.Unlock()
	for {
		more, err := x.integrateSome(ctx)
		if err != nil {
			return fmt.Errorf("integrate the record: %w", err)
		}
		if !more {
			return nil
		}
	}
}

func (x *Exchange) integrateSome(ctx context.Context) (more bool, err error) {
	var head store.LogHead
	var entries [][]byte
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		if head, err = tx.LogHead(); err != nil || head.Integrated == head.Size {
			return err
		}
		entries, err = tx.LogEntries(head.Integrated, integrateBatch)
		return err
	})
	if err != nil {
		return false, err
	}
	if len(entries) == 0 {
		return false, x.publishCheckpoint(ctx, head.Checkpoint)
	}
	note, size, err := x.extend(ctx, head.Checkpoint, entries)
	if err != nil {
		return false, err
	}
	err = x.db.Write(ctx, func(tx *store.Tx) error { return tx.SetCheckpoint(size, note) })
	if errors.Is(err, footage.Conflict) {
		return true, nil // another node was faster
	}
	if err != nil {
		return false, err
	}
	return true, x.publishCheckpoint(ctx, note)
}

// extend writes the tiles of a tree with more entries and signs a checkpoint over it.
func (x *Exchange) extend(ctx context.Context, checkpoint string, entries [][]byte) (note string, size int64, err error) {
	old := ledger.EmptyTree()
	if checkpoint != "" {
		signed, err := ledger.OpenCheckpoint([]byte(checkpoint), x.keys.LogVerifier)
		if err != nil {
			return "", 0, err
		}
		old = signed.Tree
	}
	tree, err := ledger.Integrate(ctx, x.objects, old, entries)
	if err != nil {
		return "", 0, err
	}
	signer, err := ledger.NewSigner(x.keys.LogSigner)
	if err != nil {
		return "", 0, err
	}
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: x.info.Origin, Tree: tree}, signer)
	return string(signed), tree.Size, err
}

// publishCheckpoint makes a signed checkpoint public, unless that or a newer one is. Another node may publish at the same
// moment: whoever finds the database ahead of what it has just published, publishes again, so that the newest stays.
func (x *Exchange) publishCheckpoint(ctx context.Context, note string) error {
	for note != "" {
		if ahead, err := x.published(ctx, note); ahead || err != nil {
			return err
		}
		if err := x.guard.Saw(note); err != nil {
			return err
		}
		if err := x.objects.Put(ctx, ledger.CheckpointKey, []byte(note)); err != nil {
			return err
		}
		head, err := x.Checkpoint(ctx)
		if err != nil || head.Checkpoint == note {
			return err
		}
		note = head.Checkpoint
	}
	return nil
}

// published reports whether a checkpoint, or one of a larger tree, is public already.
func (x *Exchange) published(ctx context.Context, note string) (bool, error) {
	old, err := x.objects.Get(ctx, ledger.CheckpointKey)
	if errors.Is(err, footage.NotFound) {
		return false, nil
	}
	if err != nil || string(old) == note {
		return err == nil, err
	}
	theirs, err := ledger.OpenCheckpoint(old, x.keys.LogVerifier)
	if err != nil {
		return false, err
	}
	ours, err := ledger.OpenCheckpoint([]byte(note), x.keys.LogVerifier)
	return theirs.Size > ours.Size, err
}

// Checkpoint returns the newest signed checkpoint and how many entries it covers.
func (x *Exchange) Checkpoint(ctx context.Context) (head store.LogHead, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		head, err = tx.LogHead()
		return err
	})
	return head, err
}

// LogObject returns an object of the public record: the checkpoint, a tile or a bundle of entries.
func (x *Exchange) LogObject(ctx context.Context, key string) ([]byte, error) {
	return x.objects.Get(ctx, key)
}

// checkRollback compares the database with what was signed before.
func (x *Exchange) checkRollback(ctx context.Context) error {
	published, err := x.objects.Get(ctx, ledger.CheckpointKey)
	if err != nil && !errors.Is(err, footage.NotFound) {
		return fmt.Errorf("read the published checkpoint: %w", err)
	}
	guarded, err := x.guard.Last()
	if err != nil {
		return err
	}
	head, err := x.Checkpoint(ctx) // last, since another node may go on meanwhile
	if err != nil {
		return fmt.Errorf("read the record's head: %w", err)
	}
	for _, note := range []string{string(published), guarded} {
		if err := x.checkSeen(note, head); err != nil {
			return err
		}
	}
	return nil
}

// checkSeen compares the database with one checkpoint that was signed before.
func (x *Exchange) checkSeen(note string, head store.LogHead) error {
	if note == "" || note == head.Checkpoint {
		return nil
	}
	seen, err := ledger.OpenCheckpoint([]byte(note), x.info.LogVerifier)
	if err != nil {
		return fmt.Errorf("open a checkpoint that was published: %w", err)
	}
	if seen.Size < head.Integrated {
		return nil // tiles are never overwritten: what does not continue them cannot be integrated
	}
	if seen.Size == head.Integrated {
		ours, err := ledger.OpenCheckpoint([]byte(head.Checkpoint), x.info.LogVerifier)
		if err != nil || ours.Root == seen.Root {
			return err
		}
		return footage.Coded(footage.Untrusted, "forked", fmt.Sprintf(
			"A checkpoint over %d entries was published that is not the database's: two databases have signed for this exchange. "+
				"Keep both and tell the oversight body; do not go on with either.", seen.Size))
	}
	return footage.Coded(footage.Untrusted, "rolled_back", fmt.Sprintf(
		"The database is older than the public record: a checkpoint over %d entries was published, the database knows %d. "+
			"It was probably restored from a backup. Run 'porchlight restore' so that the record is not forked.", seen.Size, head.Integrated))
}

// objects lets the ledger keep its tiles in the bucket.
type objects struct{ bucket blob.Bucket }

// Get reads an object whole.
func (o objects) Get(ctx context.Context, key string) ([]byte, error) {
	r, err := o.bucket.Get(ctx, key, 0, -1)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// Put stores an object whole and durably.
func (o objects) Put(ctx context.Context, key string, data []byte) error {
	return o.bucket.Put(ctx, key, data)
}
