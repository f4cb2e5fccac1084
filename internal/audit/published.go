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
		r.updates, r.changed = r.updates+1, e.at
		if f.Change != footage.Amended {
			r.closed, r.expired = e.at, f.Change == footage.Expired
		}
	case ledger.RequestClosed:
		a.ended(e, f)
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

// published checks that an agency could ask at that moment: registered, verified twice, not suspended, with a sealing key.
func (a *Auditor) published(e noted, f ledger.RequestPublished) {
	w := &a.world
	if w.requests[f.Request] != nil {
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
		if w.requests[id] == nil {
			a.find("linked_unknown", e.subject, "The request %s is said to belong together with %s, which was not public.", f.Request.Short(), id.Short())
		}
	}
	if now := w.present.InForce(e.at); !slices.Equal(now, w.inForce) {
		w.inForce = now
	}
	f.Agency, f.Assertions = asks.id, "" // there may be very many: what is not asked for again is not kept
	r := &request{fact: f, index: e.index, at: e.at, agency: asks.agency, policies: w.inForce}
	r.cleared, r.urgent = a.taken(f)
	w.requests[f.Request] = r
	w.queue = append(w.queue, r)
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
	r := a.world.requests[f.Request]
	switch {
	case r == nil:
		a.find("request_unknown", e.subject, "Entry %d closes a request that was never published.", e.index)
		return
	case r.closed.IsZero() && f.Status == footage.StatusWithheld:
		r.ending = e.subject // what withholds it follows
	case r.closed.IsZero() && f.Status != footage.StatusExpired:
		a.find("closed_unsigned", e.subject, "The request %s is said to be %s, but no signed update of its agency says so.", f.Request.Short(), f.Status)
	}
	if r.closed.IsZero() {
		r.closed, r.expired = e.at, f.Status == footage.StatusExpired
	}
	a.inTime(r)
}

// inTime checks that a request whose text is known did not expire before it was to.
func (a *Auditor) inTime(r *request) {
	if r.expired && !r.closes.IsZero() && r.closed.Before(r.closes) {
		a.find("expired_early", "request "+string(r.fact.Request), "The request %s expired on %s, but was to be open until %s.", r.fact.Request.Short(), r.closed.Format(time.RFC1123), r.closes.Format(time.RFC1123))
	}
}

// endsDue finds requests that should have ended.
func (a *Auditor) endsDue(now time.Time) {
	for id, r := range a.world.requests {
		if r.closed.IsZero() && !r.closes.IsZero() && now.Sub(r.closes) > late {
			a.find("request_not_ended", "request "+string(id), "The request %s was to end on %s, but the record does not say that it has.", id.Short(), r.closes.Format(time.RFC1123))
		}
	}
}
