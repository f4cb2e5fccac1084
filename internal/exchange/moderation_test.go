package exchange_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/screen"
	"porchlight.example/ledger"
)

// decisions returns what the record says of moderators.
func (w *world) decisions() (out []ledger.ModerationDecided) {
	w.t.Helper()
	for _, e := range w.checkRecord() {
		if e.Kind == ledger.KindModerationDecided {
			fact, err := e.Fact()
			must(w.t, err)
			out = append(out, fact.(ledger.ModerationDecided))
		}
	}
	return out
}

func (w *world) theCase(subject string) api.Case {
	w.t.Helper()
	c, err := w.x.Case(context.Background(), w.moderator.id, subject)
	must(w.t, err)
	return c
}

// TestWhileInModeration (B-, A-rows of issue 3): what changes while a request waits is found when it is cleared, the moderator
// is told why, and nothing becomes public.
func TestWhileInModeration(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		police := *w.police
		police.officer = w.enrol(town.Police, footage.Officer)
		for _, test := range []struct {
			name, reason string
			change       func() error
			undo         func()
		}{
			{"agency suspended", "agency_suspended", func() error { return w.x.SuspendAgency(ctx, town.Police, "Attestation ran out.") },
				func() { must(t, w.x.RestoreAgency(ctx, town.Police)) }},
			{"policy changed", "policies_changed", func() error { return w.x.AdoptPolicy(ctx, rules(map[string]float64{"area_max_sq_mi": 0.4})) },
				func() { must(t, w.x.AdoptPolicy(ctx, rules(nil))) }},
			{"closing time over", "closes_in_past", func() error { w.advance(12 * 24 * time.Hour); return nil }, func() { w.advance(-12 * 24 * time.Hour) }},
			{"officer disabled", "signer_left", func() error { return w.x.DisablePerson(ctx, police.officer.id) }, func() {}},
		} {
			id := w.submitted(&police, w.draft(0))
			must(t, test.change())
			err := w.x.Clear(ctx, w.moderator.id, string(id))
			wantCode(t, test.name, err, "cannot_be_cleared")
			wantReason(t, test.name, err, test.reason)
			var seen []string
			for _, o := range w.theCase(string(id)).Obstacles {
				seen = append(seen, o.Code)
			}
			if !strings.Contains(strings.Join(seen, " "), test.reason) {
				t.Errorf("%s: the moderator is shown %v", test.name, seen)
			}
			must(t, w.x.Hold(ctx, w.moderator.id, string(id), api.Verdict{Reason: footage.ReasonRules}))
			test.undo()
			if got := w.status(w.police, id); got != footage.StatusHeld {
				t.Errorf("%s: the request is %s afterwards", test.name, got)
			}
		}
		if public, err := w.x.PublicRequests(ctx, false); err != nil || len(public) != 0 {
			t.Errorf("something became public: %v, %v", public, err)
		}
	})
}

