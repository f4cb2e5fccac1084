package exchange_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
)

// standing returns what the register holds of an agency.
func (w *world) standing(id footage.AgencyID) footage.Standing {
	w.t.Helper()
	s, err := w.x.Agency(context.Background(), id)
	must(w.t, err)
	return s
}

// TestNothingIsPublishedUnverified: either verification missing, ended or taken back, and nothing can be published; what is
// open takes no footage, the reason shows, and it goes on when both are in force again (A3).
func TestNothingIsPublishedUnverified(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.fresh())
		must(t, w.x.RegisterAttestor(ctx, anotherAttestor()))
		for _, test := range []struct {
			name   string
			change func()
			lapse  footage.Lapse
			mend   func()
		}{
			{"the statement is taken back", func() { must(t, w.x.Retract(ctx, town.Police, w.retraction(w.newest(town.Police)))) }, footage.AttestationTaken,
				func() { must(t, w.x.Attest(ctx, town.Police, w.statement(w.police.Agency, nil))) }},
			{"the approval is taken back", func() { must(t, w.x.UnapproveAgency(ctx, town.Police)) }, footage.ApprovalTaken,
				func() { must(t, w.approve(town.Police, time.Time{})) }},
			{"the description changes", func() {
				w.police.Agency.Subsidies = "Half price."
				must(t, w.x.ChangeAgency(ctx, w.police.Agency))
			}, footage.AttestationOld, func() { w.verify(w.police.Agency) }},
			{"another body runs the exchange", func() { must(t, w.x.NameOperator(ctx, footage.Body{ID: "county-library", Name: "Library"})) }, footage.ApprovalOld,
				func() { must(t, w.x.NameOperator(ctx, town.Operator())) }},
		} {
			draft := w.submitted(w.police, w.fresh())
			w.advance(time.Minute)
			test.change()
			w.lapsed(test.name, id, draft, test.lapse)
			w.advance(time.Minute)
			test.mend()
			if s := w.standing(town.Police); !s.Open(w.now()) || s.Verification.Paused {
				t.Errorf("%s, then mended: %+v", test.name, s.Verification)
			}
			if _, set := w.view(w.x); !strings.Contains(string(set["/feed/all.json"].Body), string(id)) {
				t.Errorf("%s, then mended: the request is not in the feed", test.name)
			}
			_, err := w.begin(id, 1, []byte("clip"))
			must(t, err)
		}
	})
}

// lapsed checks that an agency which is not verified can do nothing, and that everybody sees why.
func (w *world) lapsed(name string, open, approved footage.RequestID, why footage.Lapse) {
	w.t.Helper()
	ctx := context.Background()
	if s := w.standing(town.Police); s.Verification.Why(w.now()) != why || !s.Verification.Paused || s.Open(w.now()) {
		w.t.Errorf("%s: the register says %+v; want paused, %s", name, s.Verification, why)
	}
	wantReason(w.t, name+": publish", w.x.Clear(ctx, w.moderator.id, string(approved)), "agency_not_verified")
	_, err := w.x.Draft(ctx, w.police.officer.id, w.fresh())
	wantCode(w.t, name+": draft", err, "agency_not_verified")
	_, err = w.begin(open, 1, []byte("clip"))
	wantCode(w.t, name+": begin", err, "not_now")
	if _, set := w.view(w.x); strings.Contains(string(set["/feed/all.json"].Body), string(open)) {
		w.t.Errorf("%s: the request is still in the feed", name)
	}
}

func anotherAttestor() footage.Attestor {
	return footage.Attestor{ID: "inspector", Name: "Inspector", Body: "state-inspector", Kind: footage.Independent, Key: api.Encode(make([]byte, 32))}
}

// newest returns an agency's newest statement.
func (w *world) newest(id footage.AgencyID) footage.Attestation {
	w.t.Helper()
	all := w.standing(id).Verification.Attestations
	return all[len(all)-1].Attestation
}

// retraction returns the league's signed retraction of a statement.
func (w *world) retraction(a footage.Attestation) footage.Retraction {
	w.t.Helper()
	hash, err := a.Hash()
	must(w.t, err)
	r := footage.Retraction{Type: footage.RetractionType, Exchange: origin, Attestor: a.Attestor, Agency: a.Agency, Attestation: hash, At: w.now().Truncate(time.Second)}
	must(w.t, r.Sign(w.league))
	return r
}

