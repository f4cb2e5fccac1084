package upload

import (
	"net/http"
	"net/url"
)

// answer corrects what tusd answers: a Location without scheme and host, which it could only guess behind a proxy, and our
// error bodies.
type answer struct {
	http.ResponseWriter
	refused int // status of a refusal of tusd's own that waits for its body
}

// Unwrap lets tusd set deadlines.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	h := a.Header()
	if location, err := url.Parse(h.Get("Location")); err == nil && location.Path != "" {
		h.Set("Location", location.Path)
	}
	if status >= 400 && h.Get("Content-Type") != problemType {
		a.refused = status
		return
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	if a.refused == 0 {
		return a.ResponseWriter.Write(p)
	}
	a.Header().Del("Content-Length") // of tusd's words
	translate(a.refused, p).write(a.ResponseWriter)
	a.refused = 0
	return len(p), nil
}

// end sends a refusal whose body never came, as in the answer to a HEAD.
func (a *answer) end() {
	if a.refused != 0 {
		_, _ = a.Write(nil) // whoever asked is gone if it fails
	}
}
