package web

import (
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
	handle("POST /staff/followups/{id}/{duty}/begin", s.sign(func(v *visitor) ([]byte, error) {
		f, err := s.toSign(v)
		if err != nil {
			return nil, err
		}
		return f.Canonical()
	}, footage.Supervisor))
	handle("POST /staff/followups/{id}/{duty}", s.act(s.followUp, s.followUpPage, footage.Supervisor))
}

// ownDuties lists what the person's agency owes and has said after its requests.
func (s *server) ownDuties(v *visitor) (ui.Page, error) {
	all, err := s.x.OwnDuties(v.Context(), v.who())
	return ui.StaffFollowUpsPage{Visit: v.visit, Duties: all, Now: s.cfg.Now()}, err
}

// ownDuty returns the duty that the page is about.
func (s *server) ownDuty(v *visitor) (api.OwnDuty, error) {
	return s.x.OwnDuty(v.Context(), v.who(), requestOf(v.Request), footage.Duty(v.PathValue("duty")))
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
	all, err := s.x.DutiesOf(v.Context(), v.visit.Person.Agency)
	by := s.cfg.Now().Add(soon).UTC().Format(time.DateOnly)
	for _, o := range all {
		if o.Due != "" && o.Due <= by {
			task.N++
		}
	}
	return task, err
}
