package fsck

import (
	"fmt"
	"time"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// vouched is what the record says of an agency's verifications.
type vouched struct {
	statements   []footage.Vouched
	retracted    map[string]bool // hashes of those that their attestor took back
	admissions   []footage.Admission
	verification footage.Verification
}

type attestorState struct {
	attestor  footage.Attestor
	since     time.Time
	withdrawn time.Time
	reason    string // SHA-256
	index     int64  // of the entry that withdrew it
}

// playVouching takes in what an entry says of who vouches for whom, and decides anew what follows from it.
func (c *check) playVouching(index int64, at time.Time, fact ledger.Fact) {
	s := &c.state
	switch f := fact.(type) {
	case ledger.OperatorNamed:
		s.operator = f.Body
	case ledger.AttestorRegistered:
		s.attestors[f.Attestor.ID] = &attestorState{attestor: f.Attestor, since: at}
	case ledger.AttestorWithdrawn:
		if a := s.attestors[f.Attestor]; a != nil {
			a.withdrawn, a.reason, a.index = at, f.Reason, index
		}
	case ledger.AgencyAttested:
		a, by := c.agency(index, f.Attestation.Agency), s.attestors[f.Attestation.Attestor]
		if by == nil {
			c.find(Record, fmt.Sprintf("log_entry %d", index), "It holds a statement of %s, which is not registered.", f.Attestation.Attestor)
			return
		}
		c.want(f.Attestation.Verify(by.attestor.PublicKey()) == nil, Record, fmt.Sprintf("log_entry %d", index), "The statement does not bear its attestor's signature.")
		a.statements = append(a.statements, footage.Vouched{Attestation: f.Attestation, Attestor: by.attestor, Entry: index})
	case ledger.AgencyUnattested:
		c.untake(c.agency(index, f.Retraction.Agency), f.Retraction)
	case ledger.AgencyApproved:
		a := c.agency(index, f.Approval.Agency)
		a.admissions = append(a.admissions, footage.Admission{Approval: f.Approval, Person: f.Assertion.Person, Entry: index, At: at})
	case ledger.AgencyUnapproved:
		if a := c.agency(index, f.Agency); len(a.admissions) > 0 {
			a.admissions[len(a.admissions)-1].Taken = true
		}
	case ledger.AgencyPaused:
		c.agency(index, f.Agency).verification.Paused = true
	case ledger.AgencyResumed:
		c.agency(index, f.Agency).verification.Paused = false
	}
	c.decide(at, fact)
}

// untake marks the statement that a retraction takes back.
func (c *check) untake(a *agencyState, r footage.Retraction) {
	for i, one := range a.statements {
		if hash, err := one.Attestation.Hash(); err == nil && hash == r.Attestation && one.Attestor.ID == r.Attestor {
			a.statements[i].Taken = true
			if a.retracted == nil {
				a.retracted = map[string]bool{}
			}
			a.retracted[hash] = true
		}
	}
}

// decide decides anew for whom a fact may have changed something.
func (c *check) decide(at time.Time, fact ledger.Fact) {
	one := exchange.Verifies(fact)
	for id, a := range c.state.agencies {
		again := id == one
		switch f := fact.(type) {
		case ledger.OperatorNamed:
			again = true
		case ledger.AttestorWithdrawn:
			for i := range a.statements {
				if a.statements[i].Attestor.ID == f.Attestor {
					a.statements[i].Taken, again = true, true
				}
			}
		}
		if again {
			a.look(c.state.operator.ID, at)
		}
	}
}

// look decides whether an agency's verifications were in force at a time.
func (a *agencyState) look(operator footage.BodyID, at time.Time) {
	v := footage.Vouching{Operator: operator, Agency: a.agency, Attestations: a.statements}
	if n := len(a.admissions); n > 0 {
		v.Approval = &a.admissions[n-1]
	}
	next := footage.Verification{Paused: a.verification.Paused, Attestations: footage.Newest(a.statements), Approval: v.Approval}
	next.Until, next.Lapse, _ = v.At(at) // fails for no description that an entry can hold
	a.verification = next
}

// missingVouching reports statements and approvals of which the record tells and the tables lack.
func (c *check) missingVouching(seen map[string]bool, a *agencyState) {
	for _, one := range a.statements {
		hash, _ := one.Attestation.Hash()
		c.want(seen["attestation "+hash], Database, "attestation "+hash, "The record holds the statement, but there is no such row.")
	}
	for _, one := range a.admissions {
		hash, _ := one.Approval.Hash()
		c.want(seen["approval "+hash], Database, "approval "+hash, "The record holds the approval, but there is no such row.")
	}
}

func (c *check) attestorRow(r row) error {
	s := c.state.attestors[footage.AttestorID(r.str("id"))]
	if s == nil {
		c.find(Database, r.name(), "The record does not register this attestor.")
		return nil
	}
	c.want(r.str("body") == encoded(s.attestor), Database, r.name(), "What the row says of the attestor is not what the record says.")
	c.want(r.num("since") == stamp(s.since) && r.num("withdrawn") == stamp(s.withdrawn), Database, r.name(), "It was not registered or withdrawn when the record says.")
	switch {
	case s.withdrawn.IsZero():
		c.want(r.str("reason") == "", Database, r.name(), "It is not withdrawn, but bears a reason.")
	case !c.lost[s.index]:
		c.want(footage.Hash([]byte(r.str("reason"))) == s.reason, Database, r.name(), "The reason of the withdrawal is not the one in the record.")
	}
	return nil
}

func (c *check) attestationRow(r row) error {
	var a footage.Attestation
	if err := r.json("body", &a); err != nil {
		return err
	}
	hash, err := a.Hash()
	c.want(err == nil && hash == r.str("hash") && string(a.Agency) == r.str("agency") && string(a.Attestor) == r.str("attestor"), Database, r.name(), "The row is not the statement's.")
	fact, _ := c.fact(r.num("log_index"))
	entry, ok := fact.(ledger.AgencyAttested)
	c.want(ok && encoded(entry.Attestation) == r.str("body"), Database, r.name(), "The statement is not the one in the record.")
	s := c.state.agencies[a.Agency]
	if s == nil {
		return nil // which is a finding already
	}
	c.want(r.num("taken") == truth(s.retracted[hash]), Database, r.name(), "The statement was taken back or not, other than the record says.")
	return nil
}

func (c *check) approvalRow(r row) error {
	var a footage.Approval
	if err := r.json("body", &a); err != nil {
		return err
	}
	hash, err := a.Hash()
	c.want(err == nil && hash == r.str("hash") && string(a.Agency) == r.str("agency"), Database, r.name(), "The row is not the approval's.")
	fact, at := c.fact(r.num("log_index"))
	entry, ok := fact.(ledger.AgencyApproved)
	c.want(ok && encoded(entry.Approval) == r.str("body") && string(entry.Assertion.Person) == r.str("person") && r.num("at") == stamp(at), Database, r.name(), "The approval is not the one in the record.")
	taken := false
	if s := c.state.agencies[a.Agency]; s != nil {
		for _, one := range s.admissions {
			taken = taken || one.Entry == r.num("log_index") && one.Taken
		}
	}
	c.want(r.num("taken") == truth(taken), Database, r.name(), "The approval was taken back or not, other than the record says.")
	return nil
}
