package exchange_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/fsck"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

const orderReference = "Maplewood County Court, 2026-CV-1107, order of 18 Nov 2026"

// propose files that a request is to be withheld, signed in a role.
func (w *world) propose(p person, role footage.Role, id footage.RequestID) error {
	body, err := w.x.WithholdingFor(w.t.Context(), p.id, id, api.Withhold{Authority: footage.CourtOrder, Reference: orderReference})
	if err != nil {
		return err
	}
	return w.x.ProposeWithholding(w.t.Context(), p.id, api.SignedWithholding{Withholding: body, Reference: orderReference, Assertion: assert(p, role, canonical(w.t, body))})
}

// agree signs as the second person what was proposed.
func (w *world) agree(p person, role footage.Role, id footage.RequestID) error {
	all, err := w.x.Withholdings(w.t.Context(), w.operator.id)
	must(w.t, err)
	i := slices.IndexFunc(all, func(c api.WithholdingCase) bool { return c.Withholding.Request == id })
	if i < 0 {
		return footage.E(footage.NotFound, "no proposal")
	}
	return w.x.AgreeWithholding(w.t.Context(), p.id, id, assert(p, role, canonical(w.t, all[i].Withholding)))
}

// amended publishes a request with an amendment, and makes its bundle.
func (w *world) amended() footage.RequestID {
	ctx := w.t.Context()
	id := w.publish(w.police, w.draft(0))
	u := w.update(id, string(id), footage.Amended, "We now look for a gray van.")
	raw := canonical(w.t, u)
	must(w.t, w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, raw)))
	must(w.t, w.x.ApproveUpdate(ctx, w.police.supervisor.id, id, assert(w.police.supervisor, footage.Supervisor, raw)))
	must(w.t, w.x.Clear(ctx, w.moderator.id, footage.Hash(raw)))
	w.view(w.x)
	return id
}

// TestWithhold (promise 5, decisions 2 and 19): two people of two roles withhold a text. It is gone from wherever the exchange
// keeps or shows it, the fact, the authority and the hash stay, and old proofs go on to hold.
func TestWithhold(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id, other := w.amended(), footage.RequestID("")
		w.advance(time.Second)
		other = w.publish(w.police, w.draft(3))
		old, err := w.x.ShownRequest(ctx, id)
		must(t, err)
		before := w.facts()
		secrets := w.textOf(id)

		must(t, w.propose(w.operator, footage.Operator, id))
		if got := w.status(w.police, id); got != footage.Published {
			t.Errorf("after the proposal alone the request is %s", got)
		}
		must(t, w.agree(w.moderator, footage.Moderator, id))

		w.gone(id, secrets)
		w.verifies(other, footage.Published, 0)
		p, err := w.x.PublicRequest(ctx, id)
		must(t, err)
		if p.Status != footage.StatusWithheld || p.Withheld == nil || p.Withheld.Withholding.Authority != footage.CourtOrder || p.SquareMiles == 0 || p.Hours() == 0 ||
			len(p.Updates) != 1 || p.Updates[0].Update.Kind != footage.Amended {
			t.Errorf("what is shown in its place: %+v", p)
		}
		c, b, _, err := evidence.VerifyRequest(old, evidence.Trust{Verifier: w.cfg.Keys.LogVerifier}, w.now())
		if err != nil || c.ID != id || b.Record.Document.Title == "" {
			t.Errorf("the old proofs hold no more: %v", err)
		}
		if w.facts() == before {
			t.Error("the record says nothing")
		}
		must(t, w.reopen())
		w.gone(id, secrets)
	})
}

