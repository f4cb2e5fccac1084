package audit

import (
	"fmt"
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
)

// world is what the entries come to, as far as the rules need it.
type world struct {
	present  ledger.Present
	created  *ledger.ExchangeCreated
	last     time.Time
	agencies map[footage.AgencyID]*agency
	requests map[footage.RequestID]*request
	queue    []*request // published and not judged yet, in the record's order
	judged   map[footage.RequestID]bool
	history  *policy.History
	openNow  map[footage.RequestID]bool             // as compared with the feed last
	custody  time.Time                              // day of the newest custody root
	assets   string                                 // hash of the newest list of the pages' files
	stopped  map[footage.PersonID]bool              // suspended people
	cleared  map[footage.RequestID]footage.AgencyID // requests that moderators have cleared, with whose they are
	state    stated
}

// stated is the newest state entry.
type stated struct {
	index int64
	at    time.Time
	fact  ledger.State
}

type agency struct {
	agency    footage.Agency
	suspended bool
	paused    bool // its two verifications are not in force
	epochs    int
}

// request is a published request, with who could ask and under which rules at that moment.
type request struct {
	fact     ledger.RequestPublished
	index    int64
	at       time.Time
	agency   agency
	policies []footage.PolicyRef
	closed   time.Time          // zero: open
	signers  []footage.PersonID // as far as the request was judged
	withheld bool
}

func newWorld() world {
	return world{agencies: map[footage.AgencyID]*agency{}, requests: map[footage.RequestID]*request{}, judged: map[footage.RequestID]bool{},
		stopped: map[footage.PersonID]bool{}, cleared: map[footage.RequestID]footage.AgencyID{}, history: policy.NewHistory(), state: stated{index: -1}}
}

// open returns the requests that the feed must show: open ones of agencies and people that are not suspended, and whose two
// verifications are in force.
func (w *world) open() map[footage.RequestID]*request {
	all := map[footage.RequestID]*request{}
	for id, r := range w.requests {
		asks := w.of(r.fact.Agency)
		if r.closed.IsZero() && !r.withheld && !asks.suspended && !asks.paused && !slices.ContainsFunc(r.signers, func(p footage.PersonID) bool { return w.stopped[p] }) {
			all[id] = r
		}
	}
	return all
}

func (w *world) of(id footage.AgencyID) *agency {
	if w.agencies[id] == nil {
		w.agencies[id] = &agency{}
	}
	return w.agencies[id]
}

// take checks one entry and plays it.
func (a *Auditor) take(raw []byte) {
	w := &a.world
	index := w.present.Size()
	subject := fmt.Sprintf("entry %d", index)
	entry, err := ledger.DecodeEntry(raw)
	var fact ledger.Fact
	if err == nil {
		fact, err = entry.Fact()
	}
	if err != nil {
		a.find("entry_malformed", subject, "Entry %d does not fit the form of its kind: %v", index, err)
		fact = unread{}
	} else {
		a.order(index, entry, subject)
		a.play(index, entry.At, fact, subject)
	}
	if err := w.present.Take(fact); err != nil {
		a.find("entry_malformed", subject, "Entry %d cannot be taken in: %v", index, err)
	}
}

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

// play checks what an entry says against those before it.
func (a *Auditor) play(index int64, at time.Time, fact ledger.Fact, subject string) {
	w := &a.world
	switch f := fact.(type) {
	case ledger.ExchangeCreated:
		w.created = &f
	case ledger.PolicyAdopted:
		if f.InForce.Before(at.Add(-time.Minute)) { // adopted and recorded in one go, by one clock
			a.find("policy_backdated", subject, "The policy %q was adopted on %s, but is said to be in force since %s: rules may not be changed for what is past.", f.Name, at.Format(time.RFC1123), f.InForce.Format(time.RFC1123))
		}
	case ledger.RequestPublished:
		a.published(index, at, f, subject)
	case ledger.RequestUpdated:
		r := a.live(f.Request, subject)
		if r != nil && f.Change != footage.Amended {
			r.closed = at
		}
	case ledger.RequestClosed:
		if r := w.requests[f.Request]; r == nil {
			a.find("request_unknown", subject, "Entry %d closes a request that was never published.", index)
		} else if r.closed.IsZero() {
			r.closed = at
		}
	case ledger.CustodyRoot:
		a.custody(f, subject)
	case ledger.State:
		a.stated(index, at, f, subject)
	case ledger.AssetsPublished:
		w.assets = f.SHA256
	case ledger.ModerationDecided:
		if f.Outcome == footage.OutcomeCleared && !f.Addition {
			w.cleared[f.Request] = f.Agency
		}
	default:
		a.register(fact, subject)
	}
}

