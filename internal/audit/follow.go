package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// batch is how many entries are taken in at once.
const batch = 4096

// reopen plays the copy of the record that is here.
func (a *Auditor) reopen(ctx context.Context) error {
	note, err := a.mirror.Get(ctx, ledger.CheckpointKey)
	if errors.Is(err, footage.NotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the audit's copy of the record: %w", err)
	}
	own, err := ledger.OpenCheckpoint(note, a.cfg.Trust.Verifier)
	if err != nil {
		return fmt.Errorf("open the audit's copy of the record: %w", err)
	}
	for raw, err := range ledger.Entries(ctx, a.mirror, own.Tree, 0, own.Size) {
		if err != nil {
			return fmt.Errorf("read the audit's copy of the record: %w", err)
		}
		a.take(raw)
	}
	a.tree = own.Tree
	return nil
}

// follow brings the copy up to the published checkpoint. It reports false when the record cannot be followed any further: the
// reason is a finding.
func (a *Auditor) follow(ctx context.Context) (bool, error) {
	note, err := a.get(ctx, ledger.CheckpointKey, 1<<20)
	if errors.Is(err, footage.NotFound) {
		a.find("checkpoint_missing", ledger.CheckpointKey, "The exchange shows no checkpoint of its public record.")
		return false, nil
	}
	if err != nil {
		return false, err
	}
	next, err := ledger.OpenCheckpoint(note, a.cfg.Trust.Verifier)
	if err != nil {
		a.find("checkpoint_forged", ledger.CheckpointKey, "The checkpoint that the exchange shows is not signed with its key, or damaged: %v", err)
		return false, nil
	}
	own := ledger.Checkpoint{Origin: next.Origin, Tree: a.tree}
	switch err := ledger.CheckNotBehind(own, next); {
	case errors.Is(err, footage.Conflict):
		a.find("rolled_back", fmt.Sprintf("%d entries", next.Size), "The public record has gone back: it shows %d entries, %d were seen before. Entries that were signed and public are gone, as after putting back an old backup. The copy here still holds them.", next.Size, a.tree.Size)
		return false, nil
	case err != nil:
		a.find("forked", fmt.Sprintf("%d entries", next.Size), "There are two different signed records of %d entries: somebody is shown another one than this audit has seen. Keep both checkpoints.", next.Size)
		return false, nil
	}
	if next.Size == a.tree.Size {
		return true, a.mirror.Put(ctx, ledger.CheckpointKey, note)
	}
	return a.grow(ctx, next, note)
}

// grow takes in the entries from the copy's size on, once the published tiles show that they continue the copy. Each batch is
// kept and then played, while the next one is fetched, so that memory does not grow with the record.
func (a *Auditor) grow(ctx context.Context, next ledger.Checkpoint, note []byte) (bool, error) {
	src := ledger.HTTP{Base: a.cfg.Base, Client: a.cfg.Client}
	proof, err := ledger.ProveConsistency(ctx, src, a.tree.Size, note)
	if err != nil {
		return false, a.unread(err)
	}
	if err := ledger.VerifyConsistency(ledger.Checkpoint{Origin: next.Origin, Tree: a.tree}, next, proof); err != nil {
		return false, a.unbuilt(err, next)
	}
	copied := copying{src: src, mirror: a.mirror, tree: a.tree, to: next.Tree, batches: make(chan kept, 1)}
	var group errgroup.Group
	group.Go(func() error { copied.run(ctx); return nil })
	for b := range copied.batches {
		a.tree = b.tree
		for _, raw := range b.entries {
			a.take(raw)
		}
	}
	_ = group.Wait() // it says below what went wrong
	if copied.unread != nil {
		return false, a.unread(copied.unread)
	}
	if copied.unbuilt != nil || a.tree != next.Tree {
		return false, a.unbuilt(copied.unbuilt, next)
	}
	return true, a.mirror.Put(ctx, ledger.CheckpointKey, note)
}

// copying fetches what a record has grown by, proves it and keeps it, batch by batch.
type copying struct {
	src     ledger.Source
	mirror  ledger.Dir
	tree    ledger.Tree // of the mirror
	to      ledger.Tree
	batches chan kept // closed at the end

	// why it ended before: the record could not be read, or kept
	unread, unbuilt error
}

