package exchange_test

import (
	"context"
	"testing"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
)

// swearIn gives a person a rank by the word of two administrators.
func (w *world) swearIn(p person, rank footage.Rank) {
	w.t.Helper()
	ctx := context.Background()
	admin, operator, _, _ := w.offices()
	must(w.t, w.x.SetRank(ctx, admin.id, p.id, rank))
	must(w.t, w.x.ConfirmRank(ctx, operator.id, p.id))
}

// TestSanFrancisco: with the city's policy a sergeant asks and a captain approves, from the draft to the public request; nobody
// below does, and a rank that was lost meanwhile is found when the request is cleared.
func TestSanFrancisco(t *testing.T) {
	city, ok := policy.ShippedFile("san-francisco")
	if !ok {
		t.Fatal("there is no such policy")
	}
	each(t, options{policies: [][]byte{rules(nil), city}}, func(t *testing.T, w *world) {
		ctx := t.Context()
		officer, supervisor := w.police.officer, w.police.supervisor
		in := w.draft(0)
		_, err := w.x.Draft(ctx, officer.id, in)
		wantReason(t, "drafted by an officer", err, "author_rank_low")
		w.swearIn(officer, footage.RankSergeant)
		draft, err := w.x.Draft(ctx, officer.id, in)
		must(t, err)
		raw := canonical(t, in.Document)
		must(t, w.x.Sign(ctx, officer.id, draft.ID, assert(officer, footage.Officer, raw)))
		approve := func() error {
			return w.x.Approve(ctx, supervisor.id, draft.ID, assert(supervisor, footage.Supervisor, raw))
		}
		wantReason(t, "approved by a supervisor without a rank", approve(), "approver_rank_low")
		w.swearIn(supervisor, footage.RankLieutenant)
		wantCode(t, "approved by a lieutenant", approve(), "rank_low")
		w.swearIn(supervisor, footage.RankCaptain)
		must(t, approve())
		must(t, w.x.Submit(ctx, supervisor.id, draft.ID, api.Submit{}))

		admin := w.enrol(town.Police, footage.AgencyAdmin)
		must(t, w.x.SetRank(ctx, admin.id, supervisor.id, footage.RankSergeant)) // a lower one counts at once
		err = w.x.Clear(ctx, w.moderator.id, string(draft.ID))
		wantReason(t, "cleared when the approver is a sergeant", err, "approver_rank_low")
		must(t, w.x.SetRank(ctx, admin.id, officer.id, ""))
		w.swearIn(supervisor, footage.RankChief)
		wantReason(t, "cleared when the author has no rank", w.x.Clear(ctx, w.moderator.id, string(draft.ID)), "author_rank_low")
		w.swearIn(officer, footage.RankSergeant)
		must(t, w.x.Clear(ctx, w.moderator.id, string(draft.ID)))
		w.verifies(draft.ID, footage.Published, 0)
	})
}

// TestSwearingIn: it takes two people, neither of them the person; the rank stands in the record with the key.
func TestSwearingIn(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		admin, operator, _, moderator := w.offices()
		strange := w.enrol(w.agency(town.Agencies()[1]).ID, footage.AgencyAdmin)
		officer := w.police.officer.id
		before := lastFact[ledger.PersonEnrolled](t, w)
		wantKind(t, "by a colleague", w.x.SetRank(ctx, w.police.supervisor.id, officer, footage.RankChief), footage.Forbidden)
		wantKind(t, "by another agency", w.x.SetRank(ctx, strange.id, officer, footage.RankChief), footage.NotFound)
		wantKind(t, "by a moderator", w.x.SetRank(ctx, moderator.id, officer, footage.RankChief), footage.Forbidden)
		wantKind(t, "of oneself", w.x.SetRank(ctx, admin.id, admin.id, footage.RankChief), footage.Forbidden)
		wantCode(t, "a rank of nothing", w.x.SetRank(ctx, admin.id, officer, "wizard"), "rank_unknown")
		wantCode(t, "at the exchange", w.x.SetRank(ctx, operator.id, w.moderator.id, footage.RankChief), "rank_body")
		wantKind(t, "nothing to confirm", w.x.ConfirmRank(ctx, operator.id, officer), footage.Conflict)

		must(t, w.x.SetRank(ctx, admin.id, officer, footage.RankCaptain))
		if p, err := w.x.Person(ctx, officer); err != nil || p.Rank != "" || p.Proposed != footage.RankCaptain {
			t.Errorf("one person's word: %+v, %v", p, err)
		}
		if f := lastFact[ledger.PersonEnrolled](t, w); f.Person != before.Person {
			t.Errorf("the record tells of what nobody confirmed: %+v", f)
		}
		wantCode(t, "confirmed by who proposed it", w.x.ConfirmRank(ctx, admin.id, officer), "second_person")
		wantKind(t, "confirmed by oneself", w.x.ConfirmRank(ctx, officer, officer), footage.Forbidden)
		wantKind(t, "confirmed by another agency", w.x.ConfirmRank(ctx, strange.id, officer), footage.NotFound)
		must(t, w.x.ConfirmRank(ctx, w.enrol(town.Police, footage.AgencyAdmin).id, officer))
		if f := lastFact[ledger.PersonEnrolled](t, w); f.Person != officer || f.Rank != footage.RankCaptain {
			t.Errorf("the record says %+v", f)
		}
		must(t, w.x.SetRank(ctx, admin.id, officer, footage.RankChief))
		must(t, w.x.RefuseRank(ctx, operator.id, officer))
		wantKind(t, "confirmed when it was refused", w.x.ConfirmRank(ctx, operator.id, officer), footage.Conflict)
		must(t, w.x.SetRank(ctx, "", officer, footage.RankChief)) // the office at the machine
		wantCode(t, "confirmed by the office that proposed it", w.x.ConfirmRank(ctx, "", officer), "second_person")
		must(t, w.x.SetRank(ctx, admin.id, officer, footage.RankSergeant))
		if f := lastFact[ledger.PersonEnrolled](t, w); f.Rank != footage.RankSergeant {
			t.Errorf("a lower rank waits: %+v", f)
		}
	})
}
