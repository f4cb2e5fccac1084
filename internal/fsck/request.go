package fsck

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strings"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
)

// requests checks the requests, and that every one of which the record tells is there.
func (c *check) requests() error {
	if err := c.each(tables()["request"], c.requestRow); err != nil {
		return err
	}
	for id, index := range c.state.published {
		c.leftover(index, "the request "+id.Short()+" was published")
	}
	return c.spotsAndSums()
}

// request is a request's row on its way through the checks.
type request struct {
	row
	id        footage.RequestID
	doc       footage.Document
	canonical []byte
	public    bool
}

func (c *check) requestRow(r row) error {
	q := request{row: r, id: footage.RequestID(r.str("id")), canonical: r.bytes("document"), public: footage.RequestStatus(r.str("status")).Public()}
	w, gone := c.state.withheld[q.id]
	c.want(!gone || len(q.canonical) == 0, Database, r.name(), "The record says that its text is withheld, but the text is there.")
	if gone && len(q.canonical) == 0 {
		return c.withheldRow(q, w)
	}
	if footage.Hash(q.canonical) != string(q.id) {
		return unreadable{fmt.Errorf("the document is not the one that the ID names")}
	}
	if err := footage.DecodeStrict(q.canonical, &q.doc); err != nil {
		return unreadable{err}
	}
	for column, want := range map[string]string{"agency": string(q.doc.Agency), "code": policy.NormaliseCase(q.doc.Code)} {
		c.want(r.str(column) == want, Database, r.name(), "The column %s says %q, the document %q.", column, r.str(column), want)
	}
	for column, want := range map[string]int64{"closes": stamp(q.doc.Closes), "window_from": stamp(q.doc.Window.From), "window_to": stamp(q.doc.Window.To)} {
		c.want(r.num(column) == want, Database, r.name(), "The column %s is not what the document says.", column)
	}
	for _, step := range []func(request) error{c.area, c.private, c.signatures, c.life} {
		if err := step(q); err != nil {
			return err
		}
	}
	return nil
}

// area checks what was made of the document's polygon.
func (c *check) area(q request) error {
	region, err := geo.Compile(q.doc.Area)
	if err != nil {
		return unreadable{err}
	}
	c.want(q.num("square_metres") == int64(math.Round(region.SquareMetres())), Database, q.name(), "The size is not that of the document's area.")
	return c.spots(q, region)
}

// private checks what is not published against the document's commitments to it.
func (c *check) private(q request) error {
	var p footage.Private
	if err := q.json("private", &p); err != nil {
		return err
	}
	if q.str("case_key") == exchange.LostCase+string(q.id) && c.lost[q.num("log_index")] {
		return nil
	}
	place, err := footage.Canonical(p.Place)
	if err != nil {
		return unreadable{err}
	}
	c.want(commits(q.doc.Case, p.CaseSalt, p.CaseNumber), Database, q.name(), "The case number is not the one to which the document commits.")
	c.want(commits(q.doc.Place, p.PlaceSalt, string(place)), Database, q.name(), "The place is not the one to which the document commits.")
	c.want(q.str("case_key") == c.Keys.CaseKey(q.doc.Agency, p.CaseNumber), Database, q.name(), "The case number's hash is not that of the case number under the exchange's secret.")
	return nil
}

func commits(commitment, salt, value string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(salt)
	return err == nil && footage.Commit(raw, value) == commitment
}

// signatures checks who signed, and that it is the document that they signed.
func (c *check) signatures(q request) error {
	need := map[footage.RequestStatus]int{footage.Draft: 0, footage.Signed: 1}
	count, few := need[footage.RequestStatus(q.str("status"))]
	if !few {
		count = 2
	}
	var all []footage.Assertion
	for i, column := range []string{"officer", "supervisor"} {
		if q.str(column) == "" {
			c.want(i >= count, Database, q.name(), "The signature of the %s is missing.", column)
			continue
		}
		var a footage.Assertion
		if err := q.json(column, &a); err != nil {
			return err
		}
		c.want(i < count, Database, q.name(), "It bears the signature of the %s, but is a %s.", column, q.str("status"))
		c.want(string(a.Role) == column, Database, q.name(), "The signature of the %s was made as %s.", column, a.Role)
		if err := c.signed(a, q.canonical); err != nil {
			c.find(Database, q.name(), "The signature of the %s does not hold: %v", column, err)
		}
		all = append(all, a)
	}
	if len(all) > 0 {
		c.want(q.str("author") == string(all[0].Person), Database, q.name(), "The author is not the one who signed as officer.")
	}
	_, known := c.state.people[footage.PersonID(q.str("author"))]
	c.want(known, Database, q.name(), "The author is nobody who has enrolled.")
	if !q.public {
		return c.linked(q, nil)
	}
	fact, _ := c.fact(q.num("log_index"))
	published, ok := fact.(ledger.RequestPublished)
	hash, err := ledger.HashJSON(all)
	c.want(ok && err == nil && published.Assertions == hash, Database, q.name(), "The signatures are not those that were published.")
	return c.linked(q, published.Linked)
}