// live returns a request that is open, or notes that it is not.
func (a *Auditor) live(id footage.RequestID, subject string) *request {
	r := a.world.requests[id]
	if r == nil || !r.closed.IsZero() {
		a.find("request_unknown", subject, "An update was recorded of the request %s, which is not open.", id.Short())
		return nil
	}
	return r
}

func (a *Auditor) published(index int64, at time.Time, f ledger.RequestPublished, subject string) {
	w := &a.world
	if w.requests[f.Request] != nil {
		a.find("published_twice", subject, "The request %s was published twice.", f.Request.Short())
		return
	}
	asks := w.of(f.Agency)
	switch {
	case asks.agency.ID == "":
		a.find("agency_not_registered", subject, "The request %s was published for %s, which was not in the register then.", f.Request.Short(), f.Agency)
	case asks.paused:
		a.find("agency_not_verified", subject, "The request %s was published while the two verifications of %s were not both in force.", f.Request.Short(), asks.agency.Name)
	case asks.suspended:
		a.find("agency_suspended", subject, "The request %s was published while %s was suspended.", f.Request.Short(), asks.agency.Name)
	case asks.epochs == 0:
		a.find("agency_without_key", subject, "The request %s was published when %s had no sealing key in the record.", f.Request.Short(), asks.agency.Name)
	}
	for _, id := range f.Linked {
		if w.requests[id] == nil {
			a.find("linked_unknown", subject, "The request %s is said to belong together with %s, which was not public.", f.Request.Short(), id.Short())
		}
	}
	r := &request{fact: f, index: index, at: at, agency: *asks, policies: w.present.InForce(at)}
	w.requests[f.Request] = r
	w.queue = append(w.queue, r)
}

// register takes in what an entry says of an agency.
func (a *Auditor) register(fact ledger.Fact, subject string) {
	w := &a.world
	known := func(id footage.AgencyID) *agency {
		if w.of(id).agency.ID == "" {
			a.find("agency_not_registered", subject, "The entry is about %s, which is not in the register.", id)
		}
		return w.of(id)
	}
	switch f := fact.(type) {
	case ledger.AgencyRegistered:
		if w.of(f.Agency.ID).agency.ID != "" {
			a.find("agency_twice", subject, "%s was registered twice.", f.Agency.ID)
		}
		w.of(f.Agency.ID).agency = f.Agency
	case ledger.AgencyChanged:
		known(f.Agency.ID).agency = f.Agency
	case ledger.AgencySuspended:
		known(f.Agency).suspended = true
	case ledger.AgencyRestored:
		known(f.Agency).suspended = false
	case ledger.AgencyPaused:
		known(f.Agency).paused = true
	case ledger.AgencyResumed:
		known(f.Agency).paused = false
	case ledger.PersonSuspended:
		w.stopped[f.Person] = true
	case ledger.PersonRestored:
		delete(w.stopped, f.Person)
	case ledger.EpochOpened:
		g := known(f.Epoch.Agency)
		if f.Epoch.Number != g.epochs+1 {
			a.find("epoch_order", subject, "Key %d of %s follows on key %d.", f.Epoch.Number, f.Epoch.Agency, g.epochs)
		}
		g.epochs = f.Epoch.Number
	}
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

// inForce returns the policies that were in force when a request was published, or false if a file is missing.
func (a *Auditor) inForce(r *request) (policy.Set, bool) {
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
		a.find("policies_unusable", fmt.Sprintf("entry %d", r.index), "The policies that were in force when %s was published cannot be applied together: %v", r.fact.Request.Short(), err)
	}
	return set, err == nil && slices.ContainsFunc(all, func(*policy.Policy) bool { return true })
}