// TestVerificationsEnd: within a year both must be renewed; reminders come before, the pause at the very moment (A3).
func TestVerificationsEnd(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		due := func() []api.Due {
			t.Helper()
			all, err := w.x.Due(ctx)
			must(t, err)
			return all
		}
		if all := due(); len(all) != 0 {
			t.Errorf("on the first day there is due: %+v", all)
		}
		end := w.standing(town.Police).Verification.Until
		w.clock.Store(end.AddDate(0, 0, -50).UnixMicro())
		if all := due(); len(all) != 1 || all[0].Attestation.IsZero() || all[0].Approval.IsZero() || all[0].Lapse != "" {
			t.Errorf("fifty days before there is due: %+v", all)
		}
		must(t, w.x.Attest(ctx, town.Police, w.statement(w.police.Agency, nil)))
		if all := due(); len(all) != 1 || !all[0].Attestation.IsZero() || all[0].Approval.IsZero() {
			t.Errorf("after a new statement there is due: %+v", all)
		}
		w.clock.Store(end.AddDate(0, 0, -1).UnixMicro())
		id, approved := w.publish(w.police, w.fresh()), w.submitted(w.police, w.fresh())
		w.clock.Store(end.UnixMicro() - 1)
		_, err := w.begin(id, 1, []byte("clip"))
		must(t, err)
		w.clock.Store(end.UnixMicro())
		_, err = w.begin(id, 1, []byte("clip"))
		wantCode(t, "at the very end, before the task runs", err, "not_now")
		wantReason(t, "publish then", w.x.Clear(ctx, w.moderator.id, string(approved)), "agency_not_verified")
		must(t, w.x.PauseLapsed(ctx))
		must(t, w.x.PauseLapsed(ctx)) // which changes nothing
		w.lapsed("the approval has ended", id, approved, footage.ApprovalEnded)
		if all := due(); len(all) != 1 || all[0].Lapse != footage.ApprovalEnded {
			t.Errorf("afterwards there is due: %+v", all)
		}
		kinds := ""
		for _, e := range w.checkRecord() {
			kinds += string(e.Kind) + " "
		}
		if strings.Count(kinds, "agency.paused") != 1 {
			t.Errorf("the record says: %s", kinds)
		}
		must(t, w.approve(town.Police, time.Time{}))
		must(t, w.x.Clear(ctx, w.moderator.id, string(approved)))
	})
}

