package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"porchlight.example/internal/account"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
	uitext "porchlight.example/ui/text"
)

// peopleRoutes adds the pages of those who let people in and out, and everybody's own sign-ins.
func (s *server) peopleRoutes(handle func(string, handler)) {
	managers := []footage.Role{footage.AgencyAdmin, footage.Operator}
	handle("POST /staff/passkey/begin", s.begin(func(v *visitor) (account.Challenge, error) { return s.x.Accounts().LoginChallenge(v.Context()) }))
	handle("GET /staff/people", s.show(s.people, managers...))
	handle("POST /staff/people", s.act(s.freshly(s.invitePerson), s.inviteForm, managers...))
	handle("GET /staff/people/new", s.show(func(v *visitor) (ui.Page, error) { return s.inviteForm(v, ui.Sent{}) }, managers...))
	handle("GET /staff/people/{id}", s.show(func(v *visitor) (ui.Page, error) { return s.person(v, ui.Sent{}) }, managers...))
	handle("POST /staff/people/{id}/invite", s.act(s.freshly(s.renewInvitation), s.person, managers...))
	handle("POST /staff/people/{id}/roles", s.act(s.freshly(s.setRoles), s.person, managers...))
	handle("POST /staff/people/{id}/confirm", s.act(s.freshly(s.confirmDevice), s.person, managers...))
	handle("POST /staff/people/{id}/refuse", s.act(s.toPerson("staff.done.refused", s.x.RefuseDevice), s.person, managers...))
	handle("POST /staff/people/{id}/rank", s.act(s.freshly(s.setRank), s.person, managers...))
	handle("POST /staff/people/{id}/rank/confirm", s.act(s.freshly(s.toPerson("staff.done.rankconfirmed", s.x.ConfirmRank)), s.person, managers...))
	handle("POST /staff/people/{id}/rank/refuse", s.act(s.toPerson("staff.done.rankrefused", s.x.RefuseRank), s.person, managers...))
	handle("POST /staff/people/{id}/disable", s.act(s.toPerson("staff.done.disabled", s.x.DisableStaff), s.person, managers...))
	s.keyPages(handle)
	handle("GET /staff/digest", s.show(s.digest, footage.Supervisor))
	handle("GET /staff/account", s.show(func(v *visitor) (ui.Page, error) { return s.account(v, ui.Sent{}) }))
	handle("POST /staff/account/mail", s.act(s.setMail, s.account))
	handle("POST /staff/account/end", s.act(s.endSession, nil))
}

// freshly is a deed for which the person has used the passkey once more, in the same form.
func (s *server) freshly(do deed) deed {
	return func(v *visitor) (done, error) {
		if err := s.x.Accounts().Again(v.Context(), v.who(), credential(v)); err != nil {
			return done{}, err
		}
		return do(v)
	}
}

// body is the agency whose people a visitor looks at, with its name: an administrator's own, or the one that an operator
// chose; empty is the exchange.
func (s *server) body(v *visitor, chosen string) (footage.AgencyID, string, error) {
	id := v.visit.Person.Agency
	if id == "" {
		id = footage.AgencyID(chosen)
	}
	if id == "" {
		return "", s.x.Info().Name, nil
	}
	standing, known := s.front.Load().agency(id)
	if !known {
		return "", "", noAgency()
	}
	return id, standing.Agency.Name, nil
}

// listOf is the path of the list of a body's people.
func listOf(v *visitor, agency footage.AgencyID) string {
	if v.visit.Person.Agency == "" && agency != "" {
		return "/staff/people?agency=" + url.QueryEscape(string(agency))
	}
	return "/staff/people"
}

