package ui

import (
	"encoding/json"
	"time"

	"porchlight.example/evidence"
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

// Opens reports whether the reader can open clips in these pages.
func (p StaffDeskSwitchPage) Opens() bool { return !p.Since.IsZero() && p.May(footage.Custodian) }

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

// StaffDeskPage lists what residents have sent to an agency that opens clips in pages of the exchange.
type StaffDeskPage struct {
	Visit
	Requests []DeskRequest
}

func (StaffDeskPage) folder() string                 { return "staffdesk" }
func (StaffDeskPage) title(c *text.Catalogue) string { return c.T("staff.desk.title") }
func (StaffDeskPage) address() string                { return "/staff/desk" }

// StaffDeskSetting is what the script of [StaffDeskSharePage] is told.
type StaffDeskSetting struct {
	Share    footage.ShareID    `json:"share"`
	Agency   footage.AgencyID   `json:"agency"`
	Person   footage.PersonID   `json:"person"`
	Passkeys []string           `json:"passkeys"` // credentials of the person's
	Zone     string             `json:"zone"`     // of the request
	Frame    string             `json:"frame"`    // address of the frame in which clips are shown
	Consents []evidence.TextRef `json:"consents"` // the statements that this program knows
	Terms    evidence.TextRef   `json:"terms"`
}

// StaffDeskSharePage opens one share in the browser: its script unlocks the custodian's key, and does the rest.
type StaffDeskSharePage struct {
	Visit
	Request footage.Document
	Item    DeskItem
	Setting StaffDeskSetting
	Ask     Form
	Decline Form
	Recall  Form
	Confirm Form
}

// NewStaffDeskSharePage gives the page its forms, none of which is ever sent: the page's script signs what they say.
func NewStaffDeskSharePage(v Visit, request footage.Document, item DeskItem, setting StaffDeskSetting) StaffDeskSharePage {
	p := StaffDeskSharePage{Visit: v, Request: request, Item: item, Setting: setting, Ask: askForm(Sent{}), Decline: declineForm(Sent{}), Recall: recallForm(Sent{})}
	p.Decline.Fields = append(p.Decline.Fields, keptField("held"))
	p.Confirm = NewForm(Sent{}, keptField("kept"))
	return p
}

// keptField asks whether the agency keeps its own copy.
func keptField(name string) Field {
	return Field{Name: name, Label: "staff.desk.copy", Hint: "staff.desk.copy.hint", Kind: SomeOf, Options: []Option{{Value: "yes", Label: "staff.desk.copy.yes"}}}
}

// Told is the setting as the script reads it.
func (p StaffDeskSharePage) Told() (string, error) {
	raw, err := json.Marshal(p.Setting)
	return string(raw), err
}

func (StaffDeskSharePage) folder() string { return "staffdeskshare" }
func (p StaffDeskSharePage) title(c *text.Catalogue) string {
	return c.T("staff.desk.share.title", "title", p.Request.Title)
}
func (p StaffDeskSharePage) address() string { return "/staff/desk/shares/" + string(p.Item.Share) }
func (StaffDeskSharePage) scripts() []string { return []string{"staffdesk.js"} }