// textOf returns what nobody may find any more of a request.
func (w *world) textOf(id footage.RequestID) []string {
	p, err := w.x.PublicRequest(w.t.Context(), id)
	must(w.t, err)
	d := p.Record.Document
	out := []string{d.Title, d.Text, d.Nonce, d.Code, strings.TrimSpace(town.Requests()[0].Case)}
	for _, u := range p.Updates {
		out = append(out, u.Update.Text, u.Update.Nonce)
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// gone checks that a request's text is nowhere, and that the tombstone in its place holds.
func (w *world) gone(id footage.RequestID, secrets []string) {
	w.t.Helper()
	ctx := w.t.Context()
	raw, err := w.x.ShownRequest(ctx, id)
	must(w.t, err)
	c, _, _, err := evidence.VerifyRequest(raw, evidence.Trust{Verifier: w.cfg.Keys.LogVerifier}, w.now())
	must(w.t, err)
	if c.ID != id || c.Withheld == nil || c.Withheld.Withholding.Request != id || !errors.Is(c.Open(w.now()), footage.Gone) {
		w.t.Errorf("the tombstone says %+v", c.Withheld)
	}
	public, set := w.view(w.x)
	shown, err := json.Marshal(public)
	must(w.t, err)
	of, err := w.x.AgencyRequests(ctx, w.police.officer.id)
	must(w.t, err)
	own, err := json.Marshal(of)
	must(w.t, err)
	places := map[string][]byte{"the public view": shown, "the tombstone": raw, "the agency's list": own}
	for path, f := range set {
		places[path] = f.Body
	}
	for object, err := range w.cfg.Bucket.List(ctx, "") {
		must(w.t, err)
		if strings.Contains(object.Key, string(id)) {
			w.t.Errorf("the bucket holds %s", object.Key)
		}
		if !strings.HasPrefix(object.Key, "log/policy/") {
			places[object.Key] = w.object(object.Key)
		}
	}
	places["the database"] = w.dump()
	for where, body := range places {
		for _, s := range secrets {
			if bytes.Contains(body, []byte(s)) && !w.sharedWith(s, id) {
				w.t.Errorf("%s holds %q", where, s)
			}
		}
	}
	w.checkRecord()
}

// object reads an object of the bucket.
func (w *world) object(key string) []byte {
	w.t.Helper()
	r, err := w.cfg.Bucket.Get(w.t.Context(), key, 0, -1)
	must(w.t, err)
	defer r.Close()
	raw, err := io.ReadAll(r)
	must(w.t, err)
	return raw
}

// dump returns every value of every table.
func (w *world) dump() []byte {
	w.t.Helper()
	var out bytes.Buffer
	must(w.t, w.cfg.DB.Read(w.t.Context(), func(tx *store.Tx) error {
		out.Reset()
		for _, table := range fsck.Tables() {
			rows, err := tx.Rows(table, nil, 10000)
			if err != nil {
				return err
			}
			for _, row := range rows {
				for _, v := range row {
					if b, ok := v.([]byte); ok {
						v = string(b)
					}
					fmt.Fprintln(&out, v)
				}
			}
		}
		return nil
	}))
	return out.Bytes()
}

// sharedWith reports whether another request says the same.
func (w *world) sharedWith(s string, id footage.RequestID) bool {
	all, err := w.x.PublicRequests(w.t.Context(), false)
	must(w.t, err)
	for _, p := range all {
		raw, err := json.Marshal(p)
		must(w.t, err)
		if p.ID != id && bytes.Contains(raw, []byte(s)) {
			return true
		}
	}
	return false
}

// TestWithholdComplaints (decision 19): the two choose which complaints say too much. Of those the words, the answer and the reply
// go; that they came in and how they were answered stays, and the words that are kept elsewhere can still be shown to be theirs.
func TestWithholdComplaints(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.amended()
		ids := map[string]footage.ComplaintID{}
		for i, what := range []string{"kept", "waits", "answered"} {
			c, err := w.x.Complain(ctx, w.complaint(id, code(byte(i))))
			must(t, err)
			ids[what] = c.ID
		}
		must(t, w.x.AnswerComplaintHere(ctx, ids["answered"], api.AnswerComplaint{Outcome: footage.ComplaintNotUpheld, Answer: "The gray van is what was seen.", Reply: "We are sorry."}))
		all, err := w.x.ComplaintsToWithhold(ctx, w.operator.id, id)
		must(t, err)
		if len(all) != 3 {
			t.Fatalf("there are %d complaints to withhold", len(all))
		}
		_, err = w.x.ComplaintsToWithhold(ctx, w.police.officer.id, id)
		wantKind(t, "listed for an officer", err, footage.Forbidden)

		in := api.Withhold{Authority: footage.CourtOrder, Reference: orderReference, Complaints: []footage.ComplaintID{"q-00000000000000000000000000"}}
		_, err = w.x.WithholdingFor(ctx, w.operator.id, id, in)
		wantKind(t, "an unknown complaint", err, footage.NotFound)
		in.Complaints = []footage.ComplaintID{ids["waits"], ids["answered"], ids["waits"]}
		body, err := w.x.WithholdingFor(ctx, w.operator.id, id, in)
		must(t, err)
		must(t, w.x.ProposeWithholding(ctx, w.operator.id, api.SignedWithholding{Withholding: body, Reference: orderReference, Assertion: assert(w.operator, footage.Operator, canonical(t, body))}))
		must(t, w.agree(w.moderator, footage.Moderator, id))

		other := w.enrol("", footage.Moderator)
		for what, want := range map[string]bool{"kept": true, "waits": false, "answered": false} {
			c, err := w.x.StaffComplaint(ctx, other.id, ids[what])
			must(t, err)
			if (c.Words != "") != want || !want && c.Answer+c.Reply != "" {
				t.Errorf("%s: the words are %q, the answer %q, the reply %q", what, c.Words, c.Answer, c.Reply)
			}
		}
		must(t, w.x.AnswerComplaint(ctx, other.id, ids["waits"], api.AnswerComplaint{Outcome: footage.ComplaintOutOfScope, Answer: "The text is gone."}))
		facts, _ := w.complaints()
		if len(facts) != 4 { // two came in and were answered; the third is told of when its day is over
			t.Errorf("the record tells of complaints: %v", facts)
		}
		w.gone(id, []string{"The gray van is what was seen.", "We are sorry."})
	})
}