func (s *server) people(v *visitor) (ui.Page, error) {
	agency, name, err := s.body(v, v.URL.Query().Get("agency"))
	if err != nil {
		return nil, err
	}
	members, err := s.x.Staff(v.Context(), v.who(), agency)
	if err != nil {
		return nil, err
	}
	confirm, err := s.x.DevicesToConfirm(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	ranks, err := s.x.RanksToConfirm(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	page := ui.StaffPeoplePage{Visit: v.visit, Agency: agency, Of: name, Members: staffMembers(members), Confirm: staffMembers(confirm), Ranks: staffMembers(ranks)}
	if v.visit.Person.Agency == "" {
		page.Agencies = s.front.Load().agencies
	}
	return page, nil
}

func staffMembers(all []exchange.Member) (out []ui.StaffMember) {
	for _, m := range all {
		out = append(out, staffMember(m))
	}
	return out
}

func staffMember(m exchange.Member) ui.StaffMember {
	return ui.StaffMember{Person: m.Person, Seen: m.Seen, Invited: m.Invited, Device: m.Device != nil, Waiting: m.Waiting != nil, Counts: m.Counts}
}

func (s *server) inviteForm(v *visitor, sent ui.Sent) (ui.Page, error) {
	chosen := v.URL.Query().Get("agency")
	if sent.Values != nil {
		chosen = sent.Values.Get("agency")
	}
	agency, name, err := s.body(v, chosen)
	if err != nil {
		return nil, err
	}
	return ui.NewStaffInvitePage(v.visit, agency, name, sent), nil
}

func rolesOf(v *visitor) (roles []footage.Role) {
	for _, r := range v.PostForm["roles"] {
		roles = append(roles, footage.Role(r))
	}
	return roles
}

func (s *server) invitePerson(v *visitor) (done, error) {
	agency, _, err := s.body(v, v.PostFormValue("agency"))
	if err != nil {
		return done{}, err
	}
	p, token, err := s.x.InviteStaff(v.Context(), v.who(), agency, v.PostFormValue("name"), rolesOf(v)...)
	if err != nil {
		return done{}, err
	}
	return done{page: s.invited(v, p, token, false)}, nil
}

// invited shows an invitation; the token stands behind #, where it gets into no server's hands.
func (s *server) invited(v *visitor, p footage.Person, token string, second bool) ui.Page {
	return ui.StaffInvitedPage{Visit: v.visit, Name: p.Name, Link: s.x.Info().RP.Origin + v.href("/staff/join") + "#" + token, Second: second, Back: listOf(v, p.Agency)}
}

func personOf(r *http.Request) footage.PersonID { return footage.PersonID(r.PathValue("id")) }

func (s *server) person(v *visitor, sent ui.Sent) (ui.Page, error) {
	m, err := s.x.Member(v.Context(), v.who(), personOf(v.Request))
	if err != nil {
		return nil, err
	}
	_, name, err := s.body(v, string(m.Agency))
	if err != nil {
		return nil, err
	}
	me := v.visit.Person
	page := ui.StaffPersonPage{Visit: v.visit, Member: staffMember(m), Of: name, Back: listOf(v, m.Agency)}
	page.MayConfirm = m.Waiting != nil && m.Counts.IsZero() && m.ID != me.ID && m.Waiting.Inviter != me.ID
	page.MayConfirmRank = m.Proposed != "" && m.ID != me.ID && m.ProposedBy != me.ID
	page.MayChange = m.ID != me.ID && !m.Disabled && me.Agency == m.Agency
	return ui.NewStaffPersonPage(page, sent), nil
}

func (s *server) renewInvitation(v *visitor) (done, error) {
	m, err := s.x.Member(v.Context(), v.who(), personOf(v.Request))
	if err != nil {
		return done{}, err
	}
	token, err := s.x.RenewInvitation(v.Context(), v.who(), m.ID)
	if err != nil {
		return done{}, err
	}
	return done{page: s.invited(v, m.Person, token, m.Device != nil || m.Disabled)}, nil
}

func (s *server) setRoles(v *visitor) (done, error) {
	id := personOf(v.Request)
	err := s.x.SetRoles(v.Context(), v.who(), id, rolesOf(v)...)
	return done{path: "/staff/people/" + string(id), say: "staff.done.roles"}, err
}

func (s *server) setRank(v *visitor) (done, error) {
	id := personOf(v.Request)
	err := s.x.SetRank(v.Context(), v.who(), id, footage.Rank(v.PostFormValue("rank")))
	return done{path: "/staff/people/" + string(id), say: "staff.done.rank"}, s.changed(v.Request, err)
}

// toPerson is a deed on a person that leads back to their page.
func (s *server) toPerson(say uitext.Key, do func(ctx context.Context, caller, id footage.PersonID) error) deed {
	return func(v *visitor) (done, error) {
		id := personOf(v.Request)
		return done{path: "/staff/people/" + string(id), say: say}, do(v.Context(), v.who(), id)
	}
}

func (s *server) account(v *visitor, sent ui.Sent) (ui.Page, error) {
	devices, err := s.x.Devices(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	sessions, err := s.x.Accounts().Sessions(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	address, err := s.x.MailAddress(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	page := ui.StaffAccountPage{Visit: v.visit, Mail: ui.MailForm(address, sent)}
	for _, d := range devices {
		state := uitext.Key("staff.state.active")
		if d.Revoked {
			state = "staff.state.replaced"
		} else if d.Pending {
			state = "staff.state.waiting"
		}
		page.Devices = append(page.Devices, ui.StaffDevice{Short: d.ID[:min(8, len(d.ID))], Created: d.Created, State: state})
	}
	for _, x := range sessions {
		page.Sessions = append(page.Sessions, ui.StaffSession{ID: x.ID, Browser: x.Client.Kind == account.Browser, About: x.Client.About,
			Created: x.Created, Seen: x.Seen, Expires: x.Expires, Current: x.ID == v.session.ID})
	}
	return page, nil
}

// setMail stores where the person is told that work waits, or forgets it.
func (s *server) setMail(v *visitor) (done, error) {
	return done{path: "/staff/account", say: "staff.done.mail"}, s.x.SetMailAddress(v.Context(), v.who(), strings.TrimSpace(v.PostFormValue("address")))
}

// endSession ends one of the person's own sign-ins.
func (s *server) endSession(v *visitor) (done, error) {
	id := v.PostFormValue("session")
	if err := s.x.Accounts().EndSession(v.Context(), v.who(), id); err != nil {
		return done{}, err
	}
	if id == v.session.ID {
		return done{path: "/staff/signin", say: "staff.done.signedout"}, nil
	}
	return done{path: "/staff/account", say: "staff.done.ended"}, nil
}

// devicesWaiting counts the new devices that a visitor could confirm.
func (s *server) devicesWaiting(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.devices", Path: "/staff/people"}
	if !v.visit.May(footage.AgencyAdmin, footage.Operator) {
		return task, nil
	}
	all, err := s.x.DevicesToConfirm(v.Context(), v.who())
	task.N = len(all)
	return task, err
}

// ranksWaiting counts the ranks that a visitor could confirm.
func (s *server) ranksWaiting(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.ranks", Path: "/staff/people"}
	if !v.visit.May(footage.AgencyAdmin, footage.Operator) {
		return task, nil
	}
	all, err := s.x.RanksToConfirm(v.Context(), v.who())
	task.N = len(all)
	return task, err
}
