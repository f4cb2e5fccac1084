package story

import (
	"net/url"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// policyStories are the pages on which the operator adopts a policy.
func policyStories() []Story {
	operator := Visit("Nora Lind", footage.Operator)
	ended, ahead := Now().AddDate(0, -1, 0), Now().AddDate(0, 1, 0)
	hash := footage.Hash([]byte("a policy"))
	all := []api.AdoptedPolicy{{Name: "default", SHA256: hash, InForce: Now().AddDate(0, -8, 0), Ended: &ended}, {Name: "default", SHA256: footage.Hash([]byte("another")), InForce: ended},
		{Name: "illinois", SHA256: footage.Hash([]byte("a third")), InForce: ahead}}
	rule := ui.Words{En: "The area may be at most 0.5 square miles.", Es: "El área puede ser de 0.5 millas cuadradas como máximo."}
	stricter := ui.Words{En: "The area may be at most 0.25 square miles.", Es: "El área puede ser de 0.25 millas cuadradas como máximo."}
	bad := refused(url.Values{"text": {""}, "from": {"2026-01-01T09:00"}}, footage.Reason{Code: "policy_missing"}, footage.Reason{Code: "policy_backdated"})
	proposal := ui.StaffAdoptionPage{Visit: operator, Adoption: footage.Adoption{Name: "default", SHA256: hash, Signed: Now(), InForce: &ahead}, Rules: rules(), Replaces: true, File: "{}", Canonical: "{}",
		Changes: []ui.PolicyChange{{Way: "staff.adoption.way.stricter", From: rule, To: stricter}, {Way: "staff.adoption.way.left_out", From: rule}, {Way: "staff.adoption.way.added", To: stricter}}}
	first := proposal
	first.Changes, first.Replaces, first.Adoption.InForce, first.Adoption.Signed = nil, false, nil, time.Time{}
	return []Story{
		{"/staff/policies", "staff policies", ui.NewStaffPoliciesPage(operator, all, Now(), ui.Sent{})},
		{"/staff/policies-refused", "staff policies STATE refused", ui.NewStaffPoliciesPage(operator, all[1:], Now(), bad)},
		{"/staff/policies/look", "staff adoption", proposal},
		{"/staff/policies/first", "staff adoption STATE first", first},
	}
}
