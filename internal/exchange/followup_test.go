package exchange_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
)

// says signs and files what an agency says after a request.
func (w *world) says(a *agency, id footage.RequestID, in api.NewFollowUp) error {
	w.t.Helper()
	f, err := w.x.FollowUpFor(context.Background(), a.supervisor.id, id, in)
	if err != nil {
		return err
	}
	return w.x.FollowUp(context.Background(), a.supervisor.id, api.SignedFollowUp{FollowUp: f, Assertion: assert(a.supervisor, footage.Supervisor, canonical(w.t, f))})
}

func outcome(says footage.Said) api.NewFollowUp {
	return api.NewFollowUp{Duty: footage.DutyOutcome, Says: says}
}

// duty returns what the public knows of one duty.
func (w *world) duty(id footage.RequestID, duty footage.Duty) footage.Owed {
	w.t.Helper()
	all, err := w.x.DutiesAfter(context.Background(), id)
	must(w.t, err)
	for _, o := range all {
		if o.Duty == duty {
			return o
		}
	}
	w.t.Fatalf("nothing is owed: %v", all)
	return footage.Owed{}
}

const hours = time.Hour

// TestT5Outcome: an outcome is owed 90 days after a request has ended, overdue from then on, said by a supervisor's signature,
// corrected by another word and never changed, and owed again while the case goes on.
func TestT5Outcome(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		wantCode(t, "while it is open", w.says(w.police, id, outcome(footage.SaidArrest)), "followup_open")
		w.changed(id, footage.Resolved, "Thank you.")
		if o := w.duty(id, footage.DutyOutcome); o.Due != "2027-02-16" || o.First != o.Due || len(o.Told) != 0 || !o.Ended.Equal(w.now()) {
			t.Errorf("owed: %+v", o)
		}
		w.advance(90 * 24 * hours)
		if all, err := w.x.OverdueDuties(ctx); err != nil || len(all) != 1 || all[0].Duty != footage.DutyCopies {
			t.Errorf("on the last day: %v, %v", all, err)
		}
		w.advance(24 * hours)
		all, err := w.x.OverdueDuties(ctx)
		if err != nil || len(all) != 2 || all[1].Duty != footage.DutyOutcome || !all[1].Overdue(w.now()) {
			t.Errorf("a day later: %v, %v", all, err)
		}
		must(t, w.says(w.police, id, outcome(footage.SaidStillOpen)))
		if o := w.duty(id, footage.DutyOutcome); o.Due != "2027-05-18" || !o.Late() || o.Overdue(w.now()) {
			t.Errorf("while the case goes on: %+v", o)
		}
		must(t, w.says(w.police, id, outcome(footage.SaidArrest)))
		must(t, w.says(w.police, id, outcome(footage.SaidCharge))) // a correction
		wantCode(t, "the same again", w.says(w.police, id, outcome(footage.SaidCharge)), "followup_same")
		o := w.duty(id, footage.DutyOutcome)
		if o.Due != "" || len(o.Told) != 3 || o.Last().Says != footage.SaidCharge {
			t.Errorf("when it is said: %+v", o)
		}
		var kinds []string
		for _, e := range w.checkRecord() {
			if e.Kind == ledger.KindRequestOutcome {
				fact, err := e.Fact()
				must(t, err)
				kinds = append(kinds, string(fact.(ledger.FollowedUp).Status))
			}
		}
		if diff := cmp.Diff([]string{"still_open", "arrest", "charge"}, kinds); diff != "" {
			t.Errorf("in the record (-want +got):\n%s", diff)
		}
		own, err := w.x.OwnDuties(ctx, w.police.supervisor.id)
		if err != nil || len(own) != 2 || own[0].Duty != footage.DutyCopies || own[0].Title == "" || own[1].Due != "" {
			t.Errorf("as the agency sees it: %+v, %v", own, err)
		}
	})
}

