package story

import (
	"porchlight.example/internal/footage"
	"porchlight.example/internal/opendata"
	"porchlight.example/ledger"
	"porchlight.example/ui"
)

// reportStories are the page of the half-yearly reports.
func reportStories() []Story {
	count := func(h footage.HalfYear, b footage.DemandBody, k footage.DemandKind, a footage.DemandAnswer, n int64) ledger.DemandCount {
		return ledger.DemandCount{Received: h, Body: b, Kind: k, Answer: a, Count: n}
	}
	first := opendata.Report{Entry: 812, LegalDemands: ledger.LegalDemands{Period: "2025-H2"}}
	second := opendata.Report{Entry: 2044, LegalDemands: ledger.LegalDemands{Period: "2026-H1", Total: 4,
		Counts: []ledger.DemandCount{count("2025-H2", footage.DemandBySecurity, footage.DemandOrder, footage.DemandNothing, 1),
			count("2026-H1", footage.DemandByPolice, footage.DemandWarrant, footage.DemandNothing, 2), count("2026-H1", footage.DemandByParty, footage.DemandSubpoena, footage.DemandPending, 1)},
		Answered: []ledger.DemandCount{count("2025-H2", footage.DemandByProsecutor, footage.DemandEmergency, footage.DemandRefused, 1)}}}
	erased := []opendata.Erased{{Entry: 813, ErasuresTotal: ledger.ErasuresTotal{Period: "2025-H2"}}, {Entry: 2045, ErasuresTotal: ledger.ErasuresTotal{Period: "2026-H1", AtLeast: 120}}}
	return []Story{
		{"/record/reports", "half-yearly reports", ui.ReportsPage{Demands: []opendata.Report{first, second}, Erasures: erased}},
		{"/record/reports-none", "half-yearly reports, empty", ui.ReportsPage{}},
	}
}
