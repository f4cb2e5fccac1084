package fsck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// source reads the record's objects, with the database's checkpoint in the place of the published one, which may be older.
type source struct {
	*check
	checkpoint string
}

func (s source) Get(_ context.Context, key string) ([]byte, error) {
	if key == ledger.CheckpointKey {
		return []byte(s.checkpoint), nil
	}
	return s.get(key)
}

func (c *check) get(key string) ([]byte, error) {
	r, err := c.Bucket.Get(c.ctx, key, 0, -1)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// dark reports whether an error means that a part does not answer, so that nothing can be said of it.
func dark(err error) bool {
	return errors.Is(err, footage.Unavailable) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// tiles checks the record's objects against the database's checkpoint, and that against the database's entries.
func (c *check) tiles() error {
	head := c.state.head
	if head.checkpoint == "" {
		c.want(head.integrated == 0, Record, "log_head", "It has no checkpoint, but says that it covers %d entries.", head.integrated)
		return nil
	}
	own, err := ledger.OpenCheckpoint([]byte(head.checkpoint), c.state.verifier)
	if err != nil {
		c.find(Record, "log_head", "The checkpoint does not hold: %v", err)
		return nil
	}
	c.want(own.Size == head.integrated, Record, "log_head", "It says that %d entries are covered, its checkpoint covers %d.", head.integrated, own.Size)
	c.want(own.Size != head.integrated || own.Tree == head.tree, Record, "log_entry", "The entries of the database do not give the signed root: one of them has changed.")
	src := source{c, head.checkpoint}
	report, err := ledger.Check(c.ctx, src, c.state.verifier)
	if dark(err) {
		return fmt.Errorf("read the record: %w", err)
	}
	if err != nil {
		c.find(Record, "log", "%v", err)
	}
	for range report.Kinds {
		c.report.Counts["kinds of entries"]++
	}
	return c.published(src, own)
}

// published checks the checkpoint in the bucket: it is the database's, or an older one of the same record.
func (c *check) published(src source, own ledger.Checkpoint) error {
	note, err := c.get(ledger.CheckpointKey)
	if dark(err) {
		return fmt.Errorf("read the published checkpoint: %w", err)
	}
	if err != nil {
		c.find(Record, ledger.CheckpointKey, "There is no published checkpoint.")
		return nil
	}
	if !strings.HasPrefix(string(note), src.checkpoint) {
		c.older(Record, ledger.CheckpointKey, string(note), src, own)
	}
	c.cosigned(ledger.CheckpointKey, note)
	return nil
}

// cosigned checks the lines behind a note's own signature: each is a cosignature of a witness of this exchange.
func (c *check) cosigned(subject string, note []byte) {
	if len(c.Witnesses) == 0 {
		return
	}
	valid, err := ledger.Cosignatures(note, c.Witnesses...)
	if err != nil {
		c.find(Record, subject, "A cosignature does not hold: %v", err)
		return
	}
	_, lines, _ := strings.Cut(string(note), "\n\n")
	c.want(strings.Count(lines, "\n") == 1+len(valid) && strings.HasSuffix(lines, "\n"), Record, subject, "It bears a signature that is none of a witness of this exchange, or is damaged.")
}

// older checks a checkpoint that is not the database's: it must be one that the record had, or one over entries that the
// database holds and has not signed since a crash.
func (c *check) older(part Part, subject, note string, src source, own ledger.Checkpoint) {
	seen, err := ledger.OpenCheckpoint([]byte(note), c.state.verifier)
	switch {
	case err != nil:
		c.find(part, subject, "The checkpoint does not hold: %v", err)
	case seen.Size > c.state.size:
		c.find(part, subject, "The checkpoint covers %d entries, the database has %d: it was rolled back. Use 'porchlight restore'.", seen.Size, c.state.size)
	case seen.Size > own.Size:
		// a crash before the database's was written; the next run signs it again
	default:
		proof, err := ledger.ProveConsistency(c.ctx, src, seen.Size, []byte(src.checkpoint))
		if err == nil {
			err = ledger.VerifyConsistency(seen, own, proof)
		}
		if err != nil {
			c.find(part, subject, "The checkpoint is of another record: %v", err)
		}
	}
}

// bundles checks the published requests.
func (c *check) bundles() error {
	return c.list("feed/", func(key string, size int64) error {
		c.report.Counts["published requests"]++
		if id, _, _ := strings.Cut(strings.TrimPrefix(key, "feed/bundle/"), "/"); c.state.withheld[footage.RequestID(id)].index > 0 {
			c.find(Feed, key, "The record says that the request's text is withheld, but it lies here. The exchange's own task deletes it within minutes.")
			return nil
		}
		raw, err := c.get(key)
		if err != nil {
			return err
		}
		b, err := evidence.ParseBundle(raw)
		if err != nil {
			c.find(Feed, key, "The published request cannot be read: %v", err)
			return nil
		}
		again, err := b.Encode()
		c.want(err == nil && bytes.Equal(raw, again) && b.Verifier == c.state.verifier, Feed, key, "The published request is not as it was written.")
		checked, err := b.Verify(evidence.Trust{Verifier: c.state.verifier}, time.Time{})
		if err != nil {
			c.find(Feed, key, "The published request does not hold: %v", err)
			return nil
		}
		var indexes []int64
		for _, e := range b.Entries {
			indexes = append(indexes, e.Index)
		}
		c.want(exchange.BundleKey(checked.ID, indexes) == key, Feed, key, "It is another request, or shows other entries, than its place says.")
		return nil
	})
}

// objects checks the clips, and that nothing else lies in the bucket.
func (c *check) objects() error {
	found := map[string]bool{}
	err := c.list("", func(key string, size int64) error {
		switch {
		case strings.HasPrefix(key, "clips/"):
			found[key] = true
			return c.clip(key, size)
		case strings.HasPrefix(key, "feed/bundle/"), strings.HasPrefix(key, "log/state/"), strings.HasPrefix(key, "log/policy/"), strings.HasPrefix(key, "log/assets/"), key == ledger.CheckpointKey, key == evidence.HeadKey:
			return nil // checked already
		case strings.HasPrefix(key, "log/tile/"):
			return c.tile(key)
		}
		c.find(Database, key, "Nothing of the exchange lies in this place of the bucket.")
		return nil
	})
	if err != nil {
		return err
	}
	for key, want := range c.clips {
		if found[key] {
			continue
		}
		if err := c.missingClip(key, want); err != nil {
			return err
		}
	}
	return nil
}

// list calls do for every object. The keys are gathered first: do reads, and a listing must not wait for it.
func (c *check) list(prefix string, do func(key string, size int64) error) error {
	sizes := map[string]int64{}
	var keys []string
	for object, err := range c.Bucket.List(c.ctx, prefix) {
		if err != nil {
			return fmt.Errorf("list the bucket: %w", err)
		}
		keys = append(keys, object.Key)
		sizes[object.Key] = object.Size
	}
	slices.Sort(keys)
	for _, key := range keys {
		if err := do(key, sizes[key]); err != nil && !errors.Is(err, footage.NotFound) {
			return fmt.Errorf("read %s: %w", key, err)
		}
	}
	return nil
}

// clip checks one clip in the bucket.
func (c *check) clip(key string, size int64) error {
	want, ok := c.clips[key]
	if !ok {
		if c.begun[key] {
			return nil // complete, and its share not committed yet
		}
		return c.orphan(key)
	}
	c.report.Counts["clips"]++
	if size != want.size {
		c.find(Clips, key, "The clip has %d bytes in place of %d.", size, want.size)
		return nil
	}
	if c.Quick {
		return nil
	}
	r, err := c.Bucket.Get(c.ctx, key, 0, -1)
	if err != nil {
		return err
	}
	defer r.Close()
	var digest footage.SegmentDigest
	if _, err := io.Copy(&digest, r); err != nil {
		return err
	}
	c.want(digest.Sum() == want.digest, Clips, key, "The clip is damaged: its digest is not the one that was committed.")
	c.want(bytes.Equal(digest.Whole(), want.segments), Database, key, "The hashes of the clip's segments in its row are not its own.")
	return nil
}

// orphan reports a clip that no row names, after looking again: it may have begun meanwhile.
func (c *check) orphan(key string) error {
	known := false
	err := c.Read(c.ctx, func(tx *store.Tx) error {
		rows, err := tx.RowsWhere(tables()["upload"], "key", key)
		known = len(rows) > 0
		return err
	})
	if err != nil || known {
		return err
	}
	c.report.Orphans = append(c.report.Orphans, key)
	c.find(Clips, key, "The clip belongs to no share. Nobody can claim it: 'porchlight fsck --erase-orphans' erases it.")
	return nil
}

// missingClip reports a clip that is not there, after looking again: its share may have ended meanwhile.
func (c *check) missingClip(key string, want clip) error {
	c.report.Counts["clips"]++
	there := false
	err := c.Read(c.ctx, func(tx *store.Tx) error {
		rows, err := tx.RowsWhere(tables()["upload"], "key", key)
		there = len(rows) > 0
		return err
	})
	if err == nil {
		c.want(!there, Clips, key, "The clip is missing; it is of share %s.", want.share)
	}
	return err
}
