package story

import (
	"net/url"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/opendata"
	"porchlight.example/ledger"
	"porchlight.example/ui"
)

// reportStories are the page of the half-yearly reports, and those on which the office enters what they count.
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
	operator, moderator := Visit("Nora Lind", footage.Operator), Visit("Noor Haddad", footage.Moderator)
	entered := api.Demand{ID: "d-3v8k1m5t9x2c7f0g4h6j1n8q2r", NewDemand: api.NewDemand{Received: "2026-11-02", Body: footage.DemandByPolice, Kind: footage.DemandWarrant,
		Asked: "Names and addresses of everybody who shared footage of the break-in at Juniper Park.", Gag: "2027-11-02"}}
	answered := entered
	answered.Answer, answered.Given, answered.Proposed, answered.Gag = footage.DemandNothing, "We do not know who shares.", "p-7v8k1m5t9x2c7f0g4h6j1n8q2r", ""
	agreed := answered
	agreed.Agreed, agreed.Counted = operator.Person.ID, "2026-H2"
	wrong := refused(url.Values{"received": {"2099-01-01"}}, footage.Reason{Code: "demand_day"}, footage.Reason{Code: "demand_body"}, footage.Reason{Code: "demand_asked"})
	return []Story{
		{"/staff/demands", "legal demands", ui.NewStaffDemandsPage(ui.StaffDemandsPage{Visit: operator, Demands: []api.Demand{entered, answered, agreed}}, ui.Sent{})},
		{"/staff/demands-none", "legal demands STATE refused, empty", ui.NewStaffDemandsPage(ui.StaffDemandsPage{Visit: moderator}, wrong)},
		{"/staff/demands/entered", "legal demand", ui.NewStaffDemandPage(ui.StaffDemandPage{Visit: operator, Demand: entered}, ui.Sent{})},
		{"/staff/demands/answered", "legal demand STATE second person", ui.NewStaffDemandPage(ui.StaffDemandPage{Visit: moderator, Demand: answered}, ui.Sent{})},
		{"/staff/demands/agreed", "legal demand STATE done", ui.NewStaffDemandPage(ui.StaffDemandPage{Visit: operator, Demand: agreed}, ui.Sent{})},
		{"/record/reports", "half-yearly reports", ui.ReportsPage{Demands: []opendata.Report{first, second}, Erasures: erased}},
		{"/record/reports-none", "half-yearly reports, empty", ui.ReportsPage{}},
	}
}
