package exchange

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// Restoring is a backup on its way back. The database holds its rows but for the exchange's own one, without which nothing
// can open it: that row is written last, so that a restore which is cut off never looks done.
type Restoring struct {
	Row      store.Exchange // as the backup holds it
	Made     time.Time      // when the backup was made
	Guards   []Guard        // guard folders that survived, of other nodes or of the lost data folder
	Policies [][]byte       // policy files that may have been adopted since the backup
	// Close closes the record, because entries that were signed since the backup are lost, and goes on in a new one, whose key
	// is in the configuration and whose first entry names the old head.
	Close bool
}

// Restored says what a restore did and what it could not do.
type Restored struct {
	Made       time.Time    `json:"backup_made"`
	Origin     string       `json:"origin"`
	Continues  string       `json:"continues,omitempty"` // the closed record, when a new one was opened
	Entries    int64        `json:"entries"`             // in the record now
	Replayed   int64        `json:"replayed"`            // of them taken from the published record
	Gone       int64        `json:"entries_gone"`        // entries of the closed record that are lost
	Tombstones int          `json:"tombstones"`          // shares that were erased since the backup, and are again
	Lost       int          `json:"lost_shares"`         // shares whose clips are gone
	Kept       int          `json:"kept_shares"`         // shares whose clips are there
	Orphans    int          `json:"orphaned_clips"`      // clips in the bucket of which no row knows
	Losses     []store.Loss `json:"losses"`
}

// Restore brings an exchange back from a backup, without forking its public record and without bringing back what was erased.
//
// Entries of the record that the backup lacks are taken from the published tiles, each proven against the newest checkpoint
// that bucket and guards know; what they say is done again as far as they and the published requests tell it, and what they
// do not tell is listed. Where entries that were signed are gone for good, Restore fails with code "record_gone", unless
// Close is set.
func Restore(ctx context.Context, cfg Config, r Restoring) (Restored, error) {
	x := build(cfg)
	x.info = r.Row
	b := &restore{Exchange: x, ctx: ctx, plan: r, out: Restored{Made: r.Made, Losses: []store.Loss{}}}
	index := func() error { return errors.Join(x.index(ctx), x.oweAgain(ctx)) } // before anything is replayed, so that a backup of an older program is indexed whole
	for _, step := range []func() error{index, b.record, b.withholdGuarded, b.states, b.shares, b.finish, b.forgetAgain} {
		if err := step(); err != nil {
			return b.out, fmt.Errorf("restore %s: %w", r.Row.Name, err)
		}
	}
	return b.out, nil
}

// restore is one restore. It lives as long as the call that it serves, and so may hold the context.
type restore struct {
	*Exchange
	plan Restoring
	ctx  context.Context
	out  Restored

	withheld map[footage.RequestID]ledger.DocumentWithheld // by the entries that are replayed
}

// record brings the record to its newest head, or closes it and opens a new one.
func (b *restore) record() error {
	head, err := b.Checkpoint(b.ctx)
	if err != nil {
		return fmt.Errorf("read the record's head: %w", err)
	}
	seen, note, err := b.newest(head)
	if err != nil {
		return err
	}
	if b.plan.Close {
		return b.openRecord(head, seen, note)
	}
	if err := b.checkKeys(); err != nil {
		return err
	}
	if note == "" {
		return footage.Coded(footage.Invalid, "record_unknown", "Neither the published record nor a guard folder is there, so that nobody knows how far the record had come after this backup. "+
			"Name them with --blobs and --guard. If they are lost for good, --new-origin closes the record and opens a new one that names the old head.")
	}
	if err := b.checkContinues(head, seen, note); err != nil {
		return err
	}
	if err := b.replay(head, seen, note); err != nil {
		return err
	}
	return b.rebuild(max(head.Integrated, seen.Size))
}

// states makes the state documents anew that are not in the bucket, which are what the entries come to, and the files of the
// policies.
func (b *restore) states() error {
	head, err := b.Checkpoint(b.ctx)
	if err != nil {
		return err
	}
	var present ledger.Present
	for raw, err := range b.entries(b.ctx, 0, head.Size) {
		if err != nil {
			return err
		}
		entry, err := ledger.DecodeEntry(raw)
		if err != nil {
			return err
		}
		fact, err := entry.Fact()
		if err != nil {
			return err
		}
		if state, ok := fact.(ledger.State); ok {
			if err := b.putState(present.Document(entry.At), state); err != nil {
				return err
			}
		}
		if err := present.Take(fact); err != nil {
			return err
		}
	}
	return b.showPolicies(b.ctx)
}

