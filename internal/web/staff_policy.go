package web

import (
	"encoding/json"
	"strings"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/ui"
	uitext "porchlight.example/ui/text"
)

// adoptionRoutes adds the pages on which the operator adopts a policy: the file is read and compared first, then signed.
func (s *server) adoptionRoutes(handle func(string, handler)) {
	handle("GET /staff/policies", s.show(func(v *visitor) (ui.Page, error) { return s.policies(v, ui.Sent{}) }, footage.Operator, footage.Auditor))
	handle("POST /staff/policies/look", s.act(s.lookAtPolicy, s.policies, footage.Operator))
	handle("POST /staff/policies/begin", s.sign(func(v *visitor) ([]byte, error) {
		_, canonical, err := adoptionOf(v)
		return canonical, err
	}, footage.Operator))
	handle("POST /staff/policies", s.act(s.adoptPolicy, s.policies, footage.Operator))
}

func (s *server) policies(v *visitor, sent ui.Sent) (ui.Page, error) {
	all, err := s.x.AdoptedPolicies(v.Context())
	return ui.NewStaffPoliciesPage(v.visit, all, s.cfg.Now(), sent), err
}

// lookAtPolicy reads a policy file and shows what adopting it would do. Nothing is stored.
func (s *server) lookAtPolicy(v *visitor) (done, error) {
	raw, err := fileOr(v.Request, "file", v.PostFormValue("text"))
	if err != nil {
		return done{}, err
	}
	if len(raw) == 0 {
		return done{}, footage.Coded(footage.Invalid, "policy_missing", "Choose a policy file, or paste one.")
	}
	p, err := policy.Parse(raw)
	if err != nil {
		return done{}, err
	}
	if _, err := s.x.TryPolicy(v.Context(), raw); err != nil {
		return done{}, err // it cannot be applied together with the others
	}
	page, err := s.proposal(v, p, raw)
	return done{page: page}, err
}

// proposal is the page of a policy that the operator may sign.
func (s *server) proposal(v *visitor, p *policy.Policy, raw []byte) (ui.Page, error) {
	a := footage.Adoption{Type: footage.AdoptionType, Exchange: s.x.Info().Origin, Name: p.Ref().Name, SHA256: p.Ref().Hash, Signed: s.cfg.Now().UTC().Truncate(time.Second)}
	from, err := s.inForce(v)
	if err != nil {
		return nil, err
	}
	a.InForce = from
	file, err := footage.Canonicalize(raw)
	if err != nil {
		return nil, err
	}
	canonical, err := a.Canonical()
	if err != nil {
		return nil, err
	}
	now, err := s.x.PolicyInForce(v.Context(), a.Name)
	if err != nil {
		return nil, err
	}
	page := ui.StaffAdoptionPage{Visit: v.visit, Adoption: a, Replaces: now != nil, File: string(file), Canonical: string(canonical)}
	for _, r := range p.Explain() {
		page.Rules = append(page.Rules, ui.Rule{Sentence: ui.Words(r.Sentence), Policy: r.Policy})
	}
	if now == nil {
		now = &policy.Policy{}
	}
	for _, c := range policy.Diff(now, p) {
		way := uitext.Key("staff.adoption.way." + strings.ReplaceAll(string(c.Way), " ", "_"))
		page.Changes = append(page.Changes, ui.PolicyChange{Way: way, From: ui.Words(c.From.Sentence), To: ui.Words(c.To.Sentence)})
	}
	return page, nil
}

// inForce reads from when the policy is to apply; nil: at once.
func (s *server) inForce(v *visitor) (*time.Time, error) {
	if v.PostFormValue("from") == "" {
		return nil, nil
	}
	f := &draftForm{value: func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }}
	from := f.time("from", f.zone())
	if len(f.faults) > 0 {
		for i := range f.faults {
			f.faults[i].Code = strings.Replace(f.faults[i].Code, "form_", "policy_", 1)
		}
		return nil, &footage.Error{Kind: footage.Invalid, Code: "policy", Msg: "The time cannot be read.", Reasons: f.faults}
	}
	if from.Before(s.cfg.Now()) {
		return nil, footage.Coded(footage.Invalid, "policy_backdated", "A policy cannot be in force from a time that is over.") // before anything is signed
	}
	return &from, nil
}

// adoptionOf reads what the page showed: its time is part of what is signed.
func adoptionOf(v *visitor) (in api.AdoptPolicy, canonical []byte, err error) {
	in.File = v.PostFormValue("text")
	if err := json.Unmarshal([]byte(v.PostFormValue("adoption")), &in.Adoption); err != nil {
		return in, nil, footage.Coded(footage.Invalid, "adoption", "What was signed cannot be read. Choose the file again.")
	}
	canonical, err = in.Adoption.Canonical()
	return in, canonical, err
}

// adoptPolicy takes in the operator's signature.
func (s *server) adoptPolicy(v *visitor) (done, error) {
	in, _, err := adoptionOf(v)
	if err != nil {
		return done{}, err
	}
	if in.Assertion, err = account.Signed(credential(v), v.who(), footage.Operator); err != nil {
		return done{}, err
	}
	err = s.x.AdoptSigned(v.Context(), v.who(), in)
	return done{path: "/staff/policies", say: "staff.done.adopted"}, s.changed(v.Request, err)
}
