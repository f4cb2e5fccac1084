package exchange_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// changed makes the first update of a request public.
func (w *world) changed(id footage.RequestID, kind footage.UpdateKind, text string) {
	w.t.Helper()
	ctx := context.Background()
	u := w.update(id, string(id), kind, text)
	raw := canonical(w.t, u)
	must(w.t, w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, raw)))
	if kind == footage.Amended {
		must(w.t, w.x.ApproveUpdate(ctx, w.police.supervisor.id, id, assert(w.police.supervisor, footage.Supervisor, raw)))
		must(w.t, w.x.Clear(ctx, w.moderator.id, footage.Hash(raw)))
	}
}

// complaint returns a complaint about a request with a code of its own.
func (w *world) complaint(id footage.RequestID, code string) api.Complain {
	w.t.Helper()
	return api.Complain{Work: w.solved(), Request: id, Reason: footage.ComplaintIdentity, Words: "The text names the street where my aunt lives.", HandOn: true, Code: footage.ComplaintCodeHash(code)}
}

func code(n byte) string { return strings.Repeat(string(rune('a'+n)), 25) }

// complaints returns the facts about complaints in the record, with the entries' times.
func (w *world) complaints() (facts []ledger.Fact, at []time.Time) {
	w.t.Helper()
	for _, e := range w.checkRecord() {
		if strings.HasPrefix(string(e.Kind), "complaint.") {
			fact, err := e.Fact()
			must(w.t, err)
			facts, at = append(facts, fact), append(at, e.At)
		}
	}
	return facts, at
}

// TestComplaint (T12): received, recorded when the day is over, answered, read with the code, and public without the words.
func TestComplaint(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		in := w.complaint(id, code(0))
		c, err := w.x.Complain(ctx, in)
		must(t, err)
		if c.Day != "2026-11-18" || c.Due != "2026-12-02" || c.Agency != town.Police || c.Outcome != "" {
			t.Errorf("the complaint: %+v", c)
		}
		again := w.complaint(id, code(0))
		if same, err := w.x.Complain(ctx, again); err != nil || same.ID != c.ID {
			t.Errorf("the same again: %v, %v", same.ID, err)
		}
		must(t, w.x.RecordComplaints(ctx))
		if facts, _ := w.complaints(); len(facts) != 0 {
			t.Errorf("the record tells before the day is over: %v", facts)
		}
		if public, err := w.x.ComplaintsAbout(ctx, id); err != nil || len(public) != 0 {
			t.Errorf("the public sees it before the day is over: %v, %v", public, err)
		}
		w.advance(9 * time.Hour) // past midnight
		must(t, w.x.RecordComplaints(ctx))
		facts, _ := w.complaints()
		if len(facts) != 1 {
			t.Fatalf("the record: %v", facts)
		}
		own, err := w.x.OwnComplaint(ctx, strings.ToUpper(code(0)))
		must(t, err)
		salt, err := api.Decode(own.Salt)
		must(t, err)
		received := facts[0].(ledger.ComplaintReceived)
		if received.Commitment != own.Commitment || own.Commitment != footage.Commit(salt, in.Words) || received.Reason != in.Reason {
			t.Errorf("the entry %+v does not commit to the words of %+v", received, own)
		}

		other := w.enrol("", footage.Moderator)
		answer := api.AnswerComplaint{Outcome: footage.ComplaintUpheld, LedTo: []footage.ComplaintResult{footage.ResultAgencyTold}, Answer: "The street will not be named again.", Reply: "Thank you."}
		wantCode(t, "by who cleared the request", w.x.AnswerComplaint(ctx, w.moderator.id, c.ID, answer), "same_moderator")
		for _, p := range []person{w.police.officer, w.police.supervisor, w.police.custodian, w.operator, w.enrol("", footage.Auditor)} {
			wantKind(t, "by others", w.x.AnswerComplaint(ctx, p.id, c.ID, answer), footage.Forbidden)
		}
		must(t, w.x.AnswerComplaint(ctx, other.id, c.ID, answer))
		wantCode(t, "twice", w.x.AnswerComplaint(ctx, other.id, c.ID, answer), "complaint_answered")
		if own, err = w.x.OwnComplaint(ctx, code(0)); err != nil || own.Outcome != footage.ComplaintUpheld || own.Reply != "Thank you." || own.Words != in.Words {
			t.Errorf("read with the code: %+v, %v", own, err)
		}
		public, err := w.x.ComplaintsAbout(ctx, id)
		if err != nil || len(public) != 1 || public[0].Answer != answer.Answer || public[0].Answered.IsZero() {
			t.Errorf("public: %+v, %v", public, err)
		}
		for _, e := range w.checkRecord() {
			raw, err := e.Encode()
			must(t, err)
			for _, secret := range []string{"aunt", "street", "Thank you", in.Code, code(0)} {
				if strings.Contains(string(raw), secret) {
					t.Errorf("the record holds %q: %s", secret, raw)
				}
			}
		}
		w.advance(91 * 24 * time.Hour)
		must(t, w.x.Sweep(ctx))
		if own, err = w.x.OwnComplaint(ctx, code(0)); err != nil || own.Words != "" || own.Reply != "" || own.Answer != answer.Answer {
			t.Errorf("ninety days after the answer: %+v, %v", own, err)
		}
	})
}

