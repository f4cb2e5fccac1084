package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// LongestLoan is how long a supervisor may be lent before both agencies must agree anew.
const LongestLoan = 366 * 24 * time.Hour

// Loan is a supervisor whom one agency lends, or offers to lend, to another that is too small to have two people of its own.
type Loan struct {
	Person footage.Person
	To     footage.AgencyID
	Until  time.Time
	Agreed bool // the other agency's administrator has agreed, and the record says so
	Ended  bool // its time is over
}

// OfferLoan offers one of the caller's supervisors to another agency until a time. It counts once an administrator of that
// agency has agreed with [Exchange.AcceptLoan].
func (x *Exchange) OfferLoan(ctx context.Context, caller, id footage.PersonID, to footage.AgencyID, until time.Time) error {
	until = until.UTC().Truncate(time.Second)
	return x.db.Write(ctx, func(tx *store.Tx) error {
		c, err := x.staff(tx, caller, footage.AgencyAdmin)
		if err != nil {
			return err
		}
		p, err := known(tx, id)
		if err != nil || p.Agency != c.Agency {
			return noPerson(id)
		}
		if err := x.checkLoan(tx, c, p, to, until); err != nil {
			return err
		}
		return tx.InsertLent(store.Lent{Person: p.ID, Agency: to, Until: until, Offered: c.ID})
	})
}

// checkLoan says everything that speaks against lending somebody.
func (x *Exchange) checkLoan(tx *store.Tx, c, p footage.Person, to footage.AgencyID, until time.Time) error {
	refused := &footage.Error{Kind: footage.Invalid, Code: "loan", Msg: "The person cannot be lent."}
	check := func(ok bool, code, msg string) {
		if !ok {
			refused.Reasons = append(refused.Reasons, footage.Reason{Code: code, Msg: msg})
		}
	}
	_, err := tx.Agency(to)
	if err != nil && !errors.Is(err, footage.NotFound) {
		return err
	}
	now := x.now()
	check(err == nil && to != c.Agency, "loan_agency", "Name another agency of this exchange, by its register ID.")
	check(p.Has(footage.Supervisor) && !p.Disabled, "loan_supervisor", "Only somebody who approves for your agency can approve for another.")
	check(p.ID != c.ID, "loan_self", "Nobody lends themselves: another administrator must offer it.")
	check(until.After(now) && until.Sub(now) <= LongestLoan, "loan_until", "Name a day from tomorrow on, a year ahead at most.")
	l, err := tx.Lent(p.ID, to)
	if err != nil && !errors.Is(err, footage.NotFound) {
		return err
	}
	check(err != nil || l.Agreed == "" || !now.Before(l.Until), "loan_running", "This person is lent to that agency already. End the loan first, then offer it anew.")
	if len(refused.Reasons) > 0 {
		return refused
	}
	_, err = x.mayAsk(tx, c.Agency)
	return err
}

// AcceptLoan agrees to what another agency has offered. From then on the person can approve what the caller's agency asks,
// and every such request shows where its approver comes from.
func (x *Exchange) AcceptLoan(ctx context.Context, caller, id footage.PersonID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		c, err := x.staff(tx, caller, footage.AgencyAdmin)
		if err != nil {
			return err
		}
		l, err := tx.Lent(id, c.Agency)
		if err != nil || l.Agreed != "" || !x.now().Before(l.Until) {
			return footage.E(footage.NotFound, "Nobody of this ID is offered to your agency.")
		}
		if _, err := x.mayAsk(tx, c.Agency); err != nil {
			return err
		}
		p, err := tx.Person(id)
		if err != nil {
			return err
		}
		if p.Disabled || !p.Has(footage.Supervisor) {
			return footage.Coded(footage.Conflict, "loan_supervisor", "This person approves nothing for their own agency any more.")
		}
		l.Agreed = c.ID
		if err := tx.InsertLent(l); err != nil {
			return err
		}
		_, err = x.record(tx, ledger.PersonLent{Person: id, From: p.Agency, To: c.Agency, Until: l.Until, Agreed: []footage.PersonID{l.Offered, c.ID}})
		return err
	})
}

// EndLoan ends a loan or takes an offer back, by an administrator of either agency.
func (x *Exchange) EndLoan(ctx context.Context, caller, id footage.PersonID, to footage.AgencyID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		c, err := x.staff(tx, caller, footage.AgencyAdmin)
		if err != nil {
			return err
		}
		p, err := known(tx, id)
		if err != nil || c.Agency != to && c.Agency != p.Agency {
			return noPerson(id)
		}
		l, err := tx.Lent(id, to)
		if errors.Is(err, footage.NotFound) {
			return footage.E(footage.NotFound, "This person is not lent to that agency.")
		}
		if err != nil {
			return err
		}
		if err := tx.DeleteLent(id, to); err != nil || l.Agreed == "" {
			return err
		}
		_, err = x.record(tx, ledger.PersonReturned{Person: id, To: to})
		return err
	})
}

// Loans returns what the caller's agency lends and borrows, and what is offered.
func (x *Exchange) Loans(ctx context.Context, caller footage.PersonID) (all []Loan, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		c, err := x.staff(tx, caller, footage.AgencyAdmin)
		if err != nil {
			return err
		}
		rows, err := tx.Loans(c.Agency)
		if err != nil {
			return err
		}
		all = nil
		for _, l := range rows {
			p, err := tx.Person(l.Person)
			if err != nil {
				return err
			}
			all = append(all, Loan{Person: p, To: l.Agency, Until: l.Until, Agreed: l.Agreed != "", Ended: !x.now().Before(l.Until)})
		}
		return nil
	})
	return all, err
}

