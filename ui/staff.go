package ui

import (
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffRoot is the path below which every signed-in page stands.
const StaffRoot = "/staff/"

// Visit is what a page below [StaffRoot] knows of its reader. A page struct that embeds it is laid out as a signed-in page:
// with the person's name, roles and ways, and with scripts that the answer's nonce lets run.
type Visit struct {
	Nonce  string         // of this answer's Content-Security-Policy, and of nothing else
	Person footage.Person // who is signed in; without an ID nobody is
	Body   string         // the person's agency, or the exchange, by name
	Done   text.Key       // what the person has just done, to be said once; empty: nothing
}

// Signed reports whether somebody is signed in.
func (v Visit) Signed() bool { return v.Person.ID != "" }

// May reports whether the person has one of the roles.
func (v Visit) May(roles ...footage.Role) bool { return slices.ContainsFunc(roles, v.Person.Has) }

// Ways returns the entries of the navigation that the person's roles open.
func (v Visit) Ways() []Way {
	return slices.DeleteFunc(ways(), func(w Way) bool { return !v.Signed() || len(w.roles) > 0 && !v.May(w.roles...) })
}

func (Visit) layout() string { return "staff" }

// laid is a page that does not stand in the layout of the public pages.
type laid interface{ layout() string }

// Way is an entry of the signed-in pages' navigation.
type Way struct {
	Path  string
	Label text.Key
	roles []footage.Role // who sees it; none: everybody who is signed in
}

// ways lists the whole navigation in its order. Another page of staff adds a line here when it is a place to go to.
func ways() []Way {
	return []Way{
		{"/staff/", "staff.nav.home", nil},
		{"/staff/requests", "staff.nav.requests", []footage.Role{footage.Officer, footage.Supervisor, footage.Custodian, footage.AgencyAdmin}},
		{"/staff/digest", "staff.nav.digest", []footage.Role{footage.Supervisor}},
		{"/staff/followups", "staff.nav.followups", []footage.Role{footage.Officer, footage.Supervisor, footage.Custodian, footage.AgencyAdmin}},
		{"/staff/moderation", "staff.nav.moderation", []footage.Role{footage.Moderator, footage.Auditor}},
		{"/staff/demands", "staff.nav.demands", []footage.Role{footage.Operator, footage.Moderator, footage.Auditor}},
		{"/staff/notices", "staff.nav.notices", []footage.Role{footage.Operator, footage.Moderator, footage.Auditor}},
		{"/staff/withhold", "staff.nav.withhold", []footage.Role{footage.Operator, footage.Moderator, footage.Auditor}},
		{"/staff/applications", "staff.nav.applications", []footage.Role{footage.Operator}},
		{"/staff/complaints", "staff.nav.complaints", []footage.Role{footage.Moderator, footage.Auditor, footage.Supervisor, footage.AgencyAdmin}},
		{"/staff/register", "staff.nav.register", []footage.Role{footage.Operator}},
		{"/staff/policies", "staff.nav.policies", []footage.Role{footage.Operator, footage.Auditor}},
		{"/staff/gatherings", "staff.nav.gatherings", []footage.Role{footage.Operator, footage.Moderator, footage.Auditor}},
		{"/staff/people", "staff.nav.people", []footage.Role{footage.AgencyAdmin, footage.Operator}},
		{"/staff/loans", "staff.nav.loans", []footage.Role{footage.AgencyAdmin}},
		{"/staff/desk/switch", "staff.nav.desk", DeskSwitchRoles()},
		{"/staff/programs", "staff.nav.programs", []footage.Role{footage.Officer, footage.Custodian, footage.AgencyAdmin}},
		{"/staff/account", "staff.nav.account", nil},
	}
}

// Task is one sort of work that waits for a person, with the page where it is done.
type Task struct {
	Label text.Key // a message with plural forms over {n}
	N     int
	Path  string
}

// StaffHomePage lists what waits for the person.
type StaffHomePage struct {
	Visit
	Tasks []Task // those of which there is at least one
}

func (StaffHomePage) folder() string                 { return "staffhome" }
func (StaffHomePage) title(c *text.Catalogue) string { return c.T("staff.home.title") }
func (StaffHomePage) address() string                { return "/staff/" }

// StaffSigninPage signs a person in with a passkey.
type StaffSigninPage struct {
	Visit
	Next string // the path to go to then
	Form Form   // what went wrong before
}

func (StaffSigninPage) folder() string                 { return "staffsignin" }
func (StaffSigninPage) title(c *text.Catalogue) string { return c.T("staff.signin.title") }
func (StaffSigninPage) address() string                { return "/staff/signin" }
func (StaffSigninPage) scripts() []string              { return []string{"passkey.js"} }

// StaffJoinPage turns an invitation into a passkey. The one-time link bears its token behind #, where no server sees it; the
// page's script puts it into the field.
type StaffJoinPage struct {
	Visit
	Form Form
}

// NewStaffJoinPage returns the page with what was sent and what was wrong with it.
func NewStaffJoinPage(v Visit, sent Sent) StaffJoinPage {
	return StaffJoinPage{v, NewForm(sent, Field{Name: "token", Label: "staff.join.token", Hint: "staff.join.token.hint", Required: true, Codes: []string{"enrolment_refused"}})}
}

func (StaffJoinPage) folder() string                 { return "staffjoin" }
func (StaffJoinPage) title(c *text.Catalogue) string { return c.T("staff.join.title") }
func (StaffJoinPage) address() string                { return "/staff/join" }
func (StaffJoinPage) scripts() []string              { return []string{"passkey.js"} }

// StaffErrorPage tells a person of staff of a failure.
type StaffErrorPage struct {
	Visit
	ErrorPage
}

func (StaffErrorPage) folder() string { return "stafferror" }