// TestComplaintBeforeMidnight: what is answered on its own day has its entry before the answer's, and the times of entries
// follow days and answers alone.
func TestComplaintBeforeMidnight(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	id := w.publish(w.police, w.draft(0))
	for n := range byte(3) {
		_, err := w.x.Complain(ctx, w.complaint(id, code(n)))
		must(t, err)
		w.advance(7 * time.Minute)
	}
	list, err := w.x.StaffComplaints(ctx, w.moderator.id)
	must(t, err)
	waiting := list.Waiting
	if len(waiting) != 3 || waiting[0].Yours != true || waiting[0].Title == "" {
		t.Fatalf("the moderators see %+v", waiting)
	}
	must(t, w.x.AnswerComplaintHere(ctx, waiting[1].ID, api.AnswerComplaint{Outcome: footage.ComplaintNotUpheld, Answer: "It says nothing of the sort."}))
	w.advance(24 * time.Hour)
	must(t, w.x.RecordComplaints(ctx))
	must(t, w.x.RecordComplaints(ctx))
	facts, at := w.complaints()
	if len(facts) != 4 {
		t.Fatalf("the record: %v", facts)
	}
	first, second := facts[2].(ledger.ComplaintReceived), facts[3].(ledger.ComplaintReceived)
	if facts[0].(ledger.ComplaintReceived).Complaint != waiting[1].ID || facts[1].(ledger.ComplaintAnswered).Complaint != waiting[1].ID ||
		first.Complaint > second.Complaint || at[2] != at[3] || first.Day != "2026-11-18" {
		t.Errorf("the record: %+v at %v", facts, at)
	}
}

// TestOverdue: an answer that is owed is shown as such from the day after its last one.
func TestComplaintOverdue(t *testing.T) {
	each(t, options{policies: [][]byte{rules(map[string]float64{"complaint_days": 3})}}, func(t *testing.T, w *world) {
		ctx := t.Context()
		c, err := w.x.Complain(ctx, api.Complain{Work: w.solved(), Agency: town.Police, Reason: footage.ComplaintConduct, Words: "They rang at ten at night.", Code: footage.ComplaintCodeHash(code(1))})
		must(t, err)
		for day := range 5 {
			must(t, w.x.RecordComplaints(ctx))
			overdue, err := w.x.OverdueComplaints(ctx)
			must(t, err)
			if want := day > 3; len(overdue) > 0 != want || want && !overdue[0].Overdue(w.now()) {
				t.Errorf("day %d: overdue are %v", day, overdue)
			}
			w.advance(24 * time.Hour)
		}
		other := w.enrol("", footage.Moderator) // one who was away for long is disabled
		must(t, w.x.AnswerComplaint(ctx, other.id, c.ID, api.AnswerComplaint{Outcome: footage.ComplaintOutOfScope, Answer: "The agency's own office deals with this."}))
		of, err := w.x.ComplaintsOf(ctx, town.Police)
		if err != nil || len(of) != 1 || !of[0].Late() || of[0].Overdue(w.now()) {
			t.Errorf("answered late: %+v, %v", of, err)
		}
	})
}

