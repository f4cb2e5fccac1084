package ui

import (
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffDeskSwitchPage says whether the agency opens clips in pages of the exchange, what that trusts, and who may change it.
type StaffDeskSwitchPage struct {
	Visit
	Since     time.Time // zero: it does not
	Asked     string    // who wants it, by name, while it waits for a second person
	MayAgree  bool
	MayChange bool // as an administrator
	Form      Form // that they know what it trusts
}

// NewStaffDeskSwitchPage gives the page its form, with what was sent and what was wrong with it.
func NewStaffDeskSwitchPage(p StaffDeskSwitchPage, sent Sent) StaffDeskSwitchPage {
	p.Form = NewForm(sent, Field{Name: "known", Label: "staff.desk.known", Kind: SomeOf, Options: []Option{{Value: "yes", Label: "staff.desk.known.yes"}}, Codes: []string{"desk_known"}})
	return p
}

// Acts reports whether the reader can ask for the pages, or agree to them.
func (p StaffDeskSwitchPage) Acts() bool {
	return p.MayAgree || p.MayChange && p.Since.IsZero() && p.Asked == ""
}

func (StaffDeskSwitchPage) folder() string                 { return "staffdeskswitch" }
func (StaffDeskSwitchPage) title(c *text.Catalogue) string { return c.T("staff.desk.switch.title") }
func (StaffDeskSwitchPage) address() string                { return "/staff/desk/switch" }
func (StaffDeskSwitchPage) scripts() []string              { return []string{"passkey.js"} }

// DeskSwitchRoles may see the page of the switch.
func DeskSwitchRoles() []footage.Role {
	return []footage.Role{footage.AgencyAdmin, footage.Supervisor, footage.Custodian}
}
