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

// StaffAdmissionPage shows the operator what there is to look at before an agency is approved, and takes the signature.
type StaffAdmissionPage struct {
	Visit
	Agency    footage.Standing
	Now       time.Time
	Approval  *footage.Approval // what would be signed now; nil: there is nothing to approve yet
	Canonical string            // the bytes that the signature is over
	Form      Form              // what went wrong
}

func (StaffAdmissionPage) folder() string                 { return "staffadmission" }
func (p StaffAdmissionPage) title(*text.Catalogue) string { return p.Agency.Agency.Name }
func (p StaffAdmissionPage) address() string              { return "/staff/register/" + string(p.Agency.Agency.ID) }
func (StaffAdmissionPage) scripts() []string              { return []string{"passkey.js"} }

// Path is the page's own path.
func (p StaffAdmissionPage) Path() string { return p.address() }

// Why is what keeps the agency from asking now, if anything does.
func (p StaffAdmissionPage) Why() footage.Lapse { return p.Agency.Verification.Why(p.Now) }
