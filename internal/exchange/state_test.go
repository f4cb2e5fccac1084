package exchange_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// states returns every state entry with its time, and checks each against the entries in front of it and its document.
func (w *world) states() (all []ledger.State, at []time.Time) {
	w.t.Helper()
	note, err := w.x.LogObject(w.t.Context(), ledger.CheckpointKey)
	must(w.t, err)
	head, err := ledger.OpenCheckpoint(note, w.cfg.Keys.LogVerifier)
	must(w.t, err)
	var present ledger.Present
	for raw, err := range ledger.Entries(w.t.Context(), bucketObjects{w}, head.Tree, 0, head.Size) {
		must(w.t, err)
		e, err := ledger.DecodeEntry(raw)
		must(w.t, err)
		fact, err := e.Fact()
		must(w.t, err)
		if s, ok := fact.(ledger.State); ok {
			all, at = append(all, s), append(at, e.At)
			want, err := present.Document(e.At).Encode()
			must(w.t, err)
			got, err := w.x.LogObject(w.t.Context(), ledger.StateKey(s.SHA256))
			must(w.t, err)
			if !bytes.Equal(got, want) || s.Size != present.Size() {
				w.t.Errorf("the state of %d entries is\n%s\nwant\n%s", s.Size, got, want)
			}
		}
		must(w.t, present.Take(fact))
	}
	return all, at
}

// TestState: one on each tick with a change, at once when trust is taken away, else hourly; always what the entries come to.
func TestState(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		count := 0
		want := func(what string, more int) {
			t.Helper()
			must(t, w.x.State(ctx))
			all, _ := w.states()
			if len(all) != count+more {
				t.Errorf("%s: %d states more, want %d", what, len(all)-count, more)
			}
			count = len(all)
		}
		want("at the beginning", 1)
		want("nothing changed", 0)
		w.advance(15 * time.Minute)
		want("nothing changed on the next tick", 0)
		id := w.publish(w.police, w.draft(0))
		want("a request, on a tick without a state", 1)
		officer := w.enrol(w.police.ID, footage.Officer)
		want("another change on the same tick", 0)
		w.advance(15 * time.Minute)
		want("the next tick", 1)
		must(t, w.x.DisablePerson(ctx, officer.id))
		want("a person disabled", 1)
		must(t, w.x.SuspendAgency(ctx, w.police.ID, "A test."))
		want("an agency suspended", 1)
		must(t, w.x.RestoreAgency(ctx, w.police.ID))
		want("restored: that can wait", 0)
		w.advance(15 * time.Minute)
		want("restored", 1)
		p, _ := w.send(w.police, id)
		w.release() // a tick later
		w.steps(w.police, p.Share, footage.EventPickedUp)
		w.advance(15 * time.Minute)
		want("what residents and custodians do", 0)
		w.advance(30 * time.Minute)
		want("an hour", 1)
		w.advance(12 * time.Hour)
		want("many hours are one state", 1)
	})
}

// TestHeadIsPublished: the head shows the newest state, and continues the one before.
func TestHeadIsPublished(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	var seen ledger.Checkpoint
	for round := range 3 {
		must(t, w.x.State(ctx))
		raw, err := w.x.LogObject(ctx, evidence.HeadKey)
		must(t, err)
		h, err := evidence.ParseHead(raw)
		must(t, err)
		hash, err := h.StateHash()
		must(t, err)
		document, err := w.x.LogObject(ctx, ledger.StateKey(hash))
		must(t, err)
		s, err := h.Verify(evidence.Trust{Verifier: w.cfg.Keys.LogVerifier}, "", document, w.now())
		must(t, err)
		if told, err := h.Continues(seen, s.Checkpoint); round > 0 && (err != nil || !told) {
			t.Errorf("head %d does not show that it continues the one before: %v", round, err)
		}
		if all, _ := w.states(); s.Size != all[len(all)-1].Size || len(s.Document.Agencies) == 0 {
			t.Errorf("head %d shows the state of %d entries: %+v", round, s.Size, s.Document)
		}
		seen = s.Checkpoint
		w.publish(w.police, w.draft(round))
		w.advance(time.Hour)
	}
}

// TestStateOfTheRegister: whatever happens to what an agency's right to ask rests on, and to its people, the state that the
// exchange makes of its tables is what the entries come to, at that moment and when time alone ends something.
func TestStateOfTheRegister(t *testing.T) {
	each(t, options{atOnce: true}, func(t *testing.T, w *world) {
		ctx := t.Context()
		doc := func(what string) ledger.StateAgency {
			t.Helper()
			must(t, w.x.State(ctx))
			all, _ := w.states()
			raw, err := w.x.LogObject(ctx, ledger.StateKey(all[len(all)-1].SHA256))
			must(t, err)
			d, err := ledger.ParseState(raw)
			must(t, err)
			return d.Agencies[slices.IndexFunc(d.Agencies, func(a ledger.StateAgency) bool { return a.ID == town.Police })]
		}
		want := func(what string, verified, paused bool) {
			t.Helper()
			if a := doc(what); (a.Verified != nil) != verified || a.Paused != paused {
				t.Errorf("%s: the state says %+v, want verified %v, paused %v", what, a, verified, paused)
			}
		}
		want("at the beginning", true, false)
		first := w.newest(town.Police)
		w.advance(time.Minute)
		shorter := w.statement(w.police.Agency, func(a *footage.Attestation) { a.Expires = a.Issued.AddDate(0, 1, 0) })
		must(t, w.x.Attest(ctx, town.Police, shorter))
		want("a newer statement that ends sooner", true, false)
		must(t, w.x.Retract(ctx, town.Police, w.retraction(shorter)))
		want("that one taken back", true, false)
		must(t, w.x.Retract(ctx, town.Police, w.retraction(first)))
		want("the other taken back too", false, true)
		w.advance(time.Minute)
		must(t, w.x.Attest(ctx, town.Police, w.statement(w.police.Agency, nil)))
		want("a new statement", true, false)
		must(t, w.x.UnapproveAgency(ctx, town.Police))
		want("not approved any more", false, true)
		must(t, w.approve(town.Police, time.Time{}))
		changed := w.police.Agency
		changed.Contact.Phone = "555-0123"
		must(t, w.x.ChangeAgency(ctx, changed))
		want("another description", false, true)
		must(t, w.x.ChangeAgency(ctx, w.police.Agency))
		want("the old description", true, false)
		must(t, w.x.SuspendPerson(ctx, w.police.officer.id, "A test."))
		must(t, w.x.State(ctx))
		must(t, w.x.DisablePerson(ctx, w.police.officer.id))
		must(t, w.x.State(ctx))
		end := w.standing(town.Police).Verification.Until
		w.clock.Store(end.UnixMicro() - 1)
		want("at the last moment", true, false)
		w.clock.Store(end.Add(time.Hour).UnixMicro())
		want("time has ended it, and no entry says so yet", false, false)
		must(t, w.x.PauseLapsed(ctx))
		want("an entry says so", false, true)
		must(t, w.x.WithdrawAttestor(ctx, first.Attestor, "A test."))
		want("the attestor withdrawn", false, true)
	})
}