// putState stores a state document unless it is there. One that is not what its entry commits to is left out: fsck tells.
func (b *restore) putState(doc ledger.StateDocument, state ledger.State) error {
	raw, err := doc.Encode()
	if err != nil || footage.Hash(raw) != state.SHA256 {
		return err
	}
	if err := b.bucket.PutNew(b.ctx, ledger.StateKey(state.SHA256), raw); err != nil && !errors.Is(err, footage.Conflict) {
		return fmt.Errorf("store a state: %w", err)
	}
	return nil
}

// newest returns the newest head that is known outside the database, or none. Two heads that cannot both be of one record
// are an error: somebody has forked it. When the record is closed anyway, what cannot be read is passed over, and the
// backup's own head counts if there is no newer one.
func (b *restore) newest(head store.LogHead) (newest ledger.Checkpoint, note string, err error) {
	notes, err := b.signed(b.ctx, append([]Guard{b.guard}, b.plan.Guards...)...)
	if err != nil {
		return newest, "", err
	}
	if b.plan.Close && head.Checkpoint != "" {
		notes = append(notes, head.Checkpoint)
	}
	for _, n := range notes {
		c, err := ledger.OpenCheckpoint([]byte(n), b.plan.Row.LogVerifier)
		switch {
		case err != nil && b.plan.Close:
			continue
		case err != nil:
			return newest, "", fmt.Errorf("open a checkpoint that was published: %w", err)
		case note != "" && c.Size == newest.Size && c.Root != newest.Root:
			return newest, "", footage.Coded(footage.Untrusted, "forked", fmt.Sprintf("There are two different signed records of %d entries. Keep both and tell the oversight body before anything else.", c.Size))
		case note == "" || c.Size > newest.Size:
			newest, note = c, n
		}
	}
	return newest, note, nil
}

// entries yields the entries of the database from an index up to, not including, another.
func (x *Exchange) entries(ctx context.Context, from, to int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for from < to {
			var page [][]byte
			err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
				page, err = tx.LogEntries(from, int(min(1024, to-from)))
				return err
			})
			if err == nil && len(page) == 0 {
				err = fmt.Errorf("entry %d is missing from the database", from)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, entry := range page {
				if !yield(entry, nil) {
					return
				}
			}
			from += int64(len(page))
		}
	}
}

// checkContinues checks that the backup's record and the newest head are of one record.
func (b *restore) checkContinues(head store.LogHead, seen ledger.Checkpoint, note string) error {
	size := min(head.Size, seen.Size)
	tree, err := ledger.TreeOf(b.entries(b.ctx, 0, size))
	if err != nil {
		return err
	}
	if size == seen.Size {
		if tree.Root != seen.Root {
			return footage.Coded(footage.Untrusted, "forked", fmt.Sprintf("The backup holds another record than the one that was published (of %d entries). It is of another exchange, or damaged.", size))
		}
		return nil
	}
	proof, err := ledger.ProveConsistency(b.ctx, b.objects, size, []byte(note))
	if errors.Is(err, footage.NotFound) {
		return b.gone(head, seen)
	}
	if err != nil {
		return err
	}
	return ledger.VerifyConsistency(ledger.Checkpoint{Origin: seen.Origin, Tree: tree}, seen, proof)
}

func (b *restore) gone(head store.LogHead, seen ledger.Checkpoint) error {
	return footage.Coded(footage.NotFound, "record_gone", fmt.Sprintf("The record had %d entries when it was signed last. The backup holds %d, and the published tiles with the others are not there. "+
		"Name the place where they are with --blobs. If they are lost for good, --new-origin closes the record and opens a new one that names the old head.", seen.Size, head.Size))
}

// rebuild writes every tile and bundle of the first size entries that is not there, and fails on one that differs.
func (b *restore) rebuild(size int64) error {
	tree, batch := ledger.EmptyTree(), [][]byte{}
	for entry, err := range b.entries(b.ctx, 0, size) {
		if err != nil {
			return err
		}
		if batch = append(batch, entry); len(batch) < integrateBatch {
			continue
		}
		if tree, err = ledger.Integrate(b.ctx, b.objects, tree, batch); err != nil {
			return err
		}
		batch = batch[:0]
	}
	_, err := ledger.Integrate(b.ctx, b.objects, tree, batch)
	return err
}

