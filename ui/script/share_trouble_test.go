package script

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"porchlight.example/internal/media/sample"
)

// gate lets the bytes of uploads through up to a place; those behind it wait until it is moved or the connection ends.
type gate struct {
	reached chan struct{} // told when somebody begins to wait
	mu      sync.Mutex
	place   int64         // guarded by mu
	moved   chan struct{} // guarded by mu; closed when place is another
}

// set moves the gate.
func (g *gate) set(place int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.place = place
	close(g.moved)
	g.moved = make(chan struct{})
}

// at returns where the gate stands, and what is closed when it is moved.
func (g *gate) at() (place int64, moved <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.place, g.moved
}

// guard puts a gate in front of the exchange.
func (w *neighbourhood) guard(t *testing.T) *gate {
	t.Helper()
	g := &gate{reached: make(chan struct{}, 1), moved: make(chan struct{})}
	t.Cleanup(func() { g.set(everything) }) // before the server waits for those who wait
	honest := w.Server.Config.Handler
	w.Server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if at, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64); err == nil && r.Method == http.MethodPatch {
			r.Body = &gated{ReadCloser: r.Body, gate: g, request: r, at: at}
		}
		honest.ServeHTTP(rw, r)
	})
	return g
}

type gated struct {
	io.ReadCloser
	gate    *gate
	request *http.Request
	at      int64
}

func (b *gated) Read(p []byte) (int, error) {
	place, moved := b.gate.at()
	for ; place <= b.at; place, moved = b.gate.at() {
		select {
		case b.gate.reached <- struct{}{}:
		default:
		}
		select {
		case <-b.request.Context().Done():
			return 0, b.request.Context().Err()
		case <-moved:
		}
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), place-b.at)])
	b.at += int64(n)
	return n, err
}

// stop waits until an upload stands at the gate.
func (g *gate) stop(t *testing.T) {
	t.Helper()
	select {
	case <-g.reached:
	case <-time.After(time.Minute):
		t.Fatal("no upload came to the gate")
	}
}

const everything = 1 << 40

// TestShareKilledInBrowser: the tab is gone when a tenth, a half and all but a hundredth of a clip has come to the exchange. Each time it is
// opened again and goes on, with the file chosen anew, and what the agency opens is whole.
func TestShareKilledInBrowser(t *testing.T) {
	w := startSharing(t)
	const size = 24 << 20
	path, _ := w.film(t, "long.mp4", size)
	g := w.guard(t)
	w.open(path)
	for i, part := range []float64{0.1, 0.5, 0.99} {
		g.set(int64(part * size))
		if i == 0 {
			w.press("Seal and send")
		} else {
			w.tab.Open(w.page())
			w.says("Go on with your share")
			w.tab.Choose("#share-again", path)
		}
		g.stop(t)
		w.tab.Open("about:blank")
		select { // of the connection that ended
		case <-g.reached:
		default:
		}
	}
	g.set(everything)
	w.tab.Open(w.page())
	w.says("Go on with your share")
	w.tab.Choose("#share-again", path)
	w.says("Your clips have arrived")
	w.wantSent(t, path)
}

// TestExchangeRestartedInBrowser: the exchange goes away in the middle of a clip and comes back; the page waits for it and goes
// on by itself.
func TestExchangeRestartedInBrowser(t *testing.T) {
	w := startSharing(t)
	path, _ := w.film(t, "long.mp4", 12<<20)
	g := w.guard(t)
	g.set(5 << 20)
	w.open(path)
	w.press("Seal and send")
	g.stop(t)
	w.Server.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	w.Server.CloseClientConnections()
	g.set(everything)
	w.Reopen(w.Opts)
	w.says("Your clips have arrived")
	w.wantSent(t, path)
}

// TestFileLostInBrowser: a file that is changed or deleted while it uploads is not sent, and the person is told. Giving the share
// up leaves nothing of it in the browser.
func TestFileLostInBrowser(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"deleted": os.Remove,
		"changed": func(path string) error { return os.WriteFile(path, []byte("another"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			w := startSharing(t)
			path, _ := w.film(t, "long.mp4", 60<<20)
			g := w.guard(t)
			g.set(2 << 20)
			w.open(path)
			w.press("Seal and send")
			g.stop(t)
			if err := spoil(path); err != nil {
				t.Fatal(err)
			}
			g.set(everything)
			w.says("A file was changed or moved since you chose it.")
			w.says("Nothing was sent to the agency.")
			w.press("Give up this share")
			w.tab.Until(`document.querySelector("#share-flow").hidden`)
			w.tab.Open(w.page())
			w.tab.Until(`document.querySelector("[data-share] button") && !document.querySelector("[data-share]").hidden`)
			w.nothingPending()
			w.tab.Until(`document.querySelector("#share-flow").hidden`)
		})
	}
}

// TestNothingKeptInBrowser: a browser that keeps nothing says so, and shares all the same.
func TestNothingKeptInBrowser(t *testing.T) {
	w := startSharing(t)
	path, _ := w.film(t, "clip.mp4", 3<<20)
	g := w.guard(t)
	g.set(1 << 20)
	w.tab.Open(w.page())
	w.tab.Do("Storage.overrideQuotaForOrigin", map[string]any{"origin": w.Server.URL, "quotaSize": 1}, nil)
	w.open(path)
	w.press("Seal and send")
	g.stop(t)
	w.says("This browser keeps nothing, so do not close this page")
	g.set(everything)
	w.says("Your clips have arrived")
	w.wantSent(t, path)
}

// TestManyClipsInBrowser: two hundred clips are looked at one after the other, and more than a share may hold are not sent.
func TestManyClipsInBrowser(t *testing.T) {
	w := startSharing(t)
	dir := t.TempDir()
	raw := sample.Film{Seed: 3, Duration: time.Second, Start: w.Draft(0).Document.Window.From.Add(10 * time.Minute)}.Bytes()
	var paths []string
	for i := range 200 {
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("clip-%03d.mp4", i)))
		if err := os.WriteFile(paths[i], raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.open(paths...)
	w.tab.Until(`document.querySelectorAll(".clip[data-state=inside]").length === 200`)
	w.press("Seal and send")
	w.says("A share may hold ")
}

// TestClockWrongInBrowser: a device whose clock is days behind the record is told of its clock, with the time that it shows.
func TestClockWrongInBrowser(t *testing.T) {
	w := startSharing(t)
	w.Advance(3 * 24 * time.Hour)
	if err := w.Node.Exchange.State(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Refresh()
	w.tab.Open(w.page())
	w.tab.Until(`document.querySelector("[data-share] button") && !document.querySelector("[data-share]").hidden`)
	w.press("Share footage from here")
	w.says("Is the clock of this device right?")
}
