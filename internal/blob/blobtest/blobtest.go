// Package blobtest holds the suite that every [blob.Bucket] passes, under the same test names on all of them.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/footage"
)

// Run tests a bucket. The function opens a fresh, empty one for each test.
func Run(t *testing.T, open func(t *testing.T) blob.Bucket) {
	tests := []struct {
		name string
		run  func(t *testing.T, b blob.Bucket)
	}{
		{"Whole", whole},
		{"Empty", empty},
		{"PutNew", putNew},
		{"Ranges", ranges},
		{"Missing", missing},
		{"List", list},
		{"Keys", keys},
		{"Concurrent", concurrent},
		{"StageWhole", stageWhole},
		{"StageEmpty", stageEmpty},
		{"StageResume", stageResume},
		{"StageCut", stageCut},
		{"StageStale", stageStale},
		{"StageTooLong", stageTooLong},
		{"StageTooShort", stageTooShort},
		{"StageReplaces", stageReplaces},
		{"FinishTwice", finishTwice},
		{"Abort", abort},
		{"StageConcurrent", stageConcurrent},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

// Down tests a bucket whose store does not answer.
func Down(t *testing.T, b blob.Bucket) {
	ctx := context.Background()
	_, getErr := b.Get(ctx, "clips/a", 0, -1)
	_, statErr := b.Stat(ctx, "clips/a")
	var listErr error
	for _, listErr = range b.List(ctx, "") {
	}
	state, beginErr := b.Begin(ctx, "clips/a", 4)
	n, _, appendErr := b.Append(ctx, "clips/a", state, 0, strings.NewReader("four"))
	if n != 0 {
		t.Errorf("Append took %d bytes", n)
	}
	if beginErr != nil && !errors.Is(beginErr, footage.Unavailable) {
		t.Errorf("Begin: %v, want unavailable or nothing", beginErr)
	}
	for did, err := range map[string]error{
		"Put": b.Put(ctx, "clips/a", []byte("a")), "PutNew": b.PutNew(ctx, "clips/a", []byte("a")), "Get": getErr, "Stat": statErr,
		"Delete": b.Delete(ctx, "clips/a"), "List": listErr, "Append": appendErr, "Abort": b.Abort(ctx, "clips/a", state),
	} {
		if !errors.Is(err, footage.Unavailable) {
			t.Errorf("%s: %v, want unavailable", did, err)
		}
	}
}

// random returns n bytes that are the same for the same n.
func random(n int) []byte {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}).Read(out) // it never fails
	return out
}

func put(t *testing.T, b blob.Bucket, key string, body []byte) {
	t.Helper()
	if err := b.Put(t.Context(), key, body); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, b blob.Bucket, key string, offset, length int64) []byte {
	t.Helper()
	r, err := b.Get(t.Context(), key, offset, length)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func wantObject(t *testing.T, b blob.Bucket, key string, want []byte) {
	t.Helper()
	if size, err := b.Stat(t.Context(), key); err != nil || size != int64(len(want)) {
		t.Errorf("size of %s is %d (%v), want %d", key, size, err, len(want))
	}
	if got := read(t, b, key, 0, -1); !bytes.Equal(got, want) {
		t.Errorf("%s holds other bytes: %d, want %d", key, len(got), len(want))
	}
}

func wantAbsent(t *testing.T, b blob.Bucket, key string) {
	t.Helper()
	if _, err := b.Stat(t.Context(), key); !errors.Is(err, footage.NotFound) {
		t.Errorf("look for %s: %v, want not found", key, err)
	}
	if got := listed(t, b, key); len(got) > 0 {
		t.Errorf("listed: %v", got)
	}
}

func wantKind(t *testing.T, err error, kind footage.Kind) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("error %v, want kind %s", err, kind)
	}
}

func listed(t *testing.T, b blob.Bucket, prefix string) []blob.Info {
	t.Helper()
	var found []blob.Info
	for info, err := range b.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, info)
	}
	slices.SortFunc(found, func(a, b blob.Info) int { return strings.Compare(a.Key, b.Key) })
	return found
}

func whole(t *testing.T, b blob.Bucket) {
	for _, body := range [][]byte{[]byte("first"), []byte("the second is longer"), []byte("3")} {
		put(t, b, "clips/a", body)
		wantObject(t, b, "clips/a", body)
	}
	for range 2 {
		if err := b.Delete(t.Context(), "clips/a"); err != nil {
			t.Fatal(err)
		}
		wantAbsent(t, b, "clips/a")
	}
}

func empty(t *testing.T, b blob.Bucket) {
	put(t, b, "clips/a", nil)
	wantObject(t, b, "clips/a", nil)
}

func putNew(t *testing.T, b blob.Bucket) {
	if err := b.PutNew(t.Context(), "log/tile/0/000", []byte("tile")); err != nil {
		t.Fatal(err)
	}
	wantKind(t, b.PutNew(t.Context(), "log/tile/0/000", []byte("other")), footage.Conflict)
	wantObject(t, b, "log/tile/0/000", []byte("tile"))
	if err := b.PutNew(t.Context(), "log/tile/0/000.p/5", []byte("part")); err != nil {
		t.Error(err)
	}
}

