package audit_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

const (
	someNotice  = footage.NoticeID("n-11111111111111111111111111")
	otherNotice = footage.NoticeID("n-22222222222222222222222222")
)

func noticeFacts() (says footage.NoticeSays, signed ledger.NoticeSigned) {
	return footage.NoticeSays{Touched: []footage.NoticeTouched{footage.TouchedPages}, Advice: []footage.NoticeAdvice{footage.AdviceNothing}, Agencies: []footage.AgencyID{}},
		ledger.NoticeSigned{Text: footage.Hash([]byte("A page was changed.")), By: []footage.PersonID{personOf("operator"), personOf("moderator")}}
}

// TestNotices (S5): a notice later than the clock allows, an update to nothing, an end without a notice, and one that two people of
// the office do not stand behind.
func TestNotices(t *testing.T) {
	t.Parallel()
	says, signed := noticeFacts()
	published := func(id footage.NoticeID, found time.Time) ledger.NoticePublished {
		return ledger.NoticePublished{Notice: id, Sort: footage.NoticePage, Found: found, NoticeSays: says, NoticeSigned: signed}
	}
	updated := ledger.NoticeUpdated{Notice: someNotice, NoticeSays: says, NoticeSigned: signed}
	ended := ledger.NoticeEnded{Notice: someNotice, NoticeSigned: signed}
	inTime := published(someNotice, noon.Add(-footage.NoticeWithin))
	by := func(people ...string) ledger.NoticePublished {
		f := inTime
		f.By = []footage.PersonID{personOf(people[0]), personOf(people[1])}
		return f
	}
	elsewhere := inTime
	elsewhere.Touched, elsewhere.Agencies = []footage.NoticeTouched{footage.TouchedAgencyKey}, []footage.AgencyID{"nowhere-pd"}
	for name, c := range map[string]struct {
		facts []ledger.Fact
		want  []string
	}{
		"as it should be":         {[]ledger.Fact{inTime, updated, updated, ended}, nil},
		"the other way round":     {[]ledger.Fact{by("moderator", "both")}, nil},
		"two notices":             {[]ledger.Fact{inTime, published(otherNotice, noon), ended}, nil},
		"after its clock":         {[]ledger.Fact{published(someNotice, noon.Add(-footage.NoticeWithin-time.Second))}, []string{"notice_late"}},
		"found before its time":   {[]ledger.Fact{published(someNotice, noon.Add(time.Hour))}, []string{"notice_day"}},
		"an update to nothing":    {[]ledger.Fact{updated}, []string{"notice_unfounded"}},
		"an end without a notice": {[]ledger.Fact{ended}, []string{"notice_unfounded"}},
		"an update after the end": {[]ledger.Fact{inTime, ended, updated}, []string{"notice_unfounded"}},
		"published twice":         {[]ledger.Fact{inTime, inTime}, []string{"notice_unfounded"}},
		"by somebody of nowhere": {[]ledger.Fact{func() ledger.Fact {
			f := inTime
			f.By = []footage.PersonID{personOf("operator"), "p-99999999999999999999999999"}
			return f
		}()}, []string{"notice_people"}},
		"by one who has left":      {[]ledger.Fact{ledger.PersonDisabled{Person: personOf("moderator")}, inTime}, []string{"notice_people"}},
		"of an agency that is not": {[]ledger.Fact{elsewhere}, []string{"notice_agency"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForged(t)
			f.office()
			for _, x := range c.facts {
				f.add(noon, x)
			}
			f.publish(len(f.entries))
			f.cfg.Slack = 24 * time.Hour // what the exchange shows is looked at below
			f.want(name, c.want...)
		})
	}
}

// TestHiddenNotice (S5): an exchange that does not show a notice of its record, or shows another one, is found.
func TestHiddenNotice(t *testing.T) {
	t.Parallel()
	w := startTown(t)
	x, ctx := w.Node.Exchange, t.Context()
	id, err := x.ProposeNotice(ctx, w.Operator.ID, api.NewNotice{Sort: footage.NoticePage, Found: w.Now().Format(time.DateOnly), Touched: []footage.NoticeTouched{footage.TouchedPages},
		Advice: []footage.NoticeAdvice{footage.AdviceNothing}, NoticeText: footage.NoticeText{En: "A page was changed."}})
	must(t, err)
	must(t, x.AgreeNotice(ctx, w.Moderator.ID, id))
	w.Refresh()
	w.Advance(time.Hour)
	must(t, w.Node.RunDue(ctx))
	w.Refresh()
	w.want("as it should be")
	changed := func(change func(*api.Notices)) func(string, []byte) []byte {
		return func(p string, was []byte) []byte {
			if p != "/v1/notices" {
				return was
			}
			var all api.Notices
			must(t, json.Unmarshal(was, &all))
			change(&all)
			out, err := json.Marshal(all)
			must(t, err)
			return out
		}
	}
	for name, change := range map[string]func(*api.Notices){
		"hidden":         func(n *api.Notices) { n.Notices = n.Notices[:0] },
		"other words":    func(n *api.Notices) { n.Notices[0].Steps[0].En = "Nothing happened." },
		"another advice": func(n *api.Notices) { n.Notices[0].Steps[0].Advice = []footage.NoticeAdvice{footage.AdviceTakeBack} },
		"found later":    func(n *api.Notices) { n.Notices[0].Found = n.Notices[0].Found.Add(time.Hour) },
	} {
		w.cfg.Dir = t.TempDir()
		w.tamper = changed(change)
		if got := w.audit(); !slices.Contains(got, "notice_hidden") {
			t.Errorf("%s: found %v", name, got)
		}
	}
}
