package ui

import (
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffWithholdingsPage lists the texts that are withheld or are to be.
type StaffWithholdingsPage struct {
	Visit
	Waiting, Done []api.WithholdingCase
	Names         map[footage.AgencyID]string
	Form          Form // to look a request up
}

// NewStaffWithholdingsPage returns the page with what was sent and what was wrong with it.
func NewStaffWithholdingsPage(p StaffWithholdingsPage, sent Sent) StaffWithholdingsPage {
	p.Form = NewForm(sent, Field{Name: "request", Label: "staff.withhold.request", Hint: "staff.withhold.request.hint", Required: true, Codes: []string{"link"}})
	return p
}

func (StaffWithholdingsPage) folder() string                 { return "staffwithholdings" }
func (StaffWithholdingsPage) title(c *text.Catalogue) string { return c.T("staff.withhold.title") }
func (StaffWithholdingsPage) address() string                { return "/staff/withhold" }

// MayPropose reports whether the visitor may begin one.
func (p StaffWithholdingsPage) MayPropose() bool { return p.May(footage.Operator, footage.Moderator) }

// StaffWithholdingPage shows one request and what may be done about its text: propose to withhold it, or agree.
type StaffWithholdingPage struct {
	Visit
	Request footage.PublicRequest
	Case    *api.WithholdingCase // nil: nobody has proposed it
	Signed  time.Time            // part of what is signed
	Form    Form
}

// NewStaffWithholdingPage returns the page with what was sent and what was wrong with it.
func NewStaffWithholdingPage(p StaffWithholdingPage, sent Sent) StaffWithholdingPage {
	var fields []Field
	if p.Case == nil {
		var authorities []Option
		for _, a := range footage.Authorities() {
			authorities = append(authorities, Option{Value: string(a), Label: text.Key("authority." + string(a)), Hint: text.Key("authority." + string(a) + ".hint")})
		}
		fields = []Field{
			{Name: "authority", Label: "staff.withhold.authority", Kind: OneOf, Required: true, Options: authorities, Codes: []string{"authority_unknown"}},
			{Name: "reference", Label: "staff.withhold.reference", Hint: "staff.withhold.reference.hint", Kind: Lines, Required: true, Codes: []string{"reference_missing", "words_too_long", "text_unclean"}},
			{Name: "signed", Kind: Hidden, Value: p.Signed.Format(time.RFC3339)},
			{Name: "role", Kind: Hidden, Value: string(p.Role())}}
		if sent.Values != nil { // what is signed anew bears a new time
			sent.Values.Set("signed", p.Signed.Format(time.RFC3339))
		}
	}
	p.Form = NewForm(sent, fields...)
	return p
}

func (StaffWithholdingPage) folder() string                 { return "staffwithholding" }
func (StaffWithholdingPage) title(c *text.Catalogue) string { return c.T("staff.withhold.one") }
func (p StaffWithholdingPage) address() string              { return "/staff/withhold/" + string(p.Request.ID) }
func (StaffWithholdingPage) scripts() []string              { return []string{"passkey.js"} }

// Path is the page's own path.
func (p StaffWithholdingPage) Path() string { return p.address() }

// Document is the request's text, while it is there.
func (p StaffWithholdingPage) Document() footage.Document { return p.Request.Record.Document }

// Role is the role in which the visitor would sign.
func (p StaffWithholdingPage) Role() footage.Role {
	switch {
	case p.Case != nil:
		return SecondRole(p.Person, *p.Case)
	case p.May(footage.Operator):
		return footage.Operator
	}
	return footage.Moderator
}

// Second reports whether the visitor may agree to what another has proposed.
func (p StaffWithholdingPage) Second() bool {
	return p.Case != nil && p.Case.Withheld == nil && p.Case.ProposedBy != p.Person.ID && p.Role() != ""
}

// SecondRole is the role in which a person could agree to a proposal: another than that in which it was made; "" if none.
func SecondRole(p footage.Person, c api.WithholdingCase) footage.Role {
	for _, r := range []footage.Role{footage.Operator, footage.Moderator} {
		if r != c.ProposedAs && p.Has(r) {
			return r
		}
	}
	return ""
}