// TestWhoModerates (P8): nobody of an agency, nobody who had a hand in the request, and an appeal is decided by somebody else.
func TestWhoModerates(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.submitted(w.police, w.draft(0))
		for name, p := range map[string]person{"the officer": w.police.officer, "the supervisor": w.police.supervisor, "the custodian": w.police.custodian,
			"an operator": w.enrol("", footage.Operator), "an auditor": w.enrol("", footage.Auditor)} {
			wantKind(t, "cleared by "+name, w.x.Clear(ctx, p.id, string(id)), footage.Forbidden)
			wantKind(t, "held by "+name, w.x.Hold(ctx, p.id, string(id), api.Verdict{Reason: footage.ReasonUnclear}), footage.Forbidden)
			wantKind(t, "refused by "+name, w.x.Refuse(ctx, p.id, string(id), api.Verdict{Reason: footage.ReasonUnclear}), footage.Forbidden)
		}
		_, _, err := w.x.InvitePerson(ctx, town.Police, "Pat", footage.Moderator)
		wantReason(t, "a moderator of an agency", err, "role_body")
		_, _, err = w.x.InvitePerson(ctx, "", "Pat", footage.Moderator, footage.Officer)
		wantReason(t, "a moderator who asks", err, "role_body")
		wantKind(t, "unknown case", w.x.Clear(ctx, w.moderator.id, footage.Hash(nil)), footage.NotFound)

		other := w.enrol("", footage.Moderator)
		must(t, w.x.Refuse(ctx, w.moderator.id, string(id), api.Verdict{Reason: footage.ReasonTooWide, Words: "Half of it will do."}))
		wantCode(t, "decided already", w.x.Clear(ctx, other.id, string(id)), "decided")
		wantKind(t, "appeal by another agency", w.x.Appeal(ctx, w.agency(town.Agencies()[1]).officer.id, string(id), api.Appeal{Words: "Why?"}), footage.NotFound)
		wantKind(t, "appeal without words", w.x.Appeal(ctx, w.police.officer.id, string(id), api.Appeal{Words: "\n"}), footage.Invalid)
		wantKind(t, "appeal by a custodian", w.x.Appeal(ctx, w.police.custodian.id, string(id), api.Appeal{Words: "Why?"}), footage.Forbidden)
		must(t, w.x.Appeal(ctx, w.police.officer.id, string(id), api.Appeal{Words: "The van went on to the bridge."}))
		wantCode(t, "appeal decided by the same", w.x.Clear(ctx, w.moderator.id, string(id)), "same_moderator")
		wantCode(t, "appeal refused by the same", w.x.Refuse(ctx, w.moderator.id, string(id), api.Verdict{Reason: footage.ReasonTooWide}), "same_moderator")
		must(t, w.x.Clear(ctx, other.id, string(id)))
		w.verifies(id, footage.Published, 0)
		wantKind(t, "appeal of what is cleared", w.x.Appeal(ctx, w.police.officer.id, string(id), api.Appeal{Words: "More."}), footage.Conflict)
	})
}

// TestDecisionsArePublic (P7): outcome, agency and reason of each decision stand in the record; what was not cleared does not.
func TestDecisionsArePublic(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	held := w.submitted(w.police, w.draft(0))
	must(t, w.x.Hold(ctx, w.moderator.id, string(held), api.Verdict{Reason: footage.ReasonRace}))
	must(t, w.x.Appeal(ctx, w.police.officer.id, string(held), api.Appeal{Words: "A tattoo is named."}))
	must(t, w.x.Refuse(ctx, w.enrol("", footage.Moderator).id, string(held), api.Verdict{Reason: footage.ReasonRace}))
	wantKind(t, "a second appeal", w.x.Appeal(ctx, w.police.officer.id, string(held), api.Appeal{Words: "Once more."}), footage.Conflict)
	cleared := w.publish(w.police, w.draft(3))
	got := w.decisions()
	want := []ledger.ModerationDecided{
		{Agency: town.Police, Outcome: footage.OutcomeHeld, Reason: footage.ReasonRace},
		{Agency: town.Police, Outcome: footage.OutcomeRefused, Reason: footage.ReasonRace, Appeal: true},
		{Agency: town.Police, Outcome: footage.OutcomeCleared, Request: cleared},
	}
	all, err := w.x.AgencyRequests(ctx, w.police.officer.id)
	must(t, err)
	var rounds []api.Round
	for _, q := range all {
		rounds = append(rounds, q.Moderation...)
	}
	if len(got) != 3 || len(rounds) != 3 {
		t.Fatalf("%d decisions in the record, %d rounds", len(got), len(rounds))
	}
	for i := range got {
		commitment := got[i].Commitment
		proved := false
		for _, r := range rounds { // the agency, and it alone, can show which one it is
			salt, err := api.Decode(r.Salt)
			must(t, err)
			proved = proved || r.Commitment == commitment && footage.Commit(salt, r.Case) == commitment && r.Outcome == got[i].Outcome
		}
		if !proved {
			t.Errorf("decision %d: no round of the agency's proves it", i)
		}
		if got[i].Commitment = ""; got[i] != want[i] {
			t.Errorf("decision %d: %+v, want %+v", i, got[i], want[i])
		}
	}
	for i, e := range w.checkRecord() {
		raw, err := e.Encode()
		must(t, err)
		if strings.Contains(string(raw), string(held)) || strings.Contains(string(raw), "tattoo") {
			t.Errorf("entry %d tells what was refused: %s", i, raw)
		}
	}
}