// TestWithholdNeedsTwo: neither the same person, nor the same role, nor anybody of an agency, nor an unknown authority.
func TestWithholdNeedsTwo(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		both, second := w.enrol("", footage.Operator, footage.Moderator), w.enrol("", footage.Operator)
		for name, p := range map[string]person{"an officer": w.police.officer, "a supervisor": w.police.supervisor, "a custodian": w.police.custodian, "an auditor": w.enrol("", footage.Auditor)} {
			wantKind(t, "proposed by "+name, w.propose(p, footage.Operator, id), footage.Forbidden)
		}
		_, err := w.x.WithholdingFor(ctx, both.id, id, api.Withhold{Authority: "mayor", Reference: "He asked."})
		wantCode(t, "another authority", err, "authority_unknown")
		_, err = w.x.WithholdingFor(ctx, both.id, id, api.Withhold{Authority: footage.CourtOrder})
		wantCode(t, "no reference", err, "reference_missing")
		wantKind(t, "an unknown request", w.propose(both, footage.Operator, footage.RequestID(footage.Hash(nil))), footage.NotFound)
		wantKind(t, "one that is not public", w.propose(both, footage.Operator, w.approved(w.police, w.draft(3))), footage.NotFound)
		wantKind(t, "agreed before it is proposed", w.x.AgreeWithholding(ctx, both.id, id, footage.Assertion{}), footage.NotFound)

		must(t, w.propose(both, footage.Operator, id))
		wantCode(t, "proposed twice", w.propose(w.moderator, footage.Moderator, id), "proposed_already")
		wantCode(t, "the same person in another role", w.agree(both, footage.Moderator, id), "same_person")
		wantCode(t, "another person in the same role", w.agree(second, footage.Operator, id), "same_role")
		wantKind(t, "a role that one has not", w.agree(second, footage.Moderator, id), footage.Forbidden)
		wantKind(t, "the officer who asked", w.agree(w.police.officer, footage.Moderator, id), footage.Forbidden)
		wantKind(t, "another's signature", w.x.AgreeWithholding(ctx, w.moderator.id, id, assert(both, footage.Moderator, nil)), footage.Untrusted)
		wantKind(t, "a signature over another text", w.x.AgreeWithholding(ctx, w.moderator.id, id, assert(w.moderator, footage.Moderator, []byte("{}"))), footage.Untrusted)
		w.verifies(id, footage.Published, 0)

		must(t, w.x.DropWithholding(ctx, w.moderator.id, id))
		wantKind(t, "agreed after it was dropped", w.x.AgreeWithholding(ctx, w.moderator.id, id, footage.Assertion{}), footage.NotFound)
		must(t, w.propose(both, footage.Moderator, id))
		must(t, w.x.DisablePerson(ctx, both.id))
		wantCode(t, "proposed by one who has left", w.agree(second, footage.Operator, id), "proposer_left")
		must(t, w.x.DropWithholding(ctx, w.moderator.id, id))

		must(t, w.propose(w.moderator, footage.Moderator, id))
		must(t, w.agree(second, footage.Operator, id))
		wantCode(t, "agreed twice", w.agree(second, footage.Operator, id), "withheld_already")
		wantCode(t, "proposed again", w.propose(w.moderator, footage.Moderator, id), "withheld_already")
		wantCode(t, "dropped afterwards", w.x.DropWithholding(ctx, w.moderator.id, id), "withheld_already")
	})
}

// TestWithholdOvertaken: an update that came in between is not withheld unseen.
func TestWithholdOvertaken(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	id := w.publish(w.police, w.draft(0))
	must(t, w.propose(w.operator, footage.Operator, id))
	u := w.update(id, string(id), footage.Resolved, "Found.")
	must(t, w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, canonical(t, u))))
	wantCode(t, "after an update", w.agree(w.moderator, footage.Moderator, id), "withholding_old")
	must(t, w.x.DropWithholding(ctx, w.operator.id, id))
	must(t, w.propose(w.operator, footage.Operator, id))
	must(t, w.agree(w.moderator, footage.Moderator, id))
	if p, err := w.x.PublicRequest(ctx, id); err != nil || p.Status != footage.StatusResolved || p.Withheld == nil {
		t.Errorf("a request that was resolved before is %s, %v", p.Status, err)
	}
}

