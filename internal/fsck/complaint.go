package fsck

import (
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// complaints checks every complaint against its entries, and that every one is there of which the record tells.
func (c *check) complaints() error {
	if err := c.each(tables()["complaint"], c.complaintRow); err != nil {
		return err
	}
	for _, index := range c.state.complaints {
		c.leftover(index, "a complaint came in, or was answered")
	}
	return nil
}

func (c *check) complaintRow(r row) error {
	var ledTo []footage.ComplaintResult
	if err := r.json("led_to", &ledTo); err != nil {
		return err
	}
	received, answered := r.num("log_index"), r.num("answer_index")
	if index, gone := c.state.forgotten[footage.ComplaintID(r.str("id"))]; gone {
		c.want(r.str("words") == "" && (answered > index || r.str("answer") == "" && r.str("reply") == ""), Database, r.name(), "The record says that what it says is withheld with a request's text, but it is there.")
	}
	c.want(received >= -1 && answered >= -1, Database, r.name(), "It has the number of an entry that there cannot be.")
	c.want(answered < 0 || received >= 0 && received < answered, Database, r.name(), "It was answered before it came in.")
	c.want((answered < 0) == (r.str("outcome") == ""), Database, r.name(), "It is answered without an entry, or has an entry and is not.")
	c.want(r.num("handed") == 0 || r.num("hand_on") == 1, Database, r.name(), "The agency was shown what it may not see.")
	if received >= 0 {
		c.received(r, received)
	}
	if answered < 0 {
		c.want(r.num("answered") == 0 && len(ledTo) == 0 && r.str("answer") == "", Database, r.name(), "It has no answer, and what belongs to one.")
		return nil
	}
	c.answered(r, answered, ledTo)
	return nil
}

// received checks a complaint against the entry that it came in.
func (c *check) received(r row, index int64) {
	delete(c.state.complaints, index)
	entry, _ := c.fact(index)
	f, ok := entry.(ledger.ComplaintReceived)
	if !ok {
		c.find(Database, r.name(), "The record does not tell of it.")
		return
	}
	c.want(string(f.Complaint) == r.str("id") && string(f.Agency) == r.str("agency") && string(f.Request) == r.str("request") && string(f.Reason) == r.str("reason") &&
		f.Day == r.str("day") && f.Due == r.str("due"), Database, r.name(), "It is described otherwise in the record.")
	if words := r.str("words"); words != "" { // else they are forgotten, or were lost in a restore
		c.want(f.Commitment == c.Keys.ComplaintCommitment(f.Complaint, words), Database, r.name(), "The words are not those that came in.")
	}
}

// answered checks a complaint against the entry of its answer.
func (c *check) answered(r row, index int64, ledTo []footage.ComplaintResult) {
	delete(c.state.complaints, index)
	entry, at := c.fact(index)
	f, ok := entry.(ledger.ComplaintAnswered)
	if !ok {
		c.find(Database, r.name(), "The record does not tell of the answer.")
		return
	}
	c.want(string(f.Complaint) == r.str("id") && string(f.Outcome) == r.str("outcome") && slices.Equal(f.LedTo, ledTo) && r.num("answered") == stamp(at),
		Database, r.name(), "The answer is not the one in the record.")
	if words := r.str("answer"); words != "" { // else they were lost in a restore
		c.want(f.Answer == footage.Hash([]byte(words)), Database, r.name(), "The words of the answer are not those that were given.")
	}
}
