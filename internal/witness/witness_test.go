package witness_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/witness"
	"porchlight.example/internal/witness/witnesstest"
	"porchlight.example/ledger"
)

const origin = "town.example/porchlight"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// log is a record that grows.
type log struct {
	t      *testing.T
	dir    ledger.Dir
	signer note.Signer
	key    string
	tree   ledger.Tree
}

func newLog(t *testing.T) *log {
	secret, key, err := ledger.GenerateKey(origin, rand.Reader)
	must(t, err)
	signer, err := ledger.NewSigner(secret)
	must(t, err)
	return &log{t: t, dir: ledger.Dir(t.TempDir()), signer: signer, key: key, tree: ledger.EmptyTree()}
}

// fork returns another record under the same name and key.
func (l *log) fork() *log {
	return &log{t: l.t, dir: ledger.Dir(l.t.TempDir()), signer: l.signer, key: l.key, tree: ledger.EmptyTree()}
}

// grow adds entries and returns the signed checkpoint.
func (l *log) grow(entries ...string) []byte {
	l.t.Helper()
	var raw [][]byte
	for _, e := range entries {
		raw = append(raw, []byte(e))
	}
	var err error
	l.tree, err = ledger.Integrate(context.Background(), l.dir, l.tree, raw)
	must(l.t, err)
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: origin, Tree: l.tree}, l.signer)
	must(l.t, err)
	return signed
}

func group(t *testing.T, l *log, quorum int, names ...string) (*witness.Group, []*witnesstest.Witness) {
	t.Helper()
	var list string
	var all []*witnesstest.Witness
	for _, name := range names {
		w := witnesstest.Start(t, name, l.key, time.Now)
		all, list = append(all, w), list+w.Line()
	}
	g, err := witness.Parse([]byte("# the witnesses\n\n"+list), quorum)
	must(t, err)
	return g, all
}

func TestCosign(t *testing.T) {
	l := newLog(t)
	g, all := group(t, l, 2, "north.example/w", "south.example/w", "west.example/w")
	cosign := func(note []byte) ([]byte, error) { return g.Cosign(t.Context(), l.dir, note, l.tree.Size) }
	for i := range 4 {
		signed, err := cosign(l.grow(fmt.Sprint("a", i), fmt.Sprint("b", i)))
		must(t, err)
		if !g.Cosigned(signed) || all[0].Seen() != l.tree.Size {
			t.Errorf("round %d: %s", i, signed)
		}
		if _, err := ledger.OpenCheckpoint(signed, l.key); err != nil {
			t.Errorf("the log's own signature is gone: %v", err)
		}
	}
	again, err := cosign(l.grow())
	must(t, err)
	if !g.Cosigned(again) {
		t.Error("the same tree once more")
	}
	all[1].SetDown(true)
	signed, err := cosign(l.grow("c"))
	must(t, err)
	if !g.Cosigned(signed) {
		t.Error("two of three are enough")
	}
	all[2].SetDown(true)
	signed, err = cosign(l.grow("d"))
	if !errors.Is(err, footage.Unavailable) || g.Cosigned(signed) {
		t.Errorf("one of three: %v", err)
	}
	all[1].SetDown(false)
	all[2].SetDown(false)
	signed, err = cosign(l.grow("e", "f"))
	must(t, err)
	if !g.Cosigned(signed) || all[1].Seen() != l.tree.Size {
		t.Error("those that were down did not catch up")
	}
}

// TestForgetful: an exchange that starts anew does not know what its witnesses have seen; they say so (409).
func TestForgetful(t *testing.T) {
	l := newLog(t)
	g, all := group(t, l, 1, "north.example/w")
	_, err := g.Cosign(t.Context(), l.dir, l.grow("a", "b", "c"), 3)
	must(t, err)
	fresh, err := witness.Parse([]byte(all[0].Line()), 1)
	must(t, err)
	signed, err := fresh.Cosign(t.Context(), l.dir, l.grow("d"), 4)
	must(t, err)
	if !fresh.Cosigned(signed) || all[0].Asked != 3 {
		t.Errorf("asked %d times, want 3", all[0].Asked)
	}
}

// TestWitnessesStopARollback: a witness remembers what a restored database has forgotten (security.md 3.2), and a fork finds
// no cosignature.
func TestWitnessesStopARollback(t *testing.T) {
	l := newLog(t)
	g, all := group(t, l, 1, "north.example/w", "south.example/w")
	short := l.grow("a", "b")
	size := l.tree.Size
	_, err := g.Cosign(t.Context(), l.dir, l.grow("c", "d"), 4)
	must(t, err)
	for name, ask := range map[string]func(*witness.Group) error{
		"fewer entries": func(g *witness.Group) error {
			_, err := g.Cosign(t.Context(), l.dir, short, size)
			return err
		},
		"as many, but others": func(g *witness.Group) error {
			f := l.fork()
			note := f.grow("a", "b", "x", "y")
			_, err := g.Cosign(t.Context(), f.dir, note, 4)
			return err
		},
		"more, but others": func(g *witness.Group) error {
			f := l.fork()
			note := f.grow("a", "b", "x", "y", "z")
			_, err := g.Cosign(t.Context(), f.dir, note, 5)
			return err
		},
	} {
		if err := ask(g); !errors.Is(err, footage.Untrusted) {
			t.Errorf("%s: %v, want untrusted", name, err)
		}
	}
	stranger := newLog(t)
	fresh, err := witness.Parse([]byte(all[0].Line()), 1)
	must(t, err)
	if _, err := fresh.Cosign(t.Context(), stranger.dir, stranger.grow("a"), 1); !errors.Is(err, footage.Unavailable) {
		t.Errorf("a key that the witnesses do not know: %v, want unavailable", err)
	}
}

// TestBadAnswers: whatever a witness answers, only a cosignature that holds counts.
func TestBadAnswers(t *testing.T) {
	l := newLog(t)
	other := witnesstest.Start(t, "other.example/w", l.key, time.Now)
	for name, answer := range map[string]func(http.ResponseWriter){
		"nothing":          func(w http.ResponseWriter) {},
		"no number":        func(w http.ResponseWriter) { w.WriteHeader(409); fmt.Fprint(w, "much") },
		"a teapot":         func(w http.ResponseWriter) { w.WriteHeader(418) },
		"lines of another": func(w http.ResponseWriter) { fmt.Fprint(w, "— other.example/w AAAAAAAA\n") },
		"for ever behind":  func(w http.ResponseWriter) { w.WriteHeader(409); fmt.Fprint(w, "0\n") },
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w) }))
		g, err := witness.Parse([]byte(other.Key+" "+srv.URL), 1)
		must(t, err)
		if _, err := g.Cosign(t.Context(), l.dir, l.grow("a"), l.tree.Size); !errors.Is(err, footage.Unavailable) {
			t.Errorf("%s: %v, want unavailable", name, err)
		}
		srv.Close()
	}
}

func TestParseRefuses(t *testing.T) {
	l := newLog(t)
	w := witnesstest.Start(t, "north.example/w", l.key, time.Now)
	for text, quorum := range map[string]int{"": 1, w.Line(): 2, w.Key + "\n": 1, w.Key + " ftp://x\n": 1, "nonsense " + w.URL: 1, l.key + " " + w.URL: 1} {
		if _, err := witness.Parse([]byte(text), quorum); !errors.Is(err, footage.Invalid) {
			t.Errorf("%q, quorum %d: %v, want invalid", text, quorum, err)
		}
	}
	if _, err := witness.Parse([]byte(w.Line()), 0); !errors.Is(err, footage.Invalid) {
		t.Errorf("a quorum of nought: %v", err)
	}
}
