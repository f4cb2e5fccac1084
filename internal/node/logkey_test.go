package node_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/ledger"
)

// TestLogKey: without the log key, or with another, the exchange does not start, and cannot fork its record. Whoever lost it, or
// must change it because it was stolen, closes the record and opens a new one under a new key, which names the old one's head and
// keeps everything else. Nobody who pinned the new key then believes what the old one signs.
func TestLogKey(t *testing.T) {
	w := nodetest.Start(t, nil)
	ctx := context.Background()
	id := w.Publish(w.Draft(0))
	head, err := w.Node.Exchange.Checkpoint(ctx)
	check(t, err)
	old := w.Node.Exchange.Info()
	before, err := api.New(w.Server.URL).Get(ctx, "/v1/requests/"+string(id))
	check(t, err)
	check(t, w.Node.Close())

	keys := filepath.Join(w.Opts.Data, "keys")
	other, err := node.NewKeys(old.Origin)
	check(t, err)
	own, err := os.ReadFile(filepath.Join(keys, "log.key"))
	check(t, err)
	check(t, os.WriteFile(filepath.Join(keys, "log.key"), []byte(other.LogSigner+"\n"), 0o600))
	_, err = node.Open(ctx, w.Opts)
	wantCode(t, "another log key", err, "wrong_log_key")
	check(t, os.Remove(filepath.Join(keys, "log.key")))
	if _, err = node.Open(ctx, w.Opts); !errors.Is(err, footage.NotFound) {
		t.Errorf("without the log key: %v", err)
	}

	dir := filepath.Join(t.TempDir(), "backup")
	_, err = node.Backup(ctx, w.Opts, dir, false)
	check(t, err)
	opts := w.Opts
	opts.Data, opts.Blobs = filepath.Join(t.TempDir(), "second"), filepath.Join(w.Opts.Data, "blobs")
	out, err := node.Restore(ctx, opts, node.Restoring{From: dir, Keys: keys, Guards: []string{filepath.Join(w.Opts.Data, "guard")}, NewOrigin: "town.example/second"})
	check(t, err)
	if out.Gone != 0 || out.Continues != old.Origin {
		t.Errorf("opened anew: %+v", out)
	}
	w.Reopen(opts)
	info := w.Node.Exchange.Info()
	raw, err := api.New(w.Server.URL).Get(ctx, "/v1/requests/"+string(id))
	check(t, err)
	if _, _, _, err := evidence.VerifyRequest(raw, evidence.Trust{Verifier: info.LogVerifier}, w.Now()); err != nil {
		t.Errorf("under the new key: %v", err)
	}
	for name, trust := range map[string]struct {
		raw []byte
		key string
	}{"the new record by the old key": {raw, old.LogVerifier}, "the old record by the new key": {before, info.LogVerifier}} {
		_, _, _, err := evidence.VerifyRequest(trust.raw, evidence.Trust{Verifier: trust.key}, w.Now())
		wantCode(t, name, err, "wrong_exchange")
	}
	// The thief signs the old tree anew: whoever knows the new key does not believe it.
	signer, err := ledger.NewSigner(string(own[:len(own)-1]))
	check(t, err)
	tree, err := ledger.OpenCheckpoint([]byte(head.Checkpoint), old.LogVerifier)
	check(t, err)
	stolen, err := ledger.SignCheckpoint(tree, signer)
	check(t, err)
	if _, err := ledger.OpenCheckpoint(stolen, info.LogVerifier); err == nil {
		t.Error("what the stolen key signs counts under the new one")
	}
	for _, f := range findings(t, w.Opts) {
		t.Errorf("%s: %s: %s", f.Part, f.Subject, f.Text)
	}
}
