package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"porchlight.example/internal/account"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
	uitext "porchlight.example/ui/text"
)

// The signed-in pages. A page of staff is a struct in package ui that embeds ui.Visit, and two lines here: show, which
// makes it, and act, which does what its form asks. CONTRIBUTING.md says how.

// visitor is a request of somebody at the signed-in pages.
type visitor struct {
	*http.Request
	session account.Session // zero when nobody is signed in
	visit   ui.Visit
	lang    uitext.Lang
}

// who is the person who asks.
func (v *visitor) who() footage.PersonID { return v.visit.Person.ID }

// href is a path in the reader's language.
func (v *visitor) href(path string) string { return "/" + string(v.lang) + path }

// lines returns a field of several lines, which browsers send with two characters between them.
func (v *visitor) lines(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(v.PostFormValue(name), "\r\n", "\n"))
}

// view makes a page for a visitor.
type view func(v *visitor) (ui.Page, error)

// done is what a form's act leads to: another path, where the text is said once; or a page that is shown at once, for what
// must be seen there and then, such as a secret.
type done struct {
	path string
	say  uitext.Key
	page ui.Page
}

// deed does what a form asks.
type deed func(v *visitor) (done, error)

// again makes the form's page once more, with what was sent and what was wrong with it.
type again func(v *visitor, sent ui.Sent) (ui.Page, error)

// show is a page for those who are signed in and have one of the roles; none: for everybody who is signed in.
func (s *server) show(make view, roles ...footage.Role) handler {
	return s.visited(func(w http.ResponseWriter, v *visitor) error {
		page, err := make(v)
		if err != nil {
			return err
		}
		return s.render(w, v, http.StatusOK, page)
	}, roles...)
}

// act is what a form of a page does, for those who may see the page. What the person can mend, they read on the page itself.
func (s *server) act(do deed, retry again, roles ...footage.Role) handler {
	return s.visited(func(w http.ResponseWriter, v *visitor) error { return s.perform(w, v, do, retry) }, roles...)
}

// visited runs a handler for a person who is signed in and has one of the roles, and answers what it refuses.
func (s *server) visited(do func(w http.ResponseWriter, v *visitor) error, roles ...footage.Role) handler {
	return s.staffHandler(func(w http.ResponseWriter, v *visitor) error {
		switch {
		case !v.visit.Signed() && v.Method == http.MethodGet:
			return s.redirect(w, v, done{path: "/staff/signin?next=" + url.QueryEscape(v.URL.RequestURI())})
		case !v.visit.Signed():
			return footage.E(footage.Unauthorized, "You are not signed in any more. Sign in, then do it again.")
		case len(roles) > 0 && !v.visit.May(roles...):
			return footage.E(footage.Forbidden, fmt.Sprintf("This page is for the role %s, which you do not have.", roles[0]))
		}
		return do(w, v)
	})
}

// staffHandler finds out who asks, and sets what every answer below /staff/ bears.
func (s *server) staffHandler(do func(w http.ResponseWriter, v *visitor) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := s.visitor(r)
		if err != nil {
			return err
		}
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", ui.StaffSecurityPolicy(v.visit.Nonce))
		h.Set("Referrer-Policy", "same-origin") // with no-referrer a browser would not say where a form comes from
		if r.Method == http.MethodGet {
			v.visit.Done = s.said(w, r)
		}
		err = s.sameOrigin(r)
		if err == nil {
			err = do(w, v)
		}
		if err != nil {
			return s.refuse(w, v, err)
		}
		return nil
	}
}

// sameOrigin refuses what does not say that it comes from this exchange's own pages. It goes beyond
// http.CrossOriginProtection, which lets through what says nothing: no form of a browser says nothing.
func (s *server) sameOrigin(r *http.Request) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	if site != "" && site != "same-origin" || origin != "" && origin != s.x.Info().RP.Origin || site == "" && origin == "" {
		return footage.Coded(footage.Forbidden, "other_origin", "Only the exchange's own pages may send this, under the exchange's own address. Open that page and do it there.")
	}
	return nil
}

