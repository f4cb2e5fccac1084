package ledger

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"porchlight.example/internal/footage"
)

// edge is the right edge of a growing tree: the open tile of each level and the open bundle. It is all that is needed to
// append, so that memory does not grow with the log.
type edge struct {
	size   int64
	levels [maxLevel + 1][]byte // hashes of the open tile of each level, never a full one
	bundle []byte               // the open entry bundle
	grown  int                  // levels below this have a tile that was not emitted yet

	// emit is given each finished object, once and for good; it may keep the data.
	emit func(key string, data []byte) error
}

// add appends an entry.
func (e *edge) add(entry []byte) error {
	e.bundle = AppendBundle(e.bundle, entry)
	e.size++
	if e.size%tileWidth == 0 {
		if err := e.emit(BundleKey(e.size/tileWidth-1, tileWidth), e.bundle); err != nil {
			return err
		}
		e.bundle = nil
	}
	return e.push(0, tlog.RecordHash(entry))
}

// push appends a hash to a level. A full tile is emitted, and its root goes to the level above.
func (e *edge) push(level int, h tlog.Hash) error {
	tile := append(e.levels[level], h[:]...)
	e.levels[level] = tile
	e.grown = max(e.grown, level+1)
	if len(tile) < tileWidth*hashSize {
		return nil
	}
	n := e.count(level)/tileWidth - 1
	if err := e.emit(TileKey(level, n, tileWidth), tile); err != nil {
		return err
	}
	e.levels[level] = nil
	return e.push(level+1, tileRoot(tile))
}

// flush emits the partial tiles and the partial bundle. Nothing may be added afterwards, for emit has kept them.
func (e *edge) flush() error {
	if n := e.size / tileWidth; len(e.bundle) > 0 && e.grown > 0 {
		if err := e.emit(BundleKey(n, widthAt(n, e.size)), e.bundle); err != nil {
			return err
		}
	}
	for level, tile := range e.levels[:e.grown] {
		if len(tile) == 0 {
			continue
		}
		if err := e.emit(TileKey(level, e.count(level)/tileWidth, len(tile)/hashSize), tile); err != nil {
			return err
		}
	}
	return nil
}

// count returns how many hashes the tree has at a tile level.
func (e *edge) count(level int) int64 { return e.size >> (tileHeight * level) }

// tree returns the tree that the edge belongs to.
func (e *edge) tree() Tree {
	root, err := tlog.TreeHash(e.size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		return hashesFrom(indexes, func(t tlog.Tile) ([]byte, error) { return e.levels[t.L], nil })
	}))
	if err != nil {
		panic(fmt.Sprintf("ledger: right edge of %d entries lacks a hash: %v", e.size, err))
	}
	return Tree{Size: e.size, Root: root}
}

// hashesFrom picks stored hashes out of tiles.
func hashesFrom(indexes []int64, tile func(tlog.Tile) ([]byte, error)) (hashes []tlog.Hash, err error) {
	hashes = make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if hashes[i], err = hashFrom(index, tile); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}

// hashFrom picks one stored hash out of its tile.
func hashFrom(index int64, tile func(tlog.Tile) ([]byte, error)) (tlog.Hash, error) {
	t := tlog.TileForIndex(tileHeight, index)
	data, err := tile(t)
	if err != nil {
		return tlog.Hash{}, err
	}
	t.W = len(data) / hashSize
	return tlog.HashFromTile(t, data, index)
}

// tileRoot returns the root of the subtree over a full tile.
func tileRoot(tile []byte) tlog.Hash {
	row := make([]tlog.Hash, len(tile)/hashSize)
	for i := range row {
		copy(row[i][:], tile[i*hashSize:])
	}
	for len(row) > 1 {
		for i := 0; i < len(row); i += 2 {
			row[i/2] = tlog.NodeHash(row[i], row[i+1])
		}
		row = row[:len(row)/2]
	}
	return row[0]
}

// openEdge reads the right edge of a tree and holds it against the tree's root, so that a damaged tile is never built upon.
func openEdge(ctx context.Context, src Source, tree Tree) (*edge, error) {
	e := &edge{size: tree.Size}
	for level := 0; e.count(level) > 0; level++ {
		n := e.count(level) / tileWidth
		width := widthAt(n, e.count(level))
		if width == 0 {
			continue
		}
		tile, err := readTile(ctx, src, level, n, width)
		if err != nil {
			return nil, err
		}
		e.levels[level] = slices.Clip(tile)
	}
	if e.tree() != tree {
		return nil, untrusted(prefix+"tile", fmt.Sprintf("has a damaged tile at its right edge: the tiles do not give the root of the tree of %d entries", tree.Size))
	}
	return e, e.openBundle(ctx, src)
}

func (e *edge) openBundle(ctx context.Context, src Source) error {
	n := e.size / tileWidth
	width := widthAt(n, e.size)
	if width == 0 {
		return nil
	}
	entries, err := readBundle(ctx, src, n, width)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		if h := tlog.RecordHash(entry); string(h[:]) != string(e.levels[0][i*hashSize:(i+1)*hashSize]) {
			return untrusted(BundleKey(n, width), fmt.Sprintf("has a damaged entry %d", n*tileWidth+int64(i)))
		}
		e.bundle = AppendBundle(e.bundle, entry)
	}
	return nil
}

// readTile reads width hashes of a tile, from a wider object if need be.
func readTile(ctx context.Context, src Source, level int, n int64, width int) ([]byte, error) {
	key := TileKey(level, n, width)
	data, err := getTile(ctx, src, key)
	if err != nil {
		return nil, err
	}
	if len(data) != width*hashSize && len(data) != tileWidth*hashSize {
		return nil, untrusted(key, fmt.Sprintf("has a tile of %d bytes in place of %d", len(data), width*hashSize))
	}
	return data[:width*hashSize], nil
}

// readBundle reads width entries of a bundle, from a wider object if need be.
func readBundle(ctx context.Context, src Source, n int64, width int) ([][]byte, error) {
	key := BundleKey(n, width)
	data, err := getTile(ctx, src, key)
	if err != nil {
		return nil, err
	}
	entries, err := ParseBundle(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, &footage.Error{Kind: footage.Untrusted, Msg: err.Error()})
	}
	if len(entries) != width && len(entries) != tileWidth {
		return nil, untrusted(key, fmt.Sprintf("has a bundle of %d entries in place of %d", len(entries), width))
	}
	return entries[:width], nil
}
