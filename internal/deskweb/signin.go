package deskweb

import (
	"encoding/json"
	"net/http"

	"porchlight.example/ui"
)

// signin is a sign-in at the exchange that is under way.
type signin struct {
	shown chan struct{} // closed when code and page are known
	over  chan struct{} // closed when it has ended
	err   error         // why it failed; set before over is closed

	code, page string // set before shown is closed
}

func (x *signin) ended() bool {
	select {
	case <-x.over:
		return true
	default:
		return false
	}
}

// signIn begins a sign-in, or goes on with the one that is under way. With a passkey of the desk's own it is over at once.
func (s *Server) signIn(v *visitor) (done, error) {
	s.mu.Lock()
	x := s.signin
	if x == nil || x.ended() {
		x = &signin{shown: make(chan struct{}), over: make(chan struct{})}
		s.signin = x
		s.group.Go(func() error {
			defer close(x.over)
			x.err = s.d.SignIn(s.ctx, func(code, page string) error {
				x.code, x.page = code, page
				close(x.shown)
				return nil
			})
			return nil // the page tells it
		})
	}
	s.mu.Unlock()
	select {
	case <-x.shown:
	case <-x.over:
	case <-v.Context().Done():
	}
	return done{path: "/signin"}, nil
}

// signinPage shows the code that is to be typed, leads on when it was, or tells what went wrong.
func (s *Server) signinPage(w http.ResponseWriter, v *visitor) error {
	s.mu.Lock()
	x := s.signin
	if x != nil && x.ended() {
		s.signin = nil
	}
	s.mu.Unlock()
	page := ui.DeskSigninPage{DeskVisit: v.visit}
	switch {
	case x == nil:
	case x.ended() && x.err == nil:
		return s.redirect(w, v, done{path: "/", say: "desk.done.signedin"})
	case x.ended():
		page.Failed = reasons(x.err)
	default:
		select {
		case <-x.shown:
			page.Code, page.Page = x.code, x.page
		default: // it is about to be
		}
	}
	return s.render(w, v, http.StatusOK, page)
}

// signinWork answers the page's script, which asks whether the code was typed.
func (s *Server) signinWork(w http.ResponseWriter, _ *visitor) error {
	s.mu.Lock()
	x := s.signin
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]bool{"over": x == nil || x.ended()})
}
