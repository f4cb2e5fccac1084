package resident_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/resident"
	"porchlight.example/seal"
)

// world is a served town with one open request, and a resident.
type world struct {
	*nodetest.Town
	x  *resident.Exchange
	id footage.RequestID
}

func start(t testing.TB) *world {
	t.Helper()
	w := &world{Town: nodetest.Start(t, nil)}
	w.id = w.Publish(w.Draft(0))
	w.x = resident.New(w.Server.URL, w.Node.Exchange.Info().LogVerifier)
	return w
}

// request fetches the town's request.
func (w *world) request(t testing.TB) evidence.Checked {
	t.Helper()
	checked, err := w.x.Request(t.Context(), w.id)
	if err != nil {
		t.Fatal(err)
	}
	return checked
}

// film writes a film that was taken within the request's window into a new file.
func (w *world) film(t testing.TB, name string, f sample.Film) string {
	t.Helper()
	f.Start = w.request(t).Document.Window.From.Add(10 * time.Minute)
	return write(t, name, f.Bytes())
}

func write(t testing.TB, name string, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, path string, o resident.ClipOptions) *resident.Clip {
	t.Helper()
	c, err := resident.OpenClip(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// received is a share as the agency has it.
type received struct {
	manifest evidence.Manifest
	clips    [][]byte // opened, without padding
	sealed   [][]byte
}

// receive releases and fetches a share and opens it with the agency's key.
func (w *world) receive(t testing.TB, share footage.ShareID) received {
	t.Helper()
	ctx := context.Background()
	if err := w.Node.Exchange.Release(ctx); err != nil {
		t.Fatal(err)
	}
	if err := w.Event(w.Police, share, footage.EventPickedUp, nil); err != nil {
		t.Fatal(err)
	}
	custodian := w.Police.Custodian.Client
	var d api.Delivery
	if err := custodian.Call(ctx, "GET", "/v1/agency/shares/"+string(share), nil, &d); err != nil {
		t.Fatal(err)
	}
	sealed, err := api.Decode(d.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := seal.OpenBytes(sealed, w.Police.Epoch)
	if err != nil {
		t.Fatal(err)
	}
	var out received
	if out.manifest, err = evidence.ParseManifest(raw); err != nil {
		t.Fatal(err)
	}
	if err := out.manifest.Verify(); err != nil {
		t.Fatal(err)
	}
	for i, c := range d.Clips {
		body, err := custodian.Clip(ctx, share, c.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		body.Close()
		r, err := seal.Open(bytes.NewReader(sealed), w.Police.Epoch)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out.sealed = append(out.sealed, sealed)
		out.clips = append(out.clips, plain[:out.manifest.Clips[i].Size])
	}
	return out
}

// wantClip checks an opened clip and its line of the manifest against the copy that should have been sent.
func wantClip(t testing.TB, got received, i int, want, original []byte) {
	t.Helper()
	line := got.manifest.Clips[i]
	if !bytes.Equal(got.clips[i], want) {
		t.Errorf("clip %d is not what was prepared", i)
	}
	s256 := sha256.Sum256(want)
	if line.SHA256 != hex.EncodeToString(s256[:]) {
		t.Errorf("clip %d: the manifest's hashes are wrong", i)
	}
	salt, err := base64.RawURLEncoding.DecodeString(line.Original.Salt)
	if err != nil || line.Original.Commitment != footage.Commit(salt, footage.Hash(original)) {
		t.Errorf("clip %d: the manifest does not commit to the original", i)
	}
	var digest footage.SegmentDigest
	_, _ = digest.Write(got.sealed[i])
	if line.Sealed.Digest != digest.Sum() || line.Sealed.Size != int64(len(got.sealed[i])) {
		t.Errorf("clip %d: the sealed digest is wrong", i)
	}
}

// cleaned is the copy that should be sent of an original.
func cleaned(t testing.TB, original []byte, o media.Options) []byte {
	t.Helper()
	c, err := media.Clean(bytes.NewReader(original), int64(len(original)), o)
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// serve serves a handler until the test ends.
func serve(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

func nowUTC() time.Time { return time.Now().UTC() }
