package audit_test

import (
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// TestReports (T8, N10): a half-year whose report is missing, early, out of order, or that tells of answers to nothing.
func TestReports(t *testing.T) {
	t.Parallel()
	none := []ledger.DemandCount{}
	demands := func(h footage.HalfYear) ledger.LegalDemands {
		return ledger.LegalDemands{Period: h, Counts: none, Answered: none}
	}
	erased := func(h footage.HalfYear) ledger.ErasuresTotal { return ledger.ErasuresTotal{Period: h, AtLeast: 20} }
	late := demands("2026-H2")
	late.Answered = []ledger.DemandCount{{Received: "2026-H1", Body: footage.DemandByCourt, Kind: footage.DemandOrder, Answer: footage.DemandAll, Count: 1}}
	waited := demands("2026-H1")
	waited.Counts, waited.Total = []ledger.DemandCount{{Received: "2026-H1", Body: footage.DemandByCourt, Kind: footage.DemandOrder, Answer: footage.DemandPending, Count: 1}}, 1
	july, january := time.Date(2026, 7, 15, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 15, 0, 0, 0, 0, time.UTC)
	type dated struct {
		at   time.Time
		fact ledger.Fact
	}
	for name, c := range map[string]struct {
		facts []dated
		now   time.Time
		want  []string
	}{
		"as it should be":         {[]dated{{july, demands("2026-H1")}, {july, erased("2026-H1")}}, july, nil},
		"two, in order":           {[]dated{{july, waited}, {july, erased("2026-H1")}, {january, late}, {january, erased("2026-H2")}}, january, nil},
		"not due yet":             {nil, july, nil},
		"none":                    {nil, july.AddDate(0, 1, 0), []string{"report_missing"}},
		"no total of erasures":    {[]dated{{july, demands("2026-H1")}}, july.AddDate(0, 1, 0), []string{"report_missing"}},
		"before its time":         {[]dated{{noon, demands("2026-H1")}, {july, erased("2026-H1")}}, july, []string{"report_early"}},
		"a half-year left out":    {[]dated{{january, demands("2026-H2")}, {january, erased("2026-H1")}, {january, erased("2026-H2")}}, january, []string{"report_order"}},
		"twice":                   {[]dated{{july, demands("2026-H1")}, {july, demands("2026-H1")}, {july, erased("2026-H1")}}, july, []string{"report_order"}},
		"answers to what was not": {[]dated{{july, demands("2026-H1")}, {july, erased("2026-H1")}, {january, late}, {january, erased("2026-H2")}}, january, []string{"report_unfounded"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForged(t)
			f.cfg.Now = func() time.Time { return c.now.Add(time.Hour) }
			for _, x := range c.facts {
				f.add(x.at, x.fact)
			}
			f.publish(len(f.entries))
			f.want(name, c.want...)
		})
	}
}
