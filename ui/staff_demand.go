package ui

import (
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffDemandsPage lists what was demanded of the exchange by law, with the form to enter another.
type StaffDemandsPage struct {
	Visit
	Demands []api.Demand // the newest first
	Form    Form
}

// NewStaffDemandsPage returns the page with what was sent and what was wrong with it.
func NewStaffDemandsPage(p StaffDemandsPage, sent Sent) StaffDemandsPage {
	p.Form = NewForm(sent,
		Field{Name: "received", Label: "staff.demand.received", Kind: Day, Required: true, Codes: []string{"demand_day"}},
		Field{Name: "body", Label: "reports.body", Kind: OneOf, Required: true, Codes: []string{"demand_body"}, Options: demandOptions("body", footage.DemandBodies())},
		Field{Name: "kind", Label: "reports.kind", Kind: OneOf, Required: true, Codes: []string{"demand_kind"}, Options: demandOptions("kind", footage.DemandKinds())},
		Field{Name: "asked", Label: "staff.demand.asked", Hint: "staff.demand.private", Kind: Lines, Required: true, Codes: []string{"demand_asked"}},
		Field{Name: "gag", Label: "staff.demand.gag", Hint: "staff.demand.gag.hint", Kind: Day, Codes: []string{"demand_gag"}})
	return p
}

// demandOptions are the choices of a closed list about demands.
func demandOptions[T ~string](part string, list []T) (out []Option) {
	for _, code := range list {
		out = append(out, Option{Value: string(code), Label: text.Key("demand." + part + "." + string(code))})
	}
	return out
}

func (StaffDemandsPage) folder() string                 { return "staffdemands" }
func (StaffDemandsPage) title(c *text.Catalogue) string { return c.T("staff.demand.title") }
func (StaffDemandsPage) address() string                { return "/staff/demands" }

// MayEnter reports whether the visitor may enter one.
func (p StaffDemandsPage) MayEnter() bool { return p.May(footage.Operator, footage.Moderator) }

// StaffDemandPage is one demand with the form of its answer.
type StaffDemandPage struct {
	Visit
	Demand api.Demand
	Form   Form
}

// NewStaffDemandPage returns the page with what was sent and what was wrong with it.
func NewStaffDemandPage(p StaffDemandPage, sent Sent) StaffDemandPage {
	options := demandOptions("answer", footage.DemandAnswers())
	for i := range options {
		options[i].Chosen = options[i].Value == string(p.Demand.Answer)
	}
	p.Form = NewForm(sent,
		Field{Name: "answer", Label: "reports.answer", Kind: OneOf, Required: true, Codes: []string{"demand_answer"}, Options: options},
		Field{Name: "given", Label: "staff.demand.given", Hint: "staff.demand.private", Kind: Lines, Codes: []string{"words_too_long", "text_unclean"}, Value: p.Demand.Given})
	return p
}

func (StaffDemandPage) folder() string                 { return "staffdemand" }
func (StaffDemandPage) title(c *text.Catalogue) string { return c.T("staff.demand.one") }
func (p StaffDemandPage) address() string              { return "/staff/demands/" + string(p.Demand.ID) }

// Path is the page's own path.
func (p StaffDemandPage) Path() string { return p.address() }

// Second reports whether the visitor may be the second person. That they act in another role is decided when they do.
func (p StaffDemandPage) Second() bool {
	return p.Demand.Proposed != "" && p.Demand.Agreed == "" && p.Demand.Proposed != p.Person.ID
}
