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
	every := borne()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for _, x := range every {
			h[x.name] = x.values
		}
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if f := s.feedFileOf(r); f != nil {
			f.Serve(gathering{w, r}, r, feedCache)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), requestKey, new(string)))
		defer s.recovered(w, r)
		next.ServeHTTP(w, r)
	})
}

// header is set as it is: its name is in canonical form, and nobody changes its values in place.
type header struct {
	name   string
	values []string
}

// borne returns the headers of every answer.
func borne() []header {
	return []header{
		{"Content-Security-Policy", []string{ui.ContentSecurityPolicy()}},
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"Referrer-Policy", []string{"no-referrer"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
		{"Permissions-Policy", []string{"geolocation=(), camera=(), microphone=()"}},
	}
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
