package web

import (
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// caseRoutes adds the moderators' pages.
func (s *server) caseRoutes(handle func(string, handler)) {
	readers := []footage.Role{footage.Moderator, footage.Auditor}
	one := func(v *visitor, sent ui.Sent) (ui.Page, error) { return s.casePage(v, sent) }
	handle("GET /staff/moderation", s.show(s.cases, readers...))
	handle("GET /staff/moderation/{id}", s.show(func(v *visitor) (ui.Page, error) { return one(v, ui.Sent{}) }, readers...))
	handle("POST /staff/moderation/{id}/clear", s.act(s.clearCase, one, footage.Moderator))
	handle("POST /staff/moderation/{id}/decide", s.act(s.decideCase, one, footage.Moderator))
}

func (s *server) cases(v *visitor) (ui.Page, error) {
	all, err := s.x.Cases(v.Context(), v.who())
	return ui.StaffCasesPage{Visit: v.visit, Cases: all, Now: s.cfg.Now()}, err
}

func (s *server) casePage(v *visitor, sent ui.Sent) (ui.Page, error) {
	c, err := s.x.Case(v.Context(), v.who(), v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	page := ui.StaffCasePage{Visit: v.visit, Case: c}
	front := s.front.Load()
	page.Agency, _ = front.agency(c.Agency)
	for _, p := range front.open {
		if p.ID != c.Request && near(c.Document.Area, p.Record.Document.Area) {
			page.Nearby = append(page.Nearby, p.Record.Document.Area)
		}
	}
	return ui.NewStaffCasePage(page, sent), nil
}

func (s *server) clearCase(v *visitor) (done, error) {
	err := s.x.Clear(v.Context(), v.who(), v.PathValue("id"))
	return done{path: "/staff/moderation", say: "staff.done.cleared"}, s.changed(v.Request, err)
}

func (s *server) decideCase(v *visitor) (done, error) {
	in := api.Verdict{Reason: footage.ModerationReason(v.PostFormValue("reason")), Words: v.lines("words")}
	do, ok := map[string]func() error{
		"hold":   func() error { return s.x.Hold(v.Context(), v.who(), v.PathValue("id"), in) },
		"refuse": func() error { return s.x.Refuse(v.Context(), v.who(), v.PathValue("id"), in) },
	}[v.PostFormValue("outcome")]
	if !ok {
		return done{}, footage.Coded(footage.Invalid, "outcome_missing", "Choose whether to give it back or to refuse it.")
	}
	return done{path: "/staff/moderation", say: "staff.done.turneddown"}, s.changed(v.Request, do())
}

// casesWaiting counts what waits for a moderator.
func (s *server) casesWaiting(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.cases", Path: "/staff/moderation"}
	if !v.visit.May(footage.Moderator) {
		return task, nil
	}
	all, err := s.x.Cases(v.Context(), v.who())
	task.N = len(all)
	return task, err
}
