package footage

import "time"

// Lapse says why an agency's two verifications are not in force.
type Lapse string

// The lapses. The attestor's come first: without its statement there is nothing that an operator could approve.
const (
	NotAttested        Lapse = "not_attested"         // no independent body has vouched for it
	PartnerOnly        Lapse = "partner_only"         // nobody but a partner platform has
	AttestationEnded   Lapse = "attestation_ended"    // its time is over
	AttestationTaken   Lapse = "attestation_taken"    // the attestor took it back, or was withdrawn from the register
	AttestationOld     Lapse = "attestation_old"      // it speaks of another description of the agency
	AttestationNotFree Lapse = "attestation_not_free" // attestor, operator and agency are not three bodies
	NotApproved        Lapse = "not_approved"         // the operator has not approved it
	ApprovalEnded      Lapse = "approval_ended"
	ApprovalTaken      Lapse = "approval_taken"
	ApprovalOld        Lapse = "approval_old" // it speaks of another description, or another operator made it
)

// Lapses lists every lapse.
func Lapses() []Lapse {
	return []Lapse{NotAttested, PartnerOnly, AttestationEnded, AttestationTaken, AttestationOld, AttestationNotFree, NotApproved, ApprovalEnded, ApprovalTaken, ApprovalOld}
}

// Verification is what an exchange holds of an agency's two verifications. The zero value is an agency that nobody has
// vouched for.
type Verification struct {
	Until  time.Time `json:"until,omitzero"`  // both are in force until then; zero: they are not
	Lapse  Lapse     `json:"lapse,omitempty"` // why they are not, as of the last look
	Paused bool      `json:"paused"`          // they were once, and the record says that they are not
	// Attestations are the newest of each attestor; Approval is the operator's newest.
	Attestations []Vouched  `json:"attestations,omitempty"`
	Approval     *Admission `json:"approval,omitempty"`
}

// InForce reports whether both verifications are in force at a time.
func (v Verification) InForce(now time.Time) bool { return v.Lapse == "" && now.Before(v.Until) }

// Why returns why the verifications are not in force at a time, or "".
func (v Verification) Why(now time.Time) Lapse {
	switch {
	case v.InForce(now):
		return ""
	case v.Lapse != "":
		return v.Lapse
	case v.Until.IsZero():
		return NotAttested
	case v.Approval != nil && !now.Before(v.Approval.Approval.Expires):
		return ApprovalEnded
	}
	return AttestationEnded
}

// Vouched is an attestor's statement as the register holds it.
type Vouched struct {
	Attestation Attestation `json:"attestation"`
	Attestor    Attestor    `json:"attestor"`
	Entry       int64       `json:"entry"`           // of the public record
	Taken       bool        `json:"taken,omitempty"` // taken back, or its attestor withdrawn
}

// Admission is the operator's approval as the register holds it.
type Admission struct {
	Approval Approval  `json:"approval"`
	Person   PersonID  `json:"person"` // who signed it
	Entry    int64     `json:"entry"`  // of the public record
	Taken    bool      `json:"taken,omitempty"`
	At       time.Time `json:"at"` // of the entry
}

// Vouching is all that bears on whether an agency is verified.
type Vouching struct {
	Operator     BodyID
	Agency       Agency
	Attestations []Vouched  // oldest first
	Approval     *Admission // the newest
}

// At decides whether both verifications are in force at a time, until when, and if not, why.
func (v Vouching) At(now time.Time) (until time.Time, why Lapse, err error) {
	description, err := DescriptionHash(v.Agency)
	if err != nil {
		return until, "", err
	}
	statement, why := v.Independent(description, now)
	if why == "" {
		why = v.approval(description, now)
	}
	if why != "" {
		return until, why, nil
	}
	until = statement.Expires
	if end := v.Approval.Approval.Expires; end.Before(until) {
		until = end
	}
	return until, "", nil
}

// Independent returns the statement in force that lasts longest, or why there is none. A partner's word explains nothing that
// an independent one does.
func (v Vouching) Independent(description string, now time.Time) (best Attestation, why Lapse) {
	why = NotAttested
	for _, one := range v.Attestations {
		lapse := v.attestation(one, description, now)
		switch {
		case lapse == "" && one.Attestation.Expires.After(best.Expires):
			best, why = one.Attestation, ""
		case lapse != "" && best.Type == "" && (lapse != PartnerOnly || why == NotAttested):
			why = lapse
		}
	}
	return best, why
}

// attestation returns why one statement does not count, or "".
func (v Vouching) attestation(one Vouched, description string, now time.Time) Lapse {
	from := one.Attestor.Body
	switch {
	case one.Attestor.Kind != Independent:
		return PartnerOnly
	case one.Taken:
		return AttestationTaken
	case v.Operator == "" || from.Same(v.Operator) || from.Same(v.Agency.Body) || v.Operator.Same(v.Agency.Body):
		return AttestationNotFree
	case one.Attestation.Description != description:
		return AttestationOld
	case !now.Before(one.Attestation.Expires):
		return AttestationEnded
	}
	return ""
}

// approval returns why the operator's approval does not count, or "".
func (v Vouching) approval(description string, now time.Time) Lapse {
	switch a := v.Approval; {
	case a == nil:
		return NotApproved
	case a.Taken:
		return ApprovalTaken
	case a.Approval.Description != description || !a.Approval.Operator.Same(v.Operator):
		return ApprovalOld
	case !now.Before(a.Approval.Expires):
		return ApprovalEnded
	}
	return ""
}

// Newest returns the newest statement of each attestor, in the order in which they were filed.
func Newest(all []Vouched) []Vouched {
	var out []Vouched
	for i, one := range all {
		newer := false
		for _, later := range all[i+1:] {
			newer = newer || later.Attestor.ID == one.Attestor.ID
		}
		if !newer {
			out = append(out, one)
		}
	}
	return out
}
