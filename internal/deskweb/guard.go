package deskweb

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// The pages can do what the custodian can. Everybody who might speak to them without being meant to, and what stops them:
//
//   - A page elsewhere whose name is made to point at this machine (DNS rebinding) names itself in Host; only our own name is
//     answered, and nobody elsewhere knows it.
//   - A page elsewhere that sends forms or loads things here is told by Sec-Fetch-Site and Origin, and the cookie, which is
//     SameSite=Strict, does not go with it.
//   - Another person on this machine can reach the port, but has neither the code nor the cookie. The code is printed and never
//     on a command line, which others can read; it is good once, and the next one is printed when it was used.
//   - Another person's server on this machine gets no cookie of ours, since cookies go by name and ours is not known.
//   - A clip has an origin of its own, can run nothing, and knows no address but its own.

const sessionCookie = "porchlight-desk"

// previewRoot is where clips are shown. Its addresses are secrets themselves: a frame of its own origin sends no cookie.
const previewRoot = "/preview/"

// guard refuses who is not meant, and sets what every answer bears.
func (s *Server) guard(next http.Handler) http.Handler {
	_, host, _ := strings.Cut(s.opts.Origin, "://")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "same-origin") // with no-referrer a browser would not say where a form comes from
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
		if r.Host != host {
			w.WriteHeader(http.StatusMisdirectedRequest)
			return
		}
		if !s.meant(r) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if !strings.HasPrefix(r.URL.Path, previewRoot) {
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
		}
		next.ServeHTTP(w, r)
	})
}

// meant reports whether a request was begun by these pages or by the person, and not by another page.
func (s *Server) meant(r *http.Request) bool {
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	if strings.HasPrefix(r.URL.Path, previewRoot) {
		return r.Method == http.MethodGet || r.Method == http.MethodHead
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return (site == "" || site == "same-origin" || site == "none") && (origin == "" || origin == s.opts.Origin)
	}
	return origin == s.opts.Origin && (site == "" || site == "same-origin")
}

// entered lets the browser through that has come in by the link.
func (s *Server) entered(next handler) handler {
	return func(w http.ResponseWriter, v *visitor) error {
		switch {
		case v.visit.Entered():
			return next(w, v)
		case v.Method == http.MethodGet:
			return s.redirect(w, v, done{path: "/enter"})
		}
		return footage.E(footage.Unauthorized, "This browser is not in any more. Open the newest link that the program printed.")
	}
}

// knows reports whether a request bears the cookie of the browser that is in.
func (s *Server) knows(r *http.Request) bool {
	cookie, err := r.Cookie(sessionCookie)
	s.mu.Lock()
	defer s.mu.Unlock()
	return err == nil && s.session != "" && same(cookie.Value, s.session)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (s *Server) enterPage(w http.ResponseWriter, v *visitor) error {
	return s.render(w, v, http.StatusOK, ui.NewDeskEnterPage(v.visit, ui.Sent{}))
}

// enter takes the code, lets the browser in and shows the next code. A browser that was in before is in no more.
func (s *Server) enter(w http.ResponseWriter, v *visitor) error {
	if err := v.form(w); err != nil {
		return err
	}
	code := strings.ToLower(strings.TrimSpace(v.PostFormValue("code")))
	s.mu.Lock()
	good := same(code, s.code)
	if good {
		s.code, s.session = newCode(), rand.Text()
		setCookie(w, s.session, 0)
	}
	s.mu.Unlock()
	if !good {
		err := footage.Coded(footage.Forbidden, "desk_code", "This is not the code that the program printed last.")
		return s.render(w, v, http.StatusForbidden, ui.NewDeskEnterPage(v.visit, ui.Sent{Values: v.PostForm, Err: err}))
	}
	s.opts.Tell(s.Link())
	return s.redirect(w, v, done{path: "/"})
}

// leave ends the browser's stay.
func (s *Server) leave(w http.ResponseWriter, v *visitor) error {
	s.mu.Lock()
	s.session = ""
	s.clips.clear("")
	s.mu.Unlock()
	setCookie(w, "", -1)
	return s.redirect(w, v, done{path: "/enter"})
}

// setCookie sets the cookie, until the browser closes, or takes it away with a negative age. It says not Secure, since on this
// machine's own addresses there is no https.
func setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}
