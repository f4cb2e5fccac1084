package ledger

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/footage"
)

// Report is what [Check] found in a sound log.
type Report struct {
	Checkpoint
	Kinds map[Kind]int64 // entries of each kind
	First time.Time      // of the first entry
	Last  time.Time      // of the last entry
}

// Check verifies a whole log: the checkpoint's signature; every entry's form, schema and time, which never goes back;
// that exchange.created is the first entry and only that; every bundle and tile of the checkpoint's tree, each made anew
// from the entries; and the root. The error names the first object at fault. It is of kind [footage.Untrusted], of kind
// [footage.NotFound] when an object is missing, and of kind [footage.Invalid] or [footage.Unsupported] when the log holds
// an entry that it should not. Memory does not grow with the log. Objects that only older checkpoints need are not read.
func Check(ctx context.Context, src Source, vkey string) (Report, error) {
	msg, err := src.Get(ctx, CheckpointKey)
	if err != nil {
		return Report{}, fmt.Errorf("read %s: %w", CheckpointKey, err)
	}
	c, err := OpenCheckpoint(msg, vkey)
	if err != nil {
		return Report{}, fmt.Errorf("%s: %w", CheckpointKey, err)
	}
	k := &checker{ctx: ctx, src: src, report: Report{Checkpoint: c, Kinds: map[Kind]int64{}}}
	k.edge.emit = k.compare
	if err := k.bundles(); err != nil {
		return Report{}, fmt.Errorf("check %s: %w", c.Origin, err)
	}
	if err := k.edge.flush(); err != nil {
		return Report{}, fmt.Errorf("check %s: %w", c.Origin, err)
	}
	if k.edge.tree() != c.Tree {
		return Report{}, untrusted(CheckpointKey, fmt.Sprintf("has a checkpoint whose root is not that of its %d entries", c.Size))
	}
	return k.report, nil
}

// checker makes a log anew from its entries and compares each object with the stored one.
type checker struct {
	ctx    context.Context
	src    Source
	edge   edge
	report Report
}

// abreast is how many bundles are read and decoded at once: enough for the processors and for a network's delay.
const abreast = 16

// bundle is one that was read: its entries' kinds, times and hashes. An entry at fault is the last, and err says why.
type bundle struct {
	entries []Entry
	hashes  []tlog.Hash
	err     error
}

// bundles takes in all bundles, in order.
func (k *checker) bundles() error {
	count := (k.report.Size + tileWidth - 1) / tileWidth
	for first := int64(0); first < count; first += abreast {
		some := make([]bundle, min(abreast, count-first))
		var group errgroup.Group
		for i := range some {
			group.Go(func() error { some[i] = k.read(first + int64(i)); return nil })
		}
		_ = group.Wait() // each keeps its error, so that the first in the log is told
		for i, b := range some {
			if err := k.take(first+int64(i), b); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads bundle n and decodes its entries. The hashes come first, so that damage shows as damage and not as an entry
// without sense.
func (k *checker) read(n int64) (b bundle) {
	raws, err := readBundle(k.ctx, k.src, n, widthAt(n, k.report.Size))
	if err == nil {
		b.hashes, err = k.leaves(n, raws)
	}
	if err != nil {
		return bundle{err: err}
	}
	for _, raw := range raws {
		e, err := DecodeEntry(raw)
		if err != nil {
			b.err = fmt.Errorf("%s: entry %d: %w", BundleKey(n, len(raws)), n*tileWidth+int64(len(b.entries)), err)
			return b
		}
		e.Data = nil // only kind and time are looked at again
		b.entries = append(b.entries, e)
	}
	return b
}

// take takes in what was read of bundle n.
func (k *checker) take(n int64, b bundle) error {
	for i, e := range b.entries {
		if err := k.entry(e); err != nil {
			return fmt.Errorf("%s: entry %d: %w", BundleKey(n, widthAt(n, k.report.Size)), k.edge.size, err)
		}
		k.edge.size++
		if err := k.edge.push(0, b.hashes[i]); err != nil {
			return err
		}
	}
	return b.err
}

// leaves compares a bundle's entries with the tile of their hashes, which it returns.
func (k *checker) leaves(n int64, entries [][]byte) ([]tlog.Hash, error) {
	tile, err := readTile(k.ctx, k.src, 0, n, len(entries))
	if err != nil {
		return nil, err
	}
	hashes := make([]tlog.Hash, len(entries))
	for i, raw := range entries {
		hashes[i] = tlog.RecordHash(raw)
		if !bytes.Equal(hashes[i][:], tile[i*hashSize:(i+1)*hashSize]) {
			return nil, k.blame(n, len(entries), n*tileWidth+int64(i))
		}
	}
	return hashes, nil
}

// blame decides which of bundle and tile is at fault: a tile that the signed root vouches for is right.
func (k *checker) blame(n int64, width int, index int64) error {
	if _, err := provenLeaves(k.ctx, k.src, k.report.Tree, n); err != nil {
		return untrusted(TileKey(0, n, width), fmt.Sprintf("has a damaged tile, which does not hold the hash of entry %d", index))
	}
	return untrusted(BundleKey(n, width), fmt.Sprintf("has a damaged entry %d", index))
}

// entry checks one entry's place and counts it.
func (k *checker) entry(e Entry) error {
	if (e.Kind == KindExchangeCreated) != (k.edge.size == 0) {
		return footage.E(footage.Invalid, "The exchange's own entry must be the first, and only the first.")
	}
	if e.At.Before(k.report.Last) {
		return footage.E(footage.Invalid, "The entry is dated before the one in front of it.")
	}
	if k.edge.size == 0 {
		k.report.First = e.At
	}
	k.report.Last = e.At
	k.report.Kinds[e.Kind]++
	return nil
}

// compare holds an object made anew against the stored one. Bundles and the tiles over them were compared on the way.
func (k *checker) compare(key string, data []byte) error {
	if strings.HasPrefix(key, prefix+"tile/entries/") || strings.HasPrefix(key, prefix+"tile/0/") {
		return nil
	}
	stored, err := getTile(k.ctx, k.src, key)
	if err != nil {
		return err
	}
	if len(stored) != tileWidth*hashSize && len(stored) != len(data) || !bytes.HasPrefix(stored, data) {
		return untrusted(key, "has a damaged tile")
	}
	return nil
}
