package exchange

import (
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// operatorSubject and the others begin what cannot be mistaken for a register ID.
const (
	operatorSubject = "the operator"
	attestorSubject = "attestor/"
	// complaintSubject keeps complaints out of the bundle of the request that they are about.
	complaintSubject = "complaint/"
	// followUpSubject does so with what its agency owes after it, which nobody needs who shares.
	followUpSubject = "followup/"
	// keySubject keeps changes of keys out of bundles: what counts is the key's own entry, which follows.
	keySubject    = "key/"
	noticeSubject = "notice/"
)

// Subject returns whom or what a fact is about, so that a request's bundle finds the entries that it stands on.
func Subject(fact ledger.Fact) string {
	switch f := fact.(type) {
	case ledger.EpochOpened:
		return string(f.Epoch.Agency)
	case ledger.AgencyDesk:
		return string(f.Agency)
	case ledger.CustodianAdded:
		return string(f.Agency)
	case ledger.RequestPublished:
		return string(f.Request)
	case ledger.RequestUpdated:
		return string(f.Request)
	case ledger.RequestClosed:
		return string(f.Request)
	case ledger.DocumentWithheld:
		return string(f.Request)
	case ledger.PolicyAdopted:
		return f.SHA256
	case ledger.OperatorNamed:
		return operatorSubject
	case ledger.AttestorRegistered:
		return attestorSubject + string(f.Attestor.ID)
	case ledger.AttestorWithdrawn:
		return attestorSubject + string(f.Attestor)
	case ledger.KeyAnnounced:
		return keySubject + string(f.Change)
	case ledger.KeyCancelled:
		return keySubject + string(f.Change)
	case ledger.ComplaintReceived:
		return complaintSubject + string(f.Complaint)
	case ledger.ComplaintAnswered:
		return complaintSubject + string(f.Complaint)
	case ledger.NoticePublished:
		return noticeSubject + string(f.Notice)
	case ledger.NoticeUpdated:
		return noticeSubject + string(f.Notice)
	case ledger.NoticeEnded:
		return noticeSubject + string(f.Notice)
	case ledger.FollowedUp:
		return followUpSubject + string(f.Request)
	}
	if person := personOf(fact); person != "" {
		return string(person)
	}
	return string(agencyOf(fact))
}

// agencyOf returns the agency whose standing a fact is about, or "".
func agencyOf(fact ledger.Fact) footage.AgencyID {
	switch f := fact.(type) {
	case ledger.AgencyRegistered:
		return f.Agency.ID
	case ledger.AgencyChanged:
		return f.Agency.ID
	case ledger.AgencySuspended:
		return f.Agency
	case ledger.AgencyRestored:
		return f.Agency
	case ledger.AgencyAttested:
		return f.Attestation.Agency
	case ledger.AgencyUnattested:
		return f.Retraction.Agency
	case ledger.AgencyApproved:
		return f.Approval.Agency
	case ledger.AgencyUnapproved:
		return f.Agency
	case ledger.AgencyPaused:
		return f.Agency
	case ledger.AgencyResumed:
		return f.Agency
	}
	return ""
}

// Verifies returns the agency whose verifications are looked at anew when a fact about it is stated, or "". What an operator or
// an attestor does as such concerns several.
func Verifies(fact ledger.Fact) footage.AgencyID {
	switch fact.(type) {
	case ledger.AgencySuspended, ledger.AgencyRestored:
		return ""
	}
	return agencyOf(fact)
}

// personOf returns the member of staff whom a fact is about, or "".
func personOf(fact ledger.Fact) footage.PersonID {
	switch f := fact.(type) {
	case ledger.PersonEnrolled:
		return f.Person
	case ledger.PersonDisabled:
		return f.Person
	case ledger.PersonLent:
		return f.Person
	case ledger.PersonReturned:
		return f.Person
	case ledger.PersonSuspended:
		return f.Person
	case ledger.PersonRestored:
		return f.Person
	}
	return ""
}
