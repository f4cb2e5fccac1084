package evidence

import (
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// vouched is what the record says of the asking agency's two verifications.
type vouched struct {
	operator   footage.BodyID
	attestors  map[footage.AttestorID]*attestor
	statements []footage.Vouched
	admission  *footage.Admission
	forged     error // the first entry about them that does not hold
}

type attestor struct {
	footage.Attestor
	withdrawn bool
}

// vouch takes in an entry about who vouches for whom, and checks what it bears: the attestor's signature or the operator's.
func (r *record) vouch(fact ledger.Fact, at time.Time, index int64) error {
	if r.exchange == nil {
		return nil // which fails later, in words of its own
	}
	switch f := fact.(type) {
	case ledger.OperatorNamed:
		r.operator = f.Body.ID
	case ledger.AttestorRegistered:
		r.attestors[f.Attestor.ID] = &attestor{Attestor: f.Attestor}
	case ledger.AttestorWithdrawn:
		if a := r.attestors[f.Attestor]; a != nil {
			a.withdrawn = true
		}
	case ledger.AgencyAttested:
		return r.attested(f.Attestation, at, index)
	case ledger.AgencyUnattested:
		return r.unattested(f.Retraction)
	case ledger.AgencyApproved:
		return r.approved(f, at, index)
	case ledger.AgencyUnapproved:
		if r.admission == nil || f.Agency != r.agency {
			return nil
		}
		if hash, err := r.admission.Approval.Hash(); err != nil || hash == f.Approval {
			r.admission.Taken = true
		}
	}
	return nil
}

// attested takes in a statement about the agency. It is counted from the entry on, never from the date that it bears.
func (r *record) attested(a footage.Attestation, at time.Time, index int64) error {
	if a.Agency != r.agency {
		return nil
	}
	by := r.attestors[a.Attestor]
	if by == nil {
		return untrusted("attestor_unknown", "The attestor %s, who vouched for %s, is not in the register.", a.Attestor, r.agency)
	}
	switch {
	case a.Verify(by.PublicKey()) != nil:
		return untrusted("attestation_forged", "The statement about %s does not bear the signature of %s.", r.agency, oneLine(by.Name))
	case !r.exchange.Was(a.Exchange):
		return untrusted("attestation_forged", "The statement about %s was made for another exchange, %s.", r.agency, oneLine(a.Exchange))
	case len(a.Faults(by.Kind)) > 0 || a.Issued.After(at.Add(clockSlack)):
		return untrusted("attestation_forged", "The statement about %s is not one that counts.", r.agency)
	}
	r.statements = append(r.statements, footage.Vouched{Attestation: a, Attestor: by.Attestor, Entry: index, Taken: by.withdrawn})
	return nil
}

func (r *record) unattested(x footage.Retraction) error {
	by := r.attestors[x.Attestor]
	if x.Agency != r.agency || by == nil {
		return nil
	}
	if x.Verify(by.PublicKey()) != nil {
		return untrusted("attestation_forged", "The retraction about %s does not bear the signature of %s.", r.agency, oneLine(by.Name))
	}
	for i, one := range r.statements {
		if hash, err := one.Attestation.Hash(); err == nil && hash == x.Attestation && one.Attestor.ID == x.Attestor {
			r.statements[i].Taken = true
		}
	}
	return nil
}

// approved takes in the operator's approval, after checking the passkey's assertion with the key that the record gave for the
// operator's person at that moment.
func (r *record) approved(f ledger.AgencyApproved, at time.Time, index int64) error {
	a := f.Approval
	if a.Agency != r.agency {
		return nil
	}
	p, ok := r.people[f.Assertion.Person]
	switch {
	case !ok || r.stopped[f.Assertion.Person] || p.Agency != "" || !(footage.Person{Roles: p.Roles}).Has(footage.Operator) || p.Credential != f.Assertion.Credential:
		return untrusted("approval_forged", "The approval of %s was not signed by an operator of the exchange.", r.agency)
	case !r.exchange.Was(a.Exchange):
		return untrusted("approval_forged", "The approval of %s was made for another exchange, %s.", r.agency, oneLine(a.Exchange))
	case p.Software && !r.exchange.Fictional:
		return untrusted("software_signature", "The approval of %s was signed with a program instead of a passkey, which only a fictional exchange may accept.", r.agency)
	}
	key, err := footage.DecodeBase64(p.PublicKey)
	if err != nil {
		return untrusted("bad_entry", "The public key of %s cannot be read.", p.Person)
	}
	canonical, err := a.Canonical()
	if err != nil {
		return err
	}
	if err := f.Assertion.Verify(key, r.exchange.RP, canonical); err != nil {
		return untrusted("approval_forged", "The signature under the approval of %s does not hold. %v", r.agency, err)
	}
	r.admission = &footage.Admission{Approval: a, Person: p.Person, Entry: index, At: at}
	return nil
}

// vouching is what is known at this moment of the log.
func (r *record) vouching() footage.Vouching {
	v := footage.Vouching{Operator: r.operator, Approval: r.admission}
	if r.agencyNow != nil {
		v.Agency = *r.agencyNow
	}
	for _, one := range r.statements {
		one.Taken = one.Taken || r.attestors[one.Attestor.ID].withdrawn
		v.Attestations = append(v.Attestations, one)
	}
	return v
}

// lapseAt returns why the agency is not verified twice at a time, or "".
func (r *record) lapseAt(at time.Time) footage.Lapse {
	_, why, err := r.vouching().At(at)
	if err != nil {
		return footage.AttestationOld // a description that cannot be hashed is none that somebody vouched for
	}
	return why
}

// lapseWords says why an agency's two verifications do not count.
func lapseWords(l footage.Lapse) string {
	switch l {
	case footage.PartnerOnly:
		return "nobody but a partner platform vouches for it"
	case footage.AttestationEnded:
		return "the time of the attestor's statement is over"
	case footage.AttestationTaken:
		return "the attestor's statement was taken back"
	case footage.AttestationOld:
		return "the attestor's statement speaks of another description of it"
	case footage.AttestationNotFree:
		return "attestor, operator and agency are not three different bodies"
	case footage.NotApproved:
		return "the exchange's operator has not approved it"
	case footage.ApprovalEnded:
		return "the time of the operator's approval is over"
	case footage.ApprovalTaken:
		return "the operator's approval was taken back"
	case footage.ApprovalOld:
		return "the operator's approval speaks of another description of it"
	}
	return "no independent body vouches for it"
}
