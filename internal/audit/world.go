package audit

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
)

// world is what the entries come to, as far as the rules need it.
type world struct {
	present ledger.Present
	created *ledger.ExchangeCreated
	last    time.Time
	register
	people
	keyWaits
	moderation
	requests requests
	// complaints that wait for an answer
	complaints map[footage.ComplaintID]complained
	// about which agency each complaint is
	complainedOf map[footage.ComplaintID]footage.AgencyID
	queue        []*request          // published and not judged yet, in the record's order
	judged       []*request          // in the order of their publication
	inForce      []footage.PolicyRef // when a request was published last: most share them
	history      *policy.History
	openNow      map[footage.RequestID]bool // as compared with the feed last
	custody      time.Time                  // day of the newest custody root
	assets       string                     // hash of the newest list of the pages' files
	state        stated
	figures      figures
	began        time.Time // when the record began
	reported     reported
	notices      map[footage.NoticeID]*noticed
	followUps
}

// noted is one entry as the chapters of the rules see it: with what all entries in front of it come to in the world.
type noted struct {
	index   int64
	at      time.Time
	fact    ledger.Fact
	subject string // of findings about it
}

// chapters are the rules by what they are about. Each sees every entry, takes in what concerns it and holds it against what is
// known; a kind of entry that is new needs a case in the chapter that it belongs to, or a chapter of its own.
func (a *Auditor) chapters() []func(noted) {
	return []func(noted){a.recordEntry, a.requestEntry, a.keyEntry, a.registerEntry, a.personEntry, a.moderationEntry, a.complaintEntry, a.withheldEntry, a.reportEntry, a.noticeEntry, a.followUpEntry}
}

// due are the rules about what must have happened by now, looked at once in each round.
func (a *Auditor) due() []func(now time.Time) {
	return []func(time.Time){a.pausesDue, a.endsDue, a.moderationDue, a.complaintsDue, a.withholdingDue, a.reportsDue}
}

// stated is the newest state entry.
type stated struct {
	index int64
	at    time.Time
	fact  ledger.State
}

func newWorld() world {
	return world{register: newRegister(), people: newPeople(), keyWaits: newKeyWaits(), moderation: newModeration(), complaints: map[footage.ComplaintID]complained{}, complainedOf: map[footage.ComplaintID]footage.AgencyID{}, requests: requests{},
		history: policy.NewHistory(), notices: map[footage.NoticeID]*noticed{}, state: stated{index: -1}, figures: newFigures(),
		reported: reported{pending: map[ledger.DemandCount]int64{}}, followUps: followUps{said: map[owed]said{}}}
}

// take checks one entry and plays it.
func (a *Auditor) take(raw []byte) {
	w := &a.world
	index := w.present.Size()
	subject := subjectOf(index)
	entry, fact, err := ledger.DecodeFact(raw)
	if err != nil {
		a.find("entry_malformed", subject, "Entry %d does not fit the form of its kind: %v", index, err)
		fact = unread{}
	} else {
		a.order(index, entry, subject)
		a.figured(entry)
		for _, read := range a.read {
			read(noted{index, entry.At, fact, subject})
		}
	}
	if err := w.present.Take(fact); err != nil {
		a.find("entry_malformed", subject, "Entry %d cannot be taken in: %v", index, err)
	}
	a.verifications(fact, w.last)
}

// subjectOf is what findings about an entry are about.
func subjectOf(index int64) string { return "entry " + strconv.FormatInt(index, 10) }

// unread stands for an entry that cannot be read: it changes nothing, and is told of already.
type unread = ledger.CustodyRoot

// order checks what is true of every entry.
func (a *Auditor) order(index int64, e ledger.Entry, subject string) {
	w := &a.world
	if e.At.Before(w.last) {
		a.find("entry_order", subject, "Entry %d is dated before the one in front of it.", index)
	}
	if e.At.After(a.cfg.Now().Add(clockSlack)) {
		a.find("entry_future", subject, "Entry %d is dated %s, which has not come yet.", index, e.At.Format(time.RFC1123))
	}
	if (e.Kind == ledger.KindExchangeCreated) != (index == 0) {
		a.find("entry_order", subject, "The exchange's own entry must be the first, and only the first.")
	}
	w.last = e.At
}

