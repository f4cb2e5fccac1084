package web

import (
	"errors"
	"slices"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// demandPages adds the office's pages about what is demanded of the exchange by law.
func (s *server) demandPages(handle func(string, handler)) {
	office := []footage.Role{footage.Operator, footage.Moderator}
	handle("GET /staff/demands", s.show(func(v *visitor) (ui.Page, error) { return s.demands(v, ui.Sent{}) }, append(office, footage.Auditor)...))
	handle("POST /staff/demands", s.act(s.enterDemand, s.demands, office...))
	handle("GET /staff/demands/{id}", s.show(func(v *visitor) (ui.Page, error) { return s.demand(v, ui.Sent{}) }, office...))
	handle("POST /staff/demands/{id}/answer", s.act(s.answerDemand, s.demand, office...))
	handle("POST /staff/demands/{id}/agree", s.act(s.agreeDemand, s.demand, office...))
}

func (s *server) demands(v *visitor, sent ui.Sent) (ui.Page, error) {
	all, err := s.x.Demands(v.Context(), v.who())
	return ui.NewStaffDemandsPage(ui.StaffDemandsPage{Visit: v.visit, Demands: all}, sent), err
}

// plainValue is a field's text without what browsers add to it.
func plainValue(v *visitor, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(v.PostFormValue(name), "\r\n", "\n"))
}

func (s *server) enterDemand(v *visitor) (done, error) {
	id, err := s.x.EnterDemand(v.Context(), v.who(), api.NewDemand{Received: plainValue(v, "received"), Body: footage.DemandBody(v.PostFormValue("body")),
		Kind: footage.DemandKind(v.PostFormValue("kind")), Asked: plainValue(v, "asked"), Gag: plainValue(v, "gag")})
	return done{path: "/staff/demands/" + string(id), say: "staff.done.demand"}, err
}

// demand shows one demand with its answer.
func (s *server) demand(v *visitor, sent ui.Sent) (ui.Page, error) {
	all, err := s.x.Demands(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(d api.Demand) bool { return string(d.ID) == v.PathValue("id") })
	if i < 0 {
		return nil, footage.E(footage.NotFound, "There is no such demand here.")
	}
	return ui.NewStaffDemandPage(ui.StaffDemandPage{Visit: v.visit, Demand: all[i]}, sent), nil
}

func (s *server) answerDemand(v *visitor) (done, error) {
	id := footage.DemandID(v.PathValue("id"))
	err := s.x.AnswerDemand(v.Context(), v.who(), id, api.DemandReply{Answer: footage.DemandAnswer(v.PostFormValue("answer")), Given: plainValue(v, "given")})
	return done{path: "/staff/demands/" + string(id), say: "staff.done.demandanswer"}, err
}

func (s *server) agreeDemand(v *visitor) (done, error) {
	id := footage.DemandID(v.PathValue("id"))
	return done{path: "/staff/demands/" + string(id), say: "staff.done.demandagreed"}, s.x.AgreeDemand(v.Context(), v.who(), id)
}

// demandsWaiting counts the answers that wait for another person than the visitor.
func (s *server) demandsWaiting(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.demand", Path: "/staff/demands"}
	all, err := s.x.Demands(v.Context(), v.who())
	if errors.Is(err, footage.Forbidden) || !v.visit.May(footage.Operator, footage.Moderator) {
		return task, nil
	}
	for _, d := range all {
		if d.Proposed != "" && d.Agreed == "" && d.Proposed != v.who() {
			task.N++
		}
	}
	return task, err
}