// TestAnswersAreTrue: an answer cannot say that it led to what the record does not show.
func TestAnswersAreTrue(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	for n, test := range []struct {
		result footage.ComplaintResult
		see    func(id footage.RequestID)
	}{
		{footage.ResultCorrected, func(id footage.RequestID) { w.changed(id, footage.Amended, "The van was blue.") }},
		{footage.ResultPersonSuspended, func(footage.RequestID) { must(t, w.x.SuspendPerson(ctx, w.police.officer.id, "Looked into.")) }},
		{footage.ResultAgencySuspended, func(footage.RequestID) { must(t, w.x.SuspendAgency(ctx, town.Police, "Looked into.")) }},
	} {
		var id footage.RequestID
		if n == 0 {
			id = w.publish(w.police, w.draft(0))
		} else {
			all, err := w.x.PublicRequests(ctx, false)
			must(t, err)
			id = all[0].ID
		}
		c, err := w.x.Complain(ctx, w.complaint(id, code(byte(n))))
		must(t, err)
		answer := api.AnswerComplaint{Outcome: footage.ComplaintUpheld, LedTo: []footage.ComplaintResult{test.result}, Answer: "It was seen to."}
		wantCode(t, string(test.result)+" too soon", w.x.AnswerComplaintHere(ctx, c.ID, answer), "answer_not_so")
		test.see(id)
		if err := w.x.AnswerComplaintHere(ctx, c.ID, answer); err != nil {
			t.Errorf("%s: %v", test.result, err)
		}
	}
}

// TestBadComplaints: nothing of these is taken in.
func TestBadComplaints(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		waiting := w.submitted(w.police, w.draft(3))
		for name, test := range map[string]struct {
			change func(*api.Complain)
			code   string
		}{
			"neither request nor agency": {func(in *api.Complain) { in.Request = "" }, "complaint_about"},
			"both":                       {func(in *api.Complain) { in.Agency = town.Police }, "complaint_about"},
			"no reason":                  {func(in *api.Complain) { in.Reason = "spite" }, "complaint_reason"},
			"no words":                   {func(in *api.Complain) { in.Words = " \n " }, "complaint_words"},
			"long":                       {func(in *api.Complain) { in.Words = strings.Repeat("é", 4001) }, "complaint_words_long"},
			"control characters":         {func(in *api.Complain) { in.Words = "\x1b[2J" }, "complaint_words_plain"},
			"turned round":               {func(in *api.Complain) { in.Words = "a\u202eb" }, "complaint_words_plain"},
			"not UTF-8":                  {func(in *api.Complain) { in.Words = "a\xff" }, "complaint_words_plain"},
			"no code":                    {func(in *api.Complain) { in.Code = "" }, "complaint_code"},
			"the code itself":            {func(in *api.Complain) { in.Code = code(1) }, "complaint_code"},
		} {
			in := w.complaint(id, code(1))
			test.change(&in)
			_, err := w.x.Complain(ctx, in)
			wantReason(t, name, err, test.code)
		}
		for name, about := range map[string]footage.RequestID{"unknown": footage.RequestID(footage.Hash(nil)), "not public": waiting, "no ID": "x"} {
			_, err := w.x.Complain(ctx, w.complaint(about, code(1)))
			wantKind(t, name, err, footage.NotFound)
		}
		_, err := w.x.Complain(ctx, api.Complain{Work: w.solved(), Agency: "nobody", Reason: footage.ComplaintOther, Words: "?", Code: footage.ComplaintCodeHash(code(1))})
		wantKind(t, "unknown agency", err, footage.NotFound)

		in := w.complaint(id, code(1))
		none := in
		none.Work = api.Solution{}
		_, err = w.x.Complain(ctx, none)
		wantCode(t, "no work", err, "work")
		first, err := w.x.Complain(ctx, in)
		must(t, err)
		in.Code = footage.ComplaintCodeHash(code(2))
		_, err = w.x.Complain(ctx, in)
		wantCode(t, "the same work again", err, "work")
		in = w.complaint(id, code(1))
		in.Words = "Something else."
		_, err = w.x.Complain(ctx, in)
		wantCode(t, "another complaint with the same code", err, "complaint_code_used")
		for _, guess := range []string{"", code(3), in.Code, string(first.ID), code(1)[1:]} {
			_, err := w.x.OwnComplaint(ctx, guess)
			wantCode(t, "guess "+guess, err, "no_complaint")
		}
		w.changed(id, footage.Withdrawn, "") // its page stays, and so does the button
		_, err = w.x.Complain(ctx, w.complaint(id, code(2)))
		must(t, err)
		list, err := w.x.StaffComplaints(ctx, w.moderator.id)
		if err != nil || len(list.Waiting) != 2 {
			t.Errorf("%d were taken in, %v", len(list.Waiting), err)
		}
	})
}

