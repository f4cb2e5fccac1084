package ui

import (
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffProgram is a credential of a program in a list.
type StaffProgram struct {
	ID      string
	Name    string
	Owner   string   // in whose name it acts
	Scopes  []string // as package account names them
	Expires time.Time
	Seen    time.Time // the day of the last use; zero: never
	Over    bool
}

// StaffProgramsPage lists the credentials of programs and makes others.
type StaffProgramsPage struct {
	Visit
	Programs []StaffProgram
	May      bool // the reader has something to give
	Form     Form
}

// NewStaffProgramsPage returns the page with what was sent and what was wrong with it.
func NewStaffProgramsPage(v Visit, programs []StaffProgram, scopes []string, sent Sent) StaffProgramsPage {
	what := Field{Name: "scopes", Label: "staff.programs.scopes", Hint: "staff.programs.scopes.hint", Kind: SomeOf, Required: true, Codes: []string{"machine_scopes"}}
	for _, s := range scopes {
		what.Options = append(what.Options, Option{Value: s, Label: text.Key("staff.scope." + s)})
	}
	days := Field{Name: "days", Label: "staff.programs.days", Kind: OneOf, Required: true, Codes: []string{"machine_life"}, Options: []Option{
		{Value: "30", Label: "staff.programs.days.30", Chosen: true}, {Value: "90", Label: "staff.programs.days.90"}, {Value: "365", Label: "staff.programs.days.365"}}}
	return StaffProgramsPage{v, programs, len(scopes) > 0, NewForm(sent, Field{Name: "name", Label: "staff.programs.name", Hint: "staff.programs.name.hint", Required: true, Codes: []string{"machine_name"}}, what, days)}
}

func (StaffProgramsPage) folder() string                 { return "staffprograms" }
func (StaffProgramsPage) title(c *text.Catalogue) string { return c.T("staff.programs.title") }
func (StaffProgramsPage) address() string                { return "/staff/programs" }
func (StaffProgramsPage) scripts() []string              { return []string{"passkey.js"} }

// StaffSecretPage shows the token of a program, this once.
type StaffSecretPage struct {
	Visit
	Name  string
	Token string
}

func (StaffSecretPage) folder() string                 { return "staffsecret" }
func (StaffSecretPage) title(c *text.Catalogue) string { return c.T("staff.secret.title") }
func (StaffSecretPage) address() string                { return "" }

// StaffDevicePage signs in a program that shows a code.
type StaffDevicePage struct {
	Visit
	Form Form
}

// NewStaffDevicePage returns the page with what was sent and what was wrong with it.
func NewStaffDevicePage(v Visit, sent Sent) StaffDevicePage {
	return StaffDevicePage{v, NewForm(sent, Field{Name: "code", Label: "staff.device.code", Hint: "staff.device.code.hint", Required: true, Codes: []string{"device_code"}})}
}

func (StaffDevicePage) folder() string                 { return "staffdevice" }
func (StaffDevicePage) title(c *text.Catalogue) string { return c.T("staff.device.title") }
func (StaffDevicePage) address() string                { return "/staff/device" }
func (StaffDevicePage) scripts() []string              { return []string{"passkey.js"} }

// StaffLoan is a supervisor whom one agency lends to another.
type StaffLoan struct {
	Person    footage.PersonID
	Name      string // of the person
	From, To  string // names of agencies
	ToID      footage.AgencyID
	Until     time.Time
	Agreed    bool
	Over      bool
	Borrowing bool // the reader's agency is the one that borrows
}

// StaffLoansPage lists what an agency lends and borrows.
type StaffLoansPage struct {
	Visit
	Loans []StaffLoan
	May   bool // there is somebody to lend
	Form  Form
}

// NewStaffLoansPage returns the page with what was sent and what was wrong with it.
func NewStaffLoansPage(v Visit, loans []StaffLoan, supervisors []footage.Person, sent Sent) StaffLoansPage {
	who := Field{Name: "person", Label: "staff.loans.person", Kind: OneOf, Required: true, Codes: []string{"loan_supervisor", "loan_self"}}
	for _, p := range supervisors {
		who.Options = append(who.Options, Option{Value: string(p.ID), Words: p.Name})
	}
	return StaffLoansPage{v, loans, len(supervisors) > 0, NewForm(sent, who,
		Field{Name: "to", Label: "staff.loans.to", Hint: "staff.loans.to.hint", Required: true, Codes: []string{"loan_agency"}},
		Field{Name: "until", Label: "staff.loans.until", Hint: "staff.loans.until.hint", Kind: Day, Required: true, Codes: []string{"loan_until"}})}
}

func (StaffLoansPage) folder() string                 { return "staffloans" }
func (StaffLoansPage) title(c *text.Catalogue) string { return c.T("staff.loans.title") }
func (StaffLoansPage) address() string                { return "/staff/loans" }
func (StaffLoansPage) scripts() []string              { return []string{"passkey.js"} }
