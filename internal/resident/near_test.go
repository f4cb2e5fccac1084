package resident_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/resident"
)

// recorder stands before the town's exchange and keeps all that a client sends.
type recorder struct {
	mu  sync.Mutex
	all []string // whole requests, guarded by mu
}

func (rec *recorder) serve(t testing.TB, h http.Handler, change func(r *http.Request, body []byte) []byte) string {
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var text bytes.Buffer
		_ = r.Clone(t.Context()).Write(&text) // GETs have no body
		rec.mu.Lock()
		rec.all = append(rec.all, text.String())
		rec.mu.Unlock()
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Error(err)
		}
		if change != nil {
			body = change(r, body)
			answer.Header().Del("Content-Length")
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
	})).URL
}

// paths returns what was asked for.
func (rec *recorder) paths() []string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	var out []string
	for _, text := range rec.all {
		line, _, _ := strings.Cut(text, " HTTP/")
		out = append(out, line)
	}
	return out
}

// TestNear looks around a place through both kinds of feed and reads everything that left the device: it must be the same
// wherever in its cell the place is (N6).
func TestNear(t *testing.T) {
	w := start(t)
	far := w.Publish(w.Draft(2))
	inside := town.Requests()[0].Place
	h, err := w.Node.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var seen [][]string
	for _, at := range []footage.Point{inside, {Lat: inside.Lat + 0.0123, Lon: inside.Lon - 0.0234}} {
		rec := &recorder{}
		x := resident.New(rec.serve(t, h, nil), w.x.Verifier)
		for name, get := range map[string]func() (*resident.Feed, error){
			"whole":  func() (*resident.Feed, error) { return x.WholeFeed(t.Context()) },
			"around": func() (*resident.Feed, error) { return x.FeedAround(t.Context(), at) },
		} {
			feed, err := get()
			if err != nil {
				t.Fatal(err)
			}
			near, refused, err := feed.Near(at, 0)
			if err != nil || len(refused) != 0 || feed.Len() != 2 {
				t.Fatalf("%s: %d of %d requests, %v, %v", name, len(near), feed.Len(), refused, err)
			}
			if at == inside && (len(near) != 1 || near[0].Request.ID != w.id || !near[0].Inside() || near[0].Request.FirstUse) {
				t.Errorf("%s: inside gives %+v", name, near)
			}
			if near, _, err = feed.Near(at, 10_000); err != nil || len(near) != 2 || near[1].Inside() || near[1].Metres > 10_000 || near[0].Metres > near[1].Metres {
				t.Errorf("%s: within 10 km: %v, %v", name, near, err)
			}
			if got, err := feed.Find(far); err != nil || got.ID != far {
				t.Errorf("%s: find: %v", name, err)
			}
		}
		paths := rec.paths()
		slices.Sort(paths)
		seen = append(seen, paths)
		for _, text := range rec.all {
			for _, number := range []float64{at.Lat, at.Lon} {
				if digits := fmt.Sprintf("%.3f", math.Abs(number)); strings.Contains(text, digits) {
					t.Errorf("the place left the device: %q", text)
				}
			}
			if strings.Contains(text, string(w.id)) || strings.Contains(text, string(far)) {
				t.Errorf("which request was looked at left the device: %q", text)
			}
		}
	}
	if !slices.Equal(seen[0], seen[1]) || len(seen[0]) < 3 {
		t.Errorf("what is asked for tells the place:\n%q\n%q", seen[0], seen[1])
	}
}

// TestNearRefuses looks at a feed in which one request was tampered with, and at senseless questions.
func TestNearRefuses(t *testing.T) {
	w := start(t)
	w.Publish(w.Draft(3))
	inside := town.Requests()[0].Place
	h, err := w.Node.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	title := town.Requests()[0].Words["en"].Title
	x := resident.New((&recorder{}).serve(t, h, func(_ *http.Request, body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(title), []byte(title+" now"))
	}), w.x.Verifier)
	feed, err := x.WholeFeed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	near, refused, err := feed.Near(inside, 5000)
	if err != nil || len(near) != 1 || len(refused) != 1 || !errors.Is(refused[0].Err, footage.Untrusted) {
		t.Errorf("%d near, refused %v, %v", len(near), refused, err)
	}
	for _, within := range []float64{-1, 50_001, math.NaN(), math.Inf(1)} {
		if _, _, err := feed.Near(inside, within); !errors.Is(err, footage.Invalid) {
			t.Errorf("within %v: %v", within, err)
		}
	}
	for _, at := range []footage.Point{{Lat: 91}, {Lon: 181}, {Lat: math.NaN()}} {
		if _, err := w.x.FeedAround(t.Context(), at); !errors.Is(err, footage.Invalid) {
			t.Errorf("at %v: %v", at, err)
		}
	}
	if _, err := feed.Find(footage.RequestID(footage.Hash(nil))); !errors.Is(err, footage.NotFound) {
		t.Errorf("an unknown request: %v", err)
	}
}

