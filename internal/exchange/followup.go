package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// owe notes what an agency owes after a request that has ended. It looks at the rules that the request was asked under, which
// its readers were promised, and at nothing that was shared: who shared nothing is owed the same.
func owe(tx *store.Tx, id footage.RequestID, ended time.Time) error {
	q, err := tx.Request(id)
	if err != nil {
		return err
	}
	days, err := daysOf(tx, q)
	if err != nil {
		return err
	}
	for _, duty := range footage.Duties() {
		first := days.FirstDue(duty, ended)
		if err := tx.InsertDuty(footage.Owed{Request: id, Agency: q.Agency, Duty: duty, Ended: ended, First: first, Due: first}); err != nil {
			return err
		}
	}
	return nil
}

// daysOf returns what the rules give the agency of a request that were in force when it was published.
func daysOf(tx *store.Tx, q store.Request) (footage.Days, error) {
	set, err := readPolicies(tx, q.Published)
	return set.FollowUp(), err
}

// oweAgain notes what is owed after requests that a program has ended which did not know of duties.
func (x *Exchange) oweAgain(ctx context.Context) error {
	var done bool
	look := func(tx *store.Tx) (err error) {
		done, err = tx.DutiesNoted()
		return err
	}
	if err := x.db.Read(ctx, look); err != nil || done {
		return err
	}
	return x.db.Write(ctx, func(tx *store.Tx) error {
		if err := look(tx); err != nil || done {
			return err
		}
		ended, err := tx.EndedRequests()
		if err != nil {
			return err
		}
		head, err := tx.LogHead()
		if err != nil {
			return err
		}
		for _, id := range ended {
			at, err := closedAt(tx, id, head.Size)
			if err == nil && !at.IsZero() {
				err = owe(tx, id, at)
			}
			if err != nil {
				return fmt.Errorf("request %s: %w", id.Short(), err)
			}
		}
		return nil
	})
}

// closedAt returns when the record says that a request was closed, or the zero time.
func closedAt(tx *store.Tx, id footage.RequestID, size int64) (at time.Time, err error) {
	indexes, err := tx.EntriesAbout(string(id), size)
	for _, i := range indexes {
		raw, err := tx.LogEntry(i)
		if err != nil {
			return at, err
		}
		e, err := ledger.DecodeEntry(raw)
		if err != nil {
			return at, err
		}
		if e.Kind == ledger.KindRequestClosed {
			at = e.At
		}
	}
	return at, err
}

// FollowUpAt returns what a supervisor would sign, at a moment, to say something after a request of the agency.
func (x *Exchange) FollowUpAt(ctx context.Context, caller footage.PersonID, id footage.RequestID, in api.NewFollowUp, at time.Time) (f footage.FollowUp, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		f, _, err = x.followUp(tx, caller, id, in, at.UTC().Truncate(time.Second))
		return err
	})
	return f, err
}

// FollowUpFor returns the same for now.
func (x *Exchange) FollowUpFor(ctx context.Context, caller footage.PersonID, id footage.RequestID, in api.NewFollowUp) (footage.FollowUp, error) {
	return x.FollowUpAt(ctx, caller, id, in, x.now())
}

// followUp makes the follow-up that a supervisor may sign at a time, with the day on which the next one is owed. It looks at the
// record and the rules alone: what was shared must not show in what can be said, nor in when.
func (x *Exchange) followUp(tx *store.Tx, caller footage.PersonID, id footage.RequestID, in api.NewFollowUp, at time.Time) (f footage.FollowUp, days footage.Days, err error) {
	p, err := x.staff(tx, caller, footage.Supervisor)
	if err != nil {
		return f, days, err
	}
	if !slices.Contains(footage.Duties(), in.Duty) {
		return f, days, footage.Coded(footage.Invalid, "followup_duty", "An agency says what came of a case, or what became of its copies: outcome or copies.")
	}
	q, owed, err := x.owedBy(tx, p, id, in.Duty)
	if err != nil {
		return f, days, err
	}
	f = footage.FollowUp{Type: footage.FollowUpType, Exchange: x.info.Origin, Request: id, Agency: q.Agency, Duty: in.Duty, Says: in.Says, Until: in.Until, Signed: at}
	if err := f.Check(); err != nil {
		return f, days, err
	}
	if last := owed.Last(); last != nil {
		if owed.Due == "" && last.Says == in.Says && last.Until == in.Until {
			return f, days, footage.Coded(footage.Conflict, "followup_same", "This is what your agency has said already, and nothing more is owed.")
		}
		before, err := tx.LastFollowUp(id, in.Duty)
		if err != nil {
			return f, days, err
		}
		f.Replaces = before.Hash
	}
	if days, err = daysOf(tx, q); err != nil {
		return f, days, err
	}
	if opens := days.OpensOn(owed.Ended); in.Says == footage.SaidDestroyed && at.Format(time.DateOnly) < opens {
		return f, days, footage.Coded(footage.Conflict, "followup_early", fmt.Sprintf("Until %s footage of this request may still reach an agency, or must be kept for the defence. Say then that no copy is left.", opens))
	}
	return f, days, nil
}