// TestWithheldTakesNothing: an open request that is withheld closes, and a share that had begun can no more be committed.
func TestWithheldTakesNothing(t *testing.T) {
	w := lite(t, options{})
	id := w.publish(w.police, w.draft(0))
	begun, err := w.begin(id, 1, []byte("clip"))
	must(t, err)
	must(t, w.upload(begun, 0))
	must(t, w.propose(w.operator, footage.Operator, id))
	must(t, w.agree(w.moderator, footage.Moderator, id))
	_, err = w.commit(begun)
	wantKind(t, "a share that had begun", err, footage.Refused)
	_, err = w.begin(id, 1, []byte("clip"))
	wantKind(t, "a new share", err, footage.Refused)
}

// TestWithholdCutOff: whatever fails, the text is either shown whole with no entry, or gone with one.
func TestWithholdCutOff(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.amended()
		secrets := w.textOf(id)
		must(t, w.propose(w.operator, footage.Operator, id))
		w.faults.set(func(op, key string) error {
			if op == "delete" || strings.HasPrefix(key, "log/") && op == "put" {
				return footage.E(footage.Unavailable, "the bucket does not answer")
			}
			return nil
		})
		must(t, w.agree(w.moderator, footage.Moderator, id)) // the fact stands
		if p, err := w.x.PublicRequest(ctx, id); err != nil || p.Withheld == nil || p.Record.Document.Title != "" {
			t.Errorf("the page shows %+v, %v", p.Record.Document, err)
		}
		if err := w.x.ForgetWithheld(ctx); footage.KindOf(err) != footage.Unavailable {
			t.Errorf("the task that forgets says %v", err)
		}
		w.faults.set(nil)
		must(t, w.x.Integrate(ctx))
		must(t, w.x.ForgetWithheld(ctx))
		w.gone(id, secrets)
	})
}

// TestTamperedTombstone: what an exchange may give in the place of a text, and what a program says to it.
func TestTamperedTombstone(t *testing.T) {
	w := lite(t, options{})
	id := w.amended()
	must(t, w.propose(w.operator, footage.Operator, id))
	must(t, w.agree(w.moderator, footage.Moderator, id))
	raw, err := w.x.ShownRequest(t.Context(), id)
	must(t, err)
	withheldAt := func(s *evidence.Withheld) int {
		return slices.IndexFunc(s.Entries, func(p evidence.Proven) bool { return p.Entry.Kind == ledger.KindDocumentWithheld })
	}
	for name, test := range map[string]struct {
		change func(*evidence.Withheld)
		code   string
	}{
		"no entry":        {func(s *evidence.Withheld) { i := withheldAt(s); s.Entries = slices.Delete(s.Entries, i, i+1) }, "withheld_unproven"},
		"another request": {func(s *evidence.Withheld) { s.Request = footage.RequestID(footage.Hash(nil)) }, "text_changed"},
		"another agency":  {func(s *evidence.Withheld) { s.Agency = "oakdale-pd" }, "epoch_other_agency"},
		"a changed entry": {func(s *evidence.Withheld) {
			e := &s.Entries[withheldAt(s)].Entry
			e.Data = bytes.Replace(e.Data, []byte("court_order"), []byte("victim_protection"), 2)
		}, "not_in_log"},
		"no publication": {func(s *evidence.Withheld) {
			s.Entries = slices.DeleteFunc(s.Entries, func(p evidence.Proven) bool { return p.Entry.Kind == ledger.KindRequestPublished })
		}, "withheld_wrong"},
		"who signed left out": {func(s *evidence.Withheld) {
			s.Entries = slices.DeleteFunc(s.Entries, func(p evidence.Proven) bool {
				return bytes.Contains(p.Entry.Data, []byte(`"person":"`+string(w.moderator.id))) && p.Entry.Kind == ledger.KindPersonEnrolled
			})
		}, "withheld_signer"},
		"a checkpoint of others": {func(s *evidence.Withheld) {
			s.Checkpoint = strings.Replace(s.Checkpoint, "town.example", "city.example", 1)
		}, "wrong_exchange"},
	} {
		s, err := evidence.ParseWithheld(raw)
		must(t, err)
		test.change(&s)
		_, err = s.Verify(evidence.Trust{Verifier: w.cfg.Keys.LogVerifier}, w.now())
		wantCode(t, name, err, test.code)
	}
	if _, err := evidence.ParseWithheld(append(raw, ' ', '{')); err == nil {
		t.Error("trailing bytes are read")
	}
}
