package ledger

import (
	"bytes"
	"container/list"
	"context"
	"strings"
	"sync"
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

// cached is one object: its bytes, or the nodes of a tile that proofs were made from.
type cached struct {
	key   string
	data  []byte
	nodes nodes
}

// bytes returns a copy of the object, nil if it is not kept.
func (c cached) bytes() []byte {
	if c.nodes.width == 0 {
		return bytes.Clone(c.data)
	}
	return c.nodes.bytes()
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

func (c cached) size() int { return len(c.key) + len(c.data) + hashSize*len(c.nodes.all) }

// nodes returns those of a tile.
func (c *Cache) nodes(ctx context.Context, level int, n int64, width int) (nodes, error) {
	key := TileKey(level, n, width)
	if kept := c.find(key).nodes; kept.width > 0 {
		return kept, nil
	}
	tile, err := readTile(ctx, c.src, level, n, width)
	if err != nil {
		return nodes{}, err
	}
	made := nodesOf(tile)
	c.keep(cached{key: key, nodes: made})
	return made, nil
}
