package ledger_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

func TestStepsAroundTileEdges(t *testing.T) {
	l := newLog(t)
	l.publish() // a log without entries has a checkpoint too
	l.check()
	for _, step := range []int{1, 0, 1, 252, 1, 1, 1, 254, 1, 1, 300} {
		l.append(step)
		l.check()
	}
	var sizes []int64
	for _, p := range l.points {
		sizes = append(sizes, p.Size)
	}
	if want := []int64{0, 1, 1, 2, 254, 255, 256, 257, 511, 512, 513, 813}; !slices.Equal(sizes, want) {
		t.Errorf("checkpoints at %v, want %v", sizes, want)
	}
}

func TestThirdLevel(t *testing.T) {
	l := newLog(t)
	l.append(65_535)
	for range 2 {
		l.append(1)
		if err := l.tessera(l.vkey); err != nil {
			t.Fatal(err)
		}
	}
	l.check()
	for _, key := range []string{"log/tile/2/000.p/1", "log/tile/1/000", "log/tile/0/255", "log/tile/0/256.p/1", "log/tile/entries/256.p/1"} {
		if _, err := l.dir.Get(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
}

func TestGroupingDoesNotMatter(t *testing.T) {
	one, many := newLog(t), newLog(t)
	one.append(600)
	for range 6 {
		many.append(100)
	}
	if one.tree != many.tree {
		t.Error("the same entries in other groups give another tree")
	}
}

// TestCrash breaks off at every object, before and after it is stored, and goes on with the same entries or more.
func TestCrash(t *testing.T) {
	for _, persisted := range []bool{false, true} {
		for puts := range 7 {
			t.Run(fmt.Sprintf("puts=%d,persisted=%t", puts, persisted), func(t *testing.T) {
				l := newLog(t)
				l.append(200)
				left := make(chan struct{}, puts)
				for range puts {
					left <- struct{}{}
				}
				_, err := ledger.Integrate(t.Context(), failing{l.dir, left, persisted}, l.tree, l.made(400))
				if !errors.Is(err, errInjected) {
					t.Fatalf("got %v, want the injected failure", err)
				}
				l.check() // the old checkpoint still stands
				l.append(400 + puts)
				l.check()
			})
		}
	}
}

// TestNothingUnnamedStays: what many objects are written to before they are durable is gone afterwards, also when it fails.
func TestNothingUnnamedStays(t *testing.T) {
	l := newLog(t)
	l.append(70 * 256) // more objects than become durable together
	other := l.path("log/tile/entries/080")
	if err := os.MkdirAll(other, 0o700); err != nil { // where an object is to be
		t.Fatal(err)
	}
	if _, err := ledger.Integrate(t.Context(), l.dir, l.tree, l.made(20*256)); err == nil {
		t.Error("a folder in the place of an object does not matter")
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(string(l.dir), func(path string, e fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(e.Name(), ".new-") {
			t.Errorf("%s stays", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	l.check()
	l.append(20 * 256)
	l.check()
}

func TestIntegrateTwice(t *testing.T) {
	l := newLog(t)
	l.append(10)
	before := l.tree
	l.append(300)
	again, err := ledger.Integrate(t.Context(), l.dir, before, l.entries[10:])
	if err != nil {
		t.Fatal(err)
	}
	if again != l.tree {
		t.Error("another tree the second time")
	}
	l.check()
}

func TestIntegrateRefusesOtherBytes(t *testing.T) {
	l := newLog(t)
	l.append(10)
	before := l.tree
	l.append(300)
	other := l.made(300) // the entries after those, in their place
	_, err := ledger.Integrate(t.Context(), l.dir, before, other)
	wantKind(t, err, footage.Untrusted)
	if !strings.Contains(err.Error(), "log/tile/") {
		t.Errorf("%q names no object", err)
	}
	l.check()
}

func TestIntegrateNeverBuildsOnDamage(t *testing.T) {
	for _, key := range []string{"log/tile/0/002.p/88", "log/tile/1/000.p/2", "log/tile/entries/002.p/88"} {
		t.Run(key, func(t *testing.T) {
			l := newLog(t)
			l.append(600)
			l.flip(key)
			_, err := ledger.Integrate(t.Context(), l.dir, l.tree, l.made(1))
			wantKind(t, err, footage.Untrusted)
			if err := os.Remove(l.path(key)); err != nil {
				t.Fatal(err)
			}
			_, err = ledger.Integrate(t.Context(), l.dir, l.tree, l.made(1))
			wantKind(t, err, footage.NotFound)
		})
	}
}

// TestPartialObjectsMayGo drops every partial object that a full one has replaced, as the specification lets servers do.
func TestPartialObjectsMayGo(t *testing.T) {
	l := newLog(t)
	l.append(200)
	old, oldTree := l.checkpoint(), l.tree
	l.append(312)
	for _, key := range []string{"log/tile/0/000.p", "log/tile/entries/000.p"} {
		if err := os.RemoveAll(l.path(key)); err != nil {
			t.Fatal(err)
		}
	}
	p, err := ledger.ProveInclusion(t.Context(), l.dir, old, 150)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Verify(l.entries[150], l.vkey); err != nil {
		t.Error(err)
	}
	again, err := ledger.Integrate(t.Context(), l.dir, oldTree, l.entries[200:])
	if err != nil || again != l.tree {
		t.Errorf("integrating from an old edge: %v", err)
	}
}

func TestTreeOfNeedsNoStorage(t *testing.T) {
	l := newLog(t)
	for _, size := range []int{1, 256, 300, 700} {
		l.append(size - len(l.entries))
		got, err := ledger.TreeOf(func(yield func([]byte, error) bool) {
			for _, e := range l.entries {
				if !yield(e, nil) {
					return
				}
			}
		})
		if err != nil || got != l.tree {
			t.Errorf("tree of %d entries: %v, %v; want %v", size, got, err, l.tree)
		}
	}
	broken := errors.New("broken")
	if _, err := ledger.TreeOf(func(yield func([]byte, error) bool) { yield(nil, broken) }); !errors.Is(err, broken) {
		t.Errorf("%v; want the sequence's error", err)
	}
}
