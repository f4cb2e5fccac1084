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

// wrap sets what every answer bears, and turns a panic into an internal error. There is no access log.
func (s *server) wrap(next http.Handler) http.Handler {
	protect := http.NewCrossOriginProtection()
	protect.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, r, footage.E(footage.Forbidden, "Another site may not send this for you. Open the exchange's own page."))
	}))
	next = ui.Localize(protect.Handler(next))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), requestKey, new(string)))
		defer s.recovered(w, r)
		h := w.Header()
		h.Set("Content-Security-Policy", ui.ContentSecurityPolicy())
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
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
