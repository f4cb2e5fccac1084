package ui

import (
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffCasesPage is the moderators' queue.
type StaffCasesPage struct {
	Visit
	Cases []api.CaseItem // the urgent lane first, then the longest waiting
	Now   time.Time
}

func (StaffCasesPage) folder() string                 { return "staffcases" }
func (StaffCasesPage) title(c *text.Catalogue) string { return c.T("staff.cases.title") }
func (StaffCasesPage) address() string                { return "/staff/moderation" }

// Minutes is how long a case has waited.
func (p StaffCasesPage) Minutes(c api.CaseItem) int {
	return max(0, int(p.Now.Sub(c.Submitted).Minutes()))
}

// StaffCasePage is one case with the form of its decision.
type StaffCasePage struct {
	Visit
	Case   api.Case
	Agency footage.Standing
	Nearby []footage.Area // areas of open requests, for orientation on the map
	Form   Form
}

// NewStaffCasePage returns the page with what was sent and what was wrong with it.
func NewStaffCasePage(p StaffCasePage, sent Sent) StaffCasePage {
	var reasons []Option
	for _, r := range footage.ModerationReasons() {
		reasons = append(reasons, Option{Value: string(r), Label: text.Key("moderation.reason." + string(r))})
	}
	p.Form = NewForm(sent,
		Field{Name: "outcome", Label: "staff.case.outcome", Kind: OneOf, Required: true, Codes: []string{"outcome_missing"}, Options: []Option{
			{Value: "hold", Label: "staff.case.hold", Hint: "staff.case.hold.hint"}, {Value: "refuse", Label: "staff.case.refuse", Hint: "staff.case.refuse.hint"}}},
		Field{Name: "reason", Label: "staff.case.reason", Hint: "staff.case.reason.hint", Kind: OneOf, Required: true, Codes: []string{"reason_unknown"}, Options: reasons},
		Field{Name: "words", Label: "staff.case.words", Hint: "staff.case.words.hint", Kind: Lines, Codes: []string{"words_too_long", "text_unclean"}})
	return p
}

func (StaffCasePage) folder() string { return "staffcase" }
func (p StaffCasePage) title(c *text.Catalogue) string {
	return c.T("staff.case.title", "title", p.Case.Title)
}
func (p StaffCasePage) address() string { return "/staff/moderation/" + p.Case.Case }

// Areas returns the area alone, for the map.
func (p StaffCasePage) Areas() []footage.Area { return []footage.Area{p.Case.Document.Area} }

// Decidable reports whether the visitor may decide the case: a moderator may, while it waits.
func (p StaffCasePage) Decidable() bool { return p.Case.Outcome == "" && p.May(footage.Moderator) }
