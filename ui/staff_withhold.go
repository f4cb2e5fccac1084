package ui

import (
	"slices"
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
	// Complaints are those about the request whose words can go with its text.
	Complaints []footage.Complaint
	Form       Form
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
			{Name: "others", Label: "staff.withhold.others", Hint: "staff.withhold.others.hint", Codes: []string{"complaint_elsewhere"}},
			{Name: "signed", Kind: Hidden, Value: p.Signed.Format(time.RFC3339)},
			{Name: "role", Kind: Hidden, Value: string(p.Role())}}
		if len(p.Complaints) > 0 {
			fields = slices.Insert(fields, 2, Field{Name: "complaints", Label: "staff.withhold.complaints", Hint: "staff.withhold.complaints.hint", Kind: SomeOf, Options: p.complaintOptions()})
		}
		if sent.Values != nil { // what is signed anew bears a new time
			sent.Values.Set("signed", p.Signed.Format(time.RFC3339))
		}
	}
	p.Form = NewForm(sent, fields...)
	return p
}

// complaintOptions are the complaints about the request, all chosen to begin with.
func (p StaffWithholdingPage) complaintOptions() []Option {
	out := make([]Option, len(p.Complaints))
	for i, c := range p.Complaints {
		out[i] = Option{Value: string(c.ID), Words: string(c.ID) + ", " + c.Day, Chosen: true}
	}
	return out
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
