package audit

import (
	"fmt"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// complained is a complaint that waits for an answer.
type complained struct {
	fact  ledger.ComplaintReceived
	index int64
}

// complaintEntry checks what an entry says of complaints: each is answered once, under the days that the rules gave when it came
// in, and an answer says nothing of the record that is not in it.
func (a *Auditor) complaintEntry(e noted) {
	w := &a.world
	switch f := e.fact.(type) {
	case ledger.ComplaintReceived:
		if w.of(f.Agency).agency.ID == "" || f.Request != "" && w.requests.of(f.Request) == nil {
			a.find("complaint_unknown", e.subject, "Entry %d tells of a complaint about what the record does not know.", e.index)
		}
		if day, err := time.Parse(time.DateOnly, f.Day); err == nil && day.After(e.at) {
			a.find("complaint_day", e.subject, "Entry %d tells of a complaint of %s, which had not come yet.", e.index, f.Day)
		}
		w.complaints[f.Complaint] = complained{f, e.index}
		w.complainedOf[f.Complaint] = f.Agency
	case ledger.ComplaintAnswered:
		came, waits := w.complaints[f.Complaint]
		if !waits || came.fact.Agency != f.Agency || came.fact.Request != f.Request || came.fact.Reason != f.Reason {
			a.find("complaint_unknown", e.subject, "Entry %d answers a complaint that did not wait for an answer.", e.index)
		}
		delete(w.complaints, f.Complaint)
		for _, result := range f.LedTo {
			if !a.ledTo(f, result) {
				a.find("complaint_led_to", e.subject, "Entry %d says that a complaint about %s has led to this, and the record does not show it: %s.", e.index, f.Agency, result)
			}
		}
	}
}

// ledTo reports whether the record shows what a complaint is said to have led to, as far as it can be told by now.
func (a *Auditor) ledTo(f ledger.ComplaintAnswered, result footage.ComplaintResult) bool {
	r := a.world.requests.of(f.Request)
	switch result {
	case footage.ResultWithdrawn:
		return r != nil && r.closed != 0
	case footage.ResultCorrected:
		return r != nil && r.updates > 0
	case footage.ResultAgencySuspended:
		return a.world.of(f.Agency).suspended
	}
	return true // of people the record tells only when a request's bundle was read
}

// complaintsDue finds complaints whose answer is overdue.
func (a *Auditor) complaintsDue(now time.Time) {
	today := now.UTC().Format(time.DateOnly)
	for _, c := range a.world.complaints {
		if today > c.fact.Due {
			a.find("complaint_overdue", fmt.Sprintf("entry %d", c.index), "An answer to a complaint of %s about %s was owed by %s.", c.fact.Day, c.fact.Agency, c.fact.Due)
		}
	}
}
