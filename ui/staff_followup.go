package ui

import (
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffFollowUpsPage lists what the visitor's agency owes and has said after its requests.
type StaffFollowUpsPage struct {
	Visit
	Duties []api.OwnDuty // what is due first comes first, then what is settled
	Now    time.Time
}

func (StaffFollowUpsPage) folder() string                 { return "stafffollowups" }
func (StaffFollowUpsPage) title(c *text.Catalogue) string { return c.T("staff.followups.title") }
func (StaffFollowUpsPage) address() string                { return "/staff/followups" }

// Owed returns what is owed, or what is settled.
func (p StaffFollowUpsPage) Owed(owed bool) (out []api.OwnDuty) {
	for _, d := range p.Duties {
		if (d.Due != "") == owed {
			out = append(out, d)
		}
	}
	return out
}

// Overdue reports whether a word is.
func (p StaffFollowUpsPage) Overdue(d api.OwnDuty) bool { return d.Owed.Overdue(p.Now) }

// StaffFollowUpPage is one duty after one request, with the form to say something about it.
type StaffFollowUpPage struct {
	Visit
	Duty api.OwnDuty
	Now  time.Time // part of what is signed
	Form Form
}

// NewStaffFollowUpPage returns the page with what was sent and what was wrong with it.
func NewStaffFollowUpPage(p StaffFollowUpPage, sent Sent) StaffFollowUpPage {
	var says []Option
	for _, s := range p.Duty.Duty.Sayings() {
		says = append(says, Option{Value: string(s), Label: text.Key("said." + string(s)), Hint: text.Key("said." + string(s) + ".hint")})
	}
	fields := []Field{
		{Name: "says", Label: text.Key("staff.followup." + string(p.Duty.Duty)), Kind: OneOf, Required: true, Options: says, Codes: []string{"followup_says", "followup_same", "followup_early"}},
		{Name: "signed", Kind: Hidden, Value: p.Now.Format(time.RFC3339)}}
	if p.Duty.Duty == footage.DutyCopies {
		fields = append(fields, Field{Name: "until", Label: "staff.followup.until", Hint: "staff.followup.until.hint", Codes: []string{"followup_until"}})
	}
	if sent.Values != nil { // what is signed anew bears a new time
		sent.Values.Set("signed", p.Now.Format(time.RFC3339))
	}
	p.Form = NewForm(sent, fields...)
	return p
}

func (StaffFollowUpPage) folder() string { return "stafffollowup" }
func (p StaffFollowUpPage) title(c *text.Catalogue) string {
	return c.T(text.Key("duty." + string(p.Duty.Duty)))
}
func (p StaffFollowUpPage) address() string {
	return "/staff/followups/" + string(p.Duty.Request) + "/" + string(p.Duty.Duty)
}
func (StaffFollowUpPage) scripts() []string { return []string{"passkey.js"} }

// Path is the page's own path.
func (p StaffFollowUpPage) Path() string { return p.address() }

// Line is the duty as public lists show it.
func (p StaffFollowUpPage) Line() DutyLine {
	return DutyLine{Owed: p.Duty.Owed, Overdue: p.Duty.Owed.Overdue(p.Now)}
}

// Early reports whether it may not be said yet that no copy is left.
func (p StaffFollowUpPage) Early() bool { return p.Now.Format(time.DateOnly) < p.Duty.Opens }
