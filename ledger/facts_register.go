package ledger

import (
	"slices"

	"porchlight.example/internal/footage"
)

// The kinds of entry about who vouches for agencies, and about people and agencies that are stopped.
const (
	KindOperatorNamed      Kind = "operator.named"
	KindAttestorRegistered Kind = "attestor.registered"
	KindAttestorWithdrawn  Kind = "attestor.withdrawn"
	KindAgencyAttested     Kind = "agency.attested"
	KindAgencyUnattested   Kind = "agency.unattested"
	KindAgencyApproved     Kind = "agency.approved"
	KindAgencyUnapproved   Kind = "agency.unapproved"
	KindAgencyPaused       Kind = "agency.paused"
	KindAgencyResumed      Kind = "agency.resumed"
	KindPersonSuspended    Kind = "person.suspended"
	KindPersonRestored     Kind = "person.restored"
)

// OperatorNamed says which body runs the exchange from now on. No agency and no attestor may be of it.
type OperatorNamed struct {
	Body footage.Body `json:"body"`
}

// AttestorRegistered says that the exchange takes a body's word about agencies, and by which key it speaks.
type AttestorRegistered struct {
	Attestor footage.Attestor `json:"attestor"`
}

// AttestorWithdrawn says that no statement of an attestor counts any more.
type AttestorWithdrawn struct {
	Attestor footage.AttestorID `json:"attestor"`
	Reason   string             `json:"reason_sha256"` // of the sentence that the register shows
}

// AgencyAttested holds an attestor's signed statement about an agency.
type AgencyAttested struct {
	Attestation footage.Attestation `json:"attestation"`
}

// AgencyUnattested holds an attestor's signed word that a statement of its own counts no more.
type AgencyUnattested struct {
	Retraction footage.Retraction `json:"retraction"`
}

// AgencyApproved holds the operator's approval of an agency with the passkey's assertion over it.
type AgencyApproved struct {
	Approval  footage.Approval  `json:"approval"`
	Assertion footage.Assertion `json:"assertion"`
}

// AgencyUnapproved says that the operator has taken the approval back.
type AgencyUnapproved struct {
	Agency   footage.AgencyID `json:"agency"`
	Approval string           `json:"approval_sha256"`
}

// AgencyPaused says that an agency's two verifications are not in force any more: what it has open takes no footage.
type AgencyPaused struct {
	Agency footage.AgencyID `json:"agency"`
	Lapse  footage.Lapse    `json:"lapse"`
}

// AgencyResumed says that they are in force again.
type AgencyResumed struct {
	Agency footage.AgencyID `json:"agency"`
}

// PersonSuspended says that a person may not act until restored; requests that bear their signature take no footage.
type PersonSuspended struct {
	Person footage.PersonID `json:"person"`
	Agency footage.AgencyID `json:"agency,omitempty"`
	Reason string           `json:"reason_sha256"` // of the sentence that the register shows
}

// PersonRestored ends a suspension.
type PersonRestored struct {
	Person footage.PersonID `json:"person"`
}

// Kind is described at [Fact]; so are those below.
func (OperatorNamed) Kind() Kind      { return KindOperatorNamed }
func (AttestorRegistered) Kind() Kind { return KindAttestorRegistered }
func (AttestorWithdrawn) Kind() Kind  { return KindAttestorWithdrawn }
func (AgencyAttested) Kind() Kind     { return KindAgencyAttested }
func (AgencyUnattested) Kind() Kind   { return KindAgencyUnattested }
func (AgencyApproved) Kind() Kind     { return KindAgencyApproved }
func (AgencyUnapproved) Kind() Kind   { return KindAgencyUnapproved }
func (AgencyPaused) Kind() Kind       { return KindAgencyPaused }
func (AgencyResumed) Kind() Kind      { return KindAgencyResumed }
func (PersonSuspended) Kind() Kind    { return KindPersonSuspended }
func (PersonRestored) Kind() Kind     { return KindPersonRestored }

