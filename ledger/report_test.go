package ledger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// TestOfficeFacts: what the exchange's own office states is written and read back, and refused in every form that would tell more, or
// less, than it may: one person for two, another authority, a total that is not in tens.
func TestOfficeFacts(t *testing.T) {
	at := time.Date(2026, 7, 15, 0, 0, 0, 0, time.UTC)
	hash := footage.Hash([]byte("x"))
	w := footage.Withholding{Type: footage.WithholdingType, Exchange: "x.example/log", Request: footage.RequestID(hash), Agency: "town-pd", Updates: []string{hash}, Authority: footage.CourtOrder,
		Order: footage.Commit(nil, "order"), SquareMetres: 1, Seconds: 1, Signed: at}
	signed := func(digit string, role footage.Role) footage.Assertion {
		return footage.Assertion{Role: role, Person: footage.PersonID("p-" + strings.Repeat(digit, 26))}
	}
	withheld := func(change func(*ledger.DocumentWithheld)) ledger.DocumentWithheld {
		f := ledger.DocumentWithheld{Request: w.Request, Agency: w.Agency, Reason: w.Authority, Withholding: w,
			Assertions: []footage.Assertion{signed("1", footage.Operator), signed("2", footage.Moderator)}}
		if change != nil {
			change(&f)
		}
		return f
	}
	pending := ledger.DemandCount{Received: "2026-H1", Body: footage.DemandByCourt, Kind: footage.DemandOrder, Answer: footage.DemandPending, Count: 1}
	report := func(change func(*ledger.LegalDemands)) ledger.LegalDemands {
		f := ledger.LegalDemands{Period: "2026-H1", Total: 1, Counts: []ledger.DemandCount{pending}, Answered: []ledger.DemandCount{}}
		if change != nil {
			change(&f)
		}
		return f
	}
	none := report(func(f *ledger.LegalDemands) { f.Total, f.Counts = 0, []ledger.DemandCount{} })
	notice := func(change func(*ledger.NoticePublished)) ledger.NoticePublished {
		f := ledger.NoticePublished{Notice: footage.NoticeID("n-" + strings.Repeat("1", 26)), Sort: footage.NoticeKeys, Found: at,
			NoticeSays:   footage.NoticeSays{Began: at, Touched: []footage.NoticeTouched{footage.TouchedClips, footage.TouchedAgencyKey}, Advice: []footage.NoticeAdvice{footage.AdviceRotate}, Agencies: []footage.AgencyID{"town-pd"}},
			NoticeSigned: ledger.NoticeSigned{Text: hash, By: []footage.PersonID{signed("1", "").Person, signed("2", "").Person}}}
		if change != nil {
			change(&f)
		}
		return f
	}
	told := notice(nil)
	ended := ledger.NoticeEnded{Notice: told.Notice, NoticeSigned: told.NoticeSigned}
	for _, fact := range []ledger.Fact{told, ledger.NoticeUpdated{Notice: told.Notice, NoticeSays: told.NoticeSays, NoticeSigned: told.NoticeSigned}, ended, withheld(nil), report(nil), none, ledger.ErasuresTotal{Period: "2026-H1"}, ledger.ErasuresTotal{Period: "2026-H2", AtLeast: 120}} {
		raw, err := ledger.EncodeFact(at, fact)
		if err != nil {
			t.Fatalf("%s: %v", fact.Kind(), err)
		}
		if e, err := ledger.DecodeEntry(raw); err != nil || e.Kind != fact.Kind() {
			t.Errorf("%s is read as %s: %v", fact.Kind(), e.Kind, err)
		}
	}
	for name, fact := range map[string]ledger.Fact{
		"a notice of one alone":     notice(func(f *ledger.NoticePublished) { f.By = f.By[:1] }),
		"a notice of one twice":     notice(func(f *ledger.NoticePublished) { f.By[1] = f.By[0] }),
		"a notice in plain words":   notice(func(f *ledger.NoticePublished) { f.Text = "We are sorry." }),
		"found before it began":     notice(func(f *ledger.NoticePublished) { f.Began = at.Add(time.Hour) }),
		"over before it began":      notice(func(f *ledger.NoticePublished) { f.Ended = at.Add(-time.Hour) }),
		"touched out of order":      notice(func(f *ledger.NoticePublished) { f.Touched[0], f.Touched[1] = f.Touched[1], f.Touched[0] }),
		"touched what nobody knows": notice(func(f *ledger.NoticePublished) { f.Touched = []footage.NoticeTouched{"forty shares"} }),
		"nothing and something":     notice(func(f *ledger.NoticePublished) { f.Advice = append(f.Advice, footage.AdviceNothing) }),
		"no agency for its key":     notice(func(f *ledger.NoticePublished) { f.Agencies = []footage.AgencyID{} }),
		"an end of nothing":         ledger.NoticeEnded{NoticeSigned: ended.NoticeSigned},
		"one person twice":          withheld(func(f *ledger.DocumentWithheld) { f.Assertions[1].Person = f.Assertions[0].Person }),
		"one role twice":            withheld(func(f *ledger.DocumentWithheld) { f.Assertions[1].Role = footage.Operator }),
		"an officer":                withheld(func(f *ledger.DocumentWithheld) { f.Assertions[1].Role = footage.Officer }),
		"one alone":                 withheld(func(f *ledger.DocumentWithheld) { f.Assertions = f.Assertions[:1] }),
		"another authority":         withheld(func(f *ledger.DocumentWithheld) { f.Reason, f.Withholding.Authority = "mayor", "mayor" }),
		"another request":           withheld(func(f *ledger.DocumentWithheld) { f.Request = footage.RequestID(footage.Hash(nil)) }),
		"an order in words":         withheld(func(f *ledger.DocumentWithheld) { f.Withholding.Order = "County Court" }),
		"nothing asked":             withheld(func(f *ledger.DocumentWithheld) { f.Withholding.Seconds = 0 }),
		"a wrong sum":               report(func(f *ledger.LegalDemands) { f.Total = 2 }),
		"a count twice":             report(func(f *ledger.LegalDemands) { f.Counts, f.Total = append(f.Counts, pending), 2 }),
		"of a time to come":         report(func(f *ledger.LegalDemands) { f.Period = "2025-H2" }),
		"of no half-year":           report(func(f *ledger.LegalDemands) { f.Period = "2026-H3" }),
		"answered, and pending":     report(func(f *ledger.LegalDemands) { f.Answered = []ledger.DemandCount{pending} }),
		"by a body of no list": report(func(f *ledger.LegalDemands) {
			f.Counts = []ledger.DemandCount{{Received: "2026-H1", Body: "mayor", Kind: "warrant", Answer: "all", Count: 1}}
		}),
		"a total that tells one": ledger.ErasuresTotal{Period: "2026-H1", AtLeast: 11},
		"less than none":         ledger.ErasuresTotal{Period: "2026-H1", AtLeast: -10},
	} {
		if _, err := ledger.EncodeFact(at, fact); !errors.Is(err, footage.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
