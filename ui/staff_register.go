package ui

import (
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffRegisterPage lists the agencies of the register with what stands between each and asking.
type StaffRegisterPage struct {
	Visit
	Agencies []footage.Standing
	Now      time.Time
}

func (StaffRegisterPage) folder() string                 { return "staffregister" }
func (StaffRegisterPage) title(c *text.Catalogue) string { return c.T("staff.register.title") }
func (StaffRegisterPage) address() string                { return "/staff/register" }

// Soon reports whether an agency's verifications end within sixty days.
func (p StaffRegisterPage) Soon(a footage.Standing) bool { return EndsSoon(a, p.Now) }

// EndsSoon reports whether an agency is verified now and must be verified anew within sixty days.
func EndsSoon(a footage.Standing, now time.Time) bool {
	return a.Verification.InForce(now) && a.Verification.Until.Before(now.AddDate(0, 0, 60))
}

// StaffAdmissionPage shows the operator what there is to look at before an agency is approved, and takes the signature.
type StaffAdmissionPage struct {
	Visit
	Agency    footage.Standing
	Now       time.Time
	Approval  *footage.Approval // what would be signed now; nil: there is nothing to approve yet
	Canonical string            // the bytes that the signature is over
	Form      Form              // what went wrong with the approval
	Statement Form              // where a statement or retraction is filed
}

// NewStaffAdmissionPage returns the page of an agency with what was sent and what was wrong with it.
func NewStaffAdmissionPage(v Visit, a footage.Standing, now time.Time, sent Sent) StaffAdmissionPage {
	p := StaffAdmissionPage{Visit: v, Agency: a, Now: now}
	var statement, approval Sent
	if _, filed := sent.Values["statement"]; filed {
		statement = sent
	} else {
		approval = sent
	}
	p.Form = NewForm(approval)
	p.Statement = NewForm(statement, Field{Name: "file", Label: "staff.admission.file", Kind: File},
		Field{Name: "statement", Label: "staff.admission.paste", Hint: "staff.admission.paste.hint", Kind: Lines})
	return p
}

func (StaffAdmissionPage) folder() string                 { return "staffadmission" }
func (p StaffAdmissionPage) title(*text.Catalogue) string { return p.Agency.Agency.Name }
func (p StaffAdmissionPage) address() string              { return "/staff/register/" + string(p.Agency.Agency.ID) }
func (StaffAdmissionPage) scripts() []string              { return []string{"passkey.js"} }

// Path is the page's own path.
func (p StaffAdmissionPage) Path() string { return p.address() }

// Why is what keeps the agency from asking now, if anything does.
func (p StaffAdmissionPage) Why() footage.Lapse { return p.Agency.Verification.Why(p.Now) }
