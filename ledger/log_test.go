package ledger_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

const origin = "exchange.example/log"

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// testLog is a log in a temporary folder with the key that signs it.
type testLog struct {
	t       testing.TB
	dir     ledger.Dir
	signer  note.Signer
	vkey    string
	tree    ledger.Tree
	entries [][]byte
	points  []ledger.Checkpoint // every checkpoint so far
}

func newLog(t testing.TB) *testLog {
	t.Helper()
	skey, vkey, err := ledger.GenerateKey(origin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ledger.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return &testLog{t: t, dir: ledger.Dir(t.TempDir()), signer: signer, vkey: vkey, tree: ledger.EmptyTree()}
}

// made returns n more entries after those that the log has.
func (l *testLog) made(n int) [][]byte {
	var all [][]byte
	for i := len(l.entries); len(all) < n; i++ {
		all = append(all, encoded(l.t, i))
	}
	return all
}

// encoded returns the i'th entry of every test log. All but the first are written by hand, which is quicker.
func encoded(t testing.TB, i int) []byte {
	t.Helper()
	if i > 0 {
		return fmt.Appendf(nil, `{"at":"%s","data":{"agency":"maplewood-pd","assertions_sha256":"%s","request":"%s"},"kind":"request.published","v":1}`,
			epoch.Add(time.Duration(i)*time.Millisecond).Format(time.RFC3339Nano), footage.Hash(nil), footage.Hash(fmt.Append(nil, i)))
	}
	e, err := ledger.NewEntry(epoch, created())
	if err != nil {
		t.Fatal(err)
	}
	b, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func created() ledger.ExchangeCreated {
	return ledger.ExchangeCreated{
		Name: "Maplewood Exchange", Origin: origin, Fictional: true,
		RP:         footage.RelyingParty{ID: "exchange.example", Origin: "https://exchange.example"},
		ReceiptKey: base64.RawURLEncoding.EncodeToString(make([]byte, 32)),
	}
}

// append integrates n more entries and publishes a checkpoint over them.
func (l *testLog) append(n int) {
	l.t.Helper()
	fresh := l.made(n)
	tree, err := ledger.Integrate(l.t.Context(), l.dir, l.tree, fresh)
	if err != nil {
		l.t.Fatal(err)
	}
	l.entries = append(l.entries, fresh...)
	l.tree = tree
	l.publish()
}

func (l *testLog) publish() {
	l.t.Helper()
	c := ledger.Checkpoint{Origin: origin, Tree: l.tree}
	if n := len(l.points); n > 0 {
		if err := ledger.CheckNotBehind(l.points[n-1], c); err != nil {
			l.t.Fatal(err)
		}
	}
	msg, err := ledger.SignCheckpoint(c, l.signer)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.dir.Put(l.t.Context(), ledger.CheckpointKey, msg); err != nil {
		l.t.Fatal(err)
	}
	l.points = append(l.points, c)
}

// check verifies the whole log, as every test does after every step: our own check, Tessera's, and that the newest
// checkpoint continues each one before.
func (l *testLog) check() {
	l.t.Helper()
	report, err := ledger.Check(l.t.Context(), l.dir, l.vkey)
	if err != nil {
		l.t.Fatal(err)
	}
	if report.Size != int64(len(l.entries)) {
		l.t.Fatalf("checked %d entries, want %d", report.Size, len(l.entries))
	}
	if err := l.tessera(l.vkey); err != nil {
		l.t.Fatalf("Tessera's fsck: %v", err)
	}
	for _, old := range l.points {
		proof, err := ledger.ProveConsistency(l.t.Context(), l.dir, old.Size, l.checkpoint())
		if err != nil {
			l.t.Fatal(err)
		}
		if err := ledger.VerifyConsistency(old, report.Checkpoint, proof); err != nil {
			l.t.Fatalf("%d to %d: %v", old.Size, report.Size, err)
		}
	}
}

func (l *testLog) checkpoint() []byte { return l.read(ledger.CheckpointKey) }

func (l *testLog) path(key string) string {
	return filepath.Join(string(l.dir), filepath.FromSlash(key))
}

func (l *testLog) read(key string) []byte {
	l.t.Helper()
	b, err := os.ReadFile(l.path(key))
	if err != nil {
		l.t.Fatal(err)
	}
	return b
}

func (l *testLog) write(key string, b []byte) {
	l.t.Helper()
	if err := os.WriteFile(l.path(key), b, 0o644); err != nil {
		l.t.Fatal(err)
	}
}

// flip changes one bit in the middle of an object.
func (l *testLog) flip(key string) {
	b := l.read(key)
	b[len(b)/2] ^= 1
	l.write(key, b)
}

func wantKind(t *testing.T, err error, kind footage.Kind) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got %v, want an error of kind %s", err, kind)
	}
}

// failing is a Dir whose Put fails after some more calls, before or after the object was stored.
type failing struct {
	ledger.Dir
	left      chan struct{} // one token for each Put that goes well
	persisted bool          // fail after storing
}

var errInjected = errors.New("injected")

func (f failing) Put(ctx context.Context, key string, data []byte) error {
	select {
	case <-f.left:
		return f.Dir.Put(ctx, key, data)
	default:
	}
	if f.persisted {
		return errors.Join(f.Dir.Put(ctx, key, data), errInjected)
	}
	return errInjected
}
