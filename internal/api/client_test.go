package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

// FuzzProblem: whatever an exchange answers becomes an error of a known kind, with a sentence that a terminal can show.
func FuzzProblem(f *testing.F) {
	own, err := json.Marshal(Problem{Title: "Conflict", Status: 409, Detail: "The share is closed.", Code: "closed", Kind: footage.Conflict,
		Reasons: []footage.Reason{{Code: "area_too_large", Msg: "Too large.", Limit: "0.5", Value: "0.6"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(own, 409)
	f.Add([]byte(`{"kind":"nonsense","detail":"x"}`), 500)
	f.Add([]byte(`{"kind":"gone"}`), 410)
	f.Add([]byte(`{"kind":"gone","title":"\u001b[2J\u202e"}`), 410)
	f.Add([]byte(`{"kind":"gone","detail":"\u0007 ","title":"\b"}`), 410)
	f.Add([]byte(`<html>`), 502)
	f.Add([]byte(nil), -1)
	f.Fuzz(func(t *testing.T, raw []byte, status int) {
		e := problemOf(raw, status)
		if !e.Kind.Known() || !errors.Is(e, e.Kind) || strings.TrimSpace(e.Error()) == "" {
			t.Errorf("kind %q, message %q", e.Kind, e)
		}
		shown := e.Error() + e.Code
		for _, r := range e.Reasons {
			shown += r.Code + r.Limit + r.Value + r.Policy
		}
		if strings.ContainsFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q steers a terminal", shown)
		}
		again, err := json.Marshal(Problem{Kind: e.Kind, Code: e.Code, Detail: e.Msg, Reasons: e.Reasons})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, problemOf(again, status)); diff != "" {
			t.Errorf("read again (-first +second):\n%s", diff)
		}
	})
}

func TestProblem(t *testing.T) {
	for body, want := range map[string]*footage.Error{
		`{"kind":"refused","code":"c","detail":"No.\nNever.","reasons":[{"code":"r","message":"Too\u0007 large."}]}`: {Kind: footage.Refused, Code: "c", Msg: "No. Never.",
			Reasons: []footage.Reason{{Code: "r", Msg: "Too  large."}}},
		`{"kind":"gone","title":"Gone"}`:   {Kind: footage.Gone, Msg: "Gone"},
		`{"kind":"internal","detail":"x"}`: {Kind: footage.Full, Msg: "The exchange answered 507 Insufficient Storage."},
		`not JSON`:                         {Kind: footage.Full, Msg: "The exchange answered 507 Insufficient Storage."},
		``:                                 {Kind: footage.Full, Msg: "The exchange answered 507 Insufficient Storage."},
	} {
		if diff := cmp.Diff(want, problemOf([]byte(body), http.StatusInsufficientStorage)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
}

// TestClientStaysWithItsExchange: neither a redirect nor a place that the exchange names leads the client, and with it the
// bearer token and the address of its owner, to another host.
func TestClientStaysWithItsExchange(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked for %s", r.URL)
	}))
	defer other.Close()
	host := strings.TrimPrefix(other.URL, "http://")
	places := map[string]string{"/v1/uploads/": "@" + host + "/u-1"}
	exchange := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		case "/within":
			http.Redirect(w, r, "/there", http.StatusFound)
		case "/there":
			_, _ = w.Write([]byte("here"))
		default:
			w.Header().Set("Location", places[r.URL.Path])
			w.Header().Set("Upload-Offset", "-3")
			w.WriteHeader(http.StatusCreated)
		}
	}))
	defer exchange.Close()
	c := New(exchange.URL).As("secret")
	if _, err := c.Get(t.Context(), "/away"); err == nil || footage.KindOf(err) == "" {
		t.Errorf("redirected away: %v", err)
	}
	if raw, err := c.Get(t.Context(), "/within"); err != nil || string(raw) != "here" {
		t.Errorf("redirected within: %q, %v", raw, err)
	}
	for _, path := range []string{"@" + host + "/x", host, ".evil.example/", ""} {
		if _, err := c.Get(t.Context(), path); !errors.Is(err, footage.Invalid) {
			t.Errorf("%q: %v", path, err)
		}
	}
	if place, err := c.CreateUpload(t.Context(), "c-1", 1); !errors.Is(err, footage.Unsupported) {
		t.Errorf("upload to %q, %v", place, err)
	}
	if n, err := c.UploadOffset(t.Context(), "/u"); !errors.Is(err, footage.Unsupported) {
		t.Errorf("offset %d, %v", n, err)
	}
}

// TestWork solves a challenge, and stops when nobody waits any longer.
func TestWork(t *testing.T) {
	s, err := Work{Challenge: "c", Bits: 8}.Solve(t.Context())
	if err != nil || !Solves("c", s.Counter, 8) || Solves("c", s.Counter, 200) {
		t.Errorf("%+v, %v", s, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Work{Challenge: "c", Bits: 256}).Solve(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}
