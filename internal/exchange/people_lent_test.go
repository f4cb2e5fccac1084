package exchange_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// lending is a small agency without a second person, and the police, who could lend it one.
type lending struct {
	*world
	fire                  *agency
	lender, borrower      person
	supervisor            person // of the police
	until                 time.Time
	draft                 footage.RequestID
	document              []byte
	agree, approve, issue func() error
}

func lend(t *testing.T, w *world) *lending {
	ctx := context.Background()
	l := &lending{world: w, fire: w.agency(town.Agencies()[1]), supervisor: w.police.supervisor, until: w.now().Add(30 * 24 * time.Hour)}
	must(t, w.x.DisablePerson(ctx, l.fire.supervisor.id))
	l.lender, l.borrower = w.enrol(w.police.ID, footage.AgencyAdmin), w.enrol(l.fire.ID, footage.AgencyAdmin)
	in := w.draft(slices.IndexFunc(town.Requests(), func(s town.Request) bool { return s.Agency == l.fire.ID }))
	draft, err := w.x.Draft(ctx, l.fire.officer.id, in)
	must(t, err)
	l.draft, l.document = draft.ID, canonical(t, in.Document)
	must(t, w.x.Sign(ctx, l.fire.officer.id, l.draft, assert(l.fire.officer, footage.Officer, l.document)))
	l.agree = func() error {
		must(t, w.x.OfferLoan(ctx, l.lender.id, l.supervisor.id, l.fire.ID, l.until))
		return w.x.AcceptLoan(ctx, l.borrower.id, l.supervisor.id)
	}
	l.approve = func() error {
		if err := w.x.Approve(ctx, l.supervisor.id, l.draft, assert(l.supervisor, footage.Supervisor, l.document)); err != nil {
			return err
		}
		return w.x.Submit(ctx, l.supervisor.id, l.draft, api.Submit{})
	}
	l.issue = func() error { return w.x.Clear(ctx, w.moderator.id, string(l.draft)) }
	return l
}

// TestLent: a supervisor of another agency approves once both agencies' administrators agreed; the request and its bundle show
// it, and a client that knows nothing else accepts it. Neither one agency alone, nor another role, nor another agency will do.
func TestLent(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := context.Background()
		l := lend(t, w)
		wantKind(t, "approval by a stranger", l.approve(), footage.NotFound)
		wantKind(t, "an offer by the borrower", w.x.OfferLoan(ctx, l.borrower.id, l.supervisor.id, l.fire.ID, l.until), footage.NotFound)
		wantKind(t, "an offer by the supervisor", w.x.OfferLoan(ctx, l.supervisor.id, l.supervisor.id, l.fire.ID, l.until), footage.Forbidden)
		for name, err := range map[string]error{
			"an officer":       w.x.OfferLoan(ctx, l.lender.id, w.police.officer.id, l.fire.ID, l.until),
			"to itself":        w.x.OfferLoan(ctx, l.lender.id, l.supervisor.id, w.police.ID, l.until),
			"to nobody":        w.x.OfferLoan(ctx, l.lender.id, l.supervisor.id, "nowhere-pd", l.until),
			"for ever":         w.x.OfferLoan(ctx, l.lender.id, l.supervisor.id, l.fire.ID, w.now().AddDate(2, 0, 0)),
			"until yesterday":  w.x.OfferLoan(ctx, l.lender.id, l.supervisor.id, l.fire.ID, w.now().AddDate(0, 0, -1)),
			"oneself to other": w.x.OfferLoan(ctx, l.lender.id, l.lender.id, l.fire.ID, l.until),
		} {
			wantKind(t, name, err, footage.Invalid)
		}
		must(t, w.x.OfferLoan(ctx, l.lender.id, l.supervisor.id, l.fire.ID, l.until))
		wantKind(t, "approval on an offer alone", l.approve(), footage.NotFound)
		wantKind(t, "agreement by the lender", w.x.AcceptLoan(ctx, l.lender.id, l.supervisor.id), footage.NotFound)
		must(t, w.x.AcceptLoan(ctx, l.borrower.id, l.supervisor.id))
		wantKind(t, "an offer in the place of a loan that runs", w.x.OfferLoan(ctx, l.lender.id, l.supervisor.id, l.fire.ID, l.until), footage.Invalid)
		if rows, err := w.x.AgencyRequests(ctx, l.supervisor.id); err != nil || !slices.ContainsFunc(rows, idIs(l.draft)) {
			t.Errorf("the lent supervisor sees %v, %v", rows, err)
		}
		if rows, err := w.x.AgencyRequests(ctx, w.police.officer.id); err != nil || slices.ContainsFunc(rows, idIs(l.draft)) {
			t.Errorf("another officer of the lender sees %v, %v", rows, err)
		}
		wantKind(t, "a signature by the lender's officer", w.x.Sign(ctx, w.police.officer.id, l.draft, assert(w.police.officer, footage.Officer, l.document)), footage.NotFound)
		must(t, l.approve())
		must(t, l.issue())

		p, err := w.x.PublicRequest(ctx, l.draft)
		must(t, err)
		if a := p.Record.Assertions[1]; a.Agency != w.police.ID || p.Record.Assertions[0].Agency != "" {
			t.Errorf("the signatures name %q and %q", p.Record.Assertions[0].Agency, a.Agency)
		}
		bundle, err := w.x.Bundle(ctx, l.draft)
		must(t, err)
		checked, err := bundle.Verify(evidence.Trust{Verifier: w.cfg.Keys.LogVerifier}, w.now())
		must(t, err)
		if checked.Signers[1].Lent != w.police.ID || checked.Signers[0].Lent != "" {
			t.Errorf("signers %+v", checked.Signers)
		}
		l.refuseChanged(t, bundle)
		must(t, w.x.EndLoan(ctx, l.borrower.id, l.supervisor.id, l.fire.ID)) // what was published stays good
		bundle, err = w.x.Bundle(ctx, l.draft)
		must(t, err)
		if _, err := bundle.Verify(evidence.Trust{Verifier: w.cfg.Keys.LogVerifier}, w.now()); err != nil {
			t.Errorf("after the loan has ended: %v", err)
		}
		if f := lastFact[ledger.PersonReturned](t, w); f.Person != l.supervisor.id || f.To != l.fire.ID {
			t.Errorf("the record says %+v", f)
		}
	})
}

