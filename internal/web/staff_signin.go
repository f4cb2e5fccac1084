package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"porchlight.example/internal/account"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// staffRoutes adds the signed-in pages.
func (s *server) staffRoutes(handle func(string, handler)) {
	s.signinRoutes(handle)
	handle("GET /staff/{$}", s.show(s.staffHome))
	s.peopleRoutes(handle)
	s.caseRoutes(handle)
	s.applicationRoutes(handle)
	s.staffComplaintRoutes(handle)
	s.admissionRoutes(handle)
	s.gatheringRoutes(handle)
	s.adoptionRoutes(handle)
	s.withholdingPages(handle)
	s.demandPages(handle)
	s.noticePages(handle)
	s.requestRoutes(handle)
	s.followUpPages(handle)
	s.programRoutes(handle)
	s.deskRoutes(handle)
}

// signinRoutes adds the pages of those who are not signed in yet, and the way out.
func (s *server) signinRoutes(handle func(string, handler)) {
	open := func(make view) handler {
		return s.staffHandler(func(w http.ResponseWriter, v *visitor) error {
			page, err := make(v)
			if err != nil {
				return err
			}
			return s.render(w, v, http.StatusOK, page)
		})
	}
	handle("GET /staff/signin", open(func(v *visitor) (ui.Page, error) {
		return ui.StaffSigninPage{Visit: v.visit, Next: next(v.URL.Query().Get("next"))}, nil
	}))
	handle("POST /staff/signin/begin", s.begin(func(v *visitor) (account.Challenge, error) { return s.x.Accounts().LoginChallenge(v.Context()) }))
	handle("POST /staff/signin", s.staffHandler(s.signin))
	handle("GET /staff/join", open(func(v *visitor) (ui.Page, error) { return ui.NewStaffJoinPage(v.visit, ui.Sent{}), nil }))
	handle("POST /staff/join/begin", s.begin(func(v *visitor) (account.Challenge, error) {
		return s.x.Accounts().EnrolChallenge(v.Context(), invitation(v))
	}))
	handle("POST /staff/join", s.staffHandler(s.join))
	handle("POST /staff/signout", s.staffHandler(s.signout))
}

// begin answers a page's script with the options for an authenticator.
func (s *server) begin(challenge func(v *visitor) (account.Challenge, error)) handler {
	return s.staffHandler(func(w http.ResponseWriter, v *visitor) error { return challengeWith(w, v, challenge) })
}

// sign answers the script of a page on which somebody with one of the roles signs what its form says, in canonical form.
func (s *server) sign(what func(v *visitor) (canonical []byte, err error), roles ...footage.Role) handler {
	return s.visited(func(w http.ResponseWriter, v *visitor) error {
		return challengeWith(w, v, func(v *visitor) (account.Challenge, error) {
			canonical, err := what(v)
			if err != nil {
				return account.Challenge{}, err
			}
			return s.x.Accounts().SignChallenge(v.Context(), v.who(), canonical)
		})
	}, roles...)
}

func challengeWith(w http.ResponseWriter, v *visitor, challenge func(v *visitor) (account.Challenge, error)) error {
	v.Body = http.MaxBytesReader(w, v.Body, maxBody)
	c, err := challenge(v)
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, c.Options)
}

// credential is what a page's script put into the form: the authenticator's answer, PublicKeyCredential.toJSON.
func credential(v *visitor) json.RawMessage { return json.RawMessage(v.PostFormValue("credential")) }

func invitation(v *visitor) string { return strings.TrimSpace(v.PostFormValue("token")) }

// next is the path to go to after signing in: one of the signed-in pages, whatever the link says.
func next(path string) string {
	if !strings.HasPrefix(path, ui.StaffRoot) || strings.ContainsAny(path, "\\\r\n") || strings.HasPrefix(path, ui.StaffRoot+"signin") {
		return ui.StaffRoot
	}
	return path
}

func (s *server) signin(w http.ResponseWriter, v *visitor) error {
	to := next(v.PostFormValue("next"))
	return s.perform(w, v, func(v *visitor) (done, error) {
		session, err := s.x.Accounts().Login(v.Context(), credential(v), browser(v.Request))
		if err != nil {
			return done{}, err
		}
		s.setCookie(w, sessionCookie, session.Token, 0)
		return done{path: to}, nil
	}, func(v *visitor, sent ui.Sent) (ui.Page, error) {
		return ui.StaffSigninPage{Visit: v.visit, Next: to, Form: ui.NewForm(sent)}, nil
	})
}

func (s *server) join(w http.ResponseWriter, v *visitor) error {
	return s.perform(w, v, func(v *visitor) (done, error) {
		made, err := s.x.Enrol(v.Context(), invitation(v), credential(v))
		if err != nil {
			return done{}, err
		}
		if made.Pending {
			return done{path: "/staff/signin", say: "staff.done.pending"}, nil
		}
		return done{path: "/staff/signin", say: "staff.done.joined"}, nil
	}, func(v *visitor, sent ui.Sent) (ui.Page, error) { return ui.NewStaffJoinPage(v.visit, sent), nil })
}

func (s *server) signout(w http.ResponseWriter, v *visitor) error {
	if v.visit.Signed() {
		if err := s.x.Accounts().EndSession(v.Context(), v.who(), v.session.ID); err != nil {
			return err
		}
	}
	s.setCookie(w, sessionCookie, "", -1)
	return s.redirect(w, v, done{path: "/staff/signin", say: "staff.done.signedout"})
}
