package web

import (
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// applicationRoutes adds the pages on which the operator answers applications.
func (s *server) applicationRoutes(handle func(string, handler)) {
	handle("GET /staff/applications", s.show(s.applications, footage.Operator))
	handle("GET /staff/applications/{id}", s.show(func(v *visitor) (ui.Page, error) { return s.application(v, ui.Sent{}) }, footage.Operator))
	handle("POST /staff/applications/{id}/accept", s.act(s.acceptApplication, s.application, footage.Operator))
	handle("POST /staff/applications/{id}/refuse", s.act(s.refuseApplication, s.application, footage.Operator))
}

func (s *server) applications(v *visitor) (ui.Page, error) {
	all, err := s.x.ApplicationsFor(v.Context(), v.who())
	return ui.StaffApplicationsPage{Visit: v.visit, Applications: all}, err
}

func (s *server) application(v *visitor, sent ui.Sent) (ui.Page, error) {
	a, err := s.x.ApplicationFor(v.Context(), v.who(), applicationOf(v.Request))
	if err != nil {
		return nil, err
	}
	all, err := s.x.Agencies(v.Context())
	return ui.NewStaffApplicationPage(v.visit, a, alike(a.Application, all), sent), err
}

// alike returns the agencies of the register that an application might be of already.
func alike(a footage.Application, all []footage.Standing) (out []footage.Agency) {
	same := func(one, other string) bool { return one != "" && strings.EqualFold(one, other) }
	for _, s := range all {
		known := s.Agency
		if same(a.Name, known.Name) || same(a.ORI, known.ORI) || known.State == a.State && (same(a.FDID, known.FDID) || same(a.LocalID, known.LocalID)) {
			out = append(out, known)
		}
	}
	return out
}

func (s *server) acceptApplication(v *visitor) (done, error) {
	id := footage.AgencyID(strings.TrimSpace(v.PostFormValue("agency")))
	err := s.x.AnswerApplicationFor(v.Context(), v.who(), applicationOf(v.Request),
		api.ApplicationAnswer{Agency: id, Body: footage.BodyID(strings.TrimSpace(v.PostFormValue("body")))})
	return done{path: "/staff/register/" + string(id), say: "staff.done.registered"}, s.changed(v.Request, err)
}

func (s *server) refuseApplication(v *visitor) (done, error) {
	reason := footage.ApplicationReason(v.PostFormValue("reason"))
	if reason == "" {
		return done{}, footage.Coded(footage.Invalid, "application_reason", "Choose a reason.")
	}
	err := s.x.AnswerApplicationFor(v.Context(), v.who(), applicationOf(v.Request), api.ApplicationAnswer{Reason: reason})
	return done{path: "/staff/applications", say: "staff.done.refusedapplication"}, err
}

// applicationsWaiting counts the applications that wait for an operator.
func (s *server) applicationsWaiting(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.applications", Path: "/staff/applications"}
	if !v.visit.May(footage.Operator) {
		return task, nil
	}
	all, err := s.x.ApplicationsFor(v.Context(), v.who())
	task.N = len(all)
	return task, err
}
