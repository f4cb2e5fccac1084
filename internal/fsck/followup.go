package fsck

import (
	"errors"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
)

// duties checks what agencies owe after their requests and what they said, and that both are there of which the record tells.
func (c *check) duties() error {
	if err := c.each(tables()["followup"], c.followUpRow); err != nil {
		return err
	}
	for index, id := range c.state.followups {
		c.leftover(index, "the agency of request "+id.Short()+" said what came of it")
	}
	seen, days := map[footage.RequestID]int{}, map[string]footage.Days{}
	err := c.each(tables()["duty"], func(r row) error {
		seen[footage.RequestID(r.str("request"))]++
		return c.dutyRow(r, days)
	})
	if err != nil {
		return err
	}
	for id := range c.state.closed {
		c.want(seen[id] == len(footage.Duties()) || c.anyLost(id), Database, "request "+id.Short(), "It has ended, but what its agency owes is not noted.")
	}
	return nil
}

// followUpRow checks an agency's word against its entry.
func (c *check) followUpRow(r row) error {
	var f footage.FollowUp
	if err := r.json("body", &f); err != nil {
		return err
	}
	var a footage.Assertion
	if err := r.json("assertion", &a); err != nil {
		return err
	}
	canonical, err := f.Canonical()
	c.want(err == nil && footage.Hash(canonical) == r.str("hash"), Database, r.name(), "The text is not the one that the hash names.")
	c.want(string(f.Request) == r.str("request") && string(f.Duty) == r.str("duty"), Database, r.name(), "The text is about another request or duty.")
	if err := c.signed(a, canonical); err != nil {
		c.find(Database, r.name(), "The signature does not hold: %v", err)
	}
	index := r.num("log_index")
	delete(c.state.followups, index)
	entry, at := c.fact(index)
	fact, ok := entry.(ledger.FollowedUp)
	got, err := ledger.HashJSON(fact)
	want, err2 := ledger.HashJSON(ledger.FollowedUp{Request: f.Request, Agency: f.Agency, Status: f.Says, FollowUp: f, Assertion: a})
	c.want(ok && err == nil && err2 == nil && got == want && r.num("at") == stamp(at), Database, r.name(), "It is not what the record says that the agency said.")
	return nil
}

// dutyRow works out again what is owed after a request, and by when.
func (c *check) dutyRow(r row, known map[string]footage.Days) error {
	id, duty := footage.RequestID(r.str("request")), footage.Duty(r.str("duty"))
	q, err := c.tx.Request(id)
	if err != nil {
		return unreadable{err}
	}
	ended, closed := c.state.closed[id]
	c.want(closed && r.num("ended") == stamp(ended), Database, r.name(), "The request did not end when the record says, or has not ended.")
	c.want(r.str("agency") == string(q.Agency), Database, r.name(), "It names another agency than the request.")
	days, err := c.ruleDays(q.Published, known)
	if err != nil {
		return err
	}
	due := days.FirstDue(duty, ended)
	c.want(len(duty.Sayings()) > 0 && r.str("first") == due, Database, r.name(), "Its first day is not the one that the rules of the request give.")
	last, err := c.tx.LastFollowUp(id, duty)
	switch {
	case err == nil:
		due = days.NextDue(last.Body.Says, last.Body.Until, last.At)
	case !errors.Is(err, footage.NotFound):
		return unreadable{err}
	}
	c.want(r.str("due") == due, Database, r.name(), "The day by which more is owed is not the one that follows from what was said.")
	return nil
}

// ruleDays returns what the policies give that were in force at a time.
func (c *check) ruleDays(at time.Time, known map[string]footage.Days) (footage.Days, error) {
	rows, err := c.tx.Policies(at)
	if err != nil {
		return footage.Days{}, err
	}
	var name strings.Builder
	for _, row := range rows {
		name.WriteString(row.Hash)
	}
	if d, ok := known[name.String()]; ok {
		return d, nil
	}
	var all []*policy.Policy
	for _, row := range rows {
		p, err := policy.Parse(row.Body)
		if err != nil {
			return footage.Days{}, unreadable{err}
		}
		all = append(all, p)
	}
	set, err := policy.NewSet(all...)
	if err != nil {
		return footage.Days{}, unreadable{err}
	}
	known[name.String()] = set.FollowUp()
	return known[name.String()], nil
}
