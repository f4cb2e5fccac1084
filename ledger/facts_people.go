package ledger

import (
	"time"

	"porchlight.example/internal/footage"
)

// Kinds of entry about what people may do beyond their own agency.
const (
	KindPersonLent     Kind = "person.lent"
	KindPersonReturned Kind = "person.returned"
)

// PersonLent says that a supervisor of one agency may approve what another one asks, which is too small to have two people of
// its own. Administrators of both have agreed.
type PersonLent struct {
	Person footage.PersonID   `json:"person"`
	From   footage.AgencyID   `json:"from"`      // the person's own agency
	To     footage.AgencyID   `json:"to"`        // the one that borrows
	Until  time.Time          `json:"until"`     // what they sign from then on does not count
	Agreed []footage.PersonID `json:"agreed_by"` // an administrator of From, then one of To
}

// PersonReturned ends what [PersonLent] began, before its time.
type PersonReturned struct {
	Person footage.PersonID `json:"person"`
	To     footage.AgencyID `json:"to"`
}

// Kind is described at [Fact]; so is the one below.
func (PersonLent) Kind() Kind     { return KindPersonLent }
func (PersonReturned) Kind() Kind { return KindPersonReturned }

func (x PersonLent) check() error {
	var f faults
	f.need(footage.ValidID(string(x.Person), "p"), "person")
	f.need(x.From.Valid(), "from")
	f.need(x.To.Valid() && x.To != x.From, "to")
	f.need(isUTC(x.Until), "until")
	agreed := len(x.Agreed) == 2 && x.Agreed[0] != x.Agreed[1]
	for _, p := range x.Agreed {
		agreed = agreed && footage.ValidID(string(p), "p") && p != x.Person
	}
	f.need(agreed, "agreed_by")
	return f.err()
}

func (x PersonReturned) check() error {
	var f faults
	f.need(footage.ValidID(string(x.Person), "p"), "person")
	f.need(x.To.Valid(), "to")
	return f.err()
}