// visitor reads who asks. A cookie that does not hold is as none.
func (s *server) visitor(r *http.Request) (*visitor, error) {
	v := &visitor{Request: r, lang: ui.Negotiate(r)}
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // crypto/rand.Read never fails
	v.visit.Nonce = base64.RawURLEncoding.EncodeToString(nonce[:])
	cookie, err := r.Cookie(s.cookieName(sessionCookie))
	if err != nil {
		return v, nil
	}
	session, err := s.x.Accounts().Session(r.Context(), cookie.Value, browser(r))
	if footage.KindOf(err) == footage.Unauthorized {
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	return v, s.greet(r.Context(), v, session)
}

// greet fills in what pages say of a person.
func (s *server) greet(ctx context.Context, v *visitor, session account.Session) error {
	p, err := s.x.Person(ctx, session.Person)
	if err != nil || p.Disabled {
		return err
	}
	v.session, v.visit.Person, v.visit.Body = session, p, s.x.Info().Name
	if p.Agency != "" {
		v.visit.Body = string(p.Agency)
		if standing, ok := s.front.Load().agency(p.Agency); ok {
			v.visit.Body = standing.Agency.Name
		}
	}
	return nil
}

// browser is what is kept of the browser that signs in: its sort and its system, not its version, and no address.
func browser(r *http.Request) account.Client {
	agent := r.UserAgent()
	first := func(names ...string) string {
		i := slices.IndexFunc(names, func(name string) bool { return strings.Contains(agent, name) })
		if i < 0 {
			return "?"
		}
		return names[i]
	}
	name := first("Firefox", "Edg", "OPR", "Chrom", "Safari")
	system := first("Android", "iPhone", "iPad", "Windows", "Macintosh", "CrOS", "Linux")
	known := map[string]string{"Edg": "Edge", "OPR": "Opera", "Chrom": "Chromium", "CrOS": "ChromeOS", "Macintosh": "macOS"}
	for short, long := range known {
		if name == short {
			name = long
		}
		if system == short {
			system = long
		}
	}
	return account.Client{Kind: account.Browser, About: name + ", " + system}
}

// perform runs a form's act.
func (s *server) perform(w http.ResponseWriter, v *visitor, do deed, retry again) error {
	if err := readForm(w, v.Request, maxBody); err != nil {
		return err
	}
	out, err := do(v)
	switch {
	case err == nil && out.page != nil:
		return s.render(w, v, http.StatusOK, out.page)
	case err == nil:
		return s.redirect(w, v, out)
	case retry == nil || !mendable(err):
		return err
	}
	page, failed := retry(v, ui.Sent{Values: v.PostForm, Err: err})
	if failed != nil {
		return failed
	}
	return s.render(w, v, api.Status(footage.KindOf(err)), page)
}

// mendable reports whether an error is one that the person at the form can do something about there.
func mendable(err error) bool {
	switch footage.KindOf(err) {
	case footage.Invalid, footage.Conflict, footage.Refused, footage.Untrusted, footage.Unauthorized, footage.Unsupported, footage.TooMany, footage.Gone, footage.Forbidden:
		return true
	}
	return false
}

func (s *server) redirect(w http.ResponseWriter, v *visitor, to done) error {
	if to.say != "" {
		s.setCookie(w, saidCookie, string(to.say), 60)
	}
	w.Header().Set("Location", v.href(to.path))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// render answers with a page, which no cache may keep.
func (s *server) render(w http.ResponseWriter, v *visitor, code int, page ui.Page) error {
	var out bytes.Buffer
	if err := s.pages.Render(&out, v.lang, page); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(out.Bytes()) // the caller is gone if this fails
	return nil
}

// refuse answers an error: as problem details where a script asks, else with a page within the signed-in frame.
func (s *server) refuse(w http.ResponseWriter, v *visitor, err error) error {
	p := problem(err, requestID(v.Context()))
	if p.Status >= 500 || strings.Contains(v.Header.Get("Accept"), "application/json") {
		return err
	}
	page := ui.StaffErrorPage{Visit: v.visit, ErrorPage: ui.ErrorPage{Status: p.Status, Msg: p.Detail, Reasons: p.Reasons}}
	return s.render(w, v, p.Status, page)
}

// Cookies of the signed-in pages. Both are of this origin alone, are sent with nothing that another site begins, and are out
// of reach of scripts.
const (
	sessionCookie = "porchlight-session"
	saidCookie    = "porchlight-said"
)

func (s *server) secure() bool { return strings.HasPrefix(s.x.Info().RP.Origin, "https://") }

// cookieName binds a cookie to this very host (RFC 6265bis, 4.1.3.2). Without https, on a machine's own address, browsers take
// no such name.
func (s *server) cookieName(name string) string {
	if s.secure() {
		return "__Host-" + name
	}
	return name
}

// setCookie sets a cookie for some seconds; less than nought takes it away, nought keeps it until the browser closes.
func (s *server) setCookie(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteStrictMode})
}

// said takes up what is to be said once about what was just done.
func (s *server) said(w http.ResponseWriter, r *http.Request) uitext.Key {
	cookie, err := r.Cookie(s.cookieName(saidCookie))
	if err != nil || !strings.HasPrefix(cookie.Value, "staff.done.") {
		return ""
	}
	s.setCookie(w, saidCookie, "", -1)
	return uitext.Key(cookie.Value)
}
