package ledger_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

func TestHTTPServesAWholeAudit(t *testing.T) {
	l := newLog(t)
	l.append(600)
	server := httptest.NewServer(http.FileServer(http.Dir(l.dir)))
	defer server.Close()
	web := ledger.HTTP{Base: server.URL + "/"}
	if _, err := ledger.Check(t.Context(), web, l.vkey); err != nil {
		t.Error(err)
	}
	if _, err := ledger.ProveInclusion(t.Context(), web, l.checkpoint(), 599); err != nil {
		t.Error(err)
	}
	_, err := web.Get(t.Context(), "log/tile/7/000")
	wantKind(t, err, footage.NotFound)
}

func TestHTTPRefuses(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"log/checkpoint":       func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 70_000)) },
		"log/tile/0/000":       func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 8193)) },
		"log/tile/entries/000": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"log/tile/entries/001": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) },
		"log/tile/entries/002": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "9") },
		"log/tile/entries/003": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers[strings.TrimPrefix(r.URL.Path, "/")](w, r)
	}))
	defer server.Close()
	web := ledger.HTTP{Base: server.URL, Client: &http.Client{Timeout: 200 * time.Millisecond}}
	for key, kind := range map[string]footage.Kind{
		"log/checkpoint": footage.TooLarge, "log/tile/0/000": footage.TooLarge,
		"log/tile/entries/000": footage.Unavailable, "log/tile/entries/001": footage.NotFound,
		"log/tile/entries/002": footage.Unavailable, "log/tile/entries/003": footage.Unavailable,
	} {
		_, err := web.Get(t.Context(), key)
		if footage.KindOf(err) != kind {
			t.Errorf("%s: got %v, want %s", key, err, kind)
		}
	}
	_, err := ledger.HTTP{Base: ":no address"}.Get(t.Context(), "log/checkpoint")
	wantKind(t, err, footage.Invalid)
}

func TestDirKeepsToItsFolder(t *testing.T) {
	parent := t.TempDir()
	d := ledger.Dir(filepath.Join(parent, "log"))
	for _, key := range []string{"../x", "/etc/passwd", "a/../../x", "", ".", "a//b"} {
		wantKind(t, d.Put(t.Context(), key, nil), footage.Invalid)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("wrote %v beside the folder", left)
	}
}

func TestDirPut(t *testing.T) {
	d := ledger.Dir(filepath.Join(t.TempDir(), "new", "folder"))
	_, err := d.Get(t.Context(), "log/a")
	wantKind(t, err, footage.NotFound)
	for _, text := range []string{"first", "second, longer"} {
		if err := d.Put(t.Context(), "log/a", []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := d.Get(t.Context(), "log/a")
		if err != nil || string(got) != text {
			t.Errorf("got %q, %v", got, err)
		}
	}
	left, err := os.ReadDir(filepath.Join(string(d), "log"))
	if err != nil || len(left) != 1 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
	if err := d.Put(t.Context(), "log/a/b", nil); err == nil {
		t.Error("makes a folder of a file")
	}
}

// The keys of a size are those that an audit of the log reads, and no others.
func TestKeysAreWhatAnAuditReads(t *testing.T) {
	l := newLog(t)
	for _, size := range []int{1, 255, 256, 257, 600} {
		l.append(size - len(l.entries))
		read := &reading{Source: ledger.Dir(l.dir), seen: map[string]bool{}}
		if _, err := ledger.Check(t.Context(), read, l.vkey); err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{ledger.CheckpointKey: true}
		for key := range ledger.Keys(int64(size)) {
			want[key] = true
		}
		if diff := cmp.Diff(want, read.seen); diff != "" {
			t.Errorf("keys of %d entries (-Keys +read):\n%s", size, diff)
		}
	}
	for range ledger.Keys(1000) {
		break // must not panic
	}
	for key := range ledger.Keys(0) {
		t.Errorf("an empty log has %s", key)
	}
}

// reading notes what is read.
type reading struct {
	ledger.Source
	seen map[string]bool
}

func (r *reading) Get(ctx context.Context, key string) ([]byte, error) {
	r.seen[key] = true
	return r.Source.Get(ctx, key)
}
