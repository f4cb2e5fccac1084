package fsck

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
)

// register checks policies, agencies, people and their keys against what the record says of them, and that nothing of which
// the record tells is missing.
func (c *check) register() error {
	seen := map[string]bool{}
	for name, do := range map[string]func(row) error{
		"policy": c.policyRow, "agency": c.agencyRow, "person": c.personRow, "credential": c.credentialRow,
		"attestor": c.attestorRow, "attestation": c.attestationRow, "approval": c.approvalRow,
		"custodian": c.custodianRow, "epoch": c.epochRow, "wrapped_key": c.wrappedRow,
		"lent": c.lentRow, "key_change": c.keyChangeRow,
	} {
		err := c.each(tables()[name], func(r row) error {
			seen[r.name()] = true
			return do(r)
		})
		if err != nil {
			return err
		}
	}
	c.missing(seen)
	c.keysWait(seen)
	return nil
}

// missing reports what the record tells of and the tables lack.
func (c *check) missing(seen map[string]bool) {
	for hash, p := range c.state.policies {
		if !seen["policy "+hash] {
			c.leftover(p.index, "the policy "+p.name+" was adopted")
		}
	}
	for id, a := range c.state.agencies {
		c.want(seen["agency "+string(id)], Database, "agency "+string(id), "The record registers the agency, but there is no such row.")
		c.missingVouching(seen, a)
	}
	for id := range c.state.attestors {
		c.want(seen["attestor "+string(id)], Database, "attestor "+string(id), "The record registers the attestor, but there is no such row.")
	}
	for id, p := range c.state.people {
		c.want(seen["person "+string(id)], Database, "person "+string(id), "The record names the person, but there is no such row.")
		for credential, e := range p.enrolled {
			if !seen["credential "+credential] {
				c.leftover(e.index, "the person "+string(id)+" enrolled an authenticator")
			}
		}
	}
	for key, l := range c.state.loans {
		if !seen["lent "+key] {
			c.leftover(l.index, "a supervisor was lent")
		}
	}
	for id, k := range c.state.changes {
		if !seen["key_change "+string(id)] {
			c.leftover(k.index, "a change of keys was announced")
		}
	}
	for id := range c.state.keys {
		c.want(seen["custodian "+string(id)], Database, "custodian "+string(id), "The record lets the device in, but there is no such row.")
	}
	for key := range c.state.epochs {
		c.want(seen["epoch "+key], Database, "epoch "+key, "The record says that the key was opened, but there is no such row.")
	}
}

// adopt plays a policy's adoption as the database does: the newest word about a name counts, whenever it comes into force.
func (s *state) adopt(f ledger.PolicyAdopted, at time.Time, index int64) {
	for _, p := range s.policies {
		if p.name == f.Name && (p.ended.IsZero() || p.ended.After(f.InForce)) {
			p.ended = f.InForce
		}
	}
	now := &policyState{name: f.Name, adopted: at, inForce: f.InForce, index: index}
	if old := s.policies[f.SHA256]; old != nil && old.ended.Equal(f.InForce) && old.inForce.Before(old.ended) {
		now.inForce = old.inForce
	}
	s.policies[f.SHA256] = now
}

func (c *check) policyRow(r row) error {
	p, err := policy.Parse(r.bytes("body"))
	if err != nil {
		return unreadable{err}
	}
	ref := p.Ref()
	c.want(ref.Hash == r.str("hash") && ref.Name == r.str("name"), Database, r.name(), "The file is another policy: it is %s with SHA-256 %s.", ref.Name, ref.Hash)
	s := c.state.policies[r.str("hash")]
	if s == nil {
		c.find(Database, r.name(), "The record does not say that this policy was adopted.")
		return nil
	}
	c.want(r.str("name") == s.name && r.num("in_force") == stamp(s.inForce), Database, r.name(), "It is not in force as the record says.")
	// Earlier programs noted the time at which it came into force, which was at once.
	c.want(r.num("adopted") == stamp(s.adopted) || r.num("adopted") == stamp(s.inForce), Database, r.name(), "It was not adopted when the record says.")
	c.want(r.num("ended") == stamp(s.ended) && r.null("ended") == s.ended.IsZero(), Database, r.name(), "Its end is not the one that follows from the record.")
	return nil
}

func (c *check) agencyRow(r row) error {
	s := c.state.agencies[footage.AgencyID(r.str("id"))]
	if s == nil {
		c.find(Database, r.name(), "The record does not register this agency.")
		return nil
	}
	c.want(r.str("body") == encoded(s.agency), Database, r.name(), "What the row says of the agency is not what the record says.")
	c.want(r.num("since") == stamp(s.since), Database, r.name(), "It was not registered when the record says.")
	c.want(r.num("suspended") == truth(s.suspended), Database, r.name(), "Its suspension is not as the record says.")
	c.want(r.str("verification") == encoded(s.verification), Database, r.name(), "Its verifications are not as the record says.")
	c.want(r.num("verified_until") == stamp(s.verification.Until), Database, r.name(), "It is not verified until when the record says.")
	c.deskColumns(r, s)
	switch {
	case !s.suspended:
		c.want(r.str("reason") == "", Database, r.name(), "It is not suspended, but bears a reason.")
	case !c.lost[s.index]:
		c.want(footage.Hash([]byte(r.str("reason"))) == s.reason, Database, r.name(), "The reason of the suspension is not the one in the record.")
	}
	return nil
}

