package exchange_test

import (
	"testing"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// TestTakeBack: while no moderator has decided, the agency takes a request back; nothing of it can be published then, by anybody,
// and the record does not tell of it.
func TestTakeBack(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.submitted(w.police, w.draft(0))
		before, err := w.x.Checkpoint(ctx)
		must(t, err)
		wantKind(t, "a custodian", w.x.TakeBack(ctx, w.police.custodian.id, id), footage.Forbidden)
		wantKind(t, "a moderator", w.x.TakeBack(ctx, w.moderator.id, id), footage.Forbidden)
		must(t, w.x.TakeBack(ctx, w.police.officer.id, id))
		if got := w.status(w.police, id); got != footage.StatusTakenBack {
			t.Errorf("the request is %s", got)
		}
		wantCode(t, "twice", w.x.TakeBack(ctx, w.police.supervisor.id, id), "not_waiting")
		wantKind(t, "cleared all the same", w.x.Clear(ctx, w.moderator.id, string(id)), footage.Conflict)
		wantKind(t, "handed in again", w.x.Submit(ctx, w.police.supervisor.id, id, api.Submit{}), footage.Conflict)
		wantKind(t, "appealed", w.x.Appeal(ctx, w.police.officer.id, string(id), api.Appeal{Words: "Why?"}), footage.Conflict)
		if waiting, err := w.x.Cases(ctx, w.moderator.id); err != nil || len(waiting) != 0 {
			t.Errorf("there wait %v, %v", waiting, err)
		}
		if after, err := w.x.Checkpoint(ctx); err != nil || after.Integrated != before.Integrated {
			t.Errorf("the record tells of it: %v", err)
		}
		urgent := w.approved(w.police, w.draft(2))
		must(t, w.x.Submit(ctx, w.police.supervisor.id, urgent, api.Submit{Urgent: true}))
		wantCode(t, "out of the urgent lane", w.x.TakeBack(ctx, w.police.officer.id, urgent), "urgent_waits")
	})
}

// TestApprovers: the officer is told who can approve, and a lent supervisor sees what waits for them, but no draft and nothing of
// an agency that has not borrowed them.
func TestApprovers(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	l := lend(t, w)
	all, err := w.x.Approvers(ctx, l.fire.officer.id, l.draft)
	must(t, err)
	if len(all) != 0 {
		t.Errorf("approvers without a loan: %v", all)
	}
	_, _, err = w.x.AgencyRequest(ctx, l.supervisor.id, l.draft)
	wantKind(t, "a stranger looks", err, footage.NotFound)
	must(t, l.agree())
	all, err = w.x.Approvers(ctx, l.fire.officer.id, l.draft)
	must(t, err)
	if len(all) != 1 || all[0].ID != l.supervisor.id || all[0].Agency != w.police.ID {
		t.Errorf("approvers with a loan: %v", all)
	}
	if q, _, err := w.x.AgencyRequest(ctx, l.supervisor.id, l.draft); err != nil || q.ID != l.draft {
		t.Errorf("the lent supervisor sees %v, %v", q.ID, err)
	}
	if found, err := w.x.Foresee(ctx, l.supervisor.id, l.draft, "en"); err != nil || len(found.Refused) > 0 {
		t.Errorf("the lent supervisor is told %v, %v", found, err)
	}
	_, _, err = w.x.AgencyRequest(ctx, w.police.officer.id, l.draft)
	wantKind(t, "an officer of the lending agency", err, footage.NotFound)
	in := w.draft(0)
	in.Document.Agency, in.Document.AgencyName = w.police.ID, w.police.Name
	other, err := w.x.Draft(ctx, w.police.officer.id, in)
	must(t, err)
	_, _, err = w.x.AgencyRequest(ctx, l.fire.officer.id, other.ID)
	wantKind(t, "what the lender writes", err, footage.NotFound)
	must(t, l.approve())
	if q, _, err := w.x.AgencyRequest(ctx, l.supervisor.id, l.draft); err != nil || q.Status != footage.InModeration {
		t.Errorf("afterwards: %v, %v", q.Status, err)
	}
}
