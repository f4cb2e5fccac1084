package ledger

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"golang.org/x/sync/errgroup"
)

// writers is how many objects are put at once; each waits for its own flush to disk or answer from S3.
const writers = 8

// Integrate appends encoded entries to the tree old and writes the objects of the resulting tree: full and partial entry
// bundles and tiles of hashes. When it returns, all of them are durable and a checkpoint of the new tree may be signed.
//
// It first holds the right edge of old against its root, so that a damaged or rolled-back store is refused with kind
// [footage.Untrusted] rather than built upon. Objects are immutable: one that is already there must hold the very bytes,
// anything else is an error that names its key and leaves it as it is. Therefore Integrate can be run again after a crash,
// with the same entries or with those and more behind them. Memory does not depend on old or on the number of entries.
//
// The caller keeps two runs on one log from overlapping. Entries are not decoded; [Check] does that.
func Integrate(ctx context.Context, objects Objects, old Tree, entries [][]byte) (Tree, error) {
	e, err := openEdge(ctx, objects, old)
	if err != nil {
		return Tree{}, fmt.Errorf("integrate %d entries after %d: %w", len(entries), old.Size, err)
	}
	into, end := gather(objects)
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	e.emit = func(key string, data []byte) error {
		group.Go(func() error { return putOnce(gctx, into, key, data) })
		return gctx.Err()
	}
	for _, entry := range entries {
		if err = e.add(entry); err != nil {
			break
		}
	}
	if err == nil {
		err = e.flush()
	}
	if werr := group.Wait(); werr != nil {
		err = werr
	}
	if err = end(err); err != nil {
		return Tree{}, fmt.Errorf("integrate %d entries after %d: %w", len(entries), old.Size, err)
	}
	return e.tree(), nil
}

// TreeOf returns the tree over encoded entries, without any storage: what a log that holds just them must have come to. It
// stops at the first error of the sequence. Memory does not grow with the number of entries.
func TreeOf(entries iter.Seq2[[]byte, error]) (Tree, error) {
	e := &edge{emit: func(string, []byte) error { return nil }}
	for entry, err := range entries {
		if err != nil {
			return Tree{}, err
		}
		if err := e.add(entry); err != nil {
			return Tree{}, err
		}
	}
	return e.tree(), nil
}

// putOnce puts an immutable object unless it is there already with the same bytes.
func putOnce(ctx context.Context, objects Objects, key string, data []byte) error {
	there, err := objects.Get(ctx, key)
	switch {
	case err == nil && bytes.Equal(there, data):
		return nil
	case err == nil:
		return untrusted(key, "already has another object in this place")
	case !isMissing(err):
		return fmt.Errorf("look for %s: %w", key, err)
	}
	if err := objects.Put(ctx, key, data); err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	return nil
}