// finish writes the exchange's row, after which the exchange can be opened, and publishes the record's head.
func (b *restore) finish() error {
	err := b.db.Write(b.ctx, func(tx *store.Tx) error { return tx.InsertExchange(b.info) })
	if err != nil {
		return fmt.Errorf("write the exchange's row: %w", err)
	}
	if err := b.Integrate(b.ctx); err != nil {
		return err
	}
	head, err := b.Checkpoint(b.ctx)
	b.out.Entries, b.out.Origin = head.Size, b.info.Origin
	return err
}

// policyFile returns the policy file with a hash, if it was given.
func (b *restore) policyFile(hash string) ([]byte, error) {
	for _, raw := range b.plan.Policies {
		p, err := policy.Parse(raw)
		if err != nil {
			return nil, err
		}
		if p.Ref().Hash == hash {
			return raw, nil
		}
	}
	return nil, nil
}

// openRecord closes the record and begins a new one from the entries that the backup holds. They keep their places, so that
// what refers to them stays right; only the first is another, which says what happened.
func (b *restore) openRecord(head store.LogHead, seen ledger.Checkpoint, note string) error {
	verifier, err := ledger.NewVerifier(b.keys.LogVerifier)
	if err != nil {
		return err
	}
	if note == "" {
		return footage.E(footage.Conflict, "No head of the record was ever signed, so that there is nothing to close. Restore without --new-origin, or make a new exchange.")
	}
	if verifier.Name() == b.plan.Row.Origin {
		return footage.E(footage.Conflict, "The new record must have another name than the closed one, "+b.plan.Row.Origin+".")
	}
	if err := b.guard.Saw(note); err != nil { // should this be cut off after the bucket was cleared
		return err
	}
	b.out.Continues = b.plan.Row.Origin
	b.info.Origin, b.info.LogVerifier = verifier.Name(), b.keys.LogVerifier
	if err := b.checkKeys(); err != nil {
		return err
	}
	first, err := b.firstEntry(ledger.Continues{Origin: b.plan.Row.Origin, Verifier: b.plan.Row.LogVerifier, Checkpoint: note, Kept: head.Size, Closed: b.now()})
	if err != nil {
		return err
	}
	err = b.db.Write(b.ctx, func(tx *store.Tx) error {
		if err := tx.ReplaceFirstEntry(first); err != nil {
			return err
		}
		last, err := b.lastTime(tx, head.Size)
		if err != nil {
			return err
		}
		return tx.SetLogHead(store.LogHead{Size: head.Size}, last)
	})
	if err != nil {
		return fmt.Errorf("begin the new record: %w", err)
	}
	b.out.Gone = max(0, seen.Size-head.Size)
	return b.clear("log/", bundlePrefix)
}

// firstEntry returns the first entry of a record that goes on from the one in the database.
func (b *restore) firstEntry(from ledger.Continues) ([]byte, error) {
	var raw []byte
	err := b.db.Read(b.ctx, func(tx *store.Tx) (err error) {
		raw, err = tx.LogEntry(0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the first entry: %w", err)
	}
	old, err := ledger.DecodeEntry(raw)
	if err != nil {
		return nil, err
	}
	fact, err := old.Fact()
	if err != nil {
		return nil, err
	}
	created, ok := fact.(ledger.ExchangeCreated)
	if !ok {
		return nil, footage.E(footage.Untrusted, "The backup's record does not begin with the exchange's own entry.")
	}
	from.Continues = created.Continues
	created.Origin, created.Continues = b.info.Origin, &from
	entry, err := ledger.NewEntry(old.At, created)
	if err != nil {
		return nil, err
	}
	return entry.Encode()
}

// lastTime returns the time of the newest of size entries.
func (b *restore) lastTime(tx *store.Tx, size int64) (time.Time, error) {
	raw, err := tx.LogEntry(size - 1)
	if err != nil {
		return time.Time{}, err
	}
	entry, err := ledger.DecodeEntry(raw)
	return entry.At, err
}

// clear deletes what was published from the closed record: under the new key it would be false.
func (b *restore) clear(prefixes ...string) error {
	for _, prefix := range prefixes {
		var keys []string
		for object, err := range b.bucket.List(b.ctx, prefix) {
			if err != nil {
				return fmt.Errorf("list what was published: %w", err)
			}
			keys = append(keys, object.Key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			if err := b.bucket.Delete(b.ctx, key); err != nil {
				return fmt.Errorf("delete what was published: %w", err)
			}
		}
	}
	return nil
}
