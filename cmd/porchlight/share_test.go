package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/trust"
	"porchlight.example/ledger"
)

// TestShareExitCodes checks by which code a script learns why nothing was sent.
func TestShareExitCodes(t *testing.T) {
	w := nodetest.Start(t, nil)
	id := w.Publish(w.Draft(0))
	film := filepath.Join(t.TempDir(), "film.mp4")
	raw := sample.Film{Seed: 1, Start: w.Draft(0).Document.Window.From.Add(time.Minute)}.Bytes()
	if err := os.WriteFile(film, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	_, forged, err := ledger.GenerateKey(w.Node.Exchange.Info().Origin, bytes.NewReader(bytes.Repeat([]byte("forged"), 20)))
	if err != nil {
		t.Fatal(err)
	}
	url := w.Server.URL + "/requests/" + string(id)
	share := func(want int, verifier string, args ...string) {
		t.Helper()
		config := t.TempDir()
		pins, err := trust.Open(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := pins.Pin(w.Server.URL, verifier); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		e := env{stdin: bytes.NewReader(nil), stdout: &out, stderr: &errs, getenv: func(string) string { return "" }}
		if code := run(context.Background(), e, append([]string{"share", "--config", config}, args...)); code != want {
			t.Errorf("share %v: exit code %d, want %d: %s", args, code, want, &errs)
		}
	}
	good := w.Node.Exchange.Info().LogVerifier
	share(exitOK, good, "--yes", url, film)
	share(exitUsage, good, url)
	share(exitUntrusted, forged, "--yes", url, film)
	share(exitNotFound, good, "--yes", url, film+"x")
	share(exitRefused, good, url, film) // nobody answers
	share(exitRefused, good, "--yes", "--filmed", "2020-01-01T00:00", url, film)
	if err := w.Node.Exchange.SuspendAgency(t.Context(), w.Police.ID, "Test."); err != nil {
		t.Fatal(err)
	}
	h, err := w.Node.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	share(exitRefused, good, "--yes", url, film)
	w.Server.Close()
	share(exitUnavailable, good, "--yes", url, film)
}
