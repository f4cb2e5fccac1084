package resident_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/resident"
)

// bundleVector is a case of evidence/testdata/vectors/bundles.
type bundleVector struct {
	Name     string          `json:"name"`
	Verifier string          `json:"verifier"`
	Now      time.Time       `json:"now"`
	Want     string          `json:"want"`
	Bundle   json.RawMessage `json:"bundle"`
}

// TestBadBundles serves each bad bundle as a link and in the feed: the client refuses all of them with the code of the
// vector, before anything is sealed.
func TestBadBundles(t *testing.T) {
	files, err := filepath.Glob("../../evidence/testdata/vectors/bundles/*.json")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	var now bundleVector
	var asked []string
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		switch {
		case strings.HasPrefix(r.URL.Path, "/v1/requests/"):
			_, _ = w.Write(now.Bundle)
		case r.URL.Path == "/feed/all.json":
			_ = json.NewEncoder(w).Encode(map[string]any{"exchange": "x", "cell": "", "requests": []json.RawMessage{now.Bundle}})
		default:
			http.NotFound(w, r)
		}
	}))
	for _, file := range files {
		raw := read(t, file)
		now = bundleVector{}
		if err := json.Unmarshal(raw, &now); err != nil {
			t.Fatal(err)
		}
		t.Run(now.Name, func(t *testing.T) {
			b, err := evidence.ParseBundle(now.Bundle)
			if err != nil {
				t.Fatal(err)
			}
			id, err := b.Record.Document.ID()
			if err != nil {
				t.Fatal(err)
			}
			x := resident.New(srv.URL, now.Verifier)
			x.Now = func() time.Time { return now.Now }
			want := cmp.Or(now.Want, "head_missing") // a good one is refused too while nobody can tell what counts now
			_, err = x.Request(t.Context(), id)
			wantCode(t, err, want)
			feed, err := x.WholeFeed(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if feed.Len() == 1 { // a bundle whose text changed has another ID, and is still refused when it is found
				_, err = feed.Find(id)
				wantCode(t, err, want)
			}
		})
	}
	for _, a := range asked {
		if !strings.HasPrefix(a, "GET /v1/requests/") && !strings.HasSuffix(a, " /feed/all.json") && !strings.HasSuffix(a, " /log/head.json") {
			t.Errorf("something was asked for a request that does not hold: %s", a)
		}
	}
}

// TestBadHeads serves good bundles with each head: the client refuses what counts no more, although every proof holds.
func TestBadHeads(t *testing.T) {
	files, err := filepath.Glob("../../evidence/testdata/vectors/heads/*.json")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	var now struct {
		bundleVector
		Witnesses    []string
		Quorum       int
		Ended, State string
		Head         json.RawMessage
	}
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/v1/requests/"):
			_, _ = w.Write(now.Bundle)
		case r.URL.Path == "/feed/all.json":
			_ = json.NewEncoder(w).Encode(map[string]any{"exchange": "x", "cell": "", "requests": []json.RawMessage{now.Bundle}})
		case r.URL.Path == "/log/head.json":
			_, _ = w.Write(now.Head)
		default:
			_, _ = w.Write([]byte(now.State))
		}
	}))
	for _, file := range files {
		if err := json.Unmarshal(read(t, file), &now); err != nil {
			t.Fatal(err)
		}
		t.Run(now.Name, func(t *testing.T) {
			b, err := evidence.ParseBundle(now.Bundle)
			if err != nil {
				t.Fatal(err)
			}
			id, err := b.Record.Document.ID()
			if err != nil {
				t.Fatal(err)
			}
			x := resident.New(srv.URL, now.Verifier)
			x.Now, x.Witnesses, x.Quorum = func() time.Time { return now.Now }, now.Witnesses, now.Quorum
			checked, err := x.Request(t.Context(), id)
			wantCode(t, err, now.Want)
			feed, err := x.WholeFeed(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, err = feed.Find(id)
			wantCode(t, err, now.Want)
			if now.Want == "" && (checked.Open(now.Now) != nil) != (now.Ended != "") {
				t.Errorf("open: %v, want %q", checked.Open(now.Now), now.Ended)
			}
		})
	}
}

func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	var own *footage.Error
	switch {
	case want == "" && err != nil:
		t.Errorf("a good bundle was refused: %v", err)
	case want != "" && (!errors.As(err, &own) || own.Kind != footage.Untrusted || own.Code != want):
		t.Errorf("got %v, want untrusted with code %s", err, want)
	}
}

// TestOtherBundles are refusals of what comes instead of the request.
func TestOtherBundles(t *testing.T) {
	var body []byte
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
	raw := read(t, "../../evidence/testdata/vectors/bundles/good.json")
	var good bundleVector
	if err := json.Unmarshal(raw, &good); err != nil {
		t.Fatal(err)
	}
	x := resident.New(srv.URL, good.Verifier)
	x.Now = func() time.Time { return good.Now }
	for name, c := range map[string]struct {
		body []byte
		code string
	}{
		"another request": {good.Bundle, "other_request"},
		"no JSON":         {[]byte("<html>"), "bad_bundle"},
		"unknown member":  {[]byte(strings.Replace(string(good.Bundle), `"type"`, `"extra": 1, "type"`, 1)), "bad_bundle"},
		"nothing":         {nil, "bad_bundle"},
		"nine megabytes":  {[]byte(`"` + strings.Repeat("x", 9<<20) + `"`), "bad_bundle"},
	} {
		body = c.body
		_, err := x.Request(t.Context(), footage.RequestID(footage.Hash([]byte("another"))))
		t.Run(name, func(t *testing.T) { wantCode(t, err, c.code) })
	}
}