func (c *check) personRow(r row) error {
	var roles []footage.Role
	if err := r.json("roles", &roles); err != nil {
		return err
	}
	c.want(footage.ValidID(r.str("id"), "p"), Database, r.name(), "The ID has not the form of one.")
	c.want(strings.TrimSpace(r.str("name")) != "", Database, r.name(), "The person has no name.")
	_, registered := c.state.agencies[footage.AgencyID(r.str("agency"))]
	c.want(registered || r.str("agency") == "", Database, r.name(), "The person is of an agency that is not registered.")
	for _, role := range roles {
		c.want(slices.Contains(footage.Roles(), role), Database, r.name(), "There is no role %q.", role)
	}
	s := c.state.people[footage.PersonID(r.str("id"))]
	if s == nil { // has not enrolled yet
		c.want(r.num("disabled") == 0, Database, r.name(), "The person is disabled, but the record does not say so.")
		c.want(r.str("suspended") == "", Database, r.name(), "The person is suspended, but the record does not say so.")
		return nil
	}
	switch {
	case s.stopped == "":
		c.want(r.str("suspended") == "", Database, r.name(), "The person is suspended, but the record does not say so.")
	case c.lost[s.stop]:
		c.want(r.str("suspended") != "", Database, r.name(), "The person is not suspended, but the record says so.")
	default:
		c.want(footage.Hash([]byte(r.str("suspended"))) == s.stopped, Database, r.name(), "The reason of the suspension is not the one in the record.")
	}
	c.want(r.num("disabled") == truth(s.disabled), Database, r.name(), "The person is disabled or not, other than the record says.")
	if len(s.enrolled) > 0 {
		c.want(slices.Equal(roles, s.latest.Roles) && r.str("agency") == string(s.latest.Agency), Database, r.name(), "Agency or roles are not those in the record.")
		c.want(r.str("rank") == string(s.latest.Rank), Database, r.name(), "The rank is not the one in the record.")
		for _, e := range s.enrolled {
			c.want(r.num("created") <= stamp(e.at), Database, r.name(), "The person enrolled before being added.")
		}
	}
	return nil
}

func (c *check) credentialRow(r row) error {
	if err := account.CheckCredential(r.str("id"), r.bytes("public_key"), r.bytes("data")); err != nil {
		return unreadable{err}
	}
	p := c.state.people[footage.PersonID(r.str("person"))]
	if r.num("pending") == 1 { // waits for a second person, or was refused: then the record says nothing of it
		if r.num("revoked") == 0 {
			c.state.pending[r.str("id")] = ledger.PasskeyHash(ledger.PersonEnrolled{PublicKey: base64.RawURLEncoding.EncodeToString(r.bytes("public_key"))})
		}
		c.want(p == nil || p.enrolled[r.str("id")].index == 0, Database, r.name(), "It waits to be confirmed, but the record says that it counts.")
		return nil
	}
	if p == nil || p.enrolled[r.str("id")].index == 0 {
		c.find(Database, r.name(), "The record does not say that this person enrolled this authenticator.")
		return nil
	}
	e := p.enrolled[r.str("id")]
	c.want(base64.RawURLEncoding.EncodeToString(r.bytes("public_key")) == e.fact.PublicKey, Database, r.name(), "The public key is not the one in the record.")
	c.want(r.num("software") == truth(e.fact.Software), Database, r.name(), "The mark of a software authenticator is not that of the record.")
	counts := p.latest.Credential == r.str("id") && !p.disabled
	c.want(r.num("revoked") == truth(!counts), Database, r.name(), "It counts or not, other than the record says.")
	soon := e.later || e.at.Sub(r.time("created")) < time.Minute
	c.want(soon && r.time("created").Sub(e.at) < time.Minute, Database, r.name(), "It was not enrolled when the record says.")
	return nil
}

func (c *check) custodianRow(r row) error {
	key, err := base64.RawURLEncoding.DecodeString(r.str("sign_key"))
	c.want(err == nil && len(key) == 32, Database, r.name(), "The signing key has not the form of one.")
	c.want(r.str("recipient") == "" || strings.HasPrefix(r.str("recipient"), "age1pq1"), Database, r.name(), "The recipient has not the form of one.")
	person := c.state.people[footage.PersonID(r.str("person"))]
	c.want(person != nil && (r.num("disabled") == 1 || !person.disabled), Database, r.name(), "The device counts or not, other than its person does.")
	s, logged := c.state.keys[footage.CustodianID(r.str("id"))]
	if !logged {
		return nil // waits until a colleague lets it in
	}
	c.want(string(s.agency) == r.str("agency") && string(s.key.Person) == r.str("person") && s.key.Key == r.str("sign_key"),
		Database, r.name(), "Agency, person or key of the device are not those in the record.")
	return nil
}

func (c *check) epochRow(r row) error {
	s, ok := c.state.epochs[epochKey(footage.AgencyID(r.str("agency")), int(r.num("number")))]
	if !ok {
		c.find(Database, r.name(), "The record does not say that this key was opened.")
		return nil
	}
	c.want(r.str("body") == encoded(s.epoch) && r.num("opened") == stamp(s.epoch.Opened) && r.num("log_index") == s.index,
		Database, r.name(), "The key is not the one in the record.")
	return nil
}

func (c *check) wrappedRow(r row) error {
	_, opened := c.state.epochs[epochKey(footage.AgencyID(r.str("agency")), int(r.num("epoch")))]
	c.want(opened, Database, r.name(), "A key is wrapped that was never opened.")
	s, in := c.state.keys[footage.CustodianID(r.str("holder"))]
	c.want(r.str("holder") == "recovery" || in && string(s.agency) == r.str("agency"), Database, r.name(), "A key is wrapped for a device that the record does not let in.")
	c.want(len(r.bytes("wrapped")) > 0, Database, r.name(), "The wrapping is empty.")
	return nil
}
