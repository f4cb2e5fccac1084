package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

type contextKey int

const requestKey contextKey = 0

// requestID returns the random ID under which an internal error is logged. It is made only when it is asked for, tells
// nothing of the caller and lives as long as the request.
func requestID(ctx context.Context) string {
	if id, ok := ctx.Value(requestKey).(*string); ok {
		if *id == "" {
			var b [6]byte
			_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
			*id = hex.EncodeToString(b[:])
		}
		return *id
	}
	return ""
}

// wrap sets what every answer bears, and turns a panic into an internal error. There is no access log. The feed's files are
// served at once: they are what everybody reads again and again, and depend on the path and two headers alone.
func (s *server) wrap(next http.Handler) http.Handler {
	protect := http.NewCrossOriginProtection()
	protect.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, r, footage.E(footage.Forbidden, "Another site may not send this for you. Open the exchange's own page."))
	}))
	next = ui.Localize(protect.Handler(next))
	every, documents := borne()
	setEvery := every.set // made once: it is called on the hot path
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if f := s.feedFileOf(r); f != nil {
			f.Serve(gathering{w, r}, r, feedCache, setEvery)
			return
		}
		every.set(h)
		documents.set(h)
		r = r.WithContext(context.WithValue(r.Context(), requestKey, new(string)))
		defer s.recovered(w, r)
		next.ServeHTTP(w, r)
	})
}

// headers are set as they are: names in canonical form, values that nobody changes in place.
type headers []struct {
	name   string
	values []string
}

func (hs headers) set(to http.Header) {
	for _, h := range hs {
		to[h.name] = h.values
	}
}

// borne returns the headers that every answer bears, and those that say how a document is to be treated: files of the feed
// are data, which can neither link, nor be opened by another page, nor ask for a camera. They do without: a ninth header
// makes the map of an answer grow, which costs a tenth of the whole answer.
func borne() (every, documents headers) {
	every = headers{
		{"Content-Security-Policy", []string{ui.ContentSecurityPolicy()}},
		{"X-Content-Type-Options", []string{"nosniff"}},
	}
	documents = headers{
		{"Referrer-Policy", []string{"no-referrer"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
		{"Permissions-Policy", []string{"geolocation=(), camera=(), microphone=()"}},
	}
	return every, documents
}

func (s *server) recovered(w http.ResponseWriter, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	s.log.Error("panic", "request", requestID(r.Context()), "route", r.Pattern)
	s.answer(w, r, errPanic)
}

type panicError struct{}

func (panicError) Error() string { return "panic in a handler" }

var errPanic = panicError{}