func TestParseLink(t *testing.T) {
	id := strings.Repeat("0123abcd", 8)
	for link, base := range map[string]string{
		"https://exchange.example/requests/" + id:                       "https://exchange.example",
		" https://exchange.example/es/requests/" + id + "/\n":           "https://exchange.example",
		"http://localhost:8460/requests/" + strings.ToUpper(id):         "http://localhost:8460",
		"https://exchange.example/en/requests/" + id + "?from=feed#top": "https://exchange.example",
		"https://exchange.example/requests/" + id[:63]:                  "",
		"https://exchange.example/agencies/" + id:                       "",
		"https://exchange.example/a/b/requests/" + id:                   "",
		"exchange.example/requests/" + id:                               "",
		"ftp://exchange.example/requests/" + id:                         "",
		"https:///requests/" + id:                                       "",
		"":                                                              "",
	} {
		gotBase, gotID, err := resident.ParseLink(link)
		if base == "" {
			if !errors.Is(err, footage.Invalid) {
				t.Errorf("%q: %v, want invalid", link, err)
			}
			continue
		}
		if err != nil || gotBase != base || string(gotID) != id {
			t.Errorf("%q: %s, %s, %v", link, gotBase, gotID, err)
		}
	}
}

func TestClock(t *testing.T) {
	w := start(t)
	for _, c := range []struct {
		off     time.Duration
		warns   bool
		refuses bool
	}{{0, false, false}, {10 * time.Minute, true, false}, {25 * time.Hour, true, true}, {-24 * time.Hour, true, true}} {
		x := resident.New(w.Server.URL, w.x.Verifier)
		x.Now = func() time.Time { return time.Now().Add(c.off) }
		info, err := x.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if info.ClockOff() != c.warns || (info.CheckClock() != nil) != c.refuses {
			t.Errorf("%s off: warns %v, %v", c.off, info.ClockOff(), info.CheckClock())
		}
		if err := info.CheckClock(); err != nil && (!errors.Is(err, footage.Conflict) || !strings.Contains(err.Error(), "24h") && !strings.Contains(err.Error(), "25h")) {
			t.Errorf("%s off: %v", c.off, err)
		}
	}
	if _, err := resident.New(serve(t, http.NotFoundHandler()).URL, "").Info(t.Context()); !errors.Is(err, footage.NotFound) {
		t.Errorf("no exchange: %v", err)
	}
}

// TestNothingIsWritten sends without Keep and looks whether a file appeared anywhere that temporary files go to.
func TestNothingIsWritten(t *testing.T) {
	w := start(t)
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", dir)
	path := w.longFilm(t, 8, 5<<20)
	share := resident.Share{Request: w.request(t), Language: "en", Clips: []*resident.Clip{open(t, path, resident.ClipOptions{})}}
	if _, err := w.x.Send(t.Context(), share, resident.SendOptions{}); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("something was written: %v, %v", left, err)
	}
}

// notes is a device's memory of one exchange's record.
type notes struct{ seen string }

func (n *notes) Seen() string                { return n.seen }
func (n *notes) Saw(checkpoint string) error { n.seen = checkpoint; return nil }

// TestRecordMayOnlyGrow: a device that has seen the record remembers it, and refuses one that does not continue it.
func TestRecordMayOnlyGrow(t *testing.T) {
	w := start(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	memory := &notes{}
	w.x.Memory = memory
	grow := func(times int) {
		for range times {
			w.Enrol(w.Police.ID, footage.Officer)
			must(w.Node.Exchange.State(t.Context()))
		}
		_, err := w.x.Present(t.Context(), "")
		must(err)
	}
	grow(1)
	first := memory.seen
	grow(1) // the head's own proof tells
	grow(3) // the tiles tell
	if memory.seen == first {
		t.Error("the newest state was not remembered")
	}
	// Another exchange with the same key could only be one that forks its record; here the memory is of another one.
	other := start(t)
	other.x.Memory = &notes{}
	_, err := other.x.Present(t.Context(), "")
	must(err)
	memory.seen = other.x.Memory.Seen()
	_, err = w.x.Present(t.Context(), "")
	wantCode(t, err, "seen_other")
	// A head that is older than what was seen.
	memory.seen = first
	_, err = w.x.Present(t.Context(), "")
	must(err)
	stale, err := w.x.Client.Get(t.Context(), "/log/head.json")
	must(err)
	grow(1)
	srv := serve(t, http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		raw, err := w.x.Client.Get(r.Context(), r.URL.Path)
		if r.URL.Path == "/log/head.json" {
			raw = stale
		}
		if err != nil {
			http.NotFound(out, r)
			return
		}
		_, _ = out.Write(raw)
	}))
	behind := resident.New(srv.URL, w.x.Verifier)
	behind.Now, behind.Memory = w.Now, memory
	_, err = behind.Present(t.Context(), "")
	wantCode(t, err, "rolled_back")
}