// TestTwoModerators: what stands in for anything at all needs two moderators.
func TestTwoModerators(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		in := w.draft(0)
		in.Document.Offence = "90J" // trespass
		id := w.submitted(w.police, in)
		must(t, w.x.Clear(ctx, w.moderator.id, string(id)))
		if got := w.status(w.police, id); got != footage.InModeration {
			t.Errorf("one moderator made it %s", got)
		}
		if c := w.theCase(string(id)); c.Cleared != 1 || c.Needs != 2 {
			t.Errorf("the case: %d cleared, needs %d", c.Cleared, c.Needs)
		}
		wantCode(t, "cleared twice by one", w.x.Clear(ctx, w.moderator.id, string(id)), "same_moderator")
		must(t, w.x.Clear(ctx, w.enrol("", footage.Moderator).id, string(id)))
		w.verifies(id, footage.Published, 0)
	})
}

// TestUrgentLane: it comes first, starts a public clock, and is not for everything; nothing is ever published by time-out.
func TestUrgentLane(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		slow := w.submitted(w.police, w.draft(0))
		w.advance(time.Hour)
		notUrgent := w.approved(w.police, w.draft(1))
		wantCode(t, "urgent hit-and-run", w.x.Submit(ctx, w.police.supervisor.id, notUrgent, api.Submit{Urgent: true}), "not_urgent")
		urgent := w.approved(w.police, w.draft(2))
		must(t, w.x.Submit(ctx, w.police.supervisor.id, urgent, api.Submit{Urgent: true}))
		queue, err := w.x.Cases(ctx, w.moderator.id)
		must(t, err)
		if len(queue) != 2 || queue[0].Request != urgent || queue[1].Request != slow || !queue[0].Urgent {
			t.Errorf("the queue: %+v", queue)
		}
		entries := w.checkRecord()
		last := entries[len(entries)-1]
		if last.Kind != ledger.KindModerationUrgent || !last.At.Equal(w.now()) {
			t.Errorf("the clock: %s at %s", last.Kind, last.At)
		}
		w.advance(3 * 24 * time.Hour)
		must(t, w.x.ExpireRequests(ctx))
		must(t, w.x.Release(ctx))
		must(t, w.x.Sweep(ctx))
		if public, err := w.x.PublicRequests(ctx, false); err != nil || len(public) != 0 {
			t.Errorf("time made something public: %v, %v", public, err)
		}
	})
}

// TestAdditions: text added to a public request goes through moderation too, and what replaces or ends it takes it back.
func TestAdditions(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		add := func(text string) string {
			u := w.update(id, string(id), footage.Amended, text)
			raw := canonical(t, u)
			must(t, w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, raw)))
			must(t, w.x.ApproveUpdate(ctx, w.police.supervisor.id, id, assert(w.police.supervisor, footage.Supervisor, raw)))
			return footage.Hash(raw)
		}
		held := add("The car is that of John Smith.")
		if c := w.theCase(held); c.Update == nil || c.Update.Text != "The car is that of John Smith." || !c.Addition {
			t.Errorf("the case: %+v", c)
		}
		must(t, w.x.Hold(ctx, w.moderator.id, held, api.Verdict{Reason: footage.ReasonAccusation}))
		w.verifies(id, footage.Published, 0)
		must(t, w.x.Appeal(ctx, w.police.officer.id, held, api.Appeal{Words: "He is known."}))
		replaced := add("The car is red.")
		wantKind(t, "what was replaced", w.x.Clear(ctx, w.enrol("", footage.Moderator).id, held), footage.Conflict)
		must(t, w.x.Clear(ctx, w.moderator.id, replaced))
		w.verifies(id, footage.Published, 1)

		u := w.update(id, replaced, footage.Amended, "It is blue, in truth.")
		raw := canonical(t, u)
		must(t, w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, raw)))
		must(t, w.x.ApproveUpdate(ctx, w.police.supervisor.id, id, assert(w.police.supervisor, footage.Supervisor, raw)))
		w.advance(30 * 24 * time.Hour)
		must(t, w.x.ExpireRequests(ctx))
		wantKind(t, "of an expired request", w.x.Clear(ctx, w.moderator.id, footage.Hash(raw)), footage.Conflict)
		if queue, err := w.x.Cases(ctx, w.moderator.id); err != nil || len(queue) != 0 {
			t.Errorf("the queue: %+v, %v", queue, err)
		}
	})
}

