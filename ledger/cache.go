package ledger

import (
	"bytes"
	"container/list"
	"context"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// Cache is a [Source] that keeps the tiles it has read, up to a number of bytes, and gives back first what was not used for
// longest. Tiles are immutable, so that nothing needs to be looked at again; what was kept is held against a root by whoever
// proves from it, as what was just read is. It is safe for concurrent use.
type Cache struct {
	src   Source
	limit int

	mu    sync.Mutex // guards the fields below
	kept  map[string]*list.Element
	order *list.List // of *cached, the one used last in front
	bytes int
}

// cached is one object: its bytes, or of a full tile that proofs were made from its hashes and the inner nodes over them.
type cached struct {
	key   string
	data  []byte
	nodes []tlog.Hash
}

// bytes returns a copy of the object, nil if it is not kept.
func (c cached) bytes() []byte {
	if c.nodes == nil {
		return bytes.Clone(c.data)
	}
	data := make([]byte, 0, tileWidth*hashSize)
	for _, h := range c.nodes[:tileWidth] {
		data = append(data, h[:]...)
	}
	return data
}

// NewCache returns an empty cache of at most so many bytes.
func NewCache(src Source, limit int) *Cache {
	return &Cache{src: src, limit: limit, kept: map[string]*list.Element{}, order: list.New()}
}

// Get is described at [Source]. Only what lies below log/tile is kept.
func (c *Cache) Get(ctx context.Context, key string) ([]byte, error) {
	if !strings.HasPrefix(key, prefix+"tile/") {
		return c.src.Get(ctx, key)
	}
	if data := c.find(key).bytes(); data != nil {
		return data, nil
	}
	data, err := c.src.Get(ctx, key)
	if err == nil {
		c.keep(cached{key: key, data: bytes.Clone(data)})
	}
	return data, err
}

// find returns what is kept of a key, or the zero value.
func (c *Cache) find(key string) cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.kept[key]
	if !ok {
		return cached{}
	}
	c.order.MoveToFront(at)
	return *at.Value.(*cached)
}

// keep takes an object in, in place of what is kept of its key.
func (c *Cache) keep(one cached) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.kept[one.key]; ok {
		c.drop(at)
	}
	c.kept[one.key] = c.order.PushFront(&one)
	c.bytes += one.size()
	for c.bytes > c.limit {
		c.drop(c.order.Back())
	}
}

// drop gives an object back; c.mu is held.
func (c *Cache) drop(at *list.Element) {
	one := c.order.Remove(at).(*cached)
	delete(c.kept, one.key)
	c.bytes -= one.size()
}

// forget gives everything back, since something of it was not what it must be.
func (c *Cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept, c.order, c.bytes = map[string]*list.Element{}, list.New(), 0
}

func (c cached) size() int { return len(c.key) + len(c.data) + hashSize*len(c.nodes) }

// node returns a stored hash that lies in a full tile. The nodes of a tile are computed once, which is most of the work of a
// proof.
func (c *Cache) node(ctx context.Context, tile tlog.Tile, index int64) (tlog.Hash, error) {
	key := TileKey(tile.L, tile.N, tileWidth)
	nodes := c.find(key).nodes
	if nodes == nil {
		data, err := readTile(ctx, c.src, tile.L, tile.N, tileWidth)
		if err != nil {
			return tlog.Hash{}, err
		}
		nodes = tileNodes(data)
		c.keep(cached{key: key, nodes: nodes})
	}
	level, n := tlog.SplitStoredHashIndex(index)
	level -= tile.L * tileHeight
	return nodes[rowStart(level)+int(n-tile.N<<(tileHeight-level))], nil
}

// tileNodes returns the hashes of a full tile and those of all inner nodes below its root, row by row.
func tileNodes(tile []byte) []tlog.Hash {
	nodes := make([]tlog.Hash, rowStart(tileHeight))
	for i := range tileWidth {
		copy(nodes[i][:], tile[i*hashSize:])
	}
	for level := 1; level < tileHeight; level++ {
		row, below := nodes[rowStart(level):rowStart(level+1)], nodes[rowStart(level-1):]
		for i := range row {
			row[i] = tlog.NodeHash(below[2*i], below[2*i+1])
		}
	}
	return nodes
}

// rowStart is where the row of a level begins among a tile's nodes.
func rowStart(level int) int { return 2*tileWidth - 2*tileWidth>>level }
