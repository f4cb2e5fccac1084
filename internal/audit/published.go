package audit

import (
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// late is how long after its time something may be done that the exchange does by itself, such as ending what has expired.
const late = time.Hour

// requestEntry checks what an entry says of a request's life.
func (a *Auditor) requestEntry(e noted) {
	switch f := e.fact.(type) {
	case ledger.RequestPublished:
		a.published(e, f)
	case ledger.RequestUpdated:
		r := a.live(f.Request, e.subject)
		if r == nil {
			return
		}
		r.updates, r.changed = r.updates+1, momentOf(e.at)
		if f.Change != footage.Amended {
			r.closed, r.expired = momentOf(e.at), f.Change == footage.Expired
			a.inTime(r)
		}
	case ledger.RequestClosed:
		a.ended(e, f)
	}
}

// live returns a request that is open, or notes that it is not.
func (a *Auditor) live(id footage.RequestID, subject string) *request {
	r := a.world.requests.of(id)
	if r == nil || r.closed != 0 {
		a.find("request_unknown", subject, "An update was recorded of the request %s, which is not open.", id.Short())
		return nil
	}
	return r
}

// published checks that an agency could ask at that moment: registered, verified twice, not suspended, with a sealing key.
func (a *Auditor) published(e noted, f ledger.RequestPublished) {
	w := &a.world
	if w.requests.of(f.Request) != nil {
		a.find("published_twice", e.subject, "The request %s was published twice.", f.Request.Short())
		return
	}
	asks := w.of(f.Agency)
	if asks.agency.ID == "" {
		a.find("agency_not_registered", e.subject, "The request %s was published for %s, which was not in the register then.", f.Request.Short(), f.Agency)
	} else {
		a.couldAsk(e, f.Request, asks)
	}
	for _, id := range f.Linked {
		if w.requests.of(id) == nil {
			a.find("linked_unknown", e.subject, "The request %s is said to belong together with %s, which was not public.", f.Request.Short(), id.Short())
		}
	}
	if now := w.present.InForce(e.at); !slices.Equal(now, w.inForce) {
		w.inForce = now
	}
	id, _ := keyOf(f.Request) // no entry is read that has none
	r := &request{asking: w.asking(asks), id: id, index: e.index, at: momentOf(e.at), linked: f.Linked}
	r.cleared, r.urgent = a.taken(f)
	w.requests[id] = r
	w.queue = append(w.queue, r)
	delete(w.figures.owners, string(f.Request))
}

func (a *Auditor) couldAsk(e noted, id footage.RequestID, asks *agency) {
	if a.world.present.Verified(asks.agency.ID, e.at) == nil {
		a.find("agency_not_verified", e.subject, "The request %s was published while the two verifications of %s, by an independent attestor and by the operator, were not both in force.", id.Short(), asks.agency.Name)
	}
	if asks.suspended {
		a.find("agency_suspended", e.subject, "The request %s was published while %s was suspended.", id.Short(), asks.agency.Name)
	}
	if asks.epochs == 0 {
		a.find("agency_without_key", e.subject, "The request %s was published when %s had no sealing key in the record.", id.Short(), asks.agency.Name)
	}
}

// ended takes in that a request takes no more shares. What ends before its time does so by a signed update.
func (a *Auditor) ended(e noted, f ledger.RequestClosed) {
	r := a.world.requests.of(f.Request)
	switch {
	case r == nil:
		a.find("request_unknown", e.subject, "Entry %d closes a request that was never published.", e.index)
		return
	case r.closed == 0 && f.Status == footage.StatusWithheld:
		r.ending = e.index // what withholds it follows
	case r.closed == 0 && f.Status != footage.StatusExpired:
		a.find("closed_unsigned", e.subject, "The request %s is said to be %s, but no signed update of its agency says so.", f.Request.Short(), f.Status)
	}
	if r.closed == 0 {
		r.closed, r.expired = momentOf(e.at), f.Status == footage.StatusExpired
	}
	a.inTime(r)
}

// inTime checks that a request that is closed and whose text is known did not expire before it was to. After that nothing asks
// for its text again.
func (a *Auditor) inTime(r *request) {
	if r.closed == 0 || r.text == nil {
		return
	}
	if closed := r.closed.Time(); r.expired && !r.text.closes.IsZero() && closed.Before(r.text.closes) {
		a.find("expired_early", "request "+string(r.ID()), "The request %s expired on %s, but was to be open until %s.", r.ID().Short(), closed.Format(time.RFC1123), r.text.closes.Format(time.RFC1123))
	}
	r.text = nil
}

// endsDue finds requests that should have ended.
func (a *Auditor) endsDue(now time.Time) {
	for _, r := range a.world.requests {
		if r.closed == 0 && r.text != nil && !r.text.closes.IsZero() && now.Sub(r.text.closes) > late {
			a.find("request_not_ended", "request "+string(r.ID()), "The request %s was to end on %s, but the record does not say that it has.", r.ID().Short(), r.text.closes.Format(time.RFC1123))
		}
	}
}