// TestStatementsThatDoNotCount tries every statement that must be refused (A4).
func TestStatementsThatDoNotCount(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	fire := town.Agencies()[1]
	must(t, w.x.RegisterAgency(ctx, fire))
	stranger := w.attestor(footage.Attestor{ID: "fire-board", Name: "Fire board", Body: "maplewood-firedistrict", Kind: footage.Independent})
	year := func(a *footage.Attestation) { a.Expires = footage.YearAfter(a.Issued) }
	shift := func(d time.Duration) func(*footage.Attestation) {
		return func(a *footage.Attestation) {
			a.Issued = a.Issued.Add(d)
			for i := range a.Checks {
				a.Checks[i].On = a.Checks[i].On.Add(d)
			}
			year(a)
		}
	}
	for name, test := range map[string]struct {
		mutate func(*footage.Attestation)
		code   string
	}{
		"of another agency's description": {func(a *footage.Attestation) { a.Description, _ = footage.DescriptionHash(w.police.Agency) }, "attestation_old"},
		"of no agency here":               {func(a *footage.Attestation) { a.Agency = "springfield-pd" }, "attestation_other_agency"},
		"for another exchange":            {func(a *footage.Attestation) { a.Exchange = "other.example/log" }, "attestation_other_exchange"},
		"of an unknown attestor":          {func(a *footage.Attestation) { a.Attestor = "nobody" }, "attestor_unknown"},
		"in another's name":               {func(a *footage.Attestation) { a.Attestor = "fire-board" }, "attestation_signature"},
		"back-dated before the attestor":  {shift(-time.Hour), "attestation_backdated"},
		"from a clock that is fast":       {shift(11 * time.Minute), "clock"},
		"longer than a year":              {func(a *footage.Attestation) { a.Expires = a.Expires.Add(time.Second) }, "attestation_term"},
		"ended before it began":           {func(a *footage.Attestation) { a.Expires = a.Issued }, "attestation_term"},
		"without a call-back":             {func(a *footage.Attestation) { a.Checks = a.Checks[:1] }, "checks_missing"},
		"by letter alone":                 {func(a *footage.Attestation) { a.Checks = a.Checks[:1]; a.Checks[0].Kind = footage.Letter }, "checks_missing"},
		"by an unknown check":             {func(a *footage.Attestation) { a.Checks[0].Kind = "email" }, "check_kind"},
		"by old checks":                   {func(a *footage.Attestation) { a.Checks[0].On = a.Issued.AddDate(0, 0, -91) }, "check_date"},
		"by checks to come":               {func(a *footage.Attestation) { a.Checks[0].On = a.Issued.Add(time.Second) }, "check_date"},
		"without a source":                {func(a *footage.Attestation) { a.Checks[0].Source = "" }, "check_source"},
		"with two lines":                  {func(a *footage.Attestation) { a.By = "Clerk\nx" }, "attestation_by"},
	} {
		err := w.x.Attest(ctx, fire.ID, w.statement(fire, test.mutate))
		if len(codes(err)) > 0 {
			wantReason(t, name, err, test.code)
			continue
		}
		wantCode(t, name, err, test.code)
	}

	changed := w.statement(fire, nil)
	changed.By = "Mayor"
	wantCode(t, "one word changed", w.x.Attest(ctx, fire.ID, changed), "attestation_signature")
	own := w.statement(fire, nil)
	own.Attestor = "fire-board"
	must(t, own.Sign(stranger))
	wantCode(t, "by the agency's own body", w.x.Attest(ctx, fire.ID, own), "same_body")
	slow := w.statement(fire, shift(-9*time.Minute)) // which is not before the attestor was registered, as clocks go
	must(t, w.x.Attest(ctx, fire.ID, slow))
	wantCode(t, "replayed", w.x.Attest(ctx, fire.ID, slow), "attestation_known")
	wantCode(t, "for another", w.x.Attest(ctx, town.Police, slow), "attestation_other_agency")
	earlier := w.statement(fire, shift(-10*time.Minute))
	wantCode(t, "dated before the one that counts", w.x.Attest(ctx, fire.ID, earlier), "attestation_backdated")
	must(t, w.x.Retract(ctx, fire.ID, w.retraction(slow)))
	wantCode(t, "replayed after it was taken back", w.x.Attest(ctx, fire.ID, slow), "attestation_known")
	wantCode(t, "taken back twice", w.x.Retract(ctx, fire.ID, w.retraction(slow)), "attestation_gone")
	forged := w.retraction(w.newest(town.Police))
	must(t, forged.Sign(stranger))
	wantCode(t, "taken back by another", w.x.Retract(ctx, town.Police, forged), "attestation_signature")
	kept := w.statement(fire, nil)
	w.advance(31 * 24 * time.Hour)
	wantCode(t, "kept for a month", w.x.Attest(ctx, fire.ID, kept), "attestation_stale")
	must(t, w.x.WithdrawAttestor(ctx, town.League, "Its key was lost."))
	wantCode(t, "of one that was withdrawn", w.x.Attest(ctx, fire.ID, w.statement(fire, nil)), "attestor_withdrawn")
	if s := w.standing(town.Police); s.Verification.Lapse != footage.AttestationTaken || !s.Verification.Paused {
		t.Errorf("whom the attestor had vouched for: %+v", s.Verification)
	}
}

// TestPartnerAloneIsNotEnough: what a platform says of an agency is shown, and counts for nothing by itself (A3).
func TestPartnerAloneIsNotEnough(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	fire := town.Agencies()[1]
	must(t, w.x.RegisterAgency(ctx, fire))
	beacon := w.attestor(town.Attestors()[1])
	statement, err := town.Statement(town.Beacon, origin, fire, w.now())
	must(t, err)
	must(t, statement.Sign(beacon))
	must(t, w.x.Attest(ctx, fire.ID, statement))
	s := w.standing(fire.ID)
	if s.Verification.Lapse != footage.PartnerOnly || len(s.Verification.Attestations) != 1 {
		t.Errorf("the register says %+v", s.Verification)
	}
	wantCode(t, "approval on a partner's word", w.approve(fire.ID, time.Time{}), "not_attested")
	w.verify(fire)
	if s := w.standing(fire.ID); !s.Open(w.now()) || len(s.Verification.Attestations) != 2 {
		t.Errorf("with an independent one: %+v", s.Verification)
	}
}