// decodeRegister reads the data of an entry of one of the kinds above, or returns nothing.
func decodeRegister(kind Kind, raw []byte) (Fact, error) {
	switch kind {
	case KindOperatorNamed:
		return decodeAs[OperatorNamed](raw)
	case KindAttestorRegistered:
		return decodeAs[AttestorRegistered](raw)
	case KindAttestorWithdrawn:
		return decodeAs[AttestorWithdrawn](raw)
	case KindAgencyAttested:
		return decodeAs[AgencyAttested](raw)
	case KindAgencyUnattested:
		return decodeAs[AgencyUnattested](raw)
	case KindAgencyApproved:
		return decodeAs[AgencyApproved](raw)
	case KindAgencyUnapproved:
		return decodeAs[AgencyUnapproved](raw)
	case KindAgencyPaused:
		return decodeAs[AgencyPaused](raw)
	case KindAgencyResumed:
		return decodeAs[AgencyResumed](raw)
	case KindPersonSuspended:
		return decodeAs[PersonSuspended](raw)
	case KindPersonRestored:
		return decodeAs[PersonRestored](raw)
	}
	return nil, nil
}

func (x OperatorNamed) check() error {
	var f faults
	f.need(x.Body.ID.Valid(), "body.id")
	f.need(x.Body.Name != "", "body.name")
	return f.err()
}

func (x AttestorRegistered) check() error {
	var f faults
	f.need(x.Attestor.ID.Valid(), "attestor.id")
	f.need(x.Attestor.Name != "", "attestor.name")
	f.need(x.Attestor.Body.Valid(), "attestor.body")
	f.need(slices.Contains(footage.AttestorKinds(), x.Attestor.Kind), "attestor.kind")
	f.need(isKey32(x.Attestor.Key), "attestor.key")
	return f.err()
}

func (x AttestorWithdrawn) check() error {
	var f faults
	f.need(x.Attestor.Valid(), "attestor")
	f.need(isHash(x.Reason), "reason_sha256")
	return f.err()
}

func (x AgencyAttested) check() error {
	var f faults
	for _, reason := range x.Attestation.Faults(footage.Partner) { // how much must be checked depends on the attestor's kind
		f.need(false, "attestation: "+reason.Code)
	}
	f.need(len(fromBase64(x.Attestation.Signature)) == 64, "attestation.sig")
	return f.err()
}

func (x AgencyUnattested) check() error {
	var f faults
	r := x.Retraction
	f.need(r.Type == footage.RetractionType, "retraction.type")
	f.need(r.Exchange != "", "retraction.exchange")
	f.need(r.Attestor.Valid(), "retraction.attestor")
	f.need(r.Agency.Valid(), "retraction.agency")
	f.need(isHash(r.Attestation), "retraction.attestation_sha256")
	f.need(isUTC(r.At), "retraction.at")
	f.need(len(fromBase64(r.Signature)) == 64, "retraction.sig")
	return f.err()
}

func (x AgencyApproved) check() error {
	var f faults
	for _, reason := range x.Approval.Faults() {
		f.need(false, "approval: "+reason.Code)
	}
	f.need(footage.ValidID(string(x.Assertion.Person), "p"), "assertion.person")
	f.need(x.Assertion.Role == footage.Operator, "assertion.role")
	return f.err()
}

func (x AgencyUnapproved) check() error {
	var f faults
	f.need(x.Agency.Valid(), "agency")
	f.need(isHash(x.Approval), "approval_sha256")
	return f.err()
}

func (x AgencyPaused) check() error {
	var f faults
	f.need(x.Agency.Valid(), "agency")
	f.need(slices.Contains(footage.Lapses(), x.Lapse), "lapse")
	return f.err()
}

func (x AgencyResumed) check() error {
	var f faults
	f.need(x.Agency.Valid(), "agency")
	return f.err()
}

func (x PersonSuspended) check() error {
	var f faults
	f.need(footage.ValidID(string(x.Person), "p"), "person")
	f.need(x.Agency == "" || x.Agency.Valid(), "agency")
	f.need(isHash(x.Reason), "reason_sha256")
	return f.err()
}

func (x PersonRestored) check() error {
	var f faults
	f.need(footage.ValidID(string(x.Person), "p"), "person")
	return f.err()
}
