package audit_test

import (
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
)

// word is what the supervisor of the town's police says at a time about a request that has ended.
func (c *cast) word(by member, at time.Time, change func(*footage.FollowUp)) ledger.FollowedUp {
	c.t.Helper()
	f := footage.FollowUp{Type: footage.FollowUpType, Exchange: "town.example/porchlight", Request: asked.Request, Agency: c.agency.ID, Duty: footage.DutyOutcome, Says: footage.SaidArrest, Signed: at}
	if change != nil {
		change(&f)
	}
	canonical, err := f.Canonical()
	must(c.t, err)
	return ledger.FollowedUp{Request: f.Request, Agency: f.Agency, Status: f.Says, FollowUp: f, Assertion: by.sign(footage.Supervisor, canonical)}
}

// says changes what is said.
func says(what footage.Said, until string) func(*footage.FollowUp) {
	return func(f *footage.FollowUp) {
		f.Says, f.Until = what, until
		if what == footage.SaidDestroyed || what.Kept() {
			f.Duty = footage.DutyCopies
		}
	}
}

// TestDishonestFollowUps (T5, D2): a word of nobody who may give it, about nothing, or in a wrong place.
func TestDishonestFollowUps(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	first := c.word(c.supervisor, noon, says(footage.SaidStillOpen, ""))
	canonical, err := first.FollowUp.Canonical()
	must(t, err)
	second := c.word(c.supervisor, noon, func(f *footage.FollowUp) { f.Replaces = footage.Hash(canonical) })
	forged := c.word(c.supervisor, noon, nil)
	forged.FollowUp.Says, forged.Status = footage.SaidCharge, footage.SaidCharge
	gone := ledger.PersonDisabled{Person: c.supervisor.Person}
	c.judge(t, []trial{
		{"two words in their order", c.ready(asked, over, first, second), nil},
		{"before the end", c.ready(asked, first, over), []string{"followup_unfounded"}},
		{"about nothing", c.ready(first), []string{"followup_unfounded"}},
		{"of another agency", c.ready(asked, over, c.word(c.supervisor, noon, func(f *footage.FollowUp) { f.Agency = c.neighbour.ID })), []string{"followup_unfounded"}},
		{"by an officer", c.ready(asked, over, c.word(c.officer, noon, nil)), []string{"followup_forged"}},
		{"by one who has left", c.ready(asked, over, gone, c.word(c.supervisor, noon, nil)), []string{"followup_forged"}},
		{"another word than was signed", c.ready(asked, over, forged), []string{"followup_forged"}},
		{"signed for another exchange", c.ready(asked, over, c.word(c.supervisor, noon, func(f *footage.FollowUp) { f.Exchange = "elsewhere.example" })), []string{"followup_forged"}},
		{"in the place of nothing", c.ready(asked, over, second), []string{"followup_order"}},
		{"a second first word", c.ready(asked, over, first, c.word(c.supervisor, noon, nil)), []string{"followup_order"}},
		{"no word of the list", c.ready(asked, over, c.word(c.supervisor, noon, says("thanks", ""))), []string{"entry_malformed"}},
		{"copies kept without an end", c.ready(asked, over, c.word(c.supervisor, noon, says(footage.SaidKeptHold, ""))), []string{"entry_malformed"}},
		{"copies kept for ever", c.ready(asked, over, c.word(c.supervisor, noon, says(footage.SaidKeptHold, "2099-01-01"))), []string{"entry_malformed"}},
	})
}

// TestFollowUpsDue (T5, D2, D4): words that are missing after the days of the default policy, 60 and 90 after 14 March, or after
// those that a word itself gives; and one that comes before it can be true.
func TestFollowUpsDue(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	file, err := footage.Canonicalize(policy.DefaultFile())
	must(t, err)
	hash := policy.Default().Ref().Hash
	april, may := noon.AddDate(0, 0, 22), noon.AddDate(0, 0, 60)
	destroyed := says(footage.SaidDestroyed, "")
	type dated struct {
		at   time.Time
		fact ledger.Fact
	}
	at := func(when time.Time, change func(*footage.FollowUp)) dated {
		return dated{when, c.word(c.supervisor, when, change)}
	}
	overdue := []string{"followup_overdue"}
	for name, x := range map[string]struct {
		words []dated
		now   time.Time
		want  []string
	}{
		"not due":                     {nil, may, nil},
		"copies due":                  {nil, may.AddDate(0, 0, 1), overdue},
		"copies gone":                 {[]dated{at(april, destroyed)}, may.AddDate(0, 0, 30), nil},
		"outcome due":                 {[]dated{at(april, destroyed)}, may.AddDate(0, 0, 31), overdue},
		"both said":                   {[]dated{at(april, destroyed), at(may, nil)}, may.AddDate(0, 0, 40), nil},
		"still open, and due again":   {[]dated{at(noon, says(footage.SaidStillOpen, "")), at(april, destroyed)}, may.AddDate(0, 0, 31), overdue},
		"said in April, still open":   {[]dated{at(april, destroyed), at(april, says(footage.SaidStillOpen, ""))}, may.AddDate(0, 0, 31), nil},
		"kept until a day":            {[]dated{at(april, says(footage.SaidKeptHold, "2026-06-01"))}, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), nil},
		"kept beyond it":              {[]dated{at(april, says(footage.SaidKeptHold, "2026-06-01"))}, time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC), overdue},
		"no copy left, said too soon": {[]dated{at(april.AddDate(0, 0, -1), destroyed)}, may, []string{"followup_early"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForged(t)
			f.cfg.Now = func() time.Time { return x.now }
			for _, fact := range c.with(ledger.PolicyAdopted{Name: "default", SHA256: hash, InForce: noon}, asked, over) {
				f.write(noon, fact)
			}
			for _, w := range x.words {
				f.add(w.at, w.fact)
			}
			f.publish(len(f.entries))
			must(t, f.dir.Put(t.Context(), ledger.PolicyKey(hash), file))
			f.want(name, x.want...)
		})
	}
}
