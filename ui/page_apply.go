package ui

import (
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// ApplyPage is the form with which a body applies to be admitted as an agency. It needs no script.
type ApplyPage struct {
	Form Form
	Seen footage.Agency // what was sent, as the register would show it; without an outline there is none to show yet
}

// NewApplyPage returns the form with what was sent and what was wrong with it.
func NewApplyPage(sent Sent, seen footage.Agency) ApplyPage {
	return ApplyPage{NewForm(sent, ApplyFields()...), seen}
}

func (ApplyPage) folder() string                 { return "apply" }
func (ApplyPage) title(c *text.Catalogue) string { return c.T("apply.title") }
func (ApplyPage) address() string                { return "/apply" }

// The parts of the form, each under a heading of its own.
func (p ApplyPage) part(names ...string) []Field {
	return slices.DeleteFunc(slices.Clone(p.Form.Fields), func(f Field) bool { return !slices.Contains(names, f.Name) })
}

// Who are the fields that say who applies.
func (p ApplyPage) Who() []Field {
	return p.part("name", "type", "body", "county", "state", "ori", "fdid", "local", "website")
}

// Where are the fields of the outline.
func (p ApplyPage) Where() []Field { return p.part("file", "outline") }

// Declared are the fields of what the body declares about itself.
func (p ApplyPage) Declared() []Field {
	return p.part("immigration", "taskforces", "subsidies", "policies")
}

// Contact are the fields of whom the office may ask.
func (p ApplyPage) Contact() []Field { return p.part("contact", "email", "phone", "words") }

// ApplyFields are the fields of an application, with the codes of the faults that each may have.
func ApplyFields() []Field {
	types := []Option{{Value: "", Label: "apply.type.none"}}
	for _, t := range footage.AgencyTypes() {
		types = append(types, Option{Value: string(t), Label: text.Key("agencytype." + string(t))})
	}
	return []Field{
		{Name: "name", Label: "apply.name", Hint: "apply.name.hint", Required: true, Auto: "organization", Codes: []string{"agency_name", "application_name"}},
		{Name: "type", Label: "agency.type", Kind: Select, Required: true, Options: types, Codes: []string{"agency_type"}},
		{Name: "body", Label: "apply.body", Hint: "apply.body.hint", Required: true, Codes: []string{"application_body"}},
		{Name: "county", Label: "apply.county", Required: true, Auto: "address-level2", Codes: []string{"application_county"}},
		{Name: "state", Label: "apply.state", Hint: "apply.state.hint", Required: true, Auto: "address-level1", Codes: []string{"agency_state"}},
		{Name: "ori", Label: "apply.ori", Hint: "apply.ori.hint", Codes: []string{"agency_number", "agency_ori", "agency_federal"}},
		{Name: "fdid", Label: "apply.fdid", Hint: "apply.fdid.hint", Codes: []string{"agency_fdid"}},
		{Name: "local", Label: "apply.local", Hint: "apply.local.hint", Codes: []string{"agency_local_id"}},
		{Name: "website", Label: "apply.website", Hint: "apply.website.hint", Required: true, Auto: "url", Codes: []string{"application_website"}},
		{Name: "file", Label: "apply.file", Hint: "apply.file.hint", Kind: File},
		{Name: "outline", Label: "apply.outline", Hint: "apply.outline.hint", Kind: Lines,
			Codes: []string{"agency_jurisdiction", "application_long", "area_not_geojson", "area_other_system", "area_not_polygon", "area_too_many_parts", "area_too_few_points",
				"area_too_many_points", "area_self_crossing", "area_not_closed", "area_duplicate_points", "area_degenerate", "area_out_of_range", "area_coordinates_swapped",
				"area_pole", "area_antimeridian", "area_not_a_number"}},
		{Name: "immigration", Label: "agency.immigration", Hint: "apply.immigration.hint", Kind: OneOf, Codes: []string{"application_immigration"},
			Options: []Option{{Value: "no", Label: "apply.immigration.no"}, {Value: "yes", Label: "apply.immigration.yes"}}},
		{Name: "taskforces", Label: "agency.taskforces", Hint: "apply.taskforces.hint", Kind: Lines, Codes: []string{"agency_declared"}},
		{Name: "subsidies", Label: "agency.subsidies", Hint: "apply.subsidies.hint", Kind: Lines},
		{Name: "policies", Label: "agency.policies", Hint: "apply.policies.hint", Kind: Lines},
		{Name: "contact", Label: "apply.contact", Hint: "apply.contact.hint", Required: true, Codes: []string{"application_contact"}},
		{Name: "email", Label: "apply.email", Auto: "email", Codes: []string{"application_email", "agency_contact"}},
		{Name: "phone", Label: "apply.phone", Auto: "tel"},
		{Name: "words", Label: "apply.words", Hint: "apply.words.hint", Kind: Lines, Codes: []string{"application_text"}},
	}
}

// AppliedPage tells an applicant what became of an application and what comes next. It says nothing of what was written.
type AppliedPage struct {
	ID       footage.ApplicationID
	State    footage.ApplicationState
	Received time.Time
	Reason   footage.ApplicationReason // why it was refused
	Agency   footage.AgencyID          // as which it was accepted
}

func (AppliedPage) folder() string                 { return "applied" }
func (AppliedPage) title(c *text.Catalogue) string { return c.T("applied.title") }
func (p AppliedPage) address() string              { return "/apply/" + string(p.ID) }
