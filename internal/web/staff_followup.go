package web

import (
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// followUpPages adds the pages on which an agency says what came of its requests.
func (s *server) followUpPages(handle func(string, handler)) {
	own := []footage.Role{footage.Officer, footage.Supervisor, footage.Custodian, footage.AgencyAdmin}
	handle("GET /staff/followups", s.show(s.ownDuties, own...))
	handle("GET /staff/followups/{id}/{duty}", s.show(func(v *visitor) (ui.Page, error) { return s.followUpPage(v, ui.Sent{}) }, own...))
	handle("POST /staff/followups/{id}/{duty}/begin", s.begin(s.followUpChallenge))
	handle("POST /staff/followups/{id}/{duty}", s.act(s.followUp, s.followUpPage, footage.Supervisor))
}

// ownDuties lists what the person's agency owes and has said after its requests.
func (s *server) ownDuties(v *visitor) (ui.Page, error) {
	all, err := s.x.OwnDuties(v.Context(), v.who())
	return ui.StaffFollowUpsPage{Visit: v.visit, Duties: all, Now: s.cfg.Now()}, err
}

// ownDuty returns the duty that the page is about.
func (s *server) ownDuty(v *visitor) (api.OwnDuty, error) {
	all, err := s.x.OwnDuties(v.Context(), v.who())
	i := slices.IndexFunc(all, func(o api.OwnDuty) bool {
		return o.Request == requestOf(v.Request) && string(o.Duty) == v.PathValue("duty")
	})
	if err == nil && i < 0 {
		err = footage.E(footage.NotFound, "Your agency owes nothing of this sort after such a request.")
	}
	if err != nil {
		return api.OwnDuty{}, err
	}
	return all[i], nil
}

// followUpPage shows one duty with what was said and the form to say more.
func (s *server) followUpPage(v *visitor, sent ui.Sent) (ui.Page, error) {
	o, err := s.ownDuty(v)
	if err != nil {
		return nil, err
	}
	return ui.NewStaffFollowUpPage(ui.StaffFollowUpPage{Visit: v.visit, Duty: o, Now: s.cfg.Now().UTC().Truncate(time.Second)}, sent), nil
}

// toSign returns what the form says. Its time is that at which the page was made, since it is part of what is signed.
func (s *server) toSign(v *visitor) (footage.FollowUp, error) {
	signed, err := time.Parse(time.RFC3339, v.PostFormValue("signed"))
	if err != nil {
		return footage.FollowUp{}, footage.E(footage.Invalid, "The form cannot be read. Open the page anew and fill it in again.")
	}
	in := api.NewFollowUp{Duty: footage.Duty(v.PathValue("duty")), Says: footage.Said(v.PostFormValue("says")), Until: strings.TrimSpace(v.PostFormValue("until"))}
	return s.x.FollowUpAt(v.Context(), v.who(), requestOf(v.Request), in, signed)
}

// followUpChallenge begins the signature of a supervisor.
func (s *server) followUpChallenge(v *visitor) (account.Challenge, error) {
	if !v.visit.Signed() {
		return account.Challenge{}, footage.E(footage.Unauthorized, "You are not signed in any more. Sign in, then do it again.")
	}
	f, err := s.toSign(v)
	if err != nil {
		return account.Challenge{}, err
	}
	canonical, err := f.Canonical()
	if err != nil {
		return account.Challenge{}, err
	}
	return s.x.Accounts().SignChallenge(v.Context(), v.who(), canonical)
}

// followUp takes in what a supervisor has signed.
func (s *server) followUp(v *visitor) (done, error) {
	f, err := s.toSign(v)
	if err != nil {
		return done{}, err
	}
	a, err := account.Signed(credential(v), v.who(), footage.Supervisor)
	if err != nil {
		return done{}, err
	}
	err = s.x.FollowUp(v.Context(), v.who(), api.SignedFollowUp{FollowUp: f, Assertion: a})
	return done{path: "/staff/followups", say: "staff.done.followedup"}, s.changed(v.Request, err)
}

// soon is how long before its last day a duty waits on the first page.
const soon = 30 * 24 * time.Hour

// dutiesWaiting counts what a supervisor should say within a month, or is late with.
func (s *server) dutiesWaiting(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.followups", Path: "/staff/followups"}
	if !v.visit.May(footage.Supervisor) {
		return task, nil
	}
	all, err := s.x.OwnDuties(v.Context(), v.who())
	by := s.cfg.Now().Add(soon).UTC().Format(time.DateOnly)
	for _, o := range all {
		if o.Due != "" && o.Due <= by {
			task.N++
		}
	}
	return task, err
}
