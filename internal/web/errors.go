package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// handler answers a request or returns why it cannot.
type handler func(w http.ResponseWriter, r *http.Request) error

// wrongMethod is the error of a method that an address does not have.
type wrongMethod struct{ allow []string }

func (wrongMethod) Error() string { return "method not allowed" }

// problem returns what may be told of an error: everything of our own, nothing of an internal one.
func problem(err error, requestID string) api.Problem {
	var own *footage.Error
	kind := footage.KindOf(err)
	code := api.Status(kind)
	p := api.Problem{Type: "about:blank", Title: http.StatusText(code), Status: code, Kind: kind}
	if code >= 500 {
		p.Request = requestID // the log has a line under it; other answers are the same bytes for everybody
	}
	var wrong wrongMethod
	switch {
	case errors.As(err, &wrong):
		p.Status, p.Title, p.Kind, p.Request = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed), footage.Unsupported, ""
		p.Code, p.Detail = "method_not_allowed", "This address knows the methods "+strings.Join(wrong.allow, ", ")+" only."
	case errors.As(err, &own):
		p.Detail, p.Code, p.Reasons = own.Msg, own.Code, own.Reasons
	case kind == "":
		p.Kind = "internal"
		p.Detail = "Something went wrong on our side. Try again; if it stays, tell the operator the request ID."
	default:
		p.Detail = sentence(kind)
	}
	return p
}

// sentence is said when an error has a kind but no words of its own.
func sentence(kind footage.Kind) string {
	switch kind {
	case footage.NotFound:
		return "There is no such thing here. Check the address."
	case footage.Conflict:
		return "Somebody changed this meanwhile. Look at it again, then repeat what you did."
	case footage.Unavailable:
		return "A part of the exchange does not answer. Try again in a minute; nothing is lost."
	case footage.Full:
		return "The exchange has no room left for new footage. What was accepted is safe; try again later."
	}
	return "This cannot be done: " + strings.ReplaceAll(string(kind), "_", " ") + "."
}

// answer is the one place that answers an error: problem details for programs, a page for people.
func (s *server) answer(w http.ResponseWriter, r *http.Request, err error) {
	id := requestID(r.Context())
	p := problem(err, id)
	if p.Status >= 500 && p.Kind != footage.Full && r.Context().Err() == nil {
		s.log.Error("request failed", "request", id, "route", r.Pattern, "error", scrub(err))
	}
	h := w.Header()
	if (p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable) && h.Get("Retry-After") == "" {
		h.Set("Retry-After", "60")
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	var wrong wrongMethod
	if errors.As(err, &wrong) {
		h.Set("Allow", strings.Join(wrong.allow, ", "))
	}
	h.Set("Cache-Control", "no-store")
	if wantsJSON(r) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(p.Status)
		_ = json.NewEncoder(w).Encode(p) // the caller is gone if this fails
		return
	}
	s.errorPage(w, r, p)
}

// scrub returns an error's text for the log. Errors of a kind are written for people and name no secret; of the others
// only the chain's text is kept, with anything that looks like an address or an ID of a share, upload or clip cut out.
func scrub(err error) slog.Value {
	return slog.StringValue(Scrub(err.Error()))
}

func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/v1/") || strings.HasPrefix(r.URL.Path, "/feed/") || strings.HasPrefix(r.URL.Path, "/data/") || strings.HasPrefix(r.URL.Path, "/log/") ||
		r.URL.Path == "/readyz" || // asked by programs: what is late must be in the answer
		strings.HasPrefix(r.URL.Path, ui.StaffRoot) && strings.Contains(r.Header.Get("Accept"), "application/json") // by a script, which says why on its page
}

func (s *server) errorPage(w http.ResponseWriter, r *http.Request, p api.Problem) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Accept-Language")
	page := ui.ErrorPage{Status: p.Status, Reasons: p.Reasons, Reference: p.Request}
	if p.Status < 500 && p.Status != http.StatusNotFound {
		page.Msg = p.Detail // in English; of the others the page says as much in the reader's language
	}
	var out bytes.Buffer
	pages := s.pages
	if d := s.front.Load(); d != nil { // with the notices that every page shows
		pages = d.pages
	}
	if err := pages.Render(&out, ui.Negotiate(r), page); err != nil {
		s.log.Error("error page failed", "request", p.Request, "error", scrub(err))
		out.WriteString(http.StatusText(p.Status))
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(out.Bytes()) // the caller is gone if this fails
}
