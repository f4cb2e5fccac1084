package ledger

import (
	"context"
	"fmt"
	"iter"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/footage"
)

// hashes returns a reader of the tree's stored hashes that holds every tile against the root before it is used.
func (t Tree) hashes(ctx context.Context, src Source) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		r := &tiles{ctx: ctx, src: src}
		hashes, err := tlog.TileHashReader(tlog.Tree{N: t.Size, Hash: t.Root}, r).ReadHashes(indexes)
		if err != nil && r.err == nil {
			err = untrusted(prefix+"tile", fmt.Sprintf("has tiles that do not give the root of the tree of %d entries", t.Size))
		}
		return hashes, err
	})
}

// tiles is a tlog.TileReader over a Source. It lives as long as the one call that it serves, and so may hold the context.
type tiles struct {
	ctx context.Context
	src Source
	err error // the first failure to read, which is not the tiles' fault
}

func (r *tiles) Height() int { return tileHeight }

func (r *tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(want))
	for i, t := range want {
		if data[i], r.err = readTile(r.ctx, r.src, t.L, t.N, t.W); r.err != nil {
			return nil, r.err
		}
	}
	return data, nil
}

func (r *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// unproven returns a reader of the tree's stored hashes that believes every tile, and reads and hashes each once, or takes what
// a [Cache] keeps of it.
func unproven(ctx context.Context, src Source, t Tree) tlog.HashReader {
	type place struct {
		level int
		n     int64
	}
	seen := map[place]nodes{}
	return tlog.HashReaderFunc(func(indexes []int64) (hashes []tlog.Hash, err error) {
		hashes = make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			tile := tlog.TileForIndex(tileHeight, index)
			at := place{tile.L, tile.N}
			of, ok := seen[at]
			if !ok {
				if of, err = readNodes(ctx, src, tile.L, tile.N, t.widthOf(tile)); err != nil {
					return nil, err
				}
				seen[at] = of
			}
			if hashes[i], err = of.stored(tile, index); err != nil {
				return nil, err
			}
		}
		return hashes, nil
	})
}

// widthOf returns how many hashes a tile has in the tree.
func (t Tree) widthOf(tile tlog.Tile) int {
	return widthAt(tile.N, t.Size>>(tileHeight*tile.L))
}

// ReadEntry returns the bytes of one entry, shown to be in the tree. A tree from [OpenCheckpoint] makes them as
// trustworthy as the log's signature.
func ReadEntry(ctx context.Context, src Source, tree Tree, index int64) ([]byte, error) {
	if index < 0 || index >= tree.Size {
		return nil, footage.E(footage.NotFound, fmt.Sprintf("The record of %d entries has no entry %d.", tree.Size, index))
	}
	for entry, err := range Entries(ctx, src, tree, index, index+1) {
		return entry, err
	}
	panic("ledger: no entry in a range of one")
}

// Entries yields the bytes of the entries from index from up to, not including, index to, each shown to be in the tree.
// Both ends are cut to the tree. After an error it yields nothing more. It reads some bundles ahead, several at once.
func Entries(ctx context.Context, src Source, tree Tree, from, to int64) iter.Seq2[[]byte, error] {
	from, to = max(from, 0), min(to, tree.Size)
	return func(yield func([]byte, error) bool) {
		for n := from / tileWidth; from < to && n*tileWidth < to; n += abreast {
			for i, b := range provenBundles(ctx, src, tree, n, min(n+abreast, (to+tileWidth-1)/tileWidth)) {
				if b.err != nil {
					yield(nil, fmt.Errorf("read entries %d to %d: %w", from, to, b.err))
					return
				}
				first := (n + int64(i)) * tileWidth
				for _, entry := range b.entries[max(from-first, 0):min(to-first, int64(len(b.entries)))] {
					if !yield(entry, nil) {
						return
					}
				}
			}
		}
	}
}

// proven is a bundle whose entries were held against a tree, or why that failed.
type proven struct {
	entries [][]byte
	err     error
}

// provenBundles reads the bundles from n up to, not including, end at once.
func provenBundles(ctx context.Context, src Source, tree Tree, n, end int64) []proven {
	some := make([]proven, end-n)
	roots := tree.roots(ctx, src, n, end)
	var group errgroup.Group
	for i := range some {
		group.Go(func() error {
			if i < len(roots) {
				some[i].entries = matching(ctx, src, n+int64(i), roots[i])
			}
			if some[i].entries == nil {
				some[i].entries, some[i].err = provenBundle(ctx, src, tree, n+int64(i))
			}
			return nil
		})
	}
	_ = group.Wait() // each keeps its error
	return some
}

// roots returns the roots of the subtrees over the full ones of some bundles, held against the tree; none if that fails.
func (t Tree) roots(ctx context.Context, src Source, n, end int64) []tlog.Hash {
	var indexes []int64
	for ; n < min(end, t.Size/tileWidth); n++ {
		indexes = append(indexes, tlog.StoredHashIndex(tileHeight, n))
	}
	hashes, err := t.hashes(ctx, src).ReadHashes(indexes)
	if err != nil {
		return nil
	}
	return hashes
}

// matching returns the entries of the full bundle n if they and the tile of their hashes come to a proven root, and otherwise
// nil: that all fits is shown with less than it takes to say what does not.
func matching(ctx context.Context, src Source, n int64, root tlog.Hash) [][]byte {
	entries, err := readBundle(ctx, src, n, tileWidth)
	if err != nil {
		return nil
	}
	tile, err := readTile(ctx, src, 0, n, tileWidth)
	if err != nil || tileRoot(tile) != root {
		return nil
	}
	for i, entry := range entries {
		if hash := tlog.RecordHash(entry); string(hash[:]) != string(tile[i*hashSize:(i+1)*hashSize]) {
			return nil
		}
	}
	return entries
}

// provenBundle reads bundle n and holds each of its entries against the tree.
func provenBundle(ctx context.Context, src Source, tree Tree, n int64) ([][]byte, error) {
	entries, err := readBundle(ctx, src, n, widthAt(n, tree.Size))
	if err != nil {
		return nil, err
	}
	hashes, err := provenLeaves(ctx, src, tree, n)
	if err != nil {
		return nil, err
	}
	for i, entry := range entries {
		if tlog.RecordHash(entry) != hashes[i] {
			return nil, untrusted(BundleKey(n, len(entries)), fmt.Sprintf("has a damaged entry %d", n*tileWidth+int64(i)))
		}
	}
	return entries, nil
}

// provenLeaves returns the hashes of the entries of bundle n, held against the tree.
func provenLeaves(ctx context.Context, src Source, tree Tree, n int64) ([]tlog.Hash, error) {
	indexes := make([]int64, widthAt(n, tree.Size))
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, n*tileWidth+int64(i))
	}
	return tree.hashes(ctx, src).ReadHashes(indexes)
}
