package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/seal"
)

// gate lets through so many bytes of uploads, then says so and holds the rest back until the sender is gone.
type gate struct {
	left    atomic.Int64
	total   atomic.Int64 // bytes that came
	reached chan struct{}
	killed  chan struct{}
}

func (g *gate) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			r.Body = &gated{r.Body, g}
		}
		next.ServeHTTP(w, r)
	})
}

type gated struct {
	io.ReadCloser
	*gate
}

func (b *gated) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.total.Add(int64(n))
	if before := b.left.Add(-int64(n)) + int64(n); before > 0 && before <= int64(n) {
		b.reached <- struct{}{}
		<-b.killed
	}
	return n, err
}

// TestShareKilled kills the sending process in the middle of an upload, twice, and goes on by 'share --resume'. The agency
// opens exactly what was prepared.
func TestShareKilled(t *testing.T) {
	w := nodetest.Start(t, nil)
	id := w.Publish(w.Draft(0))
	h, err := w.Node.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{reached: make(chan struct{}), killed: make(chan struct{})}
	srv := httptest.NewServer(g.wrap(h))
	t.Cleanup(srv.Close)
	path, want := bigFilm(t, w.Draft(0).Document.Window.From.Add(time.Minute), 24<<20)
	config := t.TempDir()

	args := []string{"share", "--config", config, "--json", "--yes", srv.URL + "/requests/" + string(id), path}
	for _, after := range []int64{3 << 20, 9 << 20} {
		g.left.Store(after)
		cmd := exec.Command("porchlight", args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-g.reached:
		case <-time.After(30 * time.Second):
			t.Fatal("the upload never came so far")
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		g.killed <- struct{}{}
		args = []string{"share", "--config", config, "--json", "--resume"}
	}
	g.left.Store(0)
	var out, errs bytes.Buffer
	e := env{stdin: bytes.NewReader(nil), stdout: &out, stderr: &errs, getenv: func(string) string { return "" }}
	if code := run(t.Context(), e, args); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &errs)
	}
	var r shareReceipt
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if got := opened(t, w, r.Receipt); !bytes.Equal(got[:len(want)], want) {
		t.Error("the agency opens something else than was prepared")
	}
	if again := g.total.Load() - r.Receipt.Clips[0].Size; again > 4<<20 {
		t.Errorf("%d bytes were sent again", again)
	}
	left, err := filepath.Glob(filepath.Join(config, "*", "*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// bigFilm writes a film with a long stretch of other data, and returns its path and the cleaned copy.
func bigFilm(t *testing.T, at time.Time, size int) (string, []byte) {
	t.Helper()
	raw := sample.Film{Seed: 1, Duration: time.Second, Start: at}.Bytes()
	raw = append(binary.BigEndian.AppendUint32(raw, uint32(size)), "mdat"...)
	rest := make([]byte, size-8)
	_, _ = rand.NewChaCha8([32]byte{}).Read(rest)
	raw = append(raw, rest...)
	path := filepath.Join(t.TempDir(), "film.mp4")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := media.Clean(bytes.NewReader(raw), int64(len(raw)), media.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size))
	if err != nil {
		t.Fatal(err)
	}
	return path, want
}

// opened is a share's only clip as the agency opens it, padding included.
func opened(t *testing.T, w *nodetest.Town, r footage.Receipt) []byte {
	t.Helper()
	w.Release()
	if err := w.Event(w.Police, r.Share, footage.EventPickedUp, nil); err != nil {
		t.Fatal(err)
	}
	body, err := w.Police.Custodian.Client.Clip(t.Context(), r.Share, r.Clips[0].ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	plain, err := seal.Open(body, w.Police.Epoch)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