// kept is a batch of entries that are in the mirror, whose tree they have come to.
type kept struct {
	tree    ledger.Tree
	entries [][]byte
}

func (c *copying) run(ctx context.Context) {
	defer close(c.batches)
	some := make([][]byte, 0, batch)
	for raw, err := range ledger.Entries(ctx, c.src, c.to, c.tree.Size, c.to.Size) {
		if err != nil {
			c.unread = err
			return
		}
		if some = append(some, raw); len(some) == batch {
			if c.unbuilt = c.keep(ctx, some); c.unbuilt != nil {
				return
			}
			some = make([][]byte, 0, batch)
		}
	}
	c.unbuilt = c.keep(ctx, some)
}

// keep keeps entries that continue the copy, and hands them on.
func (c *copying) keep(ctx context.Context, some [][]byte) error {
	tree, err := ledger.Integrate(ctx, c.mirror, c.tree, some)
	if err != nil {
		return err
	}
	c.tree = tree
	c.batches <- kept{tree, some}
	return nil
}

// unread tells entries that do not hold from an exchange that does not answer.
func (a *Auditor) unread(err error) error {
	if errors.Is(err, footage.Untrusted) || errors.Is(err, footage.NotFound) {
		a.find("tiles_damaged", ledger.CheckpointKey, "The public record does not hold what its checkpoint signs: %v", err)
		return nil
	}
	return fmt.Errorf("read the record: %w", err)
}

// unbuilt says that the new entries do not continue the copy.
func (a *Auditor) unbuilt(err error, next ledger.Checkpoint) error {
	if err != nil && !errors.Is(err, footage.Untrusted) {
		return fmt.Errorf("write the audit's copy of the record: %w", err)
	}
	a.find("rewritten", fmt.Sprintf("%d entries", next.Size), "The past was changed: the record of %d entries does not continue the %d that were seen before. The copy here still holds them.", next.Size, a.tree.Size)
	return nil
}

// get fetches a public file of at most so many bytes.
func (a *Auditor) get(ctx context.Context, path string, limit int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.cfg.Base+"/"+path, nil)
	if err != nil {
		return nil, footage.E(footage.Invalid, "The exchange's address is not one. It looks like https://exchange.example.")
	}
	res, err := a.cfg.Client.Do(req)
	if err != nil {
		return nil, footage.E(footage.Unavailable, fmt.Sprintf("The exchange cannot be reached (%v). Try again later.", err))
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return nil, footage.E(footage.NotFound, "The exchange has no file "+path+".")
	case res.StatusCode != http.StatusOK:
		return nil, footage.E(footage.Unavailable, fmt.Sprintf("The exchange answers %s for %s. Try again later.", res.Status, path))
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return nil, footage.E(footage.Unavailable, fmt.Sprintf("The file %s broke off (%v). Try again later.", path, err))
	}
	if int64(len(raw)) > limit {
		return nil, footage.E(footage.TooLarge, "The file "+path+" is longer than any such file may be.")
	}
	return raw, nil
}

// Compare holds a checkpoint that somebody else was shown against the copy: two that cannot both be of one record are a
// finding, however good each looks by itself.
func (a *Auditor) Compare(ctx context.Context, note []byte) error {
	other, err := ledger.OpenCheckpoint(note, a.cfg.Trust.Verifier)
	if err != nil {
		return err
	}
	if other.Size > a.tree.Size {
		return footage.E(footage.Conflict, fmt.Sprintf("The checkpoint is of %d entries, this audit has verified %d. Run it again first.", other.Size, a.tree.Size))
	}
	own, err := a.mirror.Get(ctx, ledger.CheckpointKey)
	if err != nil {
		return err
	}
	proof, err := ledger.ProveConsistency(ctx, a.mirror, other.Size, own)
	if err != nil {
		return err
	}
	if ledger.VerifyConsistency(other, ledger.Checkpoint{Origin: other.Origin, Tree: a.tree}, proof) != nil {
		a.find("split_view", fmt.Sprintf("%d entries", other.Size), "Somebody was shown another record of %d entries than this audit has seen, both signed by the exchange. Keep both checkpoints.", other.Size)
	}
	return a.keep()
}
