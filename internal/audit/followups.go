package audit

import (
	"context"
	"fmt"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// owed is one duty after one request.
type owed struct {
	request *request
	duty    footage.Duty
}

// followUps is what agencies have said after their requests.
type followUps struct {
	said  map[owed]said
	fresh []owed // what was said and is not yet held against the rules, whose files are read later
}

// said is an agency's newest word about a duty.
type said struct {
	says  footage.Said
	until string
	hash  string
	at    moment
	index int64
}

// followUpEntry checks what an agency says after a request: about one of its own that has ended, by the signature of one of its
// supervisors, in the place of what it said last.
func (a *Auditor) followUpEntry(e noted) {
	f, ok := e.fact.(ledger.FollowedUp)
	if !ok {
		return
	}
	w := &a.world
	r := w.requests.of(f.Request)
	if r == nil || r.as != f.Agency || r.closed == 0 {
		a.find("followup_unfounded", e.subject, "Entry %d says what came of the request %s for %s, which has no request of this name that has ended.", e.index, f.Request.Short(), f.Agency)
		return
	}
	canonical, err := f.FollowUp.Canonical()
	if err == nil {
		err = a.supervisorSigned(f, canonical)
	}
	if err == nil && !a.ours(f.FollowUp.Exchange) {
		err = errOtherExchange
	}
	if err != nil {
		a.find("followup_forged", e.subject, "What %s is said to have said after the request %s bears no valid signature of one of its supervisors: %v", f.Agency, f.Request.Short(), err)
	}
	key := owed{r, f.FollowUp.Duty}
	if f.FollowUp.Replaces != w.said[key].hash {
		a.find("followup_order", e.subject, "Entry %d takes the place of another word than the one that %s gave last.", e.index, f.Agency)
	}
	w.said[key] = said{says: f.Status, until: f.FollowUp.Until, hash: footage.Hash(canonical), at: momentOf(e.at), index: e.index}
	if f.Status == footage.SaidDestroyed {
		w.fresh = append(w.fresh, key)
	}
}

// supervisorSigned checks the assertion of somebody who was a supervisor of the agency at that moment.
func (a *Auditor) supervisorSigned(f ledger.FollowedUp, canonical []byte) error {
	w := &a.world
	who := w.staff[f.Assertion.Person]
	switch {
	case w.created == nil || !w.acts(f.Assertion.Person, f.Agency, footage.Supervisor):
		return footage.E(footage.Untrusted, string(f.Assertion.Person)+" was not a supervisor of the agency.")
	case who.Credential != f.Assertion.Credential:
		return footage.E(footage.Untrusted, "it was made with another passkey than the enrolled one.")
	}
	key, err := footage.DecodeBase64(who.PublicKey)
	if err != nil {
		return err
	}
	return f.Assertion.Verify(key, w.created.RP, canonical)
}

// duties holds what was said, and what was not, against the days that the rules of each request give.
func (a *Auditor) duties(ctx context.Context) error {
	w := &a.world
	known, today := map[*asking]*footage.Days{}, a.cfg.Now().UTC().Format(time.DateOnly)
	for _, key := range w.fresh {
		days, err := a.days(ctx, key.request, known)
		if err != nil {
			return err
		}
		a.notEarly(key.request, w.said[key], days)
	}
	w.fresh = nil
	for _, r := range w.requests {
		if r.closed == 0 {
			continue
		}
		days, err := a.days(ctx, r, known)
		if err != nil {
			return err
		}
		for _, duty := range footage.Duties() {
			a.inTimeSaid(r, duty, days, today)
		}
	}
	return nil
}

// notEarly checks that no copy is said to be left only when none could come in any more.
func (a *Auditor) notEarly(r *request, s said, days *footage.Days) {
	if days == nil || s.says != footage.SaidDestroyed { // a missing file is a finding already
		return
	}
	if opens := days.OpensOn(r.closed.Time()); s.at.Time().Format(time.DateOnly) < opens {
		a.find("followup_early", subjectOf(s.index), "%s says that no copy of footage from the request %s is left, before %s, until when one could come in or had to be kept: the day would tell who had none.", r.as, r.ID().Short(), opens)
	}
}

// inTimeSaid finds an answer that is overdue on a day.
func (a *Auditor) inTimeSaid(r *request, duty footage.Duty, days *footage.Days, today string) {
	if days == nil {
		return
	}
	due := days.FirstDue(duty, r.closed.Time())
	if last, told := a.world.said[owed{r, duty}]; told {
		due = days.NextDue(last.says, last.until, last.at.Time())
	}
	if due != "" && today > due {
		a.find("followup_overdue", fmt.Sprintf("request %s, %s by %s", r.ID(), duty, due), "%s owed an answer about the request %s by %s and has not given it: %s.", r.as, r.ID().Short(), due, owing(duty))
	}
}

// owing says what a duty is.
func owing(d footage.Duty) string {
	if d == footage.DutyCopies {
		return "whether its copies of footage are destroyed"
	}
	return "what came of the case"
}

// days returns what the policies give that were in force when a request was published, nil if a file is missing.
func (a *Auditor) days(ctx context.Context, r *request, known map[*asking]*footage.Days) (*footage.Days, error) {
	if d, ok := known[r.asking]; ok {
		return d, nil
	}
	for _, ref := range r.policies {
		if err := a.policy(ctx, ref); err != nil {
			return nil, err
		}
	}
	known[r.asking] = nil
	if set, ok := a.ruleSet(r); ok {
		d := set.FollowUp()
		known[r.asking] = &d
	}
	return known[r.asking], nil
}
