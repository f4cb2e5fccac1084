package exchange

import (
	"context"
	"fmt"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// vouching reads all that bears on whether an agency is verified.
func vouching(tx *store.Tx, a footage.Agency) (footage.Vouching, error) {
	operator, err := tx.Operator()
	if err != nil {
		return footage.Vouching{}, err
	}
	return vouchingUnder(tx, operator.ID, a)
}

// vouchingUnder is vouching under a given operator.
func vouchingUnder(tx *store.Tx, operator footage.BodyID, a footage.Agency) (v footage.Vouching, err error) {
	v = footage.Vouching{Operator: operator, Agency: a}
	if v.Attestations, err = tx.Attestations(a.ID); err != nil {
		return v, err
	}
	v.Approval, err = tx.Approval(a.ID)
	return v, err
}

// look decides anew whether an agency's two verifications are in force, and writes down what changed: what was in force and
// is not any more is paused, with the reason, and what is again goes on.
func (x *Exchange) look(tx *store.Tx, id footage.AgencyID) error {
	s, err := registered(tx, id)
	if err != nil {
		return err
	}
	v, err := vouching(tx, s.Agency)
	if err != nil {
		return err
	}
	before := s.Verification
	next := footage.Verification{Paused: before.Paused, Attestations: footage.Newest(v.Attestations), Approval: v.Approval}
	if next.Until, next.Lapse, err = v.At(x.now()); err != nil {
		return err
	}
	switch {
	case next.Lapse != "" && !before.Until.IsZero():
		next.Paused = true
		_, err = x.record(tx, ledger.AgencyPaused{Agency: id, Lapse: next.Lapse})
	case next.Lapse == "" && before.Paused:
		next.Paused = false
		_, err = x.record(tx, ledger.AgencyResumed{Agency: id})
	}
	if err != nil {
		return err
	}
	return tx.SetVerification(id, next)
}

// PauseLapsed pauses the agencies whose verifications have come to their end. Until it runs they may not ask either: that is
// decided by the dates; this writes it into the record, which pages and feed follow.
func (x *Exchange) PauseLapsed(ctx context.Context) error {
	var due []footage.AgencyID
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.LapsedAgencies(x.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("find lapsed agencies: %w", err)
	}
	for _, id := range due {
		if err := x.db.Write(ctx, func(tx *store.Tx) error { return x.look(tx, id) }); err != nil {
			return fmt.Errorf("pause %s: %w", id, err)
		}
	}
	if len(due) == 0 {
		return nil
	}
	return x.Integrate(ctx)
}

// mayAsk returns an agency's standing if it may ask and receive now: it is registered, its two verifications are in force,
// and it is not suspended. Every path to the public, and to the agency, asks here.
func (x *Exchange) mayAsk(tx *store.Tx, id footage.AgencyID) (footage.Standing, error) {
	s, err := tx.Agency(id)
	if err != nil {
		return s, footage.E(footage.Forbidden, "You do not belong to an agency of this exchange.")
	}
	if s.Suspended {
		return s, footage.Coded(footage.Forbidden, "agency_suspended", "Your agency is suspended: "+s.Reason)
	}
	if why := s.Verification.Why(x.now()); why != "" {
		return s, footage.Coded(footage.Forbidden, "agency_not_verified", LapseText(why))
	}
	return s, nil
}

// LapseText says in a sentence why an agency may not ask now, and what mends it.
func LapseText(l footage.Lapse) string {
	switch l {
	case footage.PartnerOnly:
		return "Only a partner platform has vouched for your agency, which is not enough. An independent attestor must, too."
	case footage.AttestationEnded:
		return "The attestor's statement about your agency has come to its end. Ask the attestor for a new one."
	case footage.AttestationTaken:
		return "The attestor's statement about your agency was taken back, or the attestor is not in the register any more. Ask the exchange's office."
	case footage.AttestationOld:
		return "The register's description of your agency has changed since the attestor checked it. Ask the attestor for a new statement."
	case footage.AttestationNotFree:
		return "Attestor, operator and agency are not three different bodies. Ask the exchange's office for another attestor."
	case footage.NotApproved:
		return "The exchange's operator has not approved your agency yet."
	case footage.ApprovalEnded:
		return "The operator's approval of your agency has come to its end. Ask the exchange's office to renew it."
	case footage.ApprovalTaken:
		return "The operator's approval of your agency was taken back. Ask the exchange's office."
	case footage.ApprovalOld:
		return "The operator's approval speaks of an earlier description of your agency. Ask the exchange's office to renew it."
	}
	return "No independent attestor has vouched for your agency yet."
}

// ApprovalFor returns the approval of an agency that the operator would sign now, resting on the newest independent statement
// in force, until the given time or for a year.
func (x *Exchange) ApprovalFor(ctx context.Context, caller footage.PersonID, id footage.AgencyID, until time.Time) (a footage.Approval, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Operator); err != nil {
			return err
		}
		a, err = x.approval(tx, id, until)
		return err
	})
	return a, err
}

func (x *Exchange) approval(tx *store.Tx, id footage.AgencyID, until time.Time) (footage.Approval, error) {
	a := footage.Approval{Type: footage.ApprovalType, Exchange: x.info.Origin, Agency: id, Issued: x.now().Truncate(time.Second), Expires: until.Truncate(time.Second)}
	if until.IsZero() {
		a.Expires = footage.YearAfter(a.Issued)
	}
	s, err := registered(tx, id)
	if err != nil {
		return a, err
	}
	v, err := vouching(tx, s.Agency)
	if err != nil {
		return a, err
	}
	a.Operator = v.Operator
	if a.Description, err = footage.DescriptionHash(s.Agency); err != nil {
		return a, err
	}
	statement, why := v.Independent(a.Description, x.now())
	if why != "" {
		return a, footage.Coded(footage.Conflict, "not_attested", "There is nothing to approve yet. "+LapseText(why))
	}
	a.Attestation, err = statement.Hash()
	return a, err
}

