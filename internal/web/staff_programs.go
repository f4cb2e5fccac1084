package web

import (
	"strconv"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// programRoutes adds the pages of what acts in somebody's name: credentials of programs, programs that show a code, and
// supervisors whom one agency lends to another.
func (s *server) programRoutes(handle func(string, handler)) {
	makers := []footage.Role{footage.Officer, footage.Custodian}
	owners := append(makers, footage.AgencyAdmin)
	handle("GET /staff/programs", s.show(func(v *visitor) (ui.Page, error) { return s.programs(v, ui.Sent{}) }, owners...))
	handle("POST /staff/programs", s.act(s.freshly(s.makeProgram), s.programs, makers...))
	handle("POST /staff/programs/{id}/revoke", s.act(func(v *visitor) (done, error) {
		return done{path: "/staff/programs", say: "staff.done.revoked"}, s.x.RevokeMachine(v.Context(), v.who(), v.PathValue("id"))
	}, nil, owners...))
	device := func(v *visitor, sent ui.Sent) (ui.Page, error) { return ui.NewStaffDevicePage(v.visit, sent), nil }
	handle("GET /staff/device", s.show(func(v *visitor) (ui.Page, error) { return device(v, ui.Sent{}) }))
	handle("POST /staff/device", s.act(s.freshly(func(v *visitor) (done, error) {
		return done{path: "/staff/account", say: "staff.done.device"}, s.x.Accounts().AllowDevice(v.Context(), v.session, v.PostFormValue("code"))
	}), device))

	handle("GET /staff/loans", s.show(func(v *visitor) (ui.Page, error) { return s.loans(v, ui.Sent{}) }, footage.AgencyAdmin))
	handle("POST /staff/loans", s.act(s.freshly(s.offerLoan), s.loans, footage.AgencyAdmin))
	handle("POST /staff/loans/accept", s.act(s.freshly(func(v *visitor) (done, error) {
		return done{path: "/staff/loans", say: "staff.done.accepted"}, s.changed(v.Request, s.x.AcceptLoan(v.Context(), v.who(), lentPerson(v)))
	}), s.loans, footage.AgencyAdmin))
	handle("POST /staff/loans/end", s.act(func(v *visitor) (done, error) {
		err := s.x.EndLoan(v.Context(), v.who(), lentPerson(v), footage.AgencyID(v.PostFormValue("to")))
		return done{path: "/staff/loans", say: "staff.done.returned"}, s.changed(v.Request, err)
	}, s.loans, footage.AgencyAdmin))
}

func (s *server) programs(v *visitor, sent ui.Sent) (ui.Page, error) {
	all, err := s.x.Machines(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	var list []ui.StaffProgram
	for _, m := range all {
		p := ui.StaffProgram{ID: m.ID, Name: m.Name, Owner: m.Owner.Name, Expires: m.Expires, Seen: m.Seen, Over: m.Over(s.cfg.Now())}
		for _, scope := range m.Scopes {
			p.Scopes = append(p.Scopes, string(scope))
		}
		list = append(list, p)
	}
	var scopes []string
	for _, scope := range exchange.ScopesOf(v.visit.Person) {
		scopes = append(scopes, string(scope))
	}
	return ui.NewStaffProgramsPage(v.visit, list, scopes, sent), nil
}

func (s *server) makeProgram(v *visitor) (done, error) {
	var scopes []account.Scope
	for _, scope := range v.PostForm["scopes"] {
		scopes = append(scopes, account.Scope(scope))
	}
	days, err := strconv.Atoi(v.PostFormValue("days"))
	if err != nil {
		days = 0 // which is refused together with everything else
	}
	m, token, err := s.x.MakeMachine(v.Context(), v.who(), v.PostFormValue("name"), scopes, time.Duration(days)*24*time.Hour)
	if err != nil {
		return done{}, err
	}
	return done{page: ui.StaffSecretPage{Visit: v.visit, Name: m.Name, Token: token}}, nil
}

func lentPerson(r *visitor) footage.PersonID { return footage.PersonID(r.PostFormValue("person")) }

func (s *server) loans(v *visitor, sent ui.Sent) (ui.Page, error) {
	all, err := s.x.Loans(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	name := func(id footage.AgencyID) string {
		if standing, ok := s.front.Load().agency(id); ok {
			return standing.Agency.Name
		}
		return string(id)
	}
	var list []ui.StaffLoan
	for _, l := range all {
		list = append(list, ui.StaffLoan{Person: l.Person.ID, Name: l.Person.Name, From: name(l.Person.Agency), To: name(l.To), ToID: l.To, Until: l.Until,
			Agreed: l.Agreed, Over: l.Ended, Borrowing: l.To == v.visit.Person.Agency})
	}
	members, err := s.x.Staff(v.Context(), v.who(), v.visit.Person.Agency)
	if err != nil {
		return nil, err
	}
	var supervisors []footage.Person
	for _, m := range members {
		if m.Has(footage.Supervisor) && !m.Disabled && m.ID != v.who() {
			supervisors = append(supervisors, m.Person)
		}
	}
	return ui.NewStaffLoansPage(v.visit, list, supervisors, sent), nil
}

func (s *server) offerLoan(v *visitor) (done, error) {
	last, err := time.Parse(time.DateOnly, v.PostFormValue("until"))
	if err == nil {
		last = last.AddDate(0, 0, 1) // the whole of the last day
	}
	err = s.x.OfferLoan(v.Context(), v.who(), lentPerson(v), footage.AgencyID(v.PostFormValue("to")), last)
	return done{path: "/staff/loans", say: "staff.done.offered"}, err
}

// loansWaiting counts what other agencies offer to lend.
func (s *server) loansWaiting(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.loans", Path: "/staff/loans"}
	if !v.visit.May(footage.AgencyAdmin) {
		return task, nil
	}
	all, err := s.x.Loans(v.Context(), v.who())
	for _, l := range all {
		if l.To == v.visit.Person.Agency && !l.Agreed && !l.Ended {
			task.N++
		}
	}
	return task, err
}