// TestThreeBodies: no body has two roles on a request's path (decision 20).
func TestThreeBodies(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	fire := town.Agencies()[1]
	fire.Body = "lanterncounty-clerk" // hyphens make no other body
	wantCode(t, "the operator's agency", w.x.RegisterAgency(ctx, fire), "same_body")
	police := w.police.Agency
	police.Body = town.Operator().ID
	wantCode(t, "an agency becomes the operator's", w.x.ChangeAgency(ctx, police), "same_body")
	a := anotherAttestor()
	a.Body = town.Operator().ID
	wantCode(t, "the operator as attestor", w.x.RegisterAttestor(ctx, a), "same_body")
	a.Body = town.Attestors()[0].Body
	wantCode(t, "one attestor twice", w.x.RegisterAttestor(ctx, a), "same_body")
	wantCode(t, "an agency as operator", w.x.NameOperator(ctx, footage.Body{ID: w.police.Body, Name: "Town"}), "same_body")
	wantCode(t, "an attestor as operator", w.x.NameOperator(ctx, footage.Body{ID: town.Attestors()[0].Body, Name: "League"}), "same_body")
	a = anotherAttestor()
	a.Key = api.Encode(w.receiptKey())
	wantReason(t, "the exchange's key", w.x.RegisterAttestor(ctx, a), "attestor_key")
	a.Key = "AA"
	wantReason(t, "half a key", w.x.RegisterAttestor(ctx, a), "attestor_key")
	a = anotherAttestor()
	must(t, w.x.RegisterAttestor(ctx, a))
	wantCode(t, "one ID twice", w.x.RegisterAttestor(ctx, a), "attestor_exists")
	a.ID, a.Body = "another", "another"
	wantCode(t, "one key twice", w.x.RegisterAttestor(ctx, a), "attestor_key")
}

// TestApprovalsThatDoNotCount tries every approval that must be refused.
func TestApprovalsThatDoNotCount(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	fire := town.Agencies()[1]
	must(t, w.x.RegisterAgency(ctx, fire))
	wantCode(t, "with nothing to rest on", w.approve(fire.ID, time.Time{}), "not_attested")
	must(t, w.x.Attest(ctx, fire.ID, w.statement(fire, nil)))
	right, err := w.x.ApprovalFor(ctx, w.operator.id, fire.ID, time.Time{})
	must(t, err)
	sign := func(by person, a footage.Approval) api.SignedApproval {
		return api.SignedApproval{Approval: a, Assertion: assert(by, footage.Operator, canonical(t, a))}
	}
	for name, test := range map[string]struct {
		mutate func(*footage.Approval)
		code   string
	}{
		"of another agency":      {func(a *footage.Approval) { a.Agency = town.Police }, "approval_old"},
		"of another description": {func(a *footage.Approval) { a.Description = footage.Hash(nil) }, "approval_old"},
		"on another statement":   {func(a *footage.Approval) { a.Attestation = footage.Hash(nil) }, "approval_old"},
		"for another exchange":   {func(a *footage.Approval) { a.Exchange = "other.example/log" }, "approval_old"},
		"by another body":        {func(a *footage.Approval) { a.Operator = "lakes-league-of-towns" }, "approval_old"},
		"by a slow clock":        {func(a *footage.Approval) { a.Issued = a.Issued.Add(-11 * time.Minute) }, "approval_term"},
		"by a fast clock":        {func(a *footage.Approval) { a.Issued = a.Issued.Add(11 * time.Minute) }, "clock"},
		"for longer than a year": {func(a *footage.Approval) { a.Expires = a.Expires.Add(time.Second) }, "approval_term"},
	} {
		a := right
		test.mutate(&a)
		err := w.x.ApproveAgency(ctx, w.operator.id, sign(w.operator, a))
		if len(codes(err)) > 0 {
			wantReason(t, name, err, test.code)
			continue
		}
		wantCode(t, name, err, test.code)
	}
	other := sign(w.operator, right)
	other.Approval.Expires = right.Expires.Add(-time.Hour)
	wantKind(t, "signed another text", w.x.ApproveAgency(ctx, w.operator.id, other), footage.Untrusted)
	wantKind(t, "by an officer", w.x.ApproveAgency(ctx, w.police.officer.id, sign(w.police.officer, right)), footage.Forbidden)
	wantKind(t, "an officer's signature", w.x.ApproveAgency(ctx, w.operator.id, sign(w.police.officer, right)), footage.Untrusted)
	must(t, w.x.ApproveAgency(ctx, w.operator.id, sign(w.operator, right)))
	wantCode(t, "replayed", w.x.ApproveAgency(ctx, w.operator.id, sign(w.operator, right)), "approval_known")
	must(t, w.x.UnapproveAgency(ctx, fire.ID))
	wantCode(t, "replayed after it was taken back", w.x.ApproveAgency(ctx, w.operator.id, sign(w.operator, right)), "approval_known")
	wantKind(t, "taken back twice", w.x.UnapproveAgency(ctx, fire.ID), footage.Conflict)
}

