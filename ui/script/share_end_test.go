package script

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"porchlight.example/internal/footage"
)

// ending is how a request ends, or stops taking footage, while somebody shares.
type ending struct {
	do   func(t *testing.T, w *neighbourhood)
	says string // in the page; empty: what was begun may still be finished
}

func endings() map[string]ending {
	update := func(kind footage.UpdateKind) func(*testing.T, *neighbourhood) {
		return func(_ *testing.T, w *neighbourhood) { w.Update(w.Police, w.id, kind, "The case is closed.") }
	}
	return map[string]ending{
		"withdrawn": {update(footage.Withdrawn), "The agency has withdrawn this request."},
		"resolved":  {update(footage.Resolved), "The agency has resolved this request."},
		"expired": {func(t *testing.T, w *neighbourhood) {
			w.Advance(3 * time.Hour)
			if err := w.Node.Exchange.ExpireRequests(t.Context()); err != nil {
				t.Fatal(err)
			}
		}, "The time of this request is over."},
		"suspended": {func(t *testing.T, w *neighbourhood) {
			if err := w.Node.Exchange.SuspendAgency(t.Context(), w.Police.ID, "A test."); err != nil {
				t.Fatal(err)
			}
		}, "This agency is suspended and may not receive footage now."},
	}
}

// TestRequestEndsInBrowser: a request ends while somebody shares: before anything is sealed, in the middle of a clip, or when all
// has come and is not committed. The page says how it ended and what becomes of what was sent; the exchange erases it, and the
// browser forgets the words and keys of the share. What has ended by its time or because it was resolved is honoured for a day.
func TestRequestEndsInBrowser(t *testing.T) {
	for _, c := range []struct{ how, when string }{
		{"resolved", "before"}, {"expired", "before"}, {"withdrawn", "midway"}, {"suspended", "midway"}, {"withdrawn", "at the end"}, {"expired", "at the end"},
	} {
		t.Run(c.how+" "+c.when, func(t *testing.T) {
			w := startSharing(t, func(d *footage.Document) {
				if c.how == "expired" {
					d.Closes = d.Closes.Add(-time.Duration(time.Until(d.Closes).Hours()-2) * time.Hour)
				}
			})
			end := endings()[c.how]
			path, _ := w.film(t, "long.mp4", 6<<20)
			gate := w.guard(t)
			w.atCommit(t, func() {
				if c.when == "at the end" {
					end.do(t, w)
				}
			})
			w.open(path)
			switch c.when {
			case "before":
				end.do(t, w)
				gate.set(everything)
				w.press("Seal and send")
			case "midway":
				gate.set(2 << 20)
				w.press("Seal and send")
				gate.stop(t)
				end.do(t, w)
				gate.set(everything)
			default:
				gate.set(everything)
				w.press("Seal and send")
			}
			if c.how == "expired" && c.when == "at the end" {
				w.says("Your clips have arrived")
				return
			}
			w.says(end.says)
			w.says("What was uploaded so far is sealed, incomplete and with nobody")
			w.nothingPending()
			w.erased(t, c.when != "before")
			w.closed(c.how)
		})
	}
}

// atCommit runs a function when a share is about to be committed, once.
func (w *neighbourhood) atCommit(t *testing.T, act func()) {
	t.Helper()
	var once sync.Once
	honest := w.Server.Config.Handler
	w.Server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/shares/commit" {
			once.Do(act)
		}
		honest.ServeHTTP(rw, r)
	})
}

// nothingPending waits until the browser keeps nothing of a share that was begun.
func (w *neighbourhood) nothingPending() {
	w.tab.Until(`new Promise(done => { const r = indexedDB.open("porchlight"); r.onsuccess = () => { const q = r.result.transaction("pending").objectStore("pending").count(); q.onsuccess = () => done(q.result === 0) } })`)
}

// erased checks that the exchange's next sweep leaves no byte of a clip, where some came.
func (w *neighbourhood) erased(t *testing.T, came bool) {
	t.Helper()
	clip := func(file string) bool { return strings.Contains(file, "clips/") }
	if slices.ContainsFunc(w.Files(), clip) != came {
		t.Errorf("the exchange holds %q", w.Files())
	}
	if err := w.Node.Exchange.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(w.Files(), clip); i >= 0 {
		t.Errorf("%s is left", w.Files()[i])
	}
}

// closed checks that nobody who opens the page afterwards is asked to share.
func (w *neighbourhood) closed(how string) {
	w.Refresh()
	w.tab.Open(w.page())
	w.tab.Until(fmt.Sprintf(`document.querySelector("[data-share]") === null || %v`, how == "suspended"))
}