// TestTwoAnswers: of two moderators who answer at once, one does.
func TestTwoAnswers(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		c, err := w.x.Complain(ctx, w.complaint(w.publish(w.police, w.draft(0)), code(0)))
		must(t, err)
		errs := make([]error, 2)
		var both sync.WaitGroup
		for i, p := range []person{w.enrol("", footage.Moderator), w.enrol("", footage.Moderator)} {
			both.Go(func() {
				errs[i] = w.x.AnswerComplaint(ctx, p.id, c.ID, api.AnswerComplaint{Outcome: footage.ComplaintNotUpheld, Answer: "No."})
			})
		}
		both.Wait()
		failed := slices.DeleteFunc(errs, func(err error) bool { return err == nil })
		if len(failed) != 1 || footage.KindOf(failed[0]) != footage.Conflict {
			t.Errorf("the answers' errors: %v", errs)
		}
		if facts, _ := w.complaints(); len(facts) != 2 {
			t.Errorf("the record: %v", facts)
		}
	})
}

// TestHandOn: an agency reads the words of a complaint only if whoever wrote them says so and a moderator hands them on.
func TestHandOn(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	id := w.publish(w.police, w.draft(0))
	in := w.complaint(id, code(0))
	open, err := w.x.Complain(ctx, in)
	must(t, err)
	in = w.complaint(id, code(1))
	in.HandOn = false
	private, err := w.x.Complain(ctx, in)
	must(t, err)
	wantKind(t, "handed on by the agency", w.x.HandOnComplaint(ctx, w.police.supervisor.id, open.ID), footage.Forbidden)
	wantCode(t, "handed on against the will", w.x.HandOnComplaint(ctx, w.moderator.id, private.ID), "complaint_private")
	if got, err := w.x.HandedComplaints(ctx, w.police.supervisor.id); err != nil || len(got) != 0 {
		t.Errorf("before: %v, %v", got, err)
	}
	must(t, w.x.HandOnComplaint(ctx, w.moderator.id, open.ID))
	if got, err := w.x.HandedComplaints(ctx, w.police.supervisor.id); err != nil || len(got) != 1 || got[0].ID != open.ID {
		t.Errorf("after: %v, %v", got, err)
	}
	if got, err := w.x.HandedComplaints(ctx, w.agency(town.Agencies()[1]).supervisor.id); err != nil || len(got) != 0 {
		t.Errorf("another agency: %v, %v", got, err)
	}
	if own, err := w.x.OwnComplaint(ctx, code(0)); err != nil || !own.Handed {
		t.Errorf("whoever complained: %+v, %v", own, err)
	}
}
