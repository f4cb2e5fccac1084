package web

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"porchlight.example/doc"
	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
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
func (s *server) exchangeInfo(w http.ResponseWriter, _ *http.Request) error {
	row, front := s.x.Info(), s.front.Load()
	return write(w, http.StatusOK, api.Info{Name: row.Name, Origin: row.Origin, LogVerifier: row.LogVerifier, ReceiptKey: row.ReceiptKey,
		RP: row.RP, Fictional: row.Fictional, Policies: front.policies, Limits: front.limits})
}

// bundle answers GET /v1/requests/{id}: the request with its proofs, or the tombstone of one that is withheld. Clients that hold their region's feed have it already;
// this is for those who follow a link, and nothing is stored of it.
func (s *server) bundle(w http.ResponseWriter, r *http.Request) error {
	raw, err := s.x.ShownRequest(r.Context(), requestOf(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(raw) // the caller is gone if this fails
	return nil
}

var feedCache = []string{"public, max-age=60"}

// feedFileOf returns the rendered file that a reader asks for, or nil if the request is for something else.
func (s *server) feedFileOf(r *http.Request) *feed.File {
	if (r.Method != http.MethodGet && r.Method != http.MethodHead) || !strings.HasPrefix(r.URL.Path, "/feed/") {
		return nil
	}
	return (*s.feed.Load())[r.URL.Path]
}

// feedFile says that there is no such file: those that there are [server.wrap] has served.
func (s *server) feedFile(http.ResponseWriter, *http.Request) error {
	return footage.E(footage.NotFound, "There is no such feed file. /feed/index.json lists every one: a cell without open requests has none, and /feed/all.json is there only while the open requests are few enough for one file. Every request that was ever public is in the tables that /data/index.json lists.")
}

// logObject serves the public record: checkpoint, head, states, tiles and bundles of entries. Full tiles and states never
// change.
func (s *server) logObject(w http.ResponseWriter, r *http.Request) error {
	key := strings.TrimPrefix(r.URL.Path, "/")
	changes, media := key == ledger.CheckpointKey || key == evidence.HeadKey, "application/octet-stream"
	switch {
	case key == ledger.CheckpointKey:
		media = "text/plain; charset=utf-8"
	case key == evidence.HeadKey || strings.HasPrefix(key, "log/state/") || strings.HasPrefix(key, "log/policy/") || strings.HasPrefix(key, "log/assets/"):
		media = "application/json"
	case !strings.HasPrefix(key, "log/tile/"):
		return footage.E(footage.NotFound, "The record has a checkpoint, a head, states, policies, lists of assets and tiles; this is none of them.")
	}
	raw, err := s.x.LogObject(r.Context(), key)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if changes {
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	_, _ = w.Write(raw) // the caller is gone if this fails
	return nil
}

// openapi serves the contract of the interface. It is compressed for the first caller: no start waits for it.
func openapi() handler {
	file := sync.OnceValues(func() (*feed.File, error) { return feed.NewFile("application/yaml", doc.OpenAPI) })
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := file()
		if err != nil {
			return fmt.Errorf("compress openapi.yaml: %w", err)
		}
		f.Serve(w, r, []string{"public, max-age=3600"}, nil)
		return nil
	}
}
