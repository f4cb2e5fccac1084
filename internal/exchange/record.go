package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// record appends a fact to the public record in the caller's transaction and returns its index: the fact and its entry
// are committed together or not at all.
func (x *Exchange) record(tx *store.Tx, fact ledger.Fact) (int64, error) {
	index, _, err := x.recordAt(tx, x.now(), fact)
	return index, err
}

// recordAt is record with a time. The entry bears it, or that of the entry before if that is later; it is returned for rows
// that must bear the same one.
func (x *Exchange) recordAt(tx *store.Tx, at time.Time, fact ledger.Fact) (index int64, stamped time.Time, err error) {
	return tx.AppendLog(at, string(fact.Kind()), Subject(fact), func(at time.Time) ([]byte, error) {
		return ledger.EncodeFact(at, fact)
	})
}

// integrateBatch bounds how many entries are held in memory at once.
const integrateBatch = 4096

// Integrate brings tiles and checkpoint up to the entries that were committed when it was called. The checkpoint is signed and
// stored in the database and the guard before it is published. It may be run again after a crash at any point.
//
// Calls that come while another is at work share the next one.
func (x *Exchange) Integrate(ctx context.Context) error {
	for {
		r, first := x.joinRound()
		if first {
			x.runRound(ctx, r)
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if ctx.Err() != nil || !errors.Is(r.err, context.Canceled) && !errors.Is(r.err, context.DeadlineExceeded) {
			return r.err
		}
		// Who ran it gave up, not we: another round.
	}
}

// Behind reports whether entries wait to be integrated.
func (x *Exchange) Behind(ctx context.Context) (behind bool, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		head, err := tx.LogHead()
		behind = head.Integrated < head.Size
		return err
	})
	return behind, err
}

// round is one integration, for all who joined before it began. Err is final when done is closed.
type round struct {
	done chan struct{}
	err  error
}

// joinRound returns the round that will begin next, and whether the caller must run it.
func (x *Exchange) joinRound() (r *round, first bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.nextRound == nil {
		x.nextRound, first = &round{done: make(chan struct{})}, true
	}
	return x.nextRound, first
}

func (x *Exchange) runRound(ctx context.Context, r *round) {
	defer close(r.done)
	x.integrating.Lock()
	defer x.integrating.Unlock()
	x.mu.Lock()
	x.nextRound = nil // who comes from now on may have committed too late for this one
	x.mu.Unlock()
	for more := true; more && r.err == nil; {
		more, r.err = x.integrateSome(ctx)
	}
	if r.err != nil {
		r.err = fmt.Errorf("integrate the record: %w", r.err)
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
	if err := x.saw(note); err != nil { // before the database, from which pages and proofs take it
		return false, err
	}
	err = x.db.Write(ctx, func(tx *store.Tx) error { return tx.SetCheckpoint(size, note) })
	if errors.Is(err, footage.Conflict) {
		return true, nil // another node was faster
	}
	if err != nil {
		return false, err
	}
	return len(entries) == integrateBatch, x.publishCheckpoint(ctx, note)
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
		if err := x.saw(note); err != nil {
			return err
		}
		if err := x.objects.Put(ctx, ledger.CheckpointKey, []byte(note)); err != nil {
			return err
		}
		x.lastPublished = note
		head, err := x.Checkpoint(ctx)
		if err != nil || head.Checkpoint == note {
			return err
		}
		note = head.Checkpoint
	}
	return nil
}

// saw tells the guard of a checkpoint, once.
func (x *Exchange) saw(note string) error {
	if note == x.lastSeen {
		return nil
	}
	err := x.guard.Saw(note)
	if err == nil {
		x.lastSeen = note
	}
	return err
}

// published reports whether a checkpoint, or one of a larger tree, is public already.
func (x *Exchange) published(ctx context.Context, note string) (bool, error) {
	old, err := x.objects.Get(ctx, ledger.CheckpointKey)
	if errors.Is(err, footage.NotFound) {
		return false, nil
	}
	if err != nil || strings.HasPrefix(string(old), note) { // with cosignatures behind it, perhaps
		return err == nil, err
	}
	if string(old) == x.lastPublished {
		return false, nil // by this node, which has integrated more since
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

// checkRollback compares the database with what was signed before. A checkpoint that covers entries which the database holds
// but has not signed is what a crash leaves: they are the same entries, and will be signed again.
func (x *Exchange) checkRollback(ctx context.Context) error {
	head, err := x.Checkpoint(ctx)
	if err != nil {
		return fmt.Errorf("read the record's head: %w", err)
	}
	var own ledger.Checkpoint
	if head.Checkpoint != "" {
		if own, err = ledger.OpenCheckpoint([]byte(head.Checkpoint), x.info.LogVerifier); err != nil {
			return fmt.Errorf("open the database's checkpoint: %w", err)
		}
	}
	notes, err := x.signed(ctx, x.guard)
	if err != nil {
		return err
	}
	for _, note := range notes {
		seen, err := ledger.OpenCheckpoint([]byte(note), x.info.LogVerifier)
		switch {
		case err != nil:
			return fmt.Errorf("open a checkpoint that was published: %w", err)
		case seen.Size > head.Size:
			return footage.Coded(footage.Untrusted, "rolled_back", fmt.Sprintf(
				"The database is older than the public record: a checkpoint over %d entries was signed, the database knows %d. "+
					"It was probably put back from a copy. Use 'porchlight restore', so that the record is not forked.", seen.Size, head.Size))
		case seen.Size == own.Size && seen.Root != own.Root:
			return footage.Coded(footage.Untrusted, "forked", fmt.Sprintf(
				"The database holds another record of %d entries than the one that was published. Nothing may be signed here: look for the right database.", seen.Size))
		}
	}
	return nil
}

// signed returns the checkpoints that are known outside the database: the published one, and those that guards have seen.
func (x *Exchange) signed(ctx context.Context, guards ...Guard) (notes []string, err error) {
	published, err := x.objects.Get(ctx, ledger.CheckpointKey)
	if err != nil && !errors.Is(err, footage.NotFound) {
		return nil, fmt.Errorf("read the published checkpoint: %w", err)
	}
	if len(published) > 0 {
		notes = append(notes, string(published))
	}
	for _, g := range guards {
		last, err := g.Last()
		if err != nil {
			return nil, err
		}
		if last != "" {
			notes = append(notes, last)
		}
	}
	return notes, nil
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
