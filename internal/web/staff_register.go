package web

import (
	"errors"
	"strings"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// admissionRoutes adds the pages on which the operator approves agencies.
func (s *server) admissionRoutes(handle func(string, handler)) {
	handle("GET /staff/register", s.show(s.register, footage.Operator))
	handle("GET /staff/register/{id}", s.show(func(v *visitor) (ui.Page, error) { return s.admission(v, ui.Sent{}) }, footage.Operator))
	handle("POST /staff/register/{id}/attest", s.act(s.attest, s.admission, footage.Operator))
	handle("POST /staff/register/{id}/begin", s.sign(func(v *visitor) ([]byte, error) {
		_, canonical, err := approvalOf(v)
		return canonical, err
	}, footage.Operator))
	handle("POST /staff/register/{id}", s.act(s.admit, s.admission, footage.Operator))
}

// register lists the agencies.
func (s *server) register(v *visitor) (ui.Page, error) {
	all, err := s.x.Agencies(v.Context())
	return ui.StaffRegisterPage{Visit: v.visit, Agencies: all, Now: s.cfg.Now()}, err
}

// admission shows one agency with the approval that the operator would sign now.
func (s *server) admission(v *visitor, sent ui.Sent) (ui.Page, error) {
	standing, err := s.x.Agency(v.Context(), agencyOf(v.Request))
	if err != nil {
		return nil, err
	}
	page := ui.NewStaffAdmissionPage(v.visit, standing, s.cfg.Now(), sent)
	approval, err := s.x.ApprovalFor(v.Context(), v.who(), standing.Agency.ID, time.Time{})
	if errors.Is(err, footage.Conflict) {
		return page, nil // nobody independent has vouched for it
	}
	if err != nil {
		return nil, err
	}
	canonical, err := approval.Canonical()
	page.Approval, page.Canonical = &approval, string(canonical)
	return page, err
}

// attest files an attestor's statement or retraction, which counts for what its signature says.
func (s *server) attest(v *visitor) (done, error) {
	raw, err := fileOr(v.Request, "file", v.PostFormValue("statement"))
	if err != nil {
		return done{}, err
	}
	id := agencyOf(v.Request)
	out := done{path: "/staff/register/" + string(id), say: "staff.done.attested"}
	var a footage.Attestation
	var r footage.Retraction
	switch {
	case footage.DecodeStrict(raw, &a) == nil && a.Type != footage.RetractionType:
		err = s.x.Attest(v.Context(), id, a)
	case footage.DecodeStrict(raw, &r) == nil:
		out.say = "staff.done.unattested"
		err = s.x.Retract(v.Context(), id, r)
	default:
		err = footage.Coded(footage.Invalid, "attestation_form", "This is not an attestor's statement, nor the retraction of one. 'porchlight attest' makes both.")
	}
	var own *footage.Error
	if errors.As(err, &own) && own.Code == "attestor_unknown" {
		err = footage.Coded(footage.Invalid, own.Code, own.Msg) // the page is there, what was filed on it is wrong
	}
	return out, s.changed(v.Request, err)
}

// approvalOf reads the approval that the page showed: its time is part of what is signed.
func approvalOf(v *visitor) (a footage.Approval, canonical []byte, err error) {
	raw := []byte(v.PostFormValue("approval"))
	if err := footage.DecodeStrict(raw, &a); err != nil {
		return a, nil, err
	}
	if a.Agency != agencyOf(v.Request) {
		return a, nil, footage.E(footage.Invalid, "The approval is of another agency than this page. Open the page anew.")
	}
	canonical, err = a.Canonical()
	return a, canonical, err
}

// admit takes in the operator's signature.
func (s *server) admit(v *visitor) (done, error) {
	approval, _, err := approvalOf(v)
	if err != nil {
		return done{}, err
	}
	assertion, err := account.Signed(credential(v), v.who(), footage.Operator)
	if err != nil {
		return done{}, err
	}
	err = s.x.ApproveAgency(v.Context(), v.who(), api.SignedApproval{Approval: approval, Assertion: assertion})
	return done{path: "/staff/register/" + string(approval.Agency), say: "staff.done.admitted"}, s.changed(v.Request, err)
}

// admissionsWaiting counts the agencies that wait for the operator's approval alone.
func (s *server) admissionsWaiting(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.register", Path: "/staff/register"}
	if !v.visit.May(footage.Operator) {
		return task, nil
	}
	all, err := s.x.Agencies(v.Context())
	for _, a := range all {
		switch a.Verification.Why(s.cfg.Now()) {
		case footage.NotApproved, footage.ApprovalEnded, footage.ApprovalTaken, footage.ApprovalOld:
			task.N++
		}
	}
	return task, err
}

// endingSoon counts the agencies whose verifications end within sixty days, for whoever renews them: the operator for all, an
// agency's administrator for the own.
func (s *server) endingSoon(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.ending", Path: "/staff/register"}
	if v.visit.May(footage.AgencyAdmin) {
		task = ui.Task{Label: "staff.task.renew", Path: "/agencies/" + string(v.visit.Person.Agency)}
	} else if !v.visit.May(footage.Operator) {
		return task, nil
	}
	all, err := s.x.Agencies(v.Context())
	for _, a := range all {
		if ui.EndsSoon(a, s.cfg.Now()) && (v.visit.Person.Agency == "" || v.visit.Person.Agency == a.Agency.ID) {
			task.N++
		}
	}
	return task, err
}

// verifications are an agency's two verifications as its public page shows them.
func verifications(a footage.Standing) (out []ui.Verification) {
	for _, x := range a.Verification.Attestations {
		if x.Taken {
			continue
		}
		var sources []string
		for _, c := range x.Attestation.Checks {
			sources = append(sources, c.Source)
		}
		out = append(out, ui.Verification{Body: x.Attestor.Name, Role: "attestor", How: strings.Join(sources, "; "), On: x.Attestation.Issued, Expires: x.Attestation.Expires, Entry: x.Entry})
	}
	if p := a.Verification.Approval; p != nil && !p.Taken {
		out = append(out, ui.Verification{Body: string(p.Approval.Operator), Role: "operator", On: p.Approval.Issued, Expires: p.Approval.Expires, Entry: p.Entry})
	}
	return out
}