// mayApproveFor reports whether a supervisor may approve what an agency asks: its own, or one that another agency in good
// standing lends to it now.
func (x *Exchange) mayApproveFor(tx *store.Tx, p footage.Person, agency footage.AgencyID) (bool, error) {
	if p.Agency == agency {
		return true, nil
	}
	l, err := tx.Lent(p.ID, agency)
	if errors.Is(err, footage.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a loan of %s: %w", p.ID, err)
	}
	own, err := tx.Agency(p.Agency)
	return l.Agreed != "" && x.now().Before(l.Until) && !own.Suspended, err
}

// borrowed checks that a supervisor may approve what another agency asks, and that this agency may ask. Of their own agency
// it says nothing.
func (x *Exchange) borrowed(tx *store.Tx, p footage.Person, agency footage.AgencyID) error {
	if p.Agency == agency {
		return nil
	}
	may, err := x.mayApproveFor(tx, p, agency)
	if err != nil {
		return err
	}
	if !may {
		return footage.E(footage.NotFound, "Your agency has no such request.")
	}
	_, err = x.mayAsk(tx, agency)
	return err
}

// lender is the agency that a signature must name beside the person: the person's own, where another one asks.
func lender(p footage.Person, asking footage.AgencyID) footage.AgencyID {
	if p.Agency == asking {
		return ""
	}
	return p.Agency
}

// toApprove returns what waits for a supervisor's signature at agencies that borrow them.
func (x *Exchange) toApprove(tx *store.Tx, p footage.Person) (waiting []store.Request, err error) {
	if !p.Has(footage.Supervisor) {
		return nil, nil
	}
	loans, err := tx.LoansOf(p.ID)
	if err != nil {
		return nil, err
	}
	for _, l := range loans {
		may, err := x.mayApproveFor(tx, p, l.Agency)
		if err != nil {
			return nil, err
		}
		if !may {
			continue
		}
		rows, err := tx.AgencyRequests(l.Agency)
		if err != nil {
			return nil, err
		}
		for _, q := range rows {
			updates, err := tx.Updates(q.ID)
			if err != nil {
				return nil, err
			}
			unpublished := func(u store.Update) bool { return u.Published.IsZero() }
			if q.Status == footage.Signed && chosen(q, p) || q.Status == footage.Approved || slices.ContainsFunc(updates, unpublished) {
				waiting = append(waiting, q)
			}
		}
	}
	return waiting, nil
}

// chosen reports whether a supervisor is one whom the officer wants to approve: everybody of the agency itself is, and those who
// are lent unless another of them was chosen.
func chosen(q store.Request, p footage.Person) bool {
	return q.Agency == p.Agency || q.Approver == "" || q.Approver == p.ID
}

// ChooseApprover says which of the supervisors who are lent to an agency is to approve a request: the others see it no more and
// cannot. Nobody: any of them may. The agency's own supervisors always may. Whoever wrote the request chooses.
func (x *Exchange) ChooseApprover(ctx context.Context, caller footage.PersonID, id footage.RequestID, approver footage.PersonID) error {
	return x.db.Write(ctx, func(tx *store.Tx) error {
		c, q, err := x.own(tx, caller, id, footage.Officer)
		if err != nil {
			return err
		}
		if q.Author != c.ID {
			return footage.E(footage.Forbidden, "Whoever wrote the request chooses who approves it.")
		}
		if approver != "" {
			p, err := known(tx, approver)
			if err != nil {
				return err
			}
			may, err := x.mayApproveFor(tx, p, q.Agency)
			if err != nil {
				return err
			}
			if !may || p.Agency == q.Agency || !p.Has(footage.Supervisor) || p.Disabled || p.Suspended != "" {
				return footage.Coded(footage.Invalid, "approver_lent", "Choose one of the supervisors whom other agencies lend to yours now, or none.")
			}
		}
		return stateConflict(tx.ChooseApprover(id, approver), "given to an approver", q.Status)
	})
}

// Approvers returns who may approve a request of the caller's agency now, besides its author: the agency's own supervisors
// first, then those who are lent to it.
func (x *Exchange) Approvers(ctx context.Context, caller footage.PersonID, id footage.RequestID) (all []footage.Person, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		_, q, err := x.seen(tx, caller, id)
		if err != nil {
			return err
		}
		own, err := tx.People(q.Agency)
		if err != nil {
			return err
		}
		loans, err := tx.Loans(q.Agency)
		if err != nil {
			return err
		}
		all = nil
		for _, l := range loans {
			p, err := tx.Person(l.Person)
			if err != nil {
				return err
			}
			if l.Agency == q.Agency {
				own = append(own, p)
			}
		}
		for _, p := range own {
			may, err := x.mayApproveFor(tx, p, q.Agency)
			if err != nil {
				return err
			}
			if may && p.Has(footage.Supervisor) && p.ID != q.Author && !p.Disabled && p.Suspended == "" {
				all = append(all, p)
			}
		}
		return nil
	})
	return all, err
}
