package audit

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// withheldEntry takes in that a text is withheld, and checks that two people of the exchange have signed for it.
func (a *Auditor) withheldEntry(e noted) {
	f, ok := e.fact.(ledger.DocumentWithheld)
	if !ok {
		return
	}
	subject := e.subject
	w := &a.world
	r := w.requests.of(f.Request)
	switch {
	case r == nil:
		a.find("withheld_unknown", subject, "The text of a request was withheld that was never published.")
		return
	case r.withheld:
		a.find("withheld_twice", subject, "The text of the request %s was withheld twice.", f.Request.Short())
		return
	case r.as != f.Agency:
		a.find("withheld_unknown", subject, "The text of the request %s was withheld as one of %s, which did not publish it.", f.Request.Short(), f.Agency)
	case r.closed == 0:
		a.find("withheld_open", subject, "The text of the request %s was withheld, but the request was not closed.", f.Request.Short())
		r.closed = momentOf(e.at)
	}
	r.withheld = true
	for _, id := range f.Withholding.Complaints {
		if w.complainedOf[id] != f.Agency {
			a.find("withheld_complaint", subject, "With the text of the request %s the words of the complaint %s were withheld, which is not about its agency.", f.Request.Short(), id)
		}
	}
	people := map[footage.PersonID]ledger.PersonEnrolled{}
	for _, s := range f.Assertions {
		if w.acts(s.Person, "", s.Role) {
			people[s.Person] = w.staff[s.Person].PersonEnrolled
		}
	}
	if err := evidence.VerifyWithholding(f, w.created.RP, people, w.created.Fictional); err != nil {
		a.find(codeOf(err), subject, "The text of the request %s was withheld without the word of two people of the exchange: %v", f.Request.Short(), err)
	}
}

// withholdingDue checks that what was closed because its text is withheld is withheld: both are one act.
func (a *Auditor) withholdingDue(time.Time) {
	for _, r := range a.world.requests {
		if r.ending != 0 && !r.withheld {
			a.find("closed_unsigned", subjectOf(r.ending), "The request %s is said to be withheld, but no two people of the exchange have signed for it.", r.ID().Short())
		}
	}
}

// tombstone looks at what the exchange shows in the place of a text that the record says is withheld.
func (a *Auditor) tombstone(ctx context.Context, id footage.RequestID, subject string) error {
	raw, err := a.get(ctx, "v1/requests/"+string(id), evidence.MaxBundle)
	switch {
	case errors.Is(err, footage.NotFound):
		a.find("tombstone_missing", subject, "The text of the request %s is withheld, but the exchange does not show that it was there, on whose authority it went, and its hash.", id.Short())
	case err != nil:
		return err
	case !a.gone(raw, id, subject):
		a.find("withheld_shown", subject, "The record says that the text of the request %s is withheld, but the exchange shows it.", id.Short())
	}
	return nil
}

// gone reports whether the exchange shows a tombstone in the place of a request, and checks it: without an entry in the record
// the text was deleted.
func (a *Auditor) gone(raw []byte, id footage.RequestID, subject string) bool {
	var peek struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(raw, &peek) != nil || peek.Type != evidence.WithheldType {
		return false
	}
	c, _, _, err := evidence.VerifyRequest(raw, evidence.Trust{Verifier: a.cfg.Trust.Verifier}, time.Time{})
	switch {
	case err != nil:
		a.find(codeOf(err), subject, "The exchange says that the text of the request %s is withheld, which does not hold: %v", id.Short(), err)
	case c.ID != id || c.Withheld.LogIndex < a.tree.Size && !a.world.requests.of(id).withheld:
		a.find("withheld_unproven", subject, "The exchange says that the text of the request %s is withheld, but the record that this audit has seen does not.", id.Short())
	}
	return true
}
