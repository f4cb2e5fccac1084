package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"porchlight.example/internal/account"
	"porchlight.example/internal/footage"
)

// maxBody bounds a JSON body. Only a commit, which carries the sealed manifest, may be larger.
const (
	maxBody   = 256 << 10
	maxCommit = 4 << 20
)

// read decodes a JSON body strictly.
func read[T any](w http.ResponseWriter, r *http.Request, limit int64) (T, error) {
	var v T
	if kind := r.Header.Get("Content-Type"); kind != "" && !isJSON(kind) {
		return v, footage.E(footage.Unsupported, "The body must be JSON, sent as application/json.")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return v, footage.E(footage.TooLarge, fmt.Sprintf("The body may have %d bytes.", limit))
	}
	if err != nil {
		return v, fmt.Errorf("%w: read the body: %w", footage.Interrupted, err)
	}
	if err := footage.DecodeStrict(raw, &v); err != nil {
		return v, err
	}
	return v, nil
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "application/json"
}

// write answers with JSON that no cache may keep.
func write(w http.ResponseWriter, status int, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(raw, '\n')) // the caller is gone if this fails
	return nil
}

// bearer returns the token of the Authorization header.
func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}

// staff returns who is signed in.
func (s *server) staff(r *http.Request) (footage.PersonID, error) {
	token := bearer(r)
	if token == "" {
		return "", footage.E(footage.Unauthorized, "Sign in first, with 'porchlight desk login'.")
	}
	if !account.OfMachine(token) {
		return s.x.Accounts().Person(r.Context(), token)
	}
	m, err := s.x.Accounts().Machine(r.Context(), token)
	if err == nil && !inScope(r.Pattern, m.Scopes) {
		err = footage.Coded(footage.Forbidden, "machine_scope", "This credential of a program does not reach so far. Signing, approving and keys need a person; for the rest let the person make one with the scope that is needed.")
	}
	return m.Person, err
}

// inScope reports whether a program with some scopes may call a route.
func inScope(pattern string, scopes []account.Scope) bool {
	if pattern == "GET /v1/me" {
		return true
	}
	return slices.ContainsFunc(scopes, func(s account.Scope) bool { return slices.Contains(routesOf(s), pattern) })
}

// routesOf returns the routes that a scope opens. What is not listed is for people alone.
func routesOf(s account.Scope) []string {
	switch s {
	case account.ScopeRequests:
		return []string{"GET /v1/agency/requests", "POST /v1/agency/requests", "POST /v1/agency/decide"}
	case account.ScopeShares:
		return []string{"GET /v1/agency/shares", "GET /v1/agency/shares/{id}", "POST /v1/agency/shares/{id}/events",
			"POST /v1/agency/shares/{id}/messages", "GET /v1/agency/shares/{id}/clips/{clip}"}
	case account.ScopeKeys:
		return []string{"GET /v1/agency/keys"}
	}
	return nil
}

// call is a handler for a member of staff with a JSON body.
func call[In, Out any](s *server, do func(r *http.Request, caller footage.PersonID, in In) (Out, error)) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		caller, err := s.staff(r)
		if err != nil {
			return err
		}
		in, err := read[In](w, r, maxBody)
		if err != nil {
			return err
		}
		out, err := do(r, caller, in)
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, out)
	}
}

// look is a handler for a member of staff without a body.
func look[Out any](s *server, do func(r *http.Request, caller footage.PersonID) (Out, error)) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		caller, err := s.staff(r)
		if err != nil {
			return err
		}
		out, err := do(r, caller)
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, out)
	}
}

// none is the empty JSON object.
type none struct{}
