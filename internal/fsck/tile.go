package fsck

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// object is a tile or bundle as its key names it.
type object struct {
	level int // -1: a bundle of entries
	n     int64
	width int
}

// parseTile reads the key of a tile or bundle.
func parseTile(key string) (o object, ok bool) {
	rest, found := strings.CutPrefix(key, "log/tile/")
	level, number, more := strings.Cut(rest, "/")
	if !found || !more {
		return o, false
	}
	o.level = -1
	if level != "entries" {
		n, err := strconv.Atoi(level)
		if err != nil {
			return o, false
		}
		o.level = n
	}
	number, partial, isPartial := strings.Cut(number, ".p/")
	o.width = tileWidth
	if isPartial {
		w, err := strconv.Atoi(partial)
		if err != nil {
			return o, false
		}
		o.width = w
	}
	for _, group := range strings.Split(number, "/") {
		digits := strings.TrimPrefix(group, "x")
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || len(digits) != 3 {
			return o, false
		}
		o.n = o.n*1000 + n
	}
	return o, o.key() == key
}

const tileWidth = 256

func (o object) key() string {
	if o.level < 0 {
		return ledger.BundleKey(o.n, o.width)
	}
	return ledger.TileKey(o.level, o.n, o.width)
}

// tile checks an object of the record by itself. Those of the signed tree were compared with each other; what an older, smaller
// tree has left must be the beginning of what stands in its place now, and what lies ahead must be of the database's entries.
func (c *check) tile(key string) error {
	c.report.Counts["objects of the record"]++
	o, ok := parseTile(key)
	if !ok {
		c.find(Record, key, "It is no object of the record.")
		return nil
	}
	got, err := c.get(key)
	if err != nil {
		return err
	}
	want, known, err := c.expected(o)
	if err != nil {
		return err
	}
	c.want(!known || bytes.Equal(got, want), Record, key, "The object is damaged, or of another record.")
	return nil
}

// expected returns what an object must hold. Of a tile above the lowest that lies ahead of the signed tree nothing is known.
func (c *check) expected(o object) (want []byte, known bool, err error) {
	if o.level <= 0 {
		return c.fromEntries(o)
	}
	count := c.state.head.integrated >> (8 * o.level)
	width := int(min(tileWidth, count-o.n*tileWidth))
	if width < o.width {
		return nil, false, nil
	}
	whole, err := c.get(ledger.TileKey(o.level, o.n, width))
	if errors.Is(err, footage.NotFound) {
		return nil, false, nil // reported with the whole record
	}
	if err != nil {
		return nil, false, err
	}
	if len(whole) < o.width*tlog.HashSize {
		return nil, true, nil
	}
	return whole[:o.width*tlog.HashSize], true, nil
}

// fromEntries makes a bundle, or a tile of the lowest level, from the entries of the database.
func (c *check) fromEntries(o object) (want []byte, known bool, err error) {
	var entries [][]byte
	err = c.Read(c.ctx, func(tx *store.Tx) (err error) {
		entries, err = tx.LogEntries(o.n*tileWidth, o.width)
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("read entries: %w", err)
	}
	if len(entries) < o.width {
		return nil, true, nil // more than the database holds: not its record
	}
	for _, e := range entries {
		if o.level < 0 {
			want = ledger.AppendBundle(want, e)
			continue
		}
		h := tlog.RecordHash(e)
		want = append(want, h[:]...)
	}
	return want, true, nil
}
