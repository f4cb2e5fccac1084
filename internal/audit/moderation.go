package audit

import (
	"fmt"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// urgentLate is how long a request in the urgent lane, about somebody who is missing or abducted, may wait for a moderator
// without a finding.
const urgentLate = 24 * time.Hour

// moderation is what the entries come to about what moderators decide.
type moderation struct {
	urgent  map[string]waiting            // by commitment: in the urgent lane, not decided yet
	cleared map[footage.RequestID]waiting // cleared, and not published yet
	amended map[footage.RequestID]int     // additions that are public, less those that were cleared; none: they are as many
}

type waiting struct {
	agency footage.AgencyID
	since  time.Time
	index  int64
	urgent bool
}

func newModeration() moderation {
	return moderation{urgent: map[string]waiting{}, cleared: map[footage.RequestID]waiting{}, amended: map[footage.RequestID]int{}}
}

// moderationEntry checks what an entry says of the moderators' work.
func (a *Auditor) moderationEntry(e noted) {
	w := &a.world
	switch f := e.fact.(type) {
	case ledger.ModerationUrgent:
		if _, twice := w.urgent[f.Commitment]; twice {
			a.find("urgent_twice", e.subject, "One request entered the urgent lane twice, so that its clock began anew.")
		}
		w.urgent[f.Commitment] = waiting{agency: f.Agency, since: e.at, index: e.index}
	case ledger.ModerationDecided:
		a.decided(e, f)
	case ledger.RequestUpdated:
		if f.Change == footage.Amended {
			a.balance(f.Request, 1)
		}
	}
}

func (a *Auditor) decided(e noted, f ledger.ModerationDecided) {
	w := &a.world
	began, timed := w.urgent[f.Commitment]
	delete(w.urgent, f.Commitment)
	if timed != f.Urgent || timed && began.agency != f.Agency {
		a.find("urgent_clock", e.subject, "A decision about a request of %s says that it was urgent or not, other than the record's clock does: how long urgent requests wait cannot be told.", f.Agency)
	}
	switch {
	case f.Outcome != footage.OutcomeCleared:
	case f.Addition:
		a.balance(f.Request, -1)
	case w.requests.of(f.Request) != nil:
		a.find("cleared_afterwards", e.subject, "The request %s was cleared by a moderator when it was public already.", f.Request.Short())
	default:
		w.cleared[f.Request] = waiting{agency: f.Agency, since: e.at, index: e.index, urgent: f.Urgent}
	}
}

// balance counts additions that are public against those that were cleared.
func (a *Auditor) balance(id footage.RequestID, by int) {
	n := a.world.amended[id] + by
	if n == 0 {
		delete(a.world.amended, id)
		return
	}
	a.world.amended[id] = n
}

// taken reports whether a request that is published was cleared for its agency, and in the urgent lane.
func (a *Auditor) taken(f ledger.RequestPublished) (cleared, urgent bool) {
	c, ok := a.world.cleared[f.Request]
	delete(a.world.cleared, f.Request)
	return ok && c.agency == f.Agency, c.urgent
}

// moderationDue finds what was cleared and never became public, what became public without being cleared, and urgent requests
// about which nobody decides.
func (a *Auditor) moderationDue(now time.Time) {
	for id, c := range a.world.cleared {
		a.find("cleared_not_published", fmt.Sprintf("entry %d", c.index), "A moderator cleared the request %s of %s, but it was not published: clearing publishes, and nobody else may keep back what was cleared.", id.Short(), c.agency)
	}
	for id, n := range a.world.amended {
		if n > 0 {
			a.find("addition_not_cleared", "request "+string(id), "Text was added to the request %s in public, but no entry says that a moderator has cleared it.", id.Short())
		} else {
			a.find("cleared_not_published", "request "+string(id), "A moderator cleared an addition to the request %s, but it was not published.", id.Short())
		}
	}
	for _, u := range a.world.urgent {
		if now.Sub(u.since) > urgentLate {
			a.find("urgent_late", fmt.Sprintf("entry %d", u.index), "An urgent request of %s, about somebody who is missing or abducted, waits for a moderator since %s.", u.agency, u.since.Format(time.RFC1123))
		}
	}
}
