package audit

import (
	"fmt"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// register is what the entries come to about who vouches for whom.
type register struct {
	operator  footage.Body
	attestors map[footage.AttestorID]*attestor
	agencies  map[footage.AgencyID]*agency
}

type attestor struct {
	footage.Attestor
	withdrawn bool
}

type agency struct {
	id         footage.AgencyID
	agency     *footage.Agency // the newest description; empty: it is not in the register
	suspended  bool
	paused     bool // the record says that its two verifications are not in force
	epochs     int
	asks       *asking         // under the rules of its newest request
	statements map[string]bool // hashes of the statements about it; true: of an independent attestor
	until      time.Time       // end of its verifications as of the newest entry; zero: it had none yet
	lapsed     time.Time       // since when they are not in force by entries; zero: they are, or time alone ends them
}

func newRegister() register {
	return register{attestors: map[footage.AttestorID]*attestor{}, agencies: map[footage.AgencyID]*agency{}}
}

func (r *register) of(id footage.AgencyID) *agency {
	if r.agencies[id] == nil {
		r.agencies[id] = &agency{id: id, agency: &footage.Agency{}}
	}
	return r.agencies[id]
}

// registered returns an agency of the register, or notes that it is none.
func (a *Auditor) registered(id footage.AgencyID, subject string) *agency {
	g := a.world.of(id)
	if g.agency.ID == "" {
		a.find("agency_not_registered", subject, "The entry is about %s, which is not in the register.", id)
	}
	return g
}

// registerEntry checks what an entry says of agencies, attestors and the operator.
func (a *Auditor) registerEntry(e noted) {
	w := &a.world
	switch f := e.fact.(type) {
	case ledger.OperatorNamed:
		w.operator = f.Body
		a.threeBodies(e)
	case ledger.AttestorRegistered:
		if w.attestors[f.Attestor.ID] != nil {
			a.find("attestor_twice", e.subject, "The attestor %s was registered twice.", f.Attestor.ID)
		}
		w.attestors[f.Attestor.ID] = &attestor{Attestor: f.Attestor}
		a.threeBodies(e)
	case ledger.AttestorWithdrawn:
		if by := w.attestors[f.Attestor]; by != nil {
			by.withdrawn = true
		}
	case ledger.AgencyRegistered:
		if w.of(f.Agency.ID).agency.ID != "" {
			a.find("agency_twice", e.subject, "%s was registered twice.", f.Agency.ID)
		}
		w.of(f.Agency.ID).agency = &f.Agency
		a.threeBodies(e)
	case ledger.AgencyChanged:
		a.registered(f.Agency.ID, e.subject).agency = &f.Agency
		a.threeBodies(e)
	default:
		a.standing(e)
	}
}

// standing checks what an entry says of one agency's right to ask.
func (a *Auditor) standing(e noted) {
	switch f := e.fact.(type) {
	case ledger.AgencySuspended:
		a.registered(f.Agency, e.subject).suspended = true
	case ledger.AgencyRestored:
		a.registered(f.Agency, e.subject).suspended = false
	case ledger.AgencyPaused:
		a.pausedAt(e, a.registered(f.Agency, e.subject))
	case ledger.AgencyResumed:
		g := a.registered(f.Agency, e.subject)
		g.paused = false
		if a.world.present.Verified(f.Agency, e.at) == nil {
			a.find("resumed_unverified", e.subject, "The record lets %s ask again, although its two verifications are not both in force.", f.Agency)
		}
	case ledger.AgencyAttested:
		a.attested(e, f.Attestation)
	case ledger.AgencyUnattested:
		a.retracted(e, f.Retraction)
	case ledger.AgencyApproved:
		a.approved(e, f)
	case ledger.EpochOpened:
		g := a.registered(f.Epoch.Agency, e.subject)
		if f.Epoch.Number != g.epochs+1 {
			a.find("epoch_order", e.subject, "Key %d of %s follows on key %d.", f.Epoch.Number, f.Epoch.Agency, g.epochs)
		}
		g.epochs = f.Epoch.Number
	}
}

// threeBodies checks that no body has two of the three parts: to run the exchange, to vouch, to ask.
func (a *Auditor) threeBodies(e noted) {
	w := &a.world
	same := func(x, y footage.BodyID, what string) {
		if x != "" && x.Same(y) {
			a.find("same_body", e.subject, "The body %s has two parts that must be apart: %s.", x, what)
		}
	}
	for id, g := range w.agencies {
		same(g.agency.Body, w.operator.ID, fmt.Sprintf("it runs the exchange, and is the agency %s that asks on it", id))
	}
	for id, by := range w.attestors {
		if by.withdrawn {
			continue
		}
		same(by.Body, w.operator.ID, fmt.Sprintf("it runs the exchange, and vouches for agencies as %s", id))
	}
}

// attested checks an attestor's statement: by whom, signed, for this exchange, for a year at most, about another body.
func (a *Auditor) attested(e noted, s footage.Attestation) {
	w := &a.world
	g, by := a.registered(s.Agency, e.subject), w.attestors[s.Attestor]
	if by == nil || by.withdrawn {
		a.find("attestor_unknown", e.subject, "The record takes the word of %s about %s, which is not among the attestors.", s.Attestor, s.Agency)
		return
	}
	switch {
	case s.Verify(by.PublicKey()) != nil:
		a.find("attestation_forged", e.subject, "The statement about %s does not bear the signature of %s.", s.Agency, by.Name)
	case !a.ours(s.Exchange):
		a.find("attestation_forged", e.subject, "The statement of %s about %s was made for another exchange, %s.", by.Name, s.Agency, s.Exchange)
	case s.Issued.After(e.at.Add(clockSlack)):
		a.find("attestation_forged", e.subject, "The statement of %s about %s is dated %s, after its entry.", by.Name, s.Agency, s.Issued.Format(time.RFC1123))
	case by.Body.Same(g.agency.Body):
		a.find("same_body", e.subject, "The body %s vouches for itself: attestor %s and agency %s are of one body.", by.Body, s.Attestor, s.Agency)
	}
	for _, fault := range s.Faults(by.Kind) {
		a.find("attestation_forged", e.subject+", "+fault.Code, "The statement of %s about %s is not one that counts: %s", by.Name, s.Agency, fault.Msg)
	}
	if g.statements == nil {
		g.statements = map[string]bool{}
	}
	if hash, err := s.Hash(); err == nil {
		g.statements[hash] = by.Kind == footage.Independent
	}
}

func (a *Auditor) retracted(e noted, r footage.Retraction) {
	by := a.world.attestors[r.Attestor]
	if by == nil || r.Verify(by.PublicKey()) != nil {
		a.find("attestation_forged", e.subject, "The retraction about %s does not bear the signature of its attestor, %s.", r.Agency, r.Attestor)
	}
}

// approved checks the operator's approval: whose passkey signed it, for this exchange, on which statement it rests.
func (a *Auditor) approved(e noted, f ledger.AgencyApproved) {
	g := a.registered(f.Approval.Agency, e.subject)
	canonical, err := f.Approval.Canonical()
	if err == nil {
		err = a.operatorSigned(f.Assertion, canonical)
	}
	if err == nil && !a.ours(f.Approval.Exchange) {
		err = errOtherExchange
	}
	if err != nil {
		a.find("approval_forged", e.subject, "The approval of %s does not hold: %v", f.Approval.Agency, err)
	}
	if !g.statements[f.Approval.Attestation] {
		a.find("approval_without_statement", e.subject, "The operator approved %s on a statement that no independent attestor has made about it.", f.Approval.Agency)
	}
	if !f.Approval.Operator.Same(a.world.operator.ID) {
		a.find("approval_forged", e.subject, "The approval of %s was given in the name of %s, which does not run the exchange.", f.Approval.Agency, f.Approval.Operator)
	}
}

// verifications notes, after an entry was taken in, until when the agencies that it may concern are verified.
func (a *Auditor) verifications(fact ledger.Fact, at time.Time) {
	switch f := fact.(type) {
	case ledger.OperatorNamed, ledger.AttestorWithdrawn:
		for id := range a.world.agencies {
			a.verification(id, at)
		}
	case ledger.AgencyChanged:
		a.verification(f.Agency.ID, at)
	case ledger.AgencyAttested:
		a.verification(f.Attestation.Agency, at)
	case ledger.AgencyUnattested:
		a.verification(f.Retraction.Agency, at)
	case ledger.AgencyApproved:
		a.verification(f.Approval.Agency, at)
	case ledger.AgencyUnapproved:
		a.verification(f.Agency, at)
	}
}

func (a *Auditor) verification(id footage.AgencyID, at time.Time) {
	g := a.world.of(id)
	switch now := a.world.present.Verified(id, at); {
	case now != nil:
		g.until, g.lapsed = now.Until, time.Time{}
	case !g.until.IsZero() && g.lapsed.IsZero():
		g.lapsed = at
		if g.until.Before(at) {
			g.lapsed = g.until
		}
	}
}

// pausedAt checks that a pause was due and came at once.
func (a *Auditor) pausedAt(e noted, g *agency) {
	g.paused = true
	if a.world.present.Verified(g.agency.ID, e.at) != nil {
		a.find("paused_verified", e.subject, "The record says that %s is not verified any more, although both its verifications are in force.", g.agency.ID)
	}
	a.lapseOver(g, e.at)
}

// pausesDue finds agencies whose verifications have ended, of which the record does not say so.
func (a *Auditor) pausesDue(now time.Time) {
	for _, g := range a.world.agencies {
		if !g.paused {
			a.lapseOver(g, now)
		}
	}
}

func (a *Auditor) lapseOver(g *agency, now time.Time) {
	since := g.lapsed
	if since.IsZero() {
		since = g.until
	}
	if !since.IsZero() && now.Sub(since) > late {
		a.find("pause_late", fmt.Sprintf("agency %s, %s", g.agency.ID, since.Format(time.RFC3339)), "The two verifications of %s were not both in force since %s, and an hour later the record did not say so.", g.agency.Name, since.Format(time.RFC1123))
	}
}
