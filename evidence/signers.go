package evidence

import (
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// signatures is one signed text with those who could sign it and what the record says of their assertions.
type signatures struct {
	canonical  []byte
	assertions []footage.Assertion
	logged     string // assertions_sha256 of the entry
	people     map[footage.PersonID]ledger.PersonEnrolled
	lent       map[footage.PersonID]ledger.PersonLent // to the agency that asks
}

// signers verifies the officer's and the supervisor's assertion over the document.
func (b Bundle) signers(r *record) ([]Signer, error) {
	canonical, err := b.Record.Document.Canonical()
	if err != nil {
		return nil, err
	}
	s := signatures{canonical, b.Record.Assertions, r.published.fact.Assertions, r.published.people, r.published.lent}
	if err := s.needs(footage.Officer, footage.Supervisor); err != nil {
		return nil, err
	}
	return s.verify(r)
}

// needs checks that there is one assertion for each role, and no other.
func (s signatures) needs(roles ...footage.Role) error {
	for _, role := range roles {
		signed := func(a footage.Assertion) bool { return a.Role == role }
		if !slices.ContainsFunc(s.assertions, signed) {
			return untrusted("signature_missing", "The signature of the %s is missing.", role)
		}
	}
	if len(s.assertions) > len(roles) {
		return untrusted("signature_extra", "There are more signatures than the text needs.")
	}
	return nil
}

// verify checks each assertion with the key that the record gives for its person, and that no two are one person's.
func (s signatures) verify(r *record) ([]Signer, error) {
	hash, err := ledger.HashJSON(s.assertions)
	if err != nil {
		return nil, err
	}
	if hash != s.logged {
		return nil, untrusted("signatures_changed", "The signatures are not those that were published.")
	}
	var out []Signer
	people, keys := map[footage.PersonID]bool{}, map[string]bool{}
	for _, a := range s.assertions {
		person, err := s.person(a, r)
		if err != nil {
			return nil, err
		}
		if people[a.Person] || keys[person.PublicKey] || keys[person.Credential] {
			return nil, untrusted("same_person_twice", "One person signed twice: two different people must stand behind a request.")
		}
		people[a.Person], keys[person.PublicKey], keys[person.Credential] = true, true, true
		key, err := footage.DecodeBase64(person.PublicKey)
		if err != nil {
			return nil, untrusted("bad_entry", "The public key of %s cannot be read.", a.Person)
		}
		if err := a.Verify(key, r.exchange.RP, s.canonical); err != nil {
			return nil, untrusted("signature_wrong", "The signature of the %s does not hold. %v", a.Role, err)
		}
		out = append(out, Signer{Person: a.Person, Role: a.Role, Lent: a.Agency, Software: person.Software, Enrolled: r.enrolled[a.Person]})
	}
	return out, nil
}

// person returns the signer's enrolment at the time, after checking that it entitled to sign.
func (s signatures) person(a footage.Assertion, r *record) (ledger.PersonEnrolled, error) {
	p, ok := s.people[a.Person]
	switch {
	case !ok:
		return p, untrusted("signer_unknown", "The %s who signed, %s, was not enrolled when it was published.", a.Role, oneLine(string(a.Person)))
	case p.Agency != r.agency && !s.borrowed(a, p) || p.Agency == r.agency && a.Agency != "":
		return p, untrusted("other_agency", "The %s who signed belongs to %s, not to %s.", a.Role, p.Agency, r.agency)
	case !(footage.Person{Roles: p.Roles}).Has(a.Role):
		return p, untrusted("signer_role", "%s signed as %s without being one.", a.Person, a.Role)
	case p.Credential != a.Credential:
		return p, untrusted("signer_credential", "The %s signed with a key that is not the enrolled one.", a.Role)
	case p.Software && !r.exchange.Fictional:
		return p, untrusted("software_signature", "The %s signed with a program instead of a passkey, which only a fictional exchange may accept.", a.Role)
	}
	return p, nil
}

// borrowed reports whether a supervisor of another agency was lent to the one that asks, and the signature says so.
func (s signatures) borrowed(a footage.Assertion, p ledger.PersonEnrolled) bool {
	lent, ok := s.lent[a.Person]
	return ok && a.Role == footage.Supervisor && a.Agency == p.Agency && lent.From == p.Agency
}

// updates checks that the updates are those of the record, chained to the request, and signed as their kind demands.
func (b Bundle) updates(r *record) error {
	if len(b.Updates) != len(r.updates) {
		return untrusted("update_unlogged", "The bundle holds %d updates, the record shows %d.", len(b.Updates), len(r.updates))
	}
	previous := string(r.request)
	for i, u := range b.Updates {
		hash, err := ledger.HashJSON(u.Update)
		if err != nil {
			return err
		}
		if u.Update.Type != footage.UpdateType || u.Update.Request != r.request || u.Update.Previous != previous {
			return untrusted("update_chain", "Update %d is not chained to the request.", i+1)
		}
		if r.updates[i].fact.Update != hash || r.updates[i].fact.Change != u.Update.Kind {
			return untrusted("update_unlogged", "Update %d is not the one in the record.", i+1)
		}
		if err := r.updates[i].verify(u, r); err != nil {
			return err
		}
		previous = hash
	}
	return nil
}

// verify checks the signatures of one update: an amendment needs both, ending a request at least one, and the end of its
// time, which the exchange writes, none.
func (l logged) verify(u footage.UpdateRecord, r *record) error {
	canonical, err := u.Update.Canonical()
	if err != nil {
		return err
	}
	s := signatures{canonical, u.Assertions, l.fact.Assertions, l.people, l.lent}
	switch u.Update.Kind {
	case footage.Amended:
		err = s.needs(footage.Officer, footage.Supervisor)
	case footage.Expired:
		err = s.needs()
	default:
		if len(s.assertions) == 0 || slices.ContainsFunc(s.assertions, neitherOfficerNorSupervisor) {
			err = untrusted("signature_missing", "The update that ends the request bears no signature of an officer or a supervisor.")
		}
	}
	if err != nil {
		return err
	}
	_, err = s.verify(r)
	return err
}

func neitherOfficerNorSupervisor(a footage.Assertion) bool {
	return a.Role != footage.Officer && a.Role != footage.Supervisor
}