// TestSuspendedOfficer: one person is stopped, and with them what they signed; their colleagues go on (A10).
func TestSuspendedOfficer(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id, waiting := w.publish(w.police, w.fresh()), w.submitted(w.police, w.fresh())
		colleague := w.enrol(town.Police, footage.Officer)
		must(t, w.x.SuspendPerson(ctx, w.police.officer.id, "Asked about a neighbour."))
		wantKind(t, "twice", w.x.SuspendPerson(ctx, w.police.officer.id, "Again."), footage.Conflict)
		wantKind(t, "without a reason", w.x.SuspendPerson(ctx, colleague.id, " "), footage.Invalid)
		_, err := w.x.Draft(ctx, w.police.officer.id, w.fresh())
		wantCode(t, "draft", err, "person_suspended")
		wantReason(t, "what they had signed", w.x.Clear(ctx, w.moderator.id, string(waiting)), "signer_left")
		_, err = w.begin(id, 1, []byte("clip"))
		wantCode(t, "what is open", err, "not_now")
		if _, set := w.view(w.x); strings.Contains(string(set["/feed/all.json"].Body), string(id)) {
			t.Error("it is still in the feed")
		}
		if _, err := w.x.Draft(ctx, colleague.id, w.fresh()); err != nil {
			t.Errorf("a colleague: %v", err)
		}
		must(t, w.x.RestorePerson(ctx, w.police.officer.id))
		wantKind(t, "restored twice", w.x.RestorePerson(ctx, w.police.officer.id), footage.Conflict)
		_, err = w.begin(id, 1, []byte("clip"))
		must(t, err)
		must(t, w.x.Clear(ctx, w.moderator.id, string(waiting)))
	})
}

// TestWhoIsStoppedStillOwesAnswers: a suspended or unverified agency receives nothing more, but answers recalls and questions
// about what it has, and may end what it asked for (A10).
func TestWhoIsStoppedStillOwesAnswers(t *testing.T) {
	for name, stop := range map[string]func(*world) error{
		"suspended":  func(w *world) error { return w.x.SuspendAgency(context.Background(), town.Police, "A test.") },
		"unverified": func(w *world) error { return w.x.UnapproveAgency(context.Background(), town.Police) },
	} {
		t.Run(name, func(t *testing.T) {
			w := lite(t, options{})
			ctx := t.Context()
			id := w.publish(w.police, w.fresh())
			p, _ := w.send(w.police, id)
			w.release()
			w.steps(w.police, p.Share, footage.EventPickedUp, footage.EventOpened, footage.EventVerified)
			must(t, stop(w))
			_, err := w.x.Withdraw(ctx, p.credential)
			must(t, err)
			_, err = w.x.Reply(ctx, p.credential, api.Encode([]byte("sealed")))
			must(t, err)
			w.release()
			must(t, w.step(w.police, p.Share, footage.EventAnswered, map[string]string{"answer": "destroyed"}))
			_, err = w.x.Ask(ctx, w.police.custodian.id, p.Share, api.Encode([]byte("sealed")))
			must(t, err)
			w.steps(w.police, p.Share, footage.EventAsked)
			w.steps(w.police, p.Share, footage.EventAccepted, footage.EventExported, footage.EventConfirmed)
			u := w.update(id, string(id), footage.Amended, "More.")
			wantKind(t, "asking for more", w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, canonical(t, u))), footage.Forbidden)
			u = w.update(id, string(id), footage.Withdrawn, "")
			must(t, w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, canonical(t, u))))
		})
	}
}

// TestLapsesHaveWords: every lapse is told in words of its own.
func TestLapsesHaveWords(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range footage.Lapses() {
		text := exchange.LapseText(l)
		if seen[text] {
			t.Errorf("%s has the words of another", l)
		}
		seen[text] = true
	}
}
