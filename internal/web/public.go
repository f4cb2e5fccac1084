package web

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"porchlight.example/doc"
	"porchlight.example/internal/api"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
)

func text(w http.ResponseWriter, s string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, s) // the caller is gone if this fails
	return nil
}

// ready tells whether the exchange can do its work: its database answers and its jobs are not late.
func (s *server) ready(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Ready != nil {
		if err := s.cfg.Ready(r.Context()); err != nil {
			return fmt.Errorf("%w: %w", footage.Unavailable, err)
		}
	}
	return text(w, "ready\n")
}

// exchangeInfo answers GET /v1/exchange.
func (s *server) exchangeInfo(w http.ResponseWriter, r *http.Request) error {
	set, err := s.x.Policies(r.Context())
	if err != nil {
		return err
	}
	row, limits := s.x.Info(), set.Limits()
	return write(w, http.StatusOK, api.Info{Name: row.Name, Origin: row.Origin, LogVerifier: row.LogVerifier, ReceiptKey: row.ReceiptKey,
		RP: row.RP, Fictional: row.Fictional, Policies: set.Refs(), Limits: api.Limits{FileBytes: limits.FileBytes, ShareBytes: limits.ShareBytes,
			Files: limits.Files, RetentionDays: int(limits.Retention / (24 * time.Hour)), ReleaseMinutes: int(limits.Release / time.Minute),
			WorkBits: limits.ProofOfWorkBits}})
}

// bundle answers GET /v1/requests/{id}: the request with its proofs. Clients that hold their region's feed have it already;
// this is for those who follow a link, and nothing is stored of it.
func (s *server) bundle(w http.ResponseWriter, r *http.Request) error {
	b, err := s.x.Bundle(r.Context(), requestOf(r))
	if err != nil {
		return err
	}
	raw, err := b.Encode()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(raw) // the caller is gone if this fails
	return nil
}

// feedFile serves a rendered file from memory.
func (s *server) feedFile(w http.ResponseWriter, r *http.Request) error {
	f, ok := (*s.feed.Load())[r.URL.Path]
	if !ok {
		return footage.E(footage.NotFound, "There is no such feed file. A cell without open requests has none; /feed/index.json lists those that do.")
	}
	serveFile(w, r, f, "public, max-age=60")
	return nil
}

// Header values that do not change are set without the canonicalising and copying of Header.Set: this is the hot path.
var (
	varyEncoding = []string{"Accept-Encoding"}
	gzipCoding   = []string{"gzip"}
)

func serveFile(w http.ResponseWriter, r *http.Request, f *feed.File, cache string) {
	h := w.Header()
	h["Etag"] = []string{f.ETag}
	h["Vary"] = varyEncoding
	h["Cache-Control"] = []string{cache}
	if matches(r.Header.Get("If-None-Match"), f.ETag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.Body
	h["Content-Type"] = []string{f.Type}
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		body = f.Gzip
		h["Content-Encoding"] = gzipCoding
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the caller is gone if this fails
	}
}

// matches reads If-None-Match (RFC 9110, 13.1.2) with weak comparison.
func matches(header, etag string) bool {
	if header == etag {
		return true
	}
	for item := range strings.SplitSeq(header, ",") {
		if item = strings.TrimPrefix(strings.TrimSpace(item), "W/"); item == etag || item == "*" {
			return true
		}
	}
	return false
}

// logObject serves the public record: checkpoint, tiles and bundles of entries. Full tiles never change.
func (s *server) logObject(w http.ResponseWriter, r *http.Request) error {
	key := strings.TrimPrefix(r.URL.Path, "/")
	if key != "log/checkpoint" && !strings.HasPrefix(key, "log/tile/") {
		return footage.E(footage.NotFound, "The record has a checkpoint and tiles; this is neither.")
	}
	raw, err := s.x.LogObject(r.Context(), key)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if key == "log/checkpoint" {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	_, _ = w.Write(raw) // the caller is gone if this fails
	return nil
}

func (s *server) openapi(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(doc.OpenAPI) // the caller is gone if this fails
	return nil
}