// TestWhoFollowsUp: only a supervisor of the very agency, with the passkey, about what stands now; suspended or not.
func TestWhoFollowsUp(t *testing.T) {
	w := lite(t, options{})
	ctx, fire := t.Context(), w.agency(town.Agencies()[1])
	id := w.publish(w.police, w.draft(0))
	w.changed(id, footage.Withdrawn, "Wrong street.")
	_, err := w.x.FollowUpFor(ctx, w.police.officer.id, id, outcome(footage.SaidArrest))
	wantKind(t, "an officer", err, footage.Forbidden)
	_, err = w.x.FollowUpFor(ctx, fire.supervisor.id, id, outcome(footage.SaidArrest))
	wantKind(t, "another agency", err, footage.NotFound)
	for code, in := range map[string]api.NewFollowUp{
		"followup_duty":  {Duty: "thanks", Says: footage.SaidArrest},
		"followup_says":  {Duty: footage.DutyOutcome, Says: footage.SaidDestroyed},
		"followup_until": {Duty: footage.DutyCopies, Says: footage.SaidKeptHold},
	} {
		_, err := w.x.FollowUpFor(ctx, w.police.supervisor.id, id, in)
		wantCode(t, code, err, code)
	}
	for until, ok := range map[string]bool{"2026-11-18": false, "2026-11-19": true, "2027-11-18": true, "2027-11-19": false, "soon": false, "2027-1-2": false} {
		_, err := w.x.FollowUpFor(ctx, w.police.supervisor.id, id, api.NewFollowUp{Duty: footage.DutyCopies, Says: footage.SaidKeptHold, Until: until})
		if (err == nil) != ok {
			t.Errorf("kept until %s: %v", until, err)
		}
	}
	f, err := w.x.FollowUpFor(ctx, w.police.supervisor.id, id, outcome(footage.SaidArrest))
	must(t, err)
	good := assert(w.police.supervisor, footage.Supervisor, canonical(t, f))
	for what, change := range map[string]func(*footage.FollowUp, *footage.Assertion){
		"another word":     func(f *footage.FollowUp, _ *footage.Assertion) { f.Says = footage.SaidCharge },
		"another agency":   func(f *footage.FollowUp, _ *footage.Assertion) { f.Agency = fire.ID },
		"another exchange": func(f *footage.FollowUp, _ *footage.Assertion) { f.Exchange = "elsewhere.example" },
		"in another place": func(f *footage.FollowUp, _ *footage.Assertion) { f.Replaces = strings.Repeat("0", 64) },
		"another day":      func(f *footage.FollowUp, _ *footage.Assertion) { f.Signed = f.Signed.Add(-24 * hours) },
		"as officer":       func(_ *footage.FollowUp, a *footage.Assertion) { a.Role = footage.Officer },
		"by another": func(f *footage.FollowUp, a *footage.Assertion) {
			*a = assert(fire.supervisor, footage.Supervisor, canonical(t, *f))
		},
	} {
		changed, a := f, good
		change(&changed, &a)
		if err := w.x.FollowUp(ctx, w.police.supervisor.id, api.SignedFollowUp{FollowUp: changed, Assertion: a}); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	must(t, w.x.SuspendAgency(ctx, w.police.ID, "Under review by the council."))
	in := api.SignedFollowUp{FollowUp: f, Assertion: good}
	must(t, w.x.FollowUp(ctx, w.police.supervisor.id, in))
	wantCode(t, "twice", w.x.FollowUp(ctx, w.police.supervisor.id, in), "followup_same")
}

// TestD2Copies: copies are to be gone in the policy's days; no copy is said to be left before none can come in; what is kept has a
// last day (D4), on which it is owed again.
func TestD2Copies(t *testing.T) {
	w := lite(t, options{})
	id := w.publish(w.police, w.draft(0))
	w.changed(id, footage.Resolved, "Thank you.") // on 18 November
	destroyed := api.NewFollowUp{Duty: footage.DutyCopies, Says: footage.SaidDestroyed}
	if o := w.duty(id, footage.DutyCopies); o.Due != "2027-01-17" {
		t.Errorf("owed: %+v", o)
	}
	w.advance(21 * 24 * hours)
	wantCode(t, "too early", w.says(w.police, id, destroyed), "followup_early")
	must(t, w.says(w.police, id, api.NewFollowUp{Duty: footage.DutyCopies, Says: footage.SaidKeptCase, Until: "2027-03-01"}))
	if o := w.duty(id, footage.DutyCopies); o.Due != "2027-03-01" || o.Last().Until != "2027-03-01" {
		t.Errorf("kept: %+v", o)
	}
	w.advance(24 * hours)
	must(t, w.says(w.police, id, destroyed))
	if o := w.duty(id, footage.DutyCopies); o.Due != "" || len(o.Told) != 2 || o.Late() {
		t.Errorf("destroyed: %+v", o)
	}
}

// TestStrictestDays: of several policies the lower number of days counts, and that of the day on which the request was published.
func TestStrictestDays(t *testing.T) {
	w := lite(t, options{})
	before := w.publish(w.police, w.draft(0))
	w.advance(time.Second)
	town := bytes.Replace(rules(map[string]float64{"outcome_days": 30, "agency_copy_days": 40}), []byte(`"name":"default"`), []byte(`"name":"town"`), 1)
	must(t, w.x.AdoptPolicy(t.Context(), town))
	after := w.publish(w.police, w.fresh())
	w.changed(before, footage.Resolved, "")
	w.changed(after, footage.Resolved, "")
	if a, b := w.duty(before, footage.DutyOutcome), w.duty(after, footage.DutyOutcome); a.Due != "2027-02-16" || b.Due != "2026-12-18" {
		t.Errorf("outcomes due %s and %s", a.Due, b.Due)
	}
	if o := w.duty(after, footage.DutyCopies); o.Due != "2026-12-28" {
		t.Errorf("copies due %s", o.Due)
	}
}

// TestFollowUpsTellNothing: what an agency may say, when, and what is refused are the same whether nobody shared or somebody did.
func TestFollowUpsTellNothing(t *testing.T) {
	answers := func(shared bool) (all []string) {
		w := lite(t, options{})
		id := w.publish(w.police, w.draft(0))
		if shared {
			w.send(w.police, id, []byte("a sealed clip"))
		}
		w.release()
		w.changed(id, footage.Resolved, "Thank you.")
		days, err := func() (footage.Days, error) {
			set, err := policy.NewSet(policy.Default())
			return set.FollowUp(), err
		}()
		must(t, err)
		for _, day := range []int{0, days.Incoming, days.Copies, days.Outcome} {
			at := w.now().AddDate(0, 0, day)
			for _, duty := range footage.Duties() {
				for _, says := range duty.Sayings() {
					in := api.NewFollowUp{Duty: duty, Says: says}
					if says.Kept() {
						in.Until = at.AddDate(0, 1, 0).Format(time.DateOnly)
					}
					f, err := w.x.FollowUpAt(t.Context(), w.police.supervisor.id, id, in, at)
					f.Request = "" // its nonce is random
					all = append(all, fmt.Sprint(f, err))
				}
			}
		}
		for _, o := range []footage.Owed{w.duty(id, footage.DutyOutcome), w.duty(id, footage.DutyCopies)} {
			all = append(all, fmt.Sprint(o.Duty, o.First, o.Due, o.Told))
		}
		return all
	}
	without, with := answers(false), answers(true)
	if diff := cmp.Diff(without, with); diff != "" || !slices.ContainsFunc(with, func(s string) bool { return strings.Contains(s, "may still reach") }) {
		t.Errorf("a share shows (-none +one):\n%s", diff)
	}
}