// owedBy returns a request of a person's agency with what is owed after it. Whoever may not ask owes it all the same.
func (x *Exchange) owedBy(tx *store.Tx, p footage.Person, id footage.RequestID, duty footage.Duty) (store.Request, footage.Owed, error) {
	q, err := tx.Request(id)
	if errors.Is(err, footage.NotFound) || err == nil && q.Agency != p.Agency {
		return q, footage.Owed{}, footage.E(footage.NotFound, "Your agency has no such request.")
	}
	if err != nil {
		return q, footage.Owed{}, err
	}
	owed, err := tx.Duty(id, duty)
	if errors.Is(err, footage.NotFound) {
		err = footage.Coded(footage.Conflict, "followup_open", "This request has not ended yet: what came of it is said afterwards.")
	}
	return q, owed, err
}

// FollowUp puts an agency's word after one of its requests into the record, signed by a supervisor of the agency.
func (x *Exchange) FollowUp(ctx context.Context, caller footage.PersonID, in api.SignedFollowUp) error {
	f := in.FollowUp
	canonical, err := f.Canonical()
	if err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		want, days, err := x.followUp(tx, caller, f.Request, api.NewFollowUp{Duty: f.Duty, Says: f.Says, Until: f.Until}, f.Signed)
		switch {
		case err != nil:
			return err
		case !documentTime(f.Signed) || want != f:
			return footage.Coded(footage.Conflict, "followup_old", "What was signed does not fit this request, or your agency has said something meanwhile. Look at it again and sign anew.")
		case f.Signed.Sub(x.now()).Abs() > clockSkew:
			return clockError(f.Signed, x.now())
		}
		if err := x.verifyAssertion(tx, in.Assertion, footage.Person{ID: caller}, footage.Supervisor, canonical); err != nil {
			return err
		}
		in.Assertion.Agency = ""
		row := store.FollowUp{Hash: footage.Hash(canonical), Body: f, Assertion: in.Assertion}
		if row.LogIndex, row.At, err = x.recordAt(tx, x.now(), ledger.FollowedUp{Request: f.Request, Agency: f.Agency, Status: f.Says, FollowUp: f, Assertion: in.Assertion}); err != nil {
			return err
		}
		return errors.Join(tx.InsertFollowUp(row), tx.SetDue(f.Request, f.Duty, days.NextDue(f.Says, f.Until, row.At)))
	})
}

// ownRoles see what their agency owes.
func ownRoles() []footage.Role {
	return []footage.Role{footage.Supervisor, footage.Officer, footage.Custodian, footage.AgencyAdmin}
}

// OwnDuties returns what the caller's agency owes, or has said, after its requests: what is due first comes first, then the
// newest of what is settled.
func (x *Exchange) OwnDuties(ctx context.Context, caller footage.PersonID) (out []api.OwnDuty, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, ownRoles()...)
		if err != nil {
			return err
		}
		all, err := tx.AgencyDuties(p.Agency)
		out = []api.OwnDuty{}
		for _, o := range all {
			one, err := ownDuty(tx, o)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b api.OwnDuty) int {
		settled := func(o api.OwnDuty) string { return map[bool]string{true: "~"}[o.Due == ""] } // behind every day
		return strings.Compare(settled(a)+a.Due, settled(b)+b.Due)
	})
	return out, err
}