// linked checks which requests belong together with one.
func (c *check) linked(q request, want []footage.RequestID) error {
	var linked []footage.RequestID
	if err := q.json("linked", &linked); err != nil {
		return err
	}
	c.want(slices.Equal(linked, want), Database, q.name(), "The requests to which it is linked are not those that the record names.")
	return nil
}

// signed checks an assertion with the public key that the record gives for it.
func (c *check) signed(a footage.Assertion, canonical []byte) error {
	p := c.state.people[a.Person]
	if p == nil || p.enrolled[a.Credential].index == 0 || c.state.created == nil {
		return footage.E(footage.Untrusted, "The record does not name its authenticator.")
	}
	key, err := base64.RawURLEncoding.DecodeString(p.enrolled[a.Credential].fact.PublicKey)
	if err != nil {
		return err
	}
	return a.Verify(key, c.state.created.RP, canonical)
}

// life checks where a request stands against the entries about it.
func (c *check) life(q request) error {
	index, inRecord := c.state.published[q.id]
	delete(c.state.published, q.id)
	if !q.public {
		c.want(!inRecord, Database, q.name(), "The record says that it was published, the row that it is %s.", q.str("status"))
		c.want(q.num("log_index") == -1 && q.num("published") == 0 && q.str("head") == string(q.id), Database, q.name(), "It is not public, but bears marks of it.")
		return c.stands(q)
	}
	if !inRecord {
		c.find(Database, q.name(), "The record does not say that it was published.")
		return nil
	}
	_, at := c.fact(index)
	c.want(q.num("log_index") == index && q.num("published") == stamp(at), Database, q.name(), "It was not published when and where the record says.")
	c.want(q.num("created") <= q.num("published"), Database, q.name(), "It was published before it was written.")
	status, head := footage.Published, string(q.id)
	entries, err := c.tx.EntriesAbout(string(q.id), c.state.size)
	if err != nil {
		return err
	}
	for _, i := range entries {
		switch f, _ := c.fact(i); f := f.(type) {
		case ledger.RequestUpdated:
			head = f.Update
		case ledger.RequestClosed:
			status = f.Status
		}
	}
	c.want(q.str("status") == string(status), Database, q.name(), "It is %s, but the record says %s.", q.str("status"), status)
	c.want(q.str("head") == head, Database, q.name(), "Its newest update is not the one in the record.")
	return nil
}

// updates checks the updates of requests, and that every one of which the record tells is there.
func (c *check) updates() error {
	previous := map[string]updated{}
	err := c.each(tables()["request_update"], func(r row) error { return c.updateRow(r, previous) })
	if err != nil {
		return err
	}
	for hash, index := range c.state.updates {
		c.leftover(index, "the update "+hash[:12]+" was published")
	}
	return nil
}

// updated is how far a request's updates have been checked.
type updated struct {
	count int64
	hash  string // of the newest
}

