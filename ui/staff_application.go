package ui

import (
	"strings"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffApplicationsPage lists the applications that wait for an answer.
type StaffApplicationsPage struct {
	Visit
	Applications []api.WaitingApplication // the oldest first
}

func (StaffApplicationsPage) folder() string                 { return "staffapplications" }
func (StaffApplicationsPage) title(c *text.Catalogue) string { return c.T("staff.applications.title") }
func (StaffApplicationsPage) address() string                { return "/staff/applications" }

// StaffApplicationPage shows one application to the operator, who enters the applicant into the register or refuses.
type StaffApplicationPage struct {
	Visit
	ID          footage.ApplicationID
	Received    time.Time
	Application footage.Application
	Alike       []footage.Agency // of the register, with the same name or number
	Accept      Form
	Refuse      Form
}

// NewStaffApplicationPage returns the page with what was sent and what was wrong with it.
func NewStaffApplicationPage(v Visit, a api.WaitingApplication, alike []footage.Agency, sent Sent) StaffApplicationPage {
	p := StaffApplicationPage{Visit: v, ID: a.ID, Received: a.Received, Application: a.Application, Alike: alike}
	var accept, refuse Sent
	if _, refused := sent.Values["reason"]; refused {
		refuse = sent
	} else {
		accept = sent
	}
	reasons := []Option{{Value: "", Label: "staff.application.reason.none"}}
	for _, r := range footage.ApplicationReasons() {
		reasons = append(reasons, Option{Value: string(r), Label: text.Key("application.reason." + string(r))})
	}
	p.Accept = NewForm(accept,
		Field{Name: "agency", Label: "staff.application.id", Hint: "staff.application.id.hint", Required: true, Value: slug(a.Application.Name), Codes: []string{"agency_id", "agency_exists"}},
		Field{Name: "body", Label: "staff.application.bodyid", Hint: "staff.application.bodyid.hint", Required: true, Value: slug(a.Application.BodyName), Codes: []string{"agency_body", "same_body"}})
	p.Refuse = NewForm(refuse, Field{Name: "reason", Label: "staff.application.reason", Kind: Select, Required: true, Options: reasons, Codes: []string{"application_reason"}})
	return p
}

// slug proposes an ID for a name.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	id := strings.Join(words, "-")
	return strings.Trim(id[:min(len(id), 63)], "-")
}

func (StaffApplicationPage) folder() string    { return "staffapplication" }
func (p StaffApplicationPage) address() string { return "/staff/applications/" + string(p.ID) }
func (p StaffApplicationPage) title(c *text.Catalogue) string {
	return c.T("staff.application.title", "agency", p.Application.Name)
}

// Path is the page's own path.
func (p StaffApplicationPage) Path() string { return p.address() }

// Described is the applicant as the register would show it.
func (p StaffApplicationPage) Described() footage.Agency { return p.Application.Agency("", "") }
