package ledger

import "porchlight.example/internal/footage"

// The kinds of entry about what an agency owes after a request has ended.
const (
	KindRequestOutcome Kind = "request.outcome"
	KindRequestCopies  Kind = "request.copies"
)

// FollowedUp is an agency's public word after a request of its has ended: what came of the case, or what became of its copies
// of footage. It says the same whether nobody shared or many did. The newest about a request and a duty counts.
type FollowedUp struct {
	Request   footage.RequestID `json:"request"`
	Agency    footage.AgencyID  `json:"agency"`
	Status    footage.Said      `json:"status"`
	FollowUp  footage.FollowUp  `json:"followup"` // what a supervisor of the agency has signed; it says the same
	Assertion footage.Assertion `json:"assertion"`
}

// Kind is described at [Fact].
func (x FollowedUp) Kind() Kind {
	if x.FollowUp.Duty == footage.DutyCopies {
		return KindRequestCopies
	}
	return KindRequestOutcome
}

func (x FollowedUp) check() error {
	var f faults
	f.need(x.Request.Valid() && x.FollowUp.Request == x.Request, "request")
	f.need(x.Agency.Valid() && x.FollowUp.Agency == x.Agency, "agency")
	f.need(x.FollowUp.Says == x.Status, "status")
	f.need(isUTC(x.FollowUp.Signed) && x.FollowUp.Check() == nil, "followup")
	f.need(footage.ValidID(string(x.Assertion.Person), "p") && x.Assertion.Role == footage.Supervisor && x.Assertion.Agency == "", "assertion")
	return f.err()
}

// decodeFollowedUp reads the data of one of the two kinds, which must be about that kind's duty.
func decodeFollowedUp(kind Kind, raw []byte) (Fact, error) {
	fact, err := decodeAs[FollowedUp](raw)
	if err == nil && fact.Kind() != kind {
		err = footage.E(footage.Invalid, "The entry's data is missing or malformed in: followup.duty.")
	}
	return fact, err
}