func (c *check) updateRow(r row, previous map[string]updated) error {
	var u footage.UpdateRecord
	if err := r.json("body", &u); err != nil {
		return err
	}
	canonical, err := u.Update.Canonical()
	_, gone := c.state.withheld[footage.RequestID(r.str("request"))]
	if gone {
		c.want(u.Update.Text == "" && u.Update.Nonce == "", Database, r.name(), "The record says that the request's text is withheld, but that of an update is there.")
	} else if err != nil || footage.Hash(canonical) != r.str("hash") {
		return unreadable{fmt.Errorf("the text is not the one that the hash names")}
	}
	before := previous[r.str("request")]
	if before.hash == "" {
		before.hash = r.str("request")
	}
	c.want(r.num("seq") == before.count, Database, r.name(), "An update before it is missing.")
	index, inRecord := c.state.updates[r.str("hash")]
	delete(c.state.updates, r.str("hash"))
	c.want(string(u.Update.Request) == r.str("request"), Database, r.name(), "The text is about another request.")
	for _, a := range u.Assertions {
		if gone {
			break // what they signed is gone; their hash is compared below
		}
		if err := c.signed(a, canonical); err != nil {
			c.find(Database, r.name(), "A signature does not hold: %v", err)
		}
	}
	c.want(len(u.Assertions) > 0 && r.str("author") == string(u.Assertions[0].Person), Database, r.name(), "The author is not the one who signed first.")
	if r.num("published") == 0 {
		c.want(!inRecord && r.num("log_index") == -1, Database, r.name(), "It waits, but the record says that it was published.")
		return nil
	}
	fact, at := c.fact(index)
	f, ok := fact.(ledger.RequestUpdated)
	hash, err := ledger.HashJSON(u.Assertions)
	c.want(inRecord && ok && err == nil && f.Request == u.Update.Request && f.Change == u.Update.Kind && f.Assertions == hash,
		Database, r.name(), "It is not the update that the record says was published.")
	c.want(r.num("log_index") == index && r.num("published") == stamp(at), Database, r.name(), "It was not published when and where the record says.")
	c.want(u.Update.Previous == before.hash || c.anyLost(u.Update.Request), Database, r.name(), "It does not follow the update before it.")
	previous[r.str("request")] = updated{before.count + 1, r.str("hash")}
	return nil
}

// anyLost reports whether a restore could not bring back an entry about a request.
func (c *check) anyLost(id footage.RequestID) bool {
	entries, err := c.tx.EntriesAbout(string(id), c.state.size)
	return err == nil && slices.ContainsFunc(entries, func(i int64) bool { return c.lost[i] })
}

// rest checks the form of what nothing vouches for.
func (c *check) rest() error {
	for name, do := range map[string]func(row) error{
		"invitation": c.hashed("token_hash"), "session": c.hashed("token_hash"), "challenge": c.hashed("hash"), "work_spent": c.hashed("hash"),
		"message": c.messageRow, "loss": c.lossRow, "application": c.applicationRow,
		"job": func(row) error { return nil }, "mail_address": func(row) error { return nil }, "letter": func(row) error { return nil },
	} {
		if err := c.each(tables()[name], do); err != nil {
			return err
		}
	}
	return nil
}

func (c *check) hashed(column string) func(row) error {
	return func(r row) error {
		c.want(isHash(r.str(column)), Database, r.table.Name, "The column %s has not the form of a hash.", column)
		return nil
	}
}

func (c *check) applicationRow(r row) error {
	c.want(footage.ValidID(r.str("id"), "a"), Database, r.name(), "The ID has not the form of one.")
	answered, reason, agency := r.num("answered") > 0, footage.ApplicationReason(r.str("reason")), footage.AgencyID(r.str("agency"))
	_, registered := c.state.agencies[agency]
	fits := map[string]bool{
		string(footage.ApplicationWaits):    !answered && reason == "" && agency == "",
		string(footage.ApplicationRefused):  answered && slices.Contains(footage.ApplicationReasons(), reason) && agency == "",
		string(footage.ApplicationAccepted): answered && reason == "" && registered,
	}
	c.want(fits[r.str("state")], Database, r.name(), "What became of it, when, why and as which agency do not go together.")
	c.want(r.num("received") > 0 && (!answered || r.num("answered") >= r.num("received")), Database, r.name(), "It was answered before it came in.")
	var a footage.Application
	return r.json("body", &a)
}

func (c *check) messageRow(r row) error {
	c.want(footage.ValidID(r.str("id"), "m"), Database, "message", "The ID has not the form of one.")
	c.want(r.str("party") == string(footage.PartyAgency) || r.str("party") == string(footage.PartyResident), Database, "message", "It is from nobody who writes messages.")
	c.want(bytes.HasPrefix(r.bytes("body"), []byte("age-encryption.org/")), Database, "message", "It is not sealed.")
	return nil
}

func (c *check) lossRow(r row) error {
	c.want(r.num("log_index") >= 0 && r.num("log_index") < c.state.size && strings.TrimSpace(r.str("what")) != "", Database, r.name(), "It is about no entry of the record.")
	return nil
}