// clockSlack is how far this machine's clock may be behind the exchange's.
const clockSlack = 24 * time.Hour

// recordEntry checks what an entry says of the exchange and of the record itself.
func (a *Auditor) recordEntry(e noted) {
	w := &a.world
	switch f := e.fact.(type) {
	case ledger.ExchangeCreated:
		w.created, w.began = &f, e.at
	case ledger.PolicyAdopted:
		a.adopted(e, f)
	case ledger.CustodyRoot:
		a.custody(f, e.subject)
	case ledger.State:
		a.stated(e.index, e.at, f, e.subject)
	case ledger.AssetsPublished:
		w.assets = f.SHA256
	}
}

// adopted checks that a policy comes into force for what is to come, and by an operator's word where one is shown.
func (a *Auditor) adopted(e noted, f ledger.PolicyAdopted) {
	if f.InForce.Before(e.at.Add(-time.Minute)) { // adopted and recorded in one go, by one clock
		a.find("policy_backdated", e.subject, "The policy %q was adopted on %s, but is said to be in force since %s: rules may not be changed for what is past.", f.Name, e.at.Format(time.RFC1123), f.InForce.Format(time.RFC1123))
	}
	if f.Adoption == nil || f.Assertion == nil {
		return
	}
	canonical, err := f.Adoption.Canonical()
	if err == nil {
		err = a.operatorSigned(*f.Assertion, canonical)
	}
	if err == nil && !a.ours(f.Adoption.Exchange) {
		err = errOtherExchange
	}
	if err != nil {
		a.find("adoption_forged", e.subject, "The policy %q is said to be adopted by an operator's signature, which does not hold: %v", f.Name, err)
	}
}

// ours reports whether a name is that of this record, or of one that it goes on from.
func (a *Auditor) ours(origin string) bool {
	return a.world.created != nil && a.world.created.Was(origin)
}

// custody checks that there is one root a day, always of one size: anything else could tell how much was shared.
func (a *Auditor) custody(f ledger.CustodyRoot, subject string) {
	day, err := time.Parse(time.DateOnly, f.Date)
	if err != nil || f.Leaves != custodyLeaves {
		a.find("custody_size", subject, "The custody root of %s has %d leaves in place of the fixed %d.", f.Date, f.Leaves, custodyLeaves)
	}
	if last := a.world.custody; !last.IsZero() && !day.Equal(last.AddDate(0, 0, 1)) {
		a.find("custody_days", subject, "The custody root of %s follows on that of %s: there must be one for each day.", f.Date, last.Format(time.DateOnly))
	}
	a.world.custody = day
}

const custodyLeaves = 1 << 14

// stated holds a state against what the entries come to.
func (a *Auditor) stated(index int64, at time.Time, f ledger.State, subject string) {
	w := &a.world
	hash, err := w.present.Hash(at)
	if err == nil && hash != f.SHA256 || f.Size != index {
		a.find("state_disagrees", subject, "The exchange works with other facts than it has recorded: the state in entry %d is not what the entries in front of it come to. A sealing key, an agency's standing, a rule or an open request was changed without an entry.", index)
	}
	w.state = stated{index, at, f}
}

// ruleSet returns the policies that were in force when a request was published, or false if a file is missing.
func (a *Auditor) ruleSet(r *request) (policy.Set, bool) {
	var all []*policy.Policy
	for _, ref := range r.policies {
		p := a.policies[ref.Hash]
		if p == nil {
			return policy.Set{}, false
		}
		all = append(all, p)
	}
	set, err := policy.NewSet(all...)
	if err != nil {
		a.find("policies_unusable", fmt.Sprintf("entry %d", r.index), "The policies that were in force when %s was published cannot be applied together: %v", r.ID().Short(), err)
	}
	return set, err == nil && slices.ContainsFunc(all, func(*policy.Policy) bool { return true })
}