// TestContentCheck: what package screen finds is shown to the moderator; it decides nothing.
func TestContentCheck(t *testing.T) {
	w := lite(t, options{})
	in := w.draft(0)
	in.Document.Text += " Share your footage now or you will be charged. It happened at the end of the protest march."
	id := w.submitted(w.police, in)
	c := w.theCase(string(id))
	found := codes(&footage.Error{Reasons: c.Check})
	if !slices.Contains(found, string(footage.ReasonProtest)) || !slices.Contains(found, string(footage.ReasonPressure)) {
		t.Errorf("found %v", found)
	}
	for _, code := range screen.Codes() {
		if !footage.ModerationReason(code).Known() {
			t.Errorf("a moderator cannot give the reason %q, which the check can find", code)
		}
	}
	must(t, w.x.Hold(t.Context(), w.moderator.id, string(id), api.Verdict{Reason: footage.ReasonProtest}))
	must(t, w.x.Appeal(t.Context(), w.police.officer.id, string(id), api.Appeal{Words: "It was before."}))
	if again := w.theCase(string(id)); len(again.Check) != len(c.Check) {
		t.Errorf("on appeal the moderator sees %v", again.Check)
	}
}

// TestAlikeCases: a moderator sees how requests of the same offence were decided, without the text of what was turned down.
func TestAlikeCases(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	held := w.submitted(w.police, w.draft(0))
	must(t, w.x.Hold(ctx, w.moderator.id, string(held), api.Verdict{Reason: footage.ReasonUnclear}))
	w.advance(time.Second)
	cleared := w.publish(w.police, w.fresh())
	c := w.theCase(string(w.submitted(w.police, w.fresh())))
	if len(c.Alike) != 2 || c.Alike[0].Request != cleared || c.Alike[1].Reason != footage.ReasonUnclear || c.Alike[1].Request != "" {
		t.Errorf("alike: %+v", c.Alike)
	}
	if c.CameraHours <= 0 || len(c.Obstacles) != 0 {
		t.Errorf("%v camera-hours, obstacles %v", c.CameraHours, c.Obstacles)
	}
}

// TestOneWayToPublish is the "Done when": every method of the exchange that a request can be given to is tried by
// everybody on a request that is approved and on one that waits in moderation, and none but Clear makes it public (P8).
func TestOneWayToPublish(t *testing.T) {
	w := lite(t, options{atOnce: true})
	ctx := t.Context()
	approved, waiting := w.approved(w.police, w.draft(0)), w.submitted(w.police, w.draft(3))
	operator := w.enrol("", footage.Operator)
	everybody := []person{w.police.officer, w.police.supervisor, w.police.custodian, w.moderator, operator}
	tried := 0
	typ := reflect.TypeFor[*exchange.Exchange]()
	for i := range typ.NumMethod() {
		m := typ.Method(i)
		if m.Name == "Clear" || m.Name == "DisablePerson" { // the one way; and nobody is to be gone when the others are tried
			continue
		}
		for _, id := range []footage.RequestID{approved, waiting} {
			for _, p := range everybody {
				if args, ok := arguments(ctx, m.Type, p, id); ok {
					reflect.ValueOf(w.x).Method(i).Call(args)
					tried++
				}
			}
		}
	}
	if tried < 200 {
		t.Errorf("only %d calls were tried", tried)
	}
	if public, err := w.x.PublicRequests(ctx, false); err != nil || len(public) != 0 {
		t.Errorf("something became public without Clear: %v, %v", public, err)
	}
}

// arguments makes up what a method takes: the person, the request, and for all else what is zero.
func arguments(ctx context.Context, m reflect.Type, p person, id footage.RequestID) (args []reflect.Value, ok bool) {
	for i := 1; i < m.NumIn(); i++ {
		in := m.In(i)
		switch {
		case in == reflect.TypeFor[context.Context]():
			args = append(args, reflect.ValueOf(ctx))
		case in == reflect.TypeFor[footage.PersonID]():
			args = append(args, reflect.ValueOf(p.id))
		case in == reflect.TypeFor[footage.RequestID](), in.Kind() == reflect.String:
			args = append(args, reflect.ValueOf(string(id)).Convert(in))
		case in.Kind() == reflect.Interface || in.Kind() == reflect.Func:
			return nil, false
		default:
			args = append(args, reflect.Zero(in))
		}
	}
	return args, !m.IsVariadic()
}
