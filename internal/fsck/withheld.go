package fsck

import (
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// withheld is an entry that withholds a text.
type withheld struct {
	fact  ledger.DocumentWithheld
	index int64
	at    time.Time
}

// withholdings checks what was withheld or is to be, and that every withholding is there of which the record tells.
func (c *check) withholdings() error {
	seen := map[footage.RequestID]bool{}
	if err := c.each(tables()["withholding"], func(r row) error { return c.withholdingRow(r, seen) }); err != nil {
		return err
	}
	for id, w := range c.state.withheld {
		if !seen[id] {
			c.leftover(w.index, "the text of request "+id.Short()+" was withheld")
		}
	}
	return nil
}

func (c *check) withholdingRow(r row, seen map[footage.RequestID]bool) error {
	var w footage.Withholding
	if err := r.json("body", &w); err != nil {
		return err
	}
	var all []footage.Assertion
	if err := r.json("assertions", &all); err != nil {
		return err
	}
	c.want(string(w.Request) == r.str("request"), Database, r.name(), "It is about another request.")
	if !c.lost[r.num("log_index")] {
		c.want(w.Order == footage.Commit(c.Keys.OrderSalt(w.Request, w.Signed), r.str("reference")), Database, r.name(), "The reference is not the one to which the two have signed a commitment.")
	}
	if r.num("withheld") == 0 {
		canonical, err := w.Canonical()
		c.want(err == nil && len(all) == 1 && c.signed(all[0], canonical) == nil, Database, r.name(), "It waits, but bears no valid signature of one who proposed it.")
		c.want(r.num("log_index") == -1 && c.state.withheld[w.Request].index == 0, Database, r.name(), "It waits, but the record says that the text is withheld.")
		return nil
	}
	entry := c.state.withheld[w.Request]
	seen[w.Request] = true
	hash, err := ledger.HashJSON(ledger.DocumentWithheld{Request: w.Request, Agency: w.Agency, Reason: w.Authority, Withholding: w, Assertions: all})
	want, err2 := ledger.HashJSON(entry.fact)
	c.want(err == nil && err2 == nil && hash == want, Database, r.name(), "It is not the withholding that the record tells of.")
	c.want(r.num("log_index") == entry.index && r.num("withheld") == stamp(entry.at), Database, r.name(), "It was not withheld when and where the record says.")
	if entry.index > 0 {
		c.signedForOffice(r, entry)
	}
	return nil
}

// signedForOffice checks the two signatures with the keys of those who signed.
func (c *check) signedForOffice(r row, w withheld) {
	people := map[footage.PersonID]ledger.PersonEnrolled{}
	for _, a := range w.fact.Assertions {
		if p := c.state.people[a.Person]; p != nil {
			people[a.Person] = p.enrolled[a.Credential].fact
		}
	}
	if err := evidence.VerifyWithholding(w.fact, c.state.created.RP, people, c.state.created.Fictional); err != nil {
		c.find(Record, r.name(), "The withholding does not hold: %v", err)
	}
}

// withheldRow checks a request of whose text nothing may be left.
func (c *check) withheldRow(q request, w withheld) error {
	var p footage.Private
	if err := q.json("private", &p); err != nil {
		return err
	}
	c.want(p == footage.Private{} && q.str("code") == store.WithheldCode+string(q.id), Database, q.name(), "The record says that its text is withheld, but case number, place or code are there.")
	c.want(q.str("agency") == string(w.fact.Agency), Database, q.name(), "The record names another agency.")
	c.want(q.num("square_metres") == w.fact.Withholding.SquareMetres && (q.num("window_to")-q.num("window_from"))/1e6 == w.fact.Withholding.Seconds,
		Database, q.name(), "Its size is not the one for which two people have signed.")
	c.addSum(q)
	if !c.lost[q.num("log_index")] {
		if err := c.stillSigned(q); err != nil {
			return err
		}
	}
	return c.life(q)
}

// stillSigned checks that the signatures under a text that is gone are those of the record.
func (c *check) stillSigned(q request) error {
	var all []footage.Assertion
	for _, column := range []string{"officer", "supervisor"} {
		var a footage.Assertion
		if err := q.json(column, &a); err != nil {
			return err
		}
		all = append(all, a)
	}
	fact, _ := c.fact(q.num("log_index"))
	published, ok := fact.(ledger.RequestPublished)
	hash, err := ledger.HashJSON(all)
	c.want(ok && err == nil && published.Assertions == hash, Database, q.name(), "The signatures are not those that were published.")
	return c.linked(q, published.Linked)
}