// bigFeed serves a feed of n requests, all over the country, whose proofs are left out.
func bigFeed(t testing.TB, n int) *resident.Feed {
	t.Helper()
	doc := town.Requests()[0].Document(nowUTC(), "en")
	type bundle struct {
		Record footage.Record `json:"record"`
	}
	all := make([]bundle, n)
	for i := range all {
		d := doc
		d.Code = fmt.Sprintf("BENCH-%d", i)
		at := footage.Point{Lon: -124 + float64(i*7919%56000)/1000, Lat: 25 + float64(i*104729%24000)/1000}
		if i%200 == 0 { // and fifty in one town
			at = footage.Point{Lon: benchPlace.Lon + float64(i%7)/40, Lat: benchPlace.Lat + float64(i%11)/40}
		}
		d.Area = geo.Square(at, 800_000)
		all[i] = bundle{footage.Record{Document: d}}
	}
	raw, err := json.Marshal(map[string]any{"exchange": "bench", "cell": "", "requests": all})
	if err != nil {
		t.Fatal(err)
	}
	cells, err := json.Marshal(map[string]any{"exchange": "bench", "s2_level": geo.FeedLevel, "cells": []any{map[string]string{"cell": geo.CellsAround(benchPlace, geo.FeedLevel)[4]}}})
	if err != nil {
		t.Fatal(err)
	}
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/feed/index.json":
			_, _ = w.Write(cells)
		case strings.HasPrefix(r.URL.Path, "/feed/cell/"):
			_, _ = w.Write(raw)
		default:
			http.NotFound(w, r)
		}
	}))
	feed, err := resident.New(srv.URL, "").FeedAround(t.Context(), benchPlace)
	if err != nil {
		t.Fatal(err)
	}
	return feed
}

var benchPlace = footage.Point{Lon: -98.35, Lat: 39.5}

// BenchmarkNear matches a place with 10,000 requests, the whole national feed, before anything is verified (goal P4: under
// 5 ms on a phone).
func BenchmarkNear(b *testing.B) {
	feed := bigFeed(b, 10_000)
	for _, within := range []float64{0, 20_000} {
		b.Run(fmt.Sprintf("%.0fkm", within/1000), func(b *testing.B) {
			if n := feed.Matches(benchPlace, within); feed.Len() != 10_000 || n == 0 || n > 100 {
				b.Fatalf("%d of %d requests", n, feed.Len())
			}
			for b.Loop() {
				feed.Matches(benchPlace, within)
			}
		})
	}
}

// TestLargeFeed falls back to the cells around the place when the whole feed is large.
func TestLargeFeed(t *testing.T) {
	var asked []string
	cell := geo.CellsAround(benchPlace, geo.FeedLevel)[4]
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		switch r.URL.Path {
		case "/feed/all.json":
			fmt.Fprintf(w, `{"exchange":"x","cell":"","requests":[],"pad":%q}`, strings.Repeat("x", 5<<20))
		case "/feed/index.json":
			fmt.Fprintf(w, `{"exchange":"x","s2_level":%d,"cells":[{"cell":%q,"path":"/etc/passwd"},{"cell":"0001","path":"/feed/cell/0001.json"}]}`, geo.FeedLevel, cell)
		case "/feed/cell/" + cell + ".json":
			fmt.Fprint(w, `{"exchange":"x","cell":"c","requests":[{"record":7},null,"bad"]}`)
		default:
			http.NotFound(w, r)
		}
	}))
	x := resident.New(srv.URL, "")
	if _, err := x.WholeFeed(t.Context()); !errors.Is(err, footage.TooLarge) {
		t.Errorf("the whole feed: %v", err)
	}
	feed, err := x.FeedFor(t.Context(), benchPlace)
	if err != nil || feed.Len() != 0 {
		t.Fatalf("%v, %v", feed, err)
	}
	if want := []string{"/feed/all.json", "/feed/all.json", "/feed/index.json", "/feed/cell/" + cell + ".json"}; !slices.Equal(asked, want) {
		t.Errorf("asked for %q, want %q", asked, want)
	}
}