// ApproveAgency files the operator's approval, signed with a passkey: the second of the two verifications.
func (x *Exchange) ApproveAgency(ctx context.Context, caller footage.PersonID, in api.SignedApproval) error {
	a := in.Approval
	canonical, err := a.Canonical()
	if err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Operator)
		if err != nil {
			return err
		}
		if err := x.checkApproval(tx, a); err != nil {
			return err
		}
		if err := x.verifyAssertion(tx, in.Assertion, p, footage.Operator, canonical); err != nil {
			return err
		}
		index, at, err := x.recordAt(tx, x.now(), ledger.AgencyApproved{Approval: a, Assertion: in.Assertion})
		if err != nil {
			return err
		}
		err = tx.InsertApproval(footage.Hash(canonical), footage.Admission{Approval: a, Person: p.ID, Entry: index, At: at})
		if err != nil {
			return err
		}
		return x.look(tx, a.Agency)
	})
}

// checkApproval compares an approval with the one that would be right now.
func (x *Exchange) checkApproval(tx *store.Tx, a footage.Approval) error {
	if faults := a.Faults(); len(faults) > 0 {
		return &footage.Error{Kind: footage.Invalid, Code: "approval", Msg: "The approval is not one that counts.", Reasons: faults}
	}
	now := x.now()
	if a.Issued.Sub(now).Abs() > clockSkew {
		return clockError(a.Issued, now)
	}
	if !now.Before(a.Expires) {
		return footage.Coded(footage.Invalid, "approval_term", "The approval's time is over already.")
	}
	want, err := x.approval(tx, a.Agency, a.Expires)
	if err != nil {
		return err
	}
	want.Issued = a.Issued
	if a != want {
		return footage.Coded(footage.Conflict, "approval_old", "The approval does not fit the agency's present description, its newest statement, or this exchange. Look at it again.")
	}
	last, err := tx.Approval(a.Agency)
	if err != nil {
		return err
	}
	if last != nil && !a.Issued.After(last.Approval.Issued) {
		return footage.Coded(footage.Conflict, "approval_known", "This approval, or a later one, was filed already.")
	}
	return nil
}

// UnapproveAgency takes the operator's approval back, at the machine: asking less of others needs less proof.
func (x *Exchange) UnapproveAgency(ctx context.Context, id footage.AgencyID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		if _, err := registered(tx, id); err != nil {
			return err
		}
		last, err := tx.Approval(id)
		if err != nil {
			return err
		}
		if last == nil || last.Taken {
			return footage.E(footage.Conflict, string(id)+" has no approval in force.")
		}
		hash, err := last.Approval.Hash()
		if err != nil {
			return err
		}
		if err := tx.TakeApproval(hash); err != nil {
			return err
		}
		if _, err := x.record(tx, ledger.AgencyUnapproved{Agency: id, Approval: hash}); err != nil {
			return err
		}
		return x.look(tx, id)
	})
}

// reminder is how long before its end a verification is due to be renewed.
const reminder = 60 * 24 * time.Hour

// Due returns the verifications that end within sixty days or have ended, and what is missing of others, so that somebody
// renews them in time; in the order of the register.
func (x *Exchange) Due(ctx context.Context) ([]api.Due, error) {
	out := []api.Due{}
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.Agencies()
		if err != nil {
			return err
		}
		now := x.now()
		for _, s := range all {
			v, err := vouching(tx, s.Agency)
			if err != nil {
				return err
			}
			one := api.Due{Agency: s.Agency.ID, Name: s.Agency.Name, Lapse: s.Verification.Why(now)}
			if one.Lapse != "" {
				out = append(out, one)
				continue
			}
			description, err := footage.DescriptionHash(s.Agency)
			if err != nil {
				return err
			}
			if statement, _ := v.Independent(description, now); statement.Expires.Sub(now) <= reminder {
				one.Attestation = statement.Expires
			}
			if end := v.Approval.Approval.Expires; end.Sub(now) <= reminder {
				one.Approval = end
			}
			if !one.Attestation.IsZero() || !one.Approval.IsZero() {
				out = append(out, one)
			}
		}
		return nil
	})
	return out, err
}

// DueFor is Due for an operator who has signed in.
func (x *Exchange) DueFor(ctx context.Context, caller footage.PersonID) ([]api.Due, error) {
	if err := x.operator(ctx, caller); err != nil {
		return nil, err
	}
	return x.Due(ctx)
}

// Register returns the public register: who runs the exchange, who vouches, and every agency with its standing.
func (x *Exchange) Register(ctx context.Context) (out api.Register, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		out = api.Register{Attestors: []api.RegisteredAttestor{}}
		operator, err := tx.Operator()
		if err != nil {
			return err
		}
		if operator.ID != "" {
			out.Operator = &operator
		}
		attestors, err := tx.Attestors()
		if err != nil {
			return err
		}
		for _, a := range attestors {
			out.Attestors = append(out.Attestors, api.RegisteredAttestor{Attestor: a.Attestor, Since: a.Since, Withdrawn: a.Withdrawn, Reason: a.Reason})
		}
		all, err := tx.Agencies()
		out.Agencies = append([]footage.Standing{}, all...)
		return err
	})
	return out, err
}
