package resident_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
	"porchlight.example/internal/resident"
)

// troubled is the town's exchange that answers some calls with a problem.
type troubled struct {
	method, prefix string
	problem        api.Problem
	left           int // how often
	asked          int
}

func (w *world) troubled(t *testing.T, tr *troubled) *resident.Exchange {
	h, err := w.Node.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return resident.New(serve(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != tr.method || !strings.HasPrefix(r.URL.Path, tr.prefix) {
			h.ServeHTTP(rw, r)
			return
		}
		if tr.asked++; tr.asked > tr.left {
			h.ServeHTTP(rw, r)
			return
		}
		rw.Header().Set("Content-Type", "application/problem+json")
		rw.WriteHeader(tr.problem.Status)
		_ = json.NewEncoder(rw).Encode(tr.problem)
	})).URL, w.x.Verifier)
}

// TestProblems answers each call of a share with each kind of trouble: what passes is waited for, all else is told at once
// with its remedy, and what was sent can be gone on with where that helps.
func TestProblems(t *testing.T) {
	for _, call := range []struct{ method, prefix string }{
		{"POST", "/v1/work"}, {"POST", "/v1/requests/"}, {"POST", "/v1/uploads/"}, {"PATCH", "/v1/uploads/"}, {"POST", "/v1/shares/commit"},
	} {
		w := start(t) // one for each: an exchange lets a network begin only so many shares in an hour
		path := w.longFilm(t, 20, 1<<20)
		want := cleaned(t, read(t, path), media.Options{})
		for _, p := range []struct {
			status int
			kind   footage.Kind
			passes bool
		}{
			{503, footage.Unavailable, true}, {500, "internal", true}, {429, footage.TooMany, false}, {413, footage.TooLarge, false}, {507, footage.Full, false},
		} {
			t.Run(strings.TrimPrefix(call.prefix, "/v1/")+"-"+http.StatusText(p.status), func(t *testing.T) {
				tr := &troubled{method: call.method, prefix: call.prefix, left: 1,
					problem: api.Problem{Title: http.StatusText(p.status), Status: p.status, Kind: p.kind, Detail: "What is wrong, and the remedy."}}
				x := w.troubled(t, tr)
				folder := resident.Folder{Dir: filepath.Join(t.TempDir(), "unfinished")}
				o := resident.SendOptions{Keep: folder.Save, Patience: 10 * time.Second}
				share := resident.Share{Request: w.request(t), Language: "en", Clips: []*resident.Clip{open(t, path, resident.ClipOptions{})}}
				sent, err := x.Send(t.Context(), share, o)
				if !p.passes {
					if !errors.Is(err, p.kind) || tr.asked != 1 || !strings.Contains(err.Error(), "remedy") {
						t.Fatalf("got %v after %d calls", err, tr.asked)
					}
					all, lerr := folder.List(time.Now())
					if lerr != nil {
						t.Fatal(lerr)
					}
					if len(all) == 0 {
						return // nothing had been begun
					}
					sent, err = x.Resume(t.Context(), all[0], o)
				}
				if err != nil {
					t.Fatal(err)
				}
				wantClip(t, w.receive(t, sent.Receipt.Share), 0, want, read(t, path))
			})
		}
	}
}

// TestImpatience gives up when nothing gets further for long enough.
func TestImpatience(t *testing.T) {
	w := start(t)
	tr := &troubled{method: "PATCH", prefix: "/v1/uploads/", left: 1 << 30, problem: api.Problem{Status: 503, Kind: footage.Unavailable, Detail: "Busy."}}
	share := resident.Share{Request: w.request(t), Language: "en", Clips: []*resident.Clip{open(t, w.longFilm(t, 21, 1<<20), resident.ClipOptions{})}}
	if _, err := w.troubled(t, tr).Send(t.Context(), share, resident.SendOptions{Patience: 500 * time.Millisecond}); !errors.Is(err, footage.Unavailable) || tr.asked < 2 {
		t.Errorf("got %v after %d tries", err, tr.asked)
	}
	if _, err := w.troubled(t, tr).Send(t.Context(), share, resident.SendOptions{Patience: -1}); !errors.Is(err, footage.Unavailable) {
		t.Errorf("got %v", err)
	}
}

// atHalf does something once, in the middle of sending, and returns what came of sending.
func (w *world) atHalf(t *testing.T, do func()) (resident.Sent, error) {
	t.Helper()
	done := false
	share := resident.Share{Request: w.request(t), Language: "en", Clips: []*resident.Clip{open(t, w.longFilm(t, 22, 3<<20), resident.ClipOptions{})}}
	return w.x.Send(t.Context(), share, resident.SendOptions{Patience: 5 * time.Second, Progress: func(at, total int64) {
		if !done && at > total/2 {
			done = true
			do()
		}
	}})
}

// TestRequestEnds while an upload runs: one that has expired still takes the share for a day; one that was withdrawn, or
// whose agency was suspended, does not, and the plain reason is told.
func TestRequestEnds(t *testing.T) {
	for name, c := range map[string]struct {
		later time.Duration
		want  footage.Kind
	}{"expired": {3 * time.Hour, ""}, "expired long ago": {28 * time.Hour, footage.Gone}} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			soon := w.Draft(3)
			soon.Document.Closes = w.Now().Add(2 * time.Hour).UTC().Truncate(time.Minute)
			w.id = w.Publish(soon)
			w.x.Now = w.Now
			sent, err := w.atHalf(t, func() {
				w.Advance(c.later)
				if err := w.Node.Exchange.ExpireRequests(t.Context()); err != nil {
					t.Error(err)
				}
			})
			if c.want != "" && !errors.Is(err, c.want) || c.want == "" && (err != nil || sent.Receipt.Share == "") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	t.Run("suspended", func(t *testing.T) {
		w := start(t)
		_, err := w.atHalf(t, func() {
			if err := w.Node.Exchange.SuspendAgency(t.Context(), w.Police.ID, "Test."); err != nil {
				t.Error(err)
			}
		})
		if !errors.Is(err, footage.Forbidden) || !strings.Contains(err.Error(), "suspended") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("before", func(t *testing.T) {
		w := start(t)
		request := w.request(t)
		if err := w.Node.Exchange.SuspendAgency(t.Context(), w.Police.ID, "Test."); err != nil {
			t.Fatal(err)
		}
		clip := open(t, w.longFilm(t, 23, 1<<20), resident.ClipOptions{})
		_, err := w.x.Send(t.Context(), resident.Share{Request: request, Clips: []*resident.Clip{clip}, Language: "en"}, resident.SendOptions{})
		if !errors.Is(err, footage.Forbidden) {
			t.Errorf("got %v", err)
		}
		w.x.Now = func() time.Time { return request.Document.Closes.Add(time.Minute) }
		if _, err := w.x.Send(t.Context(), resident.Share{Request: request, Clips: []*resident.Clip{clip}, Language: "en"}, resident.SendOptions{}); !errors.Is(err, footage.Gone) {
			t.Errorf("after closing: %v", err)
		}
	})
}