// OwnDuty returns one of them.
func (x *Exchange) OwnDuty(ctx context.Context, caller footage.PersonID, id footage.RequestID, duty footage.Duty) (out api.OwnDuty, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, ownRoles()...)
		if err != nil {
			return err
		}
		if !slices.Contains(footage.Duties(), duty) {
			return footage.E(footage.NotFound, "Your agency owes nothing of this sort.")
		}
		_, owed, err := x.owedBy(tx, p, id, duty)
		if err != nil {
			return err
		}
		out, err = ownDuty(tx, owed)
		return err
	})
	return out, err
}

// ownDuty is a duty as the agency's own people see it. Once nothing more is owed, no day has to be waited for.
func ownDuty(tx *store.Tx, o footage.Owed) (api.OwnDuty, error) {
	q, err := tx.Request(o.Request)
	if err != nil {
		return api.OwnDuty{}, err
	}
	doc, err := documentOf(q)
	out := api.OwnDuty{Owed: o, Title: doc.Title, Code: doc.Code}
	if err != nil || o.Duty != footage.DutyCopies || o.Due == "" {
		return out, err
	}
	days, err := daysOf(tx, q)
	out.Opens = days.OpensOn(o.Ended)
	return out, err
}

// DutiesAfter returns what is owed after a request, and what was said.
func (x *Exchange) DutiesAfter(ctx context.Context, id footage.RequestID) ([]footage.Owed, error) {
	return x.duties(ctx, func(tx *store.Tx) ([]footage.Owed, error) { return tx.RequestDuties(id) })
}

// DutiesOf returns the same of all requests of an agency, of which ended last comes first.
func (x *Exchange) DutiesOf(ctx context.Context, id footage.AgencyID) ([]footage.Owed, error) {
	return x.duties(ctx, func(tx *store.Tx) ([]footage.Owed, error) { return tx.AgencyDuties(id) })
}

// DutiesBetween returns the same of the requests that ended in [from, to), in that order.
func (x *Exchange) DutiesBetween(ctx context.Context, from, to time.Time) ([]footage.Owed, error) {
	return x.duties(ctx, func(tx *store.Tx) ([]footage.Owed, error) { return tx.DutiesBetween(from, to) })
}

// NewestDuties returns the same of as many closed requests as are at hand, those that ended last.
func (x *Exchange) NewestDuties(ctx context.Context) ([]footage.Owed, error) {
	return x.duties(ctx, func(tx *store.Tx) ([]footage.Owed, error) { return tx.NewestDuties(ClosedKept) })
}

// OverdueDuties returns what is owed since the last day that was given for it, the longest overdue first.
func (x *Exchange) OverdueDuties(ctx context.Context) ([]footage.Owed, error) {
	return x.duties(ctx, func(tx *store.Tx) ([]footage.Owed, error) {
		return tx.OverdueDuties(x.now().UTC().Format(time.DateOnly))
	})
}

func (x *Exchange) duties(ctx context.Context, query func(*store.Tx) ([]footage.Owed, error)) (out []footage.Owed, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		out, err = query(tx)
		return err
	})
	return out, err
}

// followAgain notes an agency's word again. All of it is in the entry.
func followAgain(tx *store.Tx, e replayed, f ledger.FollowedUp) (lost string, err error) {
	q, err := tx.Request(f.Request)
	if err == nil {
		_, err = tx.Duty(f.Request, f.FollowUp.Duty)
	}
	if errors.Is(err, footage.NotFound) {
		return fmt.Sprintf("What %s said after the lost request %s (%s) is in the record alone.", f.Agency, f.Request.Short(), f.Status), nil
	}
	if err != nil {
		return "", err
	}
	days, err := daysOf(tx, q)
	if err != nil {
		return "", err
	}
	canonical, err := f.FollowUp.Canonical()
	if err != nil {
		return "", err
	}
	row := store.FollowUp{Hash: footage.Hash(canonical), Body: f.FollowUp, Assertion: f.Assertion, At: e.at, LogIndex: e.index}
	return "", errors.Join(tx.InsertFollowUp(row), tx.SetDue(f.Request, f.FollowUp.Duty, days.NextDue(f.Status, f.FollowUp.Until, e.at)))
}
