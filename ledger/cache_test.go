package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// counted counts what is read.
type counted struct {
	ledger.Source
	mu    sync.Mutex
	reads map[string]int
}

func (c *counted) Get(ctx context.Context, key string) ([]byte, error) {
	c.mu.Lock()
	c.reads[key]++
	c.mu.Unlock()
	return c.Source.Get(ctx, key)
}

// TestCache: proofs are the same from what was kept, at every size and place; little is read twice, and no more is kept than may.
func TestCache(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	for _, more := range []int{1, 254, 1, 1, 300, 2000, 1536, 700} {
		l.append(more)
		src := &counted{Source: l.dir, reads: map[string]int{}}
		cache := ledger.NewCache(src, 1<<20)
		for range 3 {
			for i := range l.tree.Size {
				if i%7 != 0 && i < l.tree.Size-3 {
					continue
				}
				plain, err := ledger.ProveInclusion(t.Context(), l.dir, l.checkpoint(), i)
				must(t, err)
				kept, err := ledger.ProveInclusion(t.Context(), cache, l.checkpoint(), i)
				must(t, err)
				if !slices.Equal(plain.Hashes, kept.Hashes) {
					t.Fatalf("entry %d of %d is proved otherwise by what was kept", i, l.tree.Size)
				}
			}
		}
		for key, n := range src.reads {
			if n > 1 {
				t.Errorf("%d entries: %s was read %d times", l.tree.Size, key, n)
			}
		}
	}
	src := &counted{Source: l.dir, reads: map[string]int{}}
	small := ledger.NewCache(src, 40_000) // two tiles with their nodes
	for range 2000 {
		_, err := ledger.ProveInclusion(t.Context(), small, l.checkpoint(), rand.Int64N(l.tree.Size))
		must(t, err)
	}
	reads := 0
	for _, n := range src.reads {
		reads += n
	}
	if reads < 500 {
		t.Errorf("a cache of two tiles read %d times for proofs all over twenty: it keeps more than it may", reads)
	}
}

// TestCacheForgetsDamage: a tile that was damaged when it was read gives no proof, and is read anew afterwards.
func TestCacheForgetsDamage(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	l.append(600)
	broken := true
	cache := ledger.NewCache(sourceFunc(func(ctx context.Context, key string) ([]byte, error) {
		data, err := l.dir.Get(ctx, key)
		if broken && strings.HasPrefix(key, "log/tile/0/") {
			data[40] ^= 1
		}
		return data, err
	}), 1<<20)
	if _, err := ledger.ProveInclusion(t.Context(), cache, l.checkpoint(), 9); !errors.Is(err, footage.Untrusted) {
		t.Errorf("a proof from a damaged tile: %v", err)
	}
	broken = false
	if _, err := ledger.ProveInclusion(t.Context(), cache, l.checkpoint(), 9); err != nil {
		t.Errorf("the tile is whole again: %v", err)
	}
	key := "log/tile/0/000"
	data, err := cache.Get(t.Context(), key)
	must(t, err)
	want, err := l.dir.Get(t.Context(), key)
	must(t, err)
	if !bytes.Equal(data, want) {
		t.Error("a tile that proofs were made from is given back with other bytes")
	}
}

type sourceFunc func(context.Context, string) ([]byte, error)

func (f sourceFunc) Get(ctx context.Context, key string) ([]byte, error) { return f(ctx, key) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
