package fsck

import (
	"slices"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// notices checks every step of a notice of an incident against its entry, and that every one is there of which the record tells.
func (c *check) notices() error {
	if err := c.each(tables()["notice_step"], c.noticeRow); err != nil {
		return err
	}
	for index := range c.state.notices {
		c.leftover(index, "the exchange said something of an incident")
	}
	return nil
}

func (c *check) noticeRow(r row) error {
	s := store.NoticeStep{ID: footage.NoticeID(r.str("id")), Notice: footage.NoticeID(r.str("notice")), Step: store.NoticeVerb(r.str("step")),
		Proposed: footage.PersonID(r.str("proposed")), Agreed: footage.PersonID(r.str("agreed")), At: r.time("at"), LogIndex: r.num("log_index")}
	if err := r.json("body", &s.Body); err != nil {
		return err
	}
	c.want(footage.ValidID(string(s.ID), "n") && footage.ValidID(string(s.Notice), "n"), Database, r.name(), "The ID has not the form of one.")
	c.want(slices.Contains([]store.NoticeVerb{store.NoticePublish, store.NoticeUpdate, store.NoticeEnd}, s.Step), Database, r.name(), "It is no step of a notice.")
	c.want((s.Step == store.NoticePublish) == (s.ID == s.Notice), Database, r.name(), "It is a notice and belongs to another, or belongs to itself.")
	c.want(s.LogIndex >= -1, Database, r.name(), "It has the number of an entry that there cannot be.")
	if s.LogIndex < 0 {
		c.want(s.Agreed == "" && s.At.IsZero(), Database, r.name(), "It waits for a second person, and has what belongs to what is public.")
		return nil
	}
	delete(c.state.notices, s.LogIndex)
	fact, at := c.fact(s.LogIndex)
	c.want(fact != nil && encoded(c.withoutWords(s.LogIndex, fact)) == encoded(c.withoutWords(s.LogIndex, exchange.NoticeFact(s))), Database, r.name(), "It says something else than its entry in the record.")
	c.want(stamp(at) == r.num("at"), Database, r.name(), "It was not published when the record says.")
	return nil
}

// withoutWords is what is said of an incident, without the hashes of words that a restore has lost.
func (c *check) withoutWords(index int64, fact ledger.Fact) ledger.Fact {
	if !c.lost[index] {
		return fact
	}
	switch f := fact.(type) {
	case ledger.NoticePublished:
		f.Text, f.TextEs = "", ""
		return f
	case ledger.NoticeUpdated:
		f.Text, f.TextEs = "", ""
		return f
	case ledger.NoticeEnded:
		f.Text, f.TextEs = "", ""
		return f
	}
	return fact
}
