package fsck

import (
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// loan is what the record says of a supervisor who is lent.
type loan struct {
	fact  ledger.PersonLent
	index int64
}

func loanKey(person footage.PersonID, to footage.AgencyID) string {
	return string(person) + "/" + string(to)
}

// lentRow checks that a loan on which both agencies agreed is the one in the record. Of an offer the record says nothing.
func (c *check) lentRow(r row) error {
	borrower := footage.AgencyID(r.str("agency"))
	_, registered := c.state.agencies[borrower]
	c.want(registered, Database, r.name(), "The person is lent to an agency that is not registered.")
	c.want(footage.ValidID(r.str("person"), "p") && footage.ValidID(r.str("offered"), "p"), Database, r.name(), "Who is lent, or who offered it, has not the form of an ID.")
	if r.str("agreed") == "" {
		return nil
	}
	l, logged := c.state.loans[loanKey(footage.PersonID(r.str("person")), borrower)]
	if !logged {
		c.find(Database, r.name(), "The person is lent, but the record does not say so.")
		return nil
	}
	c.want(r.num("until") == stamp(l.fact.Until) && r.str("offered") == string(l.fact.Agreed[0]) && r.str("agreed") == string(l.fact.Agreed[1]),
		Database, r.name(), "Until when the person is lent, or who agreed, is not what the record says.")
	return nil
}
