package fsck

import (
	"fmt"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// keyChange is what the record says of a key that waits for its time.
type keyChange struct {
	fact  ledger.KeyAnnounced
	index int64
}

// counts notes that a key which was announced counts now. Who cannot be told by its hash stays, and is found.
func (s *state) counts(use footage.KeyUse, hash string, err error) {
	for id, k := range s.changes {
		if err == nil && k.fact.Use == use && k.fact.Key == hash {
			delete(s.changes, id)
		}
	}
}

// keyChangeRow checks that a key which waits is the one that was announced. Of one that needs a second person the record says
// nothing; its own parts must fit together.
func (c *check) keyChangeRow(r row) error {
	c.want(footage.ValidID(r.str("id"), "n") && footage.KeyUse(r.str("kind")).Known() && footage.ValidID(r.str("person"), "p"), Database, r.name(), "Its ID, its kind or its person has not the form of one.")
	_, registered := c.state.agencies[footage.AgencyID(r.str("agency"))]
	c.want(registered || r.str("agency") == "", Database, r.name(), "It is of an agency that is not registered.")
	if err := c.keyBody(r); err != nil {
		return err
	}
	if r.null("counts") {
		c.want(r.null("log_index") && r.str("agreed") == "" && (r.str("asked") == "" || footage.ValidID(r.str("asked"), "p")), Database, r.name(), "It waits for a second person, and says that there is one.")
		return nil
	}
	k, logged := c.state.changes[footage.KeyChangeID(r.str("id"))]
	if !logged {
		c.find(Database, r.name(), "The key waits to count, but the record does not announce it, or has ended it.")
		return nil
	}
	agreed := []footage.PersonID{}
	for _, column := range []string{"asked", "agreed"} {
		if p := footage.PersonID(r.str(column)); p != "" {
			agreed = append(agreed, p)
		}
	}
	f := k.fact
	c.want(string(f.Agency) == r.str("agency") && string(f.Use) == r.str("kind") && string(f.Person) == r.str("person") && f.Key == r.str("sha256") &&
		fmt.Sprint(f.Agreed) == fmt.Sprint(agreed) && r.num("counts") == stamp(f.Counts) && r.num("log_index") == k.index,
		Database, r.name(), "What waits, for whom, until when, or who agreed, is not what the record says.")
	return nil
}

// keyBody checks that what is to be done when a key counts is what the row says. Of a sealed key nobody can tell more.
func (c *check) keyBody(r row) (err error) {
	subject := ""
	switch footage.KeyUse(r.str("kind")) {
	case footage.KeyPasskey:
		c.state.waiting[r.str("subject")] = r.str("sha256")
		return r.json("body", &struct{}{})
	case footage.KeyCustodian:
		var w api.WrappedKey
		err = r.json("body", &w)
		subject = fmt.Sprintf("%d/%s", w.Epoch, w.Holder)
		c.state.letIn = append(c.state.letIn, w.Holder)
	case footage.KeyEpoch:
		var in api.OpenEpoch
		err = r.json("body", &in)
		subject = fmt.Sprint(in.Number)
	}
	c.want(subject == r.str("subject"), Database, r.name(), "What is to be done is for another key than the row says.")
	return err
}

// keysWait checks that the passkeys that are to count are authenticators that wait, and that the devices to be let in are there.
func (c *check) keysWait(seen map[string]bool) {
	for _, device := range c.state.letIn {
		c.want(seen["custodian "+device], Database, "custodian "+device, "It waits to be let in, but there is no such row.")
	}
	for credential, hash := range c.state.waiting {
		c.want(c.state.pending[credential] == hash, Database, "key_change of the credential "+credential, "No such authenticator waits to count.")
	}
}
