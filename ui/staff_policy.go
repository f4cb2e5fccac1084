package ui

import (
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffPoliciesPage lists every policy that was ever adopted, and takes the file of another one.
type StaffPoliciesPage struct {
	Visit
	Policies []api.AdoptedPolicy // in the order of their adoption
	Now      time.Time
	Form     Form
}

// NewStaffPoliciesPage returns the page with what was sent and what was wrong with it.
func NewStaffPoliciesPage(v Visit, all []api.AdoptedPolicy, now time.Time, sent Sent) StaffPoliciesPage {
	return StaffPoliciesPage{v, all, now, NewForm(sent,
		Field{Name: "file", Label: "staff.policies.file", Hint: "staff.policies.file.hint", Kind: File},
		Field{Name: "text", Label: "staff.policies.text", Hint: "staff.policies.text.hint", Kind: Lines, Codes: []string{"policy_missing"}},
		Field{Name: "from", Label: "staff.policies.from", Hint: "staff.policies.from.hint", Kind: Moment, Codes: []string{"policy_from", "policy_backdated", "policy_far"}},
		Field{Name: "zone", Label: "staff.draft.zone", Required: true, Value: "America/Chicago", Codes: []string{"policy_zone"}})}
}

func (StaffPoliciesPage) folder() string                 { return "staffpolicies" }
func (StaffPoliciesPage) title(c *text.Catalogue) string { return c.T("staff.policies.title") }
func (StaffPoliciesPage) address() string                { return "/staff/policies" }

// State says whether a policy is in force, was, or will be.
func (p StaffPoliciesPage) State(a api.AdoptedPolicy) text.Key {
	switch {
	case a.Ended != nil && !a.Ended.After(p.Now):
		return "staff.policies.ended"
	case a.InForce.After(p.Now):
		return "staff.policies.ahead"
	}
	return "staff.policies.now"
}

// StaffAdoptionPage shows an operator what a policy file says and what it would change, and takes the signature.
type StaffAdoptionPage struct {
	Visit
	Adoption  footage.Adoption
	Rules     []Rule         // what the file says, in its own order
	Changes   []PolicyChange // against the policy of the same name that is in force
	Replaces  bool           // there is one
	File      string         // the canonical file
	Canonical string         // the bytes that the signature is over
}

// PolicyChange is a rule that the two do not have alike.
type PolicyChange struct {
	Way      text.Key
	From, To Words // the rule's sentence; empty where there is none
}

func (StaffAdoptionPage) folder() string { return "staffadoption" }
func (p StaffAdoptionPage) title(c *text.Catalogue) string {
	return c.T("staff.adoption.title", "policy", p.Adoption.Name)
}
func (StaffAdoptionPage) address() string   { return "" }
func (StaffAdoptionPage) scripts() []string { return []string{"passkey.js"} }
