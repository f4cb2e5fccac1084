package audit

import (
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// people is what the entries come to about members of staff.
type people struct {
	staff map[footage.PersonID]*person
	keys  map[string]footage.PersonID // whose a public key is
}

type person struct {
	ledger.PersonEnrolled
	disabled, suspended bool
	ranks               []rankSince // every rank that the person has had, the newest last
}

// rankSince is a rank from an entry of the record on.
type rankSince struct {
	index int64
	rank  footage.Rank
}

// rankAt returns the rank that a person had in front of an entry.
func (p *people) rankAt(id footage.PersonID, index int64) (rank footage.Rank) {
	if p.staff[id] == nil {
		return ""
	}
	for _, r := range p.staff[id].ranks {
		if r.index < index {
			rank = r.rank
		}
	}
	return rank
}

func newPeople() people {
	return people{staff: map[footage.PersonID]*person{}, keys: map[string]footage.PersonID{}}
}

// suspended reports whether somebody may not act for now.
func (p *people) suspended(id footage.PersonID) bool {
	return p.staff[id] != nil && p.staff[id].suspended
}

// acts reports whether somebody may act in a role for an agency, or for the exchange if that is "".
func (p *people) acts(id footage.PersonID, agency footage.AgencyID, role footage.Role) bool {
	who := p.staff[id]
	return who != nil && !who.disabled && !who.suspended && who.Agency == agency && slices.Contains(who.Roles, role)
}

func (p *people) member(id footage.PersonID) *person {
	if p.staff[id] == nil {
		p.staff[id] = &person{}
	}
	return p.staff[id]
}

// personEntry checks what an entry says of a member of staff.
func (a *Auditor) personEntry(e noted) {
	w := &a.world
	switch f := e.fact.(type) {
	case ledger.PersonEnrolled:
		a.enrolled(e, f)
	case ledger.PersonDisabled:
		w.member(f.Person).disabled = true
	case ledger.PersonSuspended:
		w.member(f.Person).suspended = true
	case ledger.PersonRestored:
		w.member(f.Person).suspended = false
	case ledger.PersonLent:
		a.lent(e, f)
	case ledger.AgencyDesk:
		a.desk(e, f)
	case ledger.EpochOpened:
		for _, c := range f.Epoch.Custodians {
			a.custodian(e, f.Epoch.Agency, c)
		}
	case ledger.CustodianAdded:
		a.custodian(e, f.Agency, f.Custodian)
	}
}

// enrolled checks that a key is one person's, of a sort that counts here, and that who runs the exchange does not ask on it.
func (a *Auditor) enrolled(e noted, f ledger.PersonEnrolled) {
	w := &a.world
	if f.Software && w.created != nil && !w.created.Fictional {
		a.find("software_key", e.subject, "The person %s signs with a program in place of a passkey, which only a fictional exchange may allow.", f.Person)
	}
	if f.Agency != "" && w.of(f.Agency).agency.ID == "" {
		a.find("agency_not_registered", e.subject, "The person %s was enrolled for %s, which is not in the register.", f.Person, f.Agency)
	}
	for _, role := range f.Roles {
		if role.OfExchange() != (f.Agency == "") {
			a.find("role_of_another_body", e.subject, "The person %s has the role %s, which does not go with the body that they belong to: an agency cannot run the exchange on which it asks, nor the exchange ask.", f.Person, role)
		}
	}
	if other, known := w.keys[f.PublicKey]; known && other != f.Person {
		a.find("key_shared", e.subject, "One passkey speaks for two people, %s and %s: nobody can tell whether two have signed.", other, f.Person)
	}
	if f.Confirmed != "" && w.staff[f.Confirmed] == nil {
		a.find("confirmed_by_nobody", e.subject, "The passkey of %s was let in by %s, whom the record does not know.", f.Person, f.Confirmed)
	}
	w.keys[f.PublicKey] = f.Person
	who := w.member(f.Person)
	who.PersonEnrolled, who.disabled = f, false
	who.ranks = append(who.ranks, rankSince{e.index, f.Rank})
}

// longestLoan is how long a supervisor may be lent, and a day for a year that begins at noon.
const longestLoan = 367 * 24 * time.Hour

// lent checks that both agencies' administrators have agreed to lend a supervisor, for a year at most.
func (a *Auditor) lent(e noted, f ledger.PersonLent) {
	w := &a.world
	if !w.acts(f.Person, f.From, footage.Supervisor) {
		a.find("loan_unfounded", e.subject, "%s lends a person to %s who does not approve for it.", f.From, f.To)
	}
	if len(f.Agreed) != 2 || !a.administers(f.Agreed[0], f.From) || !a.administers(f.Agreed[1], f.To) {
		a.find("loan_unfounded", e.subject, "A person of %s is lent to %s without the word of an administrator of each.", f.From, f.To)
	}
	if f.Until.Sub(e.at) > longestLoan {
		a.find("loan_unfounded", e.subject, "A person of %s is lent to %s until %s, for longer than a year.", f.From, f.To, f.Until.Format(time.RFC1123))
	}
}

// administers reports whether somebody is an agency's administrator. Whoever offered a loan may have left before it was taken.
func (a *Auditor) administers(id footage.PersonID, agency footage.AgencyID) bool {
	who := a.world.staff[id]
	return who != nil && who.Agency == agency && slices.Contains(who.Roles, footage.AgencyAdmin)
}

// custodian checks that a device that is to open clips belongs to a custodian of the agency.
func (a *Auditor) custodian(e noted, agency footage.AgencyID, c footage.CustodianKey) {
	if !a.world.acts(c.Person, agency, footage.Custodian) {
		a.find("custodian_unknown", e.subject+", "+string(c.ID), "The sealing key of %s is for a device of %s, who is no custodian of that agency: somebody else could open what residents send.", agency, c.Person)
	}
}

var errOtherExchange = footage.E(footage.Untrusted, "it was made for another exchange.")

// operatorSigned checks an assertion over canonical bytes by somebody who was an operator of the exchange at that moment.
func (a *Auditor) operatorSigned(by footage.Assertion, canonical []byte) error {
	w := &a.world
	who := w.staff[by.Person]
	switch {
	case w.created == nil || !w.acts(by.Person, "", footage.Operator):
		return footage.E(footage.Untrusted, string(by.Person)+" was not an operator of the exchange.")
	case who.Credential != by.Credential:
		return footage.E(footage.Untrusted, "it was made with another passkey than the enrolled one.")
	}
	key, err := footage.DecodeBase64(who.PublicKey)
	if err != nil {
		return err
	}
	return by.Verify(key, w.created.RP, canonical)
}
