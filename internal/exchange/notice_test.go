package exchange_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
)

func incident(found string) api.NewNotice {
	return api.NewNotice{Sort: footage.NoticeData, Found: found, Touched: []footage.NoticeTouched{footage.TouchedReceipts, footage.TouchedClips},
		Advice: []footage.NoticeAdvice{footage.AdviceTakeBack, footage.AdviceDoNotSend}, NoticeText: footage.NoticeText{En: "We look into it."}}
}

// tell publishes a step of a notice by two people.
func (w *world) tell(in api.NewNotice) footage.NoticeID {
	w.t.Helper()
	id, err := w.x.ProposeNotice(w.t.Context(), w.operator.id, in)
	must(w.t, err)
	must(w.t, w.x.AgreeNotice(w.t.Context(), w.moderator.id, id))
	return id
}

// told returns the notices as the pages show them.
func (w *world) told() []footage.Notice {
	w.t.Helper()
	w.checkRecord()
	public, err := w.x.Public(w.t.Context())
	must(w.t, err)
	return public.Notices
}

// TestNotice (S5): two people of two roles publish a notice, an update and an end; the hours since it was found can be read off
// it; and while it says that nothing should be sent, no share begins.
func TestNotice(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		request := w.publish(w.police, w.draft(0))
		found := w.now().Add(-50*time.Hour - 20*time.Minute)
		id, err := w.x.ProposeNotice(ctx, w.operator.id, incident(found.Format("2006-01-02 15:04")))
		must(t, err)
		if all := w.told(); len(all) != 0 {
			t.Errorf("what one person proposed is public: %+v", all)
		}
		wantCode(t, "alone", w.x.AgreeNotice(ctx, w.operator.id, id), "same_person")
		must(t, w.x.AgreeNotice(ctx, w.moderator.id, id))
		wantCode(t, "twice", w.x.AgreeNotice(ctx, w.moderator.id, id), "notice_public")
		n := w.told()[0]
		if n.Hours() != 51 || !n.InTime() || !n.Open() || !n.Advises(footage.AdviceDoNotSend) || n.Steps[0].En != "We look into it." {
			t.Errorf("the notice says %+v, %d hours", n, n.Hours())
		}
		if got := n.Says().Touched; !slices.Equal(got, []footage.NoticeTouched{footage.TouchedClips, footage.TouchedReceipts}) {
			t.Errorf("touched: %v", got)
		}
		_, err = w.beginSizes(request, 1, 1)
		wantCode(t, "a share", err, "do_not_send")

		w.advance(time.Hour)
		w.tell(api.NewNotice{Notice: id, Touched: []footage.NoticeTouched{footage.TouchedAgencyKey}, Advice: []footage.NoticeAdvice{footage.AdviceRotate}, Agencies: []footage.AgencyID{town.Police}})
		if _, err = w.beginSizes(request, 1, 1); err != nil {
			t.Errorf("a share after the advice was lifted: %v", err)
		}
		w.advance(time.Hour)
		w.tell(api.NewNotice{Notice: id, End: true, NoticeText: footage.NoticeText{Es: "Ya está."}})
		n = w.told()[0]
		if n.Open() || len(n.Steps) != 3 || n.Hours() != 51 || !slices.Equal(n.Says().Agencies, []footage.AgencyID{town.Police}) {
			t.Errorf("at the end it says %+v", n)
		}
		_, err = w.x.ProposeNotice(ctx, w.operator.id, api.NewNotice{Notice: id, End: true})
		wantCode(t, "an end of what is over", err, "notice_over")
		w.tell(incident("2026-01-02"))
		if all := w.told(); len(all) != 2 || all[0].InTime() || all[1].ID != id {
			t.Errorf("the newest first: %+v", all)
		}
		for _, e := range w.checkRecord() {
			if strings.Contains(string(e.Data), "We look") {
				t.Errorf("the record holds words: %s", e.Data)
			}
		}
	})
}

// TestNoticeRefused: what a notice cannot be, all of it said at once, and who cannot publish it.
func TestNoticeRefused(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	bad := func(change func(*api.NewNotice)) error {
		in := incident(w.now().Format(time.DateOnly))
		change(&in)
		_, err := w.x.ProposeNotice(ctx, w.operator.id, in)
		return err
	}
	for code, change := range map[string]func(*api.NewNotice){
		"notice_sort":     func(n *api.NewNotice) { n.Sort = "fire" },
		"notice_found":    func(n *api.NewNotice) { n.Found = "" },
		"notice_began":    func(n *api.NewNotice) { n.Began = w.now().AddDate(0, 0, 1).Format(time.DateOnly) },
		"notice_ended":    func(n *api.NewNotice) { n.Began, n.Ended = "2026-01-02", "2026-01-01" },
		"notice_touched":  func(n *api.NewNotice) { n.Touched = nil },
		"notice_advice":   func(n *api.NewNotice) { n.Advice = append(n.Advice, footage.AdviceNothing) },
		"notice_agencies": func(n *api.NewNotice) { n.Agencies = []footage.AgencyID{town.Police} },
		"notice_text":     func(n *api.NewNotice) { n.Es = strings.Repeat("a", 1001) },
	} {
		err := bad(change)
		if got := reasonsOf(err); len(got) != 1 || got[0].Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	if got := reasonsOf(bad(func(n *api.NewNotice) { *n = api.NewNotice{} })); len(got) < 4 {
		t.Errorf("of an empty notice only this is wrong: %v", got)
	}
	wantCode(t, "a time to come", bad(func(n *api.NewNotice) { n.Found = w.now().Add(time.Hour).Format("2006-01-02 15:04") }), "notice_found")
	wantCode(t, "an agency that there is not", bad(func(n *api.NewNotice) {
		n.Advice, n.Agencies = []footage.NoticeAdvice{footage.AdviceRotate}, []footage.AgencyID{"nowhere-pd"}
	}), "notice_agencies")
	if _, err := w.x.ProposeNotice(ctx, w.police.officer.id, incident("2026-01-02")); footage.KindOf(err) != footage.Forbidden {
		t.Errorf("an officer: %v", err)
	}
	if _, err := w.x.ProposeNotice(ctx, w.operator.id, api.NewNotice{Notice: "n-00000000000000000000000000", End: true}); footage.KindOf(err) != footage.NotFound {
		t.Errorf("an end of nothing: %v", err)
	}
	id := w.tell(incident("2026-01-02"))
	first, err := w.x.ProposeNotice(ctx, w.operator.id, api.NewNotice{Notice: id, End: true})
	must(t, err)
	_, err = w.x.ProposeNotice(ctx, w.moderator.id, api.NewNotice{Notice: id, End: true})
	wantCode(t, "a second step", err, "notice_waits")
	must(t, w.x.DropNotice(ctx, w.moderator.id, first))
	if err := w.x.AgreeNotice(ctx, w.moderator.id, first); footage.KindOf(err) != footage.NotFound {
		t.Errorf("a step that was dropped: %v", err)
	}
	late, err := w.x.ProposeNotice(ctx, w.operator.id, api.NewNotice{Notice: id, End: true})
	must(t, err)
	must(t, w.x.DisablePerson(ctx, w.operator.id))
	wantCode(t, "by somebody who has left", w.x.AgreeNotice(ctx, w.moderator.id, late), "proposer_left")
}

func reasonsOf(err error) []footage.Reason {
	var e *footage.Error
	if !errors.As(err, &e) {
		return nil
	}
	return e.Reasons
}
