package ui

import (
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffMember is a person in a list of people.
type StaffMember struct {
	footage.Person
	Seen    time.Time // the day of the last sign-in; zero: none yet
	Invited bool      // an invitation waits to be used
	Device  bool      // a passkey counts
	Waiting bool      // a new device waits for a second person, or for its time
	Counts  time.Time // from when the new device counts; zero: a second person has not confirmed it
}

// State is the key of what there is to say of the person's account.
func (m StaffMember) State() text.Key {
	switch {
	case m.Waiting:
		return "staff.state.waiting"
	case m.Disabled:
		return "staff.state.disabled"
	case m.Device:
		return "staff.state.active"
	case m.Invited:
		return "staff.state.invited"
	}
	return "staff.state.lapsed"
}

// StaffPeoplePage lists the people of an agency, or the exchange's own.
type StaffPeoplePage struct {
	Visit
	Agency   footage.AgencyID   // empty: the exchange's own people
	Of       string             // the body's name
	Members  []StaffMember      // in the order in which they were added
	Confirm  []StaffMember      // those with a new device that the reader can confirm
	Ranks    []StaffMember      // those whose rank the reader can confirm
	Agencies []footage.Standing // that an operator can look at
}

func (StaffPeoplePage) folder() string                 { return "staffpeople" }
func (StaffPeoplePage) title(c *text.Catalogue) string { return c.T("staff.people.title") }
func (p StaffPeoplePage) address() string {
	if p.Agency != "" && p.Visit.Person.Agency == "" {
		return "/staff/people?agency=" + string(p.Agency)
	}
	return "/staff/people"
}

// StaffInvitePage adds a person.
type StaffInvitePage struct {
	Visit
	Agency footage.AgencyID
	Of     string
	Form   Form
}

// NewStaffInvitePage returns the page with what was sent and what was wrong with it.
func NewStaffInvitePage(v Visit, agency footage.AgencyID, of string, sent Sent) StaffInvitePage {
	return StaffInvitePage{v, agency, of, NewForm(sent,
		Field{Name: "name", Label: "staff.invite.name", Hint: "staff.invite.name.hint", Required: true, Codes: []string{"person_name", "person_both"}},
		rolesField(rolesToGive(v, agency), nil),
		Field{Name: "agency", Kind: Hidden, Value: string(agency)})}
}

// rolesToGive are the roles that a visitor can give at a body.
func rolesToGive(v Visit, agency footage.AgencyID) []footage.Role {
	if agency != "" && v.Person.Agency == "" { // an operator adds agencies' administrators, who add the others
		return []footage.Role{footage.AgencyAdmin}
	}
	return slices.DeleteFunc(footage.Roles(), func(r footage.Role) bool { return r.OfExchange() != (agency == "") })
}

func rolesField(all, chosen []footage.Role) Field {
	f := Field{Name: "roles", Label: "staff.invite.roles", Hint: "staff.invite.roles.hint", Kind: SomeOf, Required: true,
		Codes: []string{"person_roles", "role_unknown", "role_body", "role_twice"}}
	for _, r := range all {
		f.Options = append(f.Options, Option{Value: string(r), Label: text.Key("staff.role." + string(r)), Hint: text.Key("staff.role." + string(r) + ".hint"),
			Chosen: slices.Contains(chosen, r)})
	}
	return f
}

func (StaffInvitePage) folder() string                 { return "staffinvite" }
func (StaffInvitePage) title(c *text.Catalogue) string { return c.T("staff.invite.title") }
func (p StaffInvitePage) address() string {
	if p.Agency != "" {
		return "/staff/people/new?agency=" + string(p.Agency)
	}
	return "/staff/people/new"
}

// StaffInvitedPage shows an invitation, this once.
type StaffInvitedPage struct {
	Visit
	Name   string
	Link   string // whole, to be handed over
	Second bool   // a second person must confirm what is enrolled with it
	Back   string // the path of the list
}

func (StaffInvitedPage) folder() string                 { return "staffinvited" }
func (StaffInvitedPage) title(c *text.Catalogue) string { return c.T("staff.invited.title") }
func (StaffInvitedPage) address() string                { return "" }

// StaffPersonPage is one person, for those who manage people.
type StaffPersonPage struct {
	Visit
	Member     StaffMember
	Of         string
	MayConfirm bool   // the reader is a second person for the device that waits
	MayChange  bool   // the reader may change the roles
	Back       string // the path of the list
	Form       Form   // the roles
	Ranks      Form   // the rank, of somebody at an agency
	// MayConfirmRank: the reader is a second person for the rank that waits.
	MayConfirmRank bool
}

// NewStaffPersonPage returns the page with what was sent of its roles and what was wrong with it.
func NewStaffPersonPage(p StaffPersonPage, sent Sent) StaffPersonPage {
	roles, rank := sent, Sent{} // each form says its own errors
	if sent.Values["rank"] != nil {
		roles, rank = Sent{}, sent
	}
	p.Form = NewForm(roles, rolesField(rolesToGive(p.Visit, p.Member.Agency), p.Member.Roles))
	ranks := []Option{{Value: "", Label: "staff.rank.none", Chosen: p.Member.Rank == ""}}
	for _, r := range footage.Ranks() {
		ranks = append(ranks, Option{Value: string(r), Label: text.Key("staff.rank." + string(r)), Chosen: p.Member.Rank == r})
	}
	p.Ranks = NewForm(rank, Field{Name: "rank", Label: "staff.rank", Hint: "staff.rank.hint", Kind: OneOf, Codes: []string{"rank_unknown", "rank_body"}, Options: ranks})
	return p
}

// Own reports whether the person is the reader, who cannot manage themselves.
func (p StaffPersonPage) Own() bool { return p.Member.ID == p.Visit.Person.ID }

func (StaffPersonPage) folder() string                   { return "staffperson" }
func (p StaffPersonPage) title(c *text.Catalogue) string { return p.Member.Name }
func (p StaffPersonPage) address() string                { return "/staff/people/" + string(p.Member.ID) }

// StaffDevice is an authenticator in its person's list.
type StaffDevice struct {
	Short   string // the beginning of its ID, to know it by
	Created time.Time
	State   text.Key
}

// StaffSession is a sign-in in its person's list.
type StaffSession struct {
	ID      string
	Browser bool
	About   string // sort of browser and system
	Created time.Time
	Seen    time.Time
	Expires time.Time
	Current bool
}

// StaffAccountPage lists the reader's own devices and sign-ins.
type StaffAccountPage struct {
	Visit
	Devices  []StaffDevice
	Sessions []StaffSession
	Mail     Form // the address for letters
}

// MailForm is the form of the address at which a person is told that work waits, with what was sent and what was wrong with it.
func MailForm(address string, sent Sent) Form {
	return NewForm(sent, Field{Name: "address", Label: "staff.account.address", Hint: "staff.account.address.hint", Auto: "email", Value: address, Codes: []string{"mail_address"}})
}

func (StaffAccountPage) folder() string                 { return "staffaccount" }
func (StaffAccountPage) title(c *text.Catalogue) string { return c.T("staff.account.title") }
func (StaffAccountPage) address() string                { return "/staff/account" }

func (StaffInvitePage) scripts() []string { return []string{"passkey.js"} }
func (StaffPersonPage) scripts() []string { return []string{"passkey.js"} }
