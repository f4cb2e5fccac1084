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
	for _, fact := range []ledger.Fact{withheld(nil), report(nil), none, ledger.ErasuresTotal{Period: "2026-H1"}, ledger.ErasuresTotal{Period: "2026-H2", AtLeast: 120}} {
		raw, err := ledger.EncodeFact(at, fact)
		if err != nil {
			t.Fatalf("%s: %v", fact.Kind(), err)
		}
		if e, err := ledger.DecodeEntry(raw); err != nil || e.Kind != fact.Kind() {
			t.Errorf("%s is read as %s: %v", fact.Kind(), e.Kind, err)
		}
	}
	for name, fact := range map[string]ledger.Fact{
		"one person twice":      withheld(func(f *ledger.DocumentWithheld) { f.Assertions[1].Person = f.Assertions[0].Person }),
		"one role twice":        withheld(func(f *ledger.DocumentWithheld) { f.Assertions[1].Role = footage.Operator }),
		"an officer":            withheld(func(f *ledger.DocumentWithheld) { f.Assertions[1].Role = footage.Officer }),
		"one alone":             withheld(func(f *ledger.DocumentWithheld) { f.Assertions = f.Assertions[:1] }),
		"another authority":     withheld(func(f *ledger.DocumentWithheld) { f.Reason, f.Withholding.Authority = "mayor", "mayor" }),
		"another request":       withheld(func(f *ledger.DocumentWithheld) { f.Request = footage.RequestID(footage.Hash(nil)) }),
		"an order in words":     withheld(func(f *ledger.DocumentWithheld) { f.Withholding.Order = "County Court" }),
		"nothing asked":         withheld(func(f *ledger.DocumentWithheld) { f.Withholding.Seconds = 0 }),
		"a wrong sum":           report(func(f *ledger.LegalDemands) { f.Total = 2 }),
		"a count twice":         report(func(f *ledger.LegalDemands) { f.Counts, f.Total = append(f.Counts, pending), 2 }),
		"of a time to come":     report(func(f *ledger.LegalDemands) { f.Period = "2025-H2" }),
		"of no half-year":       report(func(f *ledger.LegalDemands) { f.Period = "2026-H3" }),
		"answered, and pending": report(func(f *ledger.LegalDemands) { f.Answered = []ledger.DemandCount{pending} }),
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