// TestLentApproverIsChosen: the officer picks which of the lent supervisors approves; the others neither see the request nor can
// approve it, until the officer asks for any again. The agency's own supervisors always can.
func TestLentApproverIsChosen(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := context.Background()
		l := lend(t, w)
		must(t, l.agree())
		other := w.enrol(w.police.ID, footage.Supervisor)
		must(t, w.x.OfferLoan(ctx, l.lender.id, other.id, l.fire.ID, l.until))
		must(t, w.x.AcceptLoan(ctx, l.borrower.id, other.id))
		q, _, err := w.x.AgencyRequest(ctx, l.borrower.id, l.draft)
		must(t, err)
		choose := func(who footage.PersonID) error { return w.x.ChooseApprover(ctx, q.Author, l.draft, who) }
		wantKind(t, "an officer of the lender", choose(w.police.officer.id), footage.Invalid)
		wantKind(t, "nobody known", choose("p-none"), footage.NotFound)
		wantKind(t, "by a supervisor", w.x.ChooseApprover(ctx, l.supervisor.id, l.draft, other.id), footage.Forbidden)
		must(t, choose(other.id))
		wantCode(t, "the one who was not chosen", l.approve(), "approver_other")
		for who, sees := range map[footage.PersonID]bool{l.supervisor.id: false, other.id: true} {
			if rows, err := w.x.AgencyRequests(ctx, who); err != nil || slices.ContainsFunc(rows, idIs(l.draft)) != sees {
				t.Errorf("%s sees %v, %v; want %v", who, rows, err, sees)
			}
		}
		must(t, choose(""))
		must(t, choose(l.supervisor.id))
		must(t, l.approve())
		wantKind(t, "after the approval", choose(other.id), footage.Conflict)
	})
}

// refuseChanged changes a bundle with a lent supervisor in every way that would hide or invent the loan.
func (l *lending) refuseChanged(t *testing.T, good evidence.Bundle) {
	t.Helper()
	for name, change := range map[string]func(b *evidence.Bundle){
		"without the lender's name": func(b *evidence.Bundle) { b.Record.Assertions[1].Agency = "" },
		"another lender":            func(b *evidence.Bundle) { b.Record.Assertions[1].Agency = l.fire.ID },
		"a lent officer":            func(b *evidence.Bundle) { b.Record.Assertions[0].Agency = l.police.ID },
		"without the loan": func(b *evidence.Bundle) {
			b.Entries = slices.DeleteFunc(b.Entries, func(p evidence.Proven) bool { return p.Entry.Kind == ledger.KindPersonLent })
		},
	} {
		bad := good
		bad.Record.Assertions, bad.Entries = slices.Clone(good.Record.Assertions), slices.Clone(good.Entries)
		change(&bad)
		if _, err := bad.Verify(evidence.Trust{Verifier: l.cfg.Keys.LogVerifier}, l.now()); footage.KindOf(err) != footage.Untrusted {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLoanEnds: a loan that is over or was ended, a lender that is suspended and a supervisor who left: between approval and
// clearing each is noticed.
func TestLoanEnds(t *testing.T) {
	for name, end := range map[string]func(ctx context.Context, l *lending) error{
		"its time is over": func(_ context.Context, l *lending) error { l.advance(31 * 24 * time.Hour); return nil },
		"the lender took it back": func(ctx context.Context, l *lending) error {
			return l.x.EndLoan(ctx, l.lender.id, l.supervisor.id, l.fire.ID)
		},
		"the lender was suspended": func(ctx context.Context, l *lending) error { return l.x.SuspendAgency(ctx, l.police.ID, "A test.") },
		"the supervisor left": func(ctx context.Context, l *lending) error {
			return l.x.DisableStaff(ctx, l.lender.id, l.supervisor.id)
		},
		"the supervisor is none": func(ctx context.Context, l *lending) error {
			return l.x.SetRoles(ctx, l.lender.id, l.supervisor.id, footage.Officer)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := lite(t, options{})
			l := lend(t, w)
			must(t, l.agree())
			must(t, l.approve())
			must(t, end(t.Context(), l))
			if err := l.issue(); err == nil {
				t.Error("it was published")
			}
			if err := w.x.EndLoan(t.Context(), w.police.officer.id, l.supervisor.id, l.fire.ID); footage.KindOf(err) != footage.Forbidden {
				t.Errorf("ended by an officer: %v", err)
			}
		})
	}
}

func idIs(id footage.RequestID) func(api.AgencyRequest) bool {
	return func(r api.AgencyRequest) bool { return r.ID == id }
}
