package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// nodes are the hashes of a tile and those of the inner nodes over them, row by row, each half as long as the one below: without
// the tile's root, which belongs to the tile above.
type nodes struct {
	width int // hashes of the tile
	all   []tlog.Hash
}

// readNodes returns the nodes of a tile. To compute them is most of the work of a proof, so that a cache keeps them.
func readNodes(ctx context.Context, src Source, level int, n int64, width int) (nodes, error) {
	if cache, ok := src.(*Cache); ok {
		return cache.nodes(ctx, level, n, width)
	}
	tile, err := readTile(ctx, src, level, n, width)
	return nodesOf(tile), err
}

// nodesOf hashes a tile.
func nodesOf(tile []byte) nodes {
	width := len(tile) / hashSize
	all := make([]tlog.Hash, rowStart(width, tileHeight))
	for i := range width {
		copy(all[i][:], tile[i*hashSize:])
	}
	below := all
	for level := 1; level < tileHeight; level++ {
		row := all[rowStart(width, level):rowStart(width, level+1)]
		for i := range row {
			row[i] = tlog.NodeHash(below[2*i], below[2*i+1])
		}
		below = row
	}
	return nodes{width, all}
}

// rowStart is where the row of a level begins among the nodes of a tile.
func rowStart(width, level int) (start int) {
	for range level {
		start += width
		width /= 2
	}
	return start
}

// stored returns the hash with an index among the tree's stored hashes, which lies in this tile.
func (ns nodes) stored(tile tlog.Tile, index int64) (tlog.Hash, error) {
	level, n := tlog.SplitStoredHashIndex(index)
	level -= tile.L * tileHeight
	n -= tile.N << (tileHeight - level)
	if n >= int64(ns.width>>level) {
		return tlog.Hash{}, fmt.Errorf("no stored hash %d in a tile of %d", index, ns.width)
	}
	return ns.all[rowStart(ns.width, level)+int(n)], nil
}

// bytes returns the tile.
func (ns nodes) bytes() []byte {
	data := make([]byte, 0, ns.width*hashSize)
	for _, h := range ns.all[:ns.width] {
		data = append(data, h[:]...)
	}
	return data
}