func ranges(t *testing.T, b blob.Bucket) {
	body := random(100_000)
	put(t, b, "clips/a", body)
	for _, r := range []struct{ offset, length, from, to int64 }{
		{0, -1, 0, 100_000}, {0, 100_000, 0, 100_000}, {0, 1, 0, 1}, {0, 0, 0, 0}, {1, 0, 0, 0}, {99_999, 1, 99_999, 100_000},
		{99_999, -1, 99_999, 100_000}, {65_535, 2, 65_535, 65_537}, {50_000, 1 << 40, 50_000, 100_000}, {100_000, -1, 0, 0},
		{100_000, 5, 0, 0}, {100_001, 5, 0, 0}, {200_000, -1, 0, 0},
	} {
		if got := read(t, b, "clips/a", r.offset, r.length); !bytes.Equal(got, body[r.from:r.to]) {
			t.Errorf("range %d+%d gave %d bytes that are not those asked for", r.offset, r.length, len(got))
		}
	}
}

func missing(t *testing.T, b blob.Bucket) {
	put(t, b, "clips/a", []byte("a"))
	for _, key := range []string{"clips/b", "clips", "none/at/all", "clips/aa"} {
		for _, length := range []int64{-1, 0, 1} {
			_, err := b.Get(t.Context(), key, 0, length)
			wantKind(t, err, footage.NotFound)
		}
		_, err := b.Stat(t.Context(), key)
		wantKind(t, err, footage.NotFound)
		if err := b.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %s: %v", key, err)
		}
	}
	wantObject(t, b, "clips/a", []byte("a"))
}

func list(t *testing.T, b blob.Bucket) {
	all := []string{"a", "clips/a", "clips/ab", "clips/b", "clips-old/a", "log/tile/0/000", "log/tile/0/x001/067", "log/tile/1/000"}
	for i, key := range all {
		put(t, b, key, make([]byte, i))
	}
	if _, _, err := b.Append(t.Context(), "clips/staged", begin(t, b, "clips/staged", 9), 0, strings.NewReader("nine")); err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{"", "c", "clips", "clips/", "clips/a", "log/tile/0", "log/tile/0/", "none", "none/"} {
		var want []blob.Info
		for i, key := range all {
			if strings.HasPrefix(key, prefix) {
				want = append(want, blob.Info{Key: key, Size: int64(i)})
			}
		}
		slices.SortFunc(want, func(a, b blob.Info) int { return strings.Compare(a.Key, b.Key) })
		if diff := cmp.Diff(want, listed(t, b, prefix)); diff != "" {
			t.Errorf("with prefix %q (-want +got):\n%s", prefix, diff)
		}
	}
	for range b.List(t.Context(), "") {
		break // a caller may stop early
	}
}

func keys(t *testing.T, b blob.Bucket) {
	ctx := t.Context()
	for _, key := range []string{"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/.b", "A", "a b", "a~part", "~new/a", "a\x00", "ä", "-a",
		strings.Repeat("a", 201), strings.Repeat("a/", 256) + "a"} {
		_, getErr := b.Get(ctx, key, 0, -1)
		_, statErr := b.Stat(ctx, key)
		_, beginErr := b.Begin(ctx, key, 1)
		_, _, appendErr := b.Append(ctx, key, []byte("1"), 0, strings.NewReader("x"))
		for _, err := range []error{b.Put(ctx, key, nil), b.PutNew(ctx, key, nil), getErr, statErr, b.Delete(ctx, key), beginErr, appendErr,
			b.Finish(ctx, key, []byte("1")), b.Abort(ctx, key, nil)} {
			if !errors.Is(err, footage.Invalid) {
				t.Errorf("key %q: %v, want invalid", key, err)
			}
		}
	}
	_, err := b.Begin(ctx, "clips/a", -1)
	wantKind(t, err, footage.Invalid)
}

// concurrent has readers watch an object that is replaced: each must see one of the versions, whole.
func concurrent(t *testing.T, b blob.Bucket) {
	version := func(i int) []byte { return bytes.Repeat([]byte{byte('a' + i)}, 10_000+i) }
	put(t, b, "log/checkpoint", version(0))
	g, ctx := errgroup.WithContext(t.Context())
	for i := range 3 {
		g.Go(func() error {
			for range 5 {
				if err := b.Put(ctx, "log/checkpoint", version(i)); err != nil {
					return err
				}
			}
			return nil
		})
		g.Go(func() error {
			for range 10 {
				r, err := b.Get(ctx, "log/checkpoint", 0, -1)
				if err != nil {
					return err
				}
				got, err := io.ReadAll(r)
				r.Close()
				if err != nil {
					return err
				}
				if len(got) == 0 || !bytes.Equal(got, version(int(got[0]-'a'))) {
					return fmt.Errorf("read a mixture of %d bytes", len(got))
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}
