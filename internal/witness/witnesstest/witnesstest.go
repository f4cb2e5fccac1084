// Package witnesstest is a double of a witness for tests: it keeps to the protocol of https://c2sp.org/tlog-witness, and is no
// witness that anybody should rely on. None can be had as a module that builds here.
package witnesstest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"porchlight.example/ledger"
)

// Witness is a served double.
type Witness struct {
	URL string
	Key string // verifier key

	name   string
	secret ed25519.PrivateKey
	log    string // the log's verifier key

	mu    sync.Mutex // guards the fields below
	seen  ledger.Checkpoint
	now   func() time.Time
	Down  bool // answers with an error
	Asked int
}

// Start serves a witness of one log.
func Start(t testing.TB, name, log string, now func() time.Time) *Witness {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	w := &Witness{name: name, secret: ed25519.NewKeyFromSeed(seed[:]), log: log, now: now}
	w.Key = ledger.WitnessKey(name, w.secret.Public().(ed25519.PublicKey))
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	w.URL = srv.URL
	return w
}

// Line is how a list of witnesses names it.
func (w *Witness) Line() string { return w.Key + " " + w.URL + "\n" }

// SetDown makes the witness fail, or answer again.
func (w *Witness) SetDown(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Down = down
}

// Seen returns the size that it has cosigned last.
func (w *Witness) Seen() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen.Size
}

// ServeHTTP answers add-checkpoint.
func (w *Witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Asked++
	raw, err := io.ReadAll(r.Body)
	if err != nil || w.Down || r.Method != http.MethodPost || r.URL.Path != "/add-checkpoint" {
		http.Error(out, "down", http.StatusServiceUnavailable)
		return
	}
	head, note, _ := strings.Cut(string(raw), "\n\n")
	lines := strings.Split(head, "\n")
	old, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if err != nil {
		http.Error(out, "old", http.StatusBadRequest)
		return
	}
	next, err := ledger.OpenCheckpoint([]byte(note), w.log)
	if err != nil {
		http.Error(out, "unknown key", http.StatusForbidden)
		return
	}
	w.decide(out, old, lines[1:], note, next)
}

func (w *Witness) decide(out http.ResponseWriter, old int64, lines []string, note string, next ledger.Checkpoint) {
	switch {
	case old > next.Size:
		http.Error(out, "old is larger", http.StatusBadRequest)
		return
	case old != w.seen.Size || next.Size < w.seen.Size || next.Size == w.seen.Size && next.Root != w.seen.Root && w.seen.Size > 0:
		if old == w.seen.Size && next.Size == w.seen.Size {
			http.Error(out, "another root", http.StatusUnprocessableEntity)
			return
		}
		out.Header().Set("Content-Type", "text/x.tlog.size")
		out.WriteHeader(http.StatusConflict)
		fmt.Fprintf(out, "%d\n", w.seen.Size)
		return
	}
	var proof []tlog.Hash
	for _, line := range lines {
		h, err := tlog.ParseHash(line)
		if err != nil {
			http.Error(out, "hash", http.StatusBadRequest)
			return
		}
		proof = append(proof, h)
	}
	if ledger.VerifyConsistency(ledger.Checkpoint{Origin: next.Origin, Tree: w.seen.Tree}, next, proof) != nil {
		http.Error(out, "not consistent", http.StatusUnprocessableEntity)
		return
	}
	w.seen = next
	_, _ = io.WriteString(out, ledger.Cosign(ledger.Text([]byte(note)), w.name, w.secret, w.now()))
}
