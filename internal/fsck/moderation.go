package fsck

import (
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// moderation checks the moderators' cases, and that every decision against an agency is there of which the record tells.
func (c *check) moderation() error {
	if err := c.each(tables()["moderation"], c.caseRow); err != nil {
		return err
	}
	for _, index := range c.state.decided {
		c.leftover(index, "a moderator held or refused a request")
	}
	return nil
}

func (c *check) caseRow(r row) error {
	var findings []footage.Reason
	if err := r.json("findings", &findings); err != nil {
		return err
	}
	addition := r.str("subject") != r.str("request")
	q, err := c.tx.Request(footage.RequestID(r.str("request")))
	if err != nil {
		c.find(Database, r.name(), "It is about a request that is not there.")
		return nil
	}
	var doc footage.Document
	if !q.Withheld() {
		if err := footage.DecodeStrict(q.Document, &doc); err != nil {
			return unreadable{err}
		}
		c.want(r.str("offence") == doc.Offence, Database, r.name(), "The request is about another offence.")
	}
	c.want(!q.Withheld() || r.str("findings") == "[]" && r.str("appeal") == "" && r.str("words") == "", Database, r.name(), "The request's text is withheld, but what was written about it is there.")
	c.want(r.str("agency") == string(q.Agency), Database, r.name(), "The request is another agency's.")
	outcome := footage.Outcome(r.str("outcome"))
	if outcome == "" {
		c.want(addition || q.Status == footage.InModeration, Database, r.name(), "It waits, but the request is %s.", q.Status)
		c.want(r.str("reason") == "" && r.num("decided") == 0 && r.num("log_index") == -1, Database, r.name(), "It waits, but bears a decision.")
		return nil
	}
	if outcome == store.TakenBack {
		c.want(r.num("log_index") == -1, Database, r.name(), "It was taken back, but bears a decision.")
		return nil
	}
	return c.decision(r, addition)
}

// stands checks where a request that is not public stands against what moderators have said of it.
func (c *check) stands(q request) error {
	rounds, err := c.tx.Rounds(string(q.id))
	if err != nil {
		return err
	}
	status := footage.RequestStatus(q.str("status"))
	if len(rounds) == 0 {
		c.want(status == footage.Draft || status == footage.Signed || status == footage.Approved, Database, q.name(), "It is %s, but the moderators have no such case.", status)
		return nil
	}
	want := map[footage.Outcome]footage.RequestStatus{"": footage.InModeration, footage.OutcomeHeld: footage.StatusHeld, footage.OutcomeRefused: footage.StatusRefused,
		store.TakenBack: footage.StatusTakenBack}
	last := rounds[len(rounds)-1].Outcome
	c.want(status == want[last], Database, q.name(), "It is %s, but the moderators' last decision is %q.", status, last)
	return nil
}

// decision checks a decided case against its entry.
func (c *check) decision(r row, addition bool) error {
	commitment := c.Keys.CaseCommitment(r.str("subject"), int(r.num("round")))
	delete(c.state.decided, commitment)
	entry, at := c.fact(r.num("log_index"))
	f, ok := entry.(ledger.ModerationDecided)
	if !ok {
		c.find(Database, r.name(), "The record does not tell of the decision.")
		return nil
	}
	c.want(f.Commitment == commitment, Database, r.name(), "The entry is about another case.")
	c.want(string(f.Outcome) == r.str("outcome") && string(f.Reason) == r.str("reason"), Database, r.name(), "The decision is not the one in the record.")
	c.want(string(f.Agency) == r.str("agency") && f.Addition == addition && f.Urgent == (r.num("urgent") != 0), Database, r.name(), "The case is described otherwise in the record.")
	c.want(r.num("decided") == stamp(at), Database, r.name(), "It was not decided when the record says.")
	c.want(f.Outcome != footage.OutcomeCleared || string(f.Request) == r.str("request"), Database, r.name(), "The record names another request.")
	return nil
}
