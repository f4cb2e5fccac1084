package deskweb

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"

	"porchlight.example/internal/api"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
	"porchlight.example/ui/text"
)

// visitor is a request of the custodian's browser, or of another one.
type visitor struct {
	*http.Request
	visit ui.DeskVisit // of nobody unless the browser is in
	lang  text.Lang
}

// handler answers a request or returns why it cannot.
type handler func(w http.ResponseWriter, v *visitor) error

// view makes a page.
type view func(v *visitor) (ui.Page, error)

// done is what a form's act leads to: a path, where the text is said once, or a page that is shown there and then.
type done struct {
	path string
	say  text.Key
	page ui.Page
}

// deed does what a form asks.
type deed func(v *visitor) (done, error)

// again makes the form's page once more, with what was sent and what was wrong with it.
type again func(v *visitor, sent ui.Sent) (ui.Page, error)

func (s *Server) visitor(r *http.Request) *visitor {
	v := &visitor{Request: r, lang: ui.Negotiate(r), visit: ui.DeskVisit{Nonce: rand.Text()}}
	if !s.knows(r) {
		return v
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v.visit.Person, v.visit.Body, v.visit.Exchange, v.visit.Pinned, v.visit.Shortcuts = s.d.Person(), s.body, s.d.Exchange(), s.d.Pinned(), s.shortcuts
	return v
}

// maxForm is how many bytes a form may have. A question has at most a few thousand.
const maxForm = 64 << 10

func (v *visitor) form(w http.ResponseWriter) error {
	v.Body = http.MaxBytesReader(w, v.Body, maxForm)
	if err := v.ParseForm(); err != nil {
		return footage.E(footage.Invalid, "The form cannot be read. Open the page anew and fill it in again.")
	}
	return nil
}

// show answers with a page.
func (s *Server) show(make view) handler {
	return func(w http.ResponseWriter, v *visitor) error {
		s.mu.Lock()
		v.visit.Done, s.said = s.said, ""
		s.mu.Unlock()
		page, err := make(v)
		if err != nil {
			return err
		}
		return s.render(w, v, http.StatusOK, page)
	}
}

// act does what a form asks. What went wrong is said on the form's own page, if that can be shown.
func (s *Server) act(do deed, retry again) handler {
	return func(w http.ResponseWriter, v *visitor) error {
		if err := v.form(w); err != nil {
			return err
		}
		out, err := do(v)
		switch {
		case err == nil && out.page != nil:
			return s.render(w, v, http.StatusOK, out.page)
		case err == nil:
			return s.redirect(w, v, out)
		case retry == nil:
			return err
		}
		page, failed := retry(v, ui.Sent{Values: v.PostForm, Err: err})
		if failed != nil {
			return err
		}
		return s.render(w, v, api.Status(footage.KindOf(err)), page)
	}
}

func (s *Server) redirect(w http.ResponseWriter, v *visitor, to done) error {
	if to.say != "" {
		s.mu.Lock()
		s.said = to.say
		s.mu.Unlock()
	}
	w.Header().Set("Location", "/"+string(v.lang)+to.path)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

func (s *Server) render(w http.ResponseWriter, v *visitor, code int, page ui.Page) error {
	var out bytes.Buffer
	if err := s.pages.Render(&out, v.lang, page); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", ui.DeskSecurityPolicy(v.visit.Nonce))
	w.WriteHeader(code)
	_, _ = w.Write(out.Bytes()) // the browser is gone if this fails
	return nil
}

// refuse answers an error. Whoever is in reads all of it: it is their own machine.
func (s *Server) refuse(w http.ResponseWriter, v *visitor, err error) {
	page := ui.DeskErrorPage{DeskVisit: v.visit, ErrorPage: ui.ErrorPage{Status: api.Status(footage.KindOf(err))}}
	var own *footage.Error
	switch {
	case errors.As(err, &own) && own.Kind == footage.Unauthorized && own.Code != desk.CodeLocked && v.visit.Entered():
		page.Msg, page.SignIn = own.Msg, true
	case errors.As(err, &own):
		page.Msg, page.Reasons = own.Msg, own.Reasons
	case v.visit.Entered():
		page.Msg = err.Error()
	}
	if failed := s.render(w, v, page.Status, page); failed != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
}
