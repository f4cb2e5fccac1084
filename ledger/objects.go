package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strconv"
	"strings"

	"porchlight.example/internal/footage"
)

// Source reads the objects of a log by key, such as "log/checkpoint", "log/tile/0/x001/234.p/16" or
// "log/tile/entries/000".
//
// Get returns a whole object; the caller may keep and change the slice. A missing object is an error that matches
// [footage.NotFound] or [fs.ErrNotExist]. Get may be called by several goroutines at once. It may be wrong or hostile:
// nothing here believes an object before a hash has shown it to be right.
type Source interface {
	Get(ctx context.Context, key string) ([]byte, error)
}

// Objects is a Source that can be written.
//
// Put stores an object whole or not at all, and returns nil only when it would survive a loss of power. It replaces an
// object of the same key; this package does so with the checkpoint alone. It does not keep or change data. Put may be
// called by several goroutines at once, for different keys, and again after a failure, with the same bytes.
type Objects interface {
	Source
	Put(ctx context.Context, key string, data []byte) error
}

// CheckpointKey is where the newest signed checkpoint lies.
const CheckpointKey = prefix + "checkpoint"

const (
	prefix     = "log/"
	tileHeight = 8               // levels of the tree in one tile, by the specification
	tileWidth  = 1 << tileHeight // hashes in a full tile, entries in a full bundle
	maxLevel   = 63 / tileHeight // tile levels that an int64 size can need
)

// TileKey returns the key of a tile of hashes: level and number from 0, width from 1 to 256. A narrower tile than 256 is
// a partial one and has a key of its own.
func TileKey(level int, n int64, width int) string {
	return prefix + "tile/" + strconv.Itoa(level) + "/" + tileNumber(n, width)
}

// BundleKey returns the key of a bundle of entries: number from 0, width from 1 to 256.
func BundleKey(n int64, width int) string {
	return prefix + "tile/entries/" + tileNumber(n, width)
}

// Keys yields the keys of the objects that a tree of size entries consists of, bundles and tiles, without the checkpoint.
// Objects of smaller trees that a larger one does not need are not among them.
func Keys(size int64) iter.Seq[string] {
	return func(yield func(string) bool) {
		for n := int64(0); n*tileWidth < size; n++ {
			if !yield(BundleKey(n, widthAt(n, size))) {
				return
			}
		}
		for level := 0; size>>(tileHeight*level) > 0; level++ {
			count := size >> (tileHeight * level)
			for n := int64(0); n*tileWidth < count; n++ {
				if !yield(TileKey(level, n, widthAt(n, count))) {
					return
				}
			}
		}
	}
}

// tileNumber writes n in groups of three digits, each but the last after an x: 1234067 is x001/x234/067.
func tileNumber(n int64, width int) string {
	digits := strconv.FormatInt(n, 10)
	digits = "00"[:(3-len(digits)%3)%3] + digits
	var s string
	for ; len(digits) > 3; digits = digits[3:] {
		s += "x" + digits[:3] + "/"
	}
	s += digits
	if width < tileWidth {
		s += ".p/" + strconv.Itoa(width)
	}
	return s
}

// widthAt returns how many items tile n of a level holds when the level has count items.
func widthAt(n, count int64) int { return int(min(tileWidth, count-n*tileWidth)) }

// maxObject returns the most bytes that an object of that key may have.
func maxObject(key string) int64 {
	switch {
	case strings.HasPrefix(key, prefix+"tile/entries/"):
		return tileWidth * (2 + MaxEntry)
	case strings.HasPrefix(key, prefix+"tile/"):
		return tileWidth * hashSize
	}
	return maxCheckpoint
}

// getTile reads a tile or bundle. A server may drop a partial object once the full one exists, so that the full one is
// asked for second; the caller cuts it down.
func getTile(ctx context.Context, src Source, key string) ([]byte, error) {
	data, err := src.Get(ctx, key)
	if full, _, partial := strings.Cut(key, ".p/"); partial && isMissing(err) {
		if data, err2 := src.Get(ctx, full); err2 == nil {
			return data, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	return data, nil
}

func isMissing(err error) bool {
	return errors.Is(err, footage.NotFound) || errors.Is(err, fs.ErrNotExist)
}

// untrusted is the error for an object that does not say what the rest of the log says.
func untrusted(key, what string) error {
	return fmt.Errorf("%s: %w", key, footage.E(footage.Untrusted,
		"The record "+what+". Do not rely on it; tell the exchange's operator and its oversight body."))
}
