package story

import (
	"fmt"
	"time"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/opendata"
	"porchlight.example/ui"
)

func recordStories(requests []footage.PublicRequest) []Story {
	entries := history(town.Agencies()[0], requests)
	list := ui.EntriesPage{Entries: entries, Total: 12483, Number: 1, Pages: 250, Kinds: recordKinds()}
	some := ui.EntriesPage{Entries: entries[:2], Total: 2, Number: 1, Pages: 1, Kinds: recordKinds(), Kind: "request.published", Agency: town.Police, AgencyName: town.Agencies()[0].Name}
	return []Story{
		{"/record", "record", record()},
		{"/record-empty", "record, empty", ui.RecordPage{Size: 2, Base: "/log/", Kinds: recordKinds()[:2]}},
		{"/record/entries", "record entries", list},
		{ui.Address(some), "record entries, filtered", some},
		{"/record/entries-empty", "record entries, empty", ui.EntriesPage{Agency: town.Fire}},
		{"/record/entries/42", "record entry", ui.EntryPage{Entry: entries[0], Size: 12483,
			JSON: "{\n  \"at\": \"2026-11-19T14:00:00Z\",\n  \"data\": {\n    \"agency\": \"maplewood-police\"\n  },\n  \"kind\": \"request.published\",\n  \"v\": 1\n}"}},
		{"/record/data", "open data", dataPage()},
		{"/record/decisions", "decisions", decisions()},
		{"/record/decisions-empty", "decisions, empty", ui.DecisionsPage{Now: Now()}},
	}
}

func decisions() ui.DecisionsPage {
	police, fire := town.Agencies()[0], town.Agencies()[1]
	urgent := func(a footage.Agency, ago, waited time.Duration, outcome footage.Outcome) ui.UrgentLine {
		return ui.UrgentLine{Agency: a.ID, AgencyName: a.Name, Since: Now().Add(-ago), Waited: waited, Outcome: outcome}
	}
	p := ui.DecisionsPage{Cleared: 216, Held: 31, Refused: 9, Appeals: 6, Changed: 2, Now: Now(), Median: 11 * time.Minute, Longest: 3 * time.Hour,
		Waiting: []ui.UrgentLine{urgent(police, 7*time.Minute, 7*time.Minute, "")},
		Decided: []ui.UrgentLine{urgent(police, 50*time.Hour, 11*time.Minute, footage.OutcomeCleared), urgent(fire, 400*time.Hour, 3*time.Hour, footage.OutcomeHeld)},
		Rows: []ui.DecisionRow{{Agency: police.ID, AgencyName: police.Name, Outcome: footage.OutcomeHeld, Reason: string(footage.ReasonTooWide), Count: 12},
			{Agency: police.ID, AgencyName: police.Name, Outcome: footage.OutcomeRefused, Reason: string(footage.ReasonProtest), Count: 3},
			{Agency: fire.ID, AgencyName: fire.Name, Outcome: footage.OutcomeHeld, Reason: string(footage.ReasonUnclear), Count: 1}}}
	for i := range 14 {
		p.Months = append(p.Months, ui.DecisionMonth{Month: Now().AddDate(0, i-13, 0).Format("2006-01"), Cleared: int64(11 + i%5), Held: int64(i % 4), Refused: int64(i % 3), Appeals: int64(i % 2)})
	}
	return p
}

func record() ui.RecordPage {
	const root = "n5bq0m1WkYc7r2XhP9dV4tL8sJ6eGzA3uFoTiKxQyRw="
	p := ui.RecordPage{
		Size: 12483, Root: root, Base: "/log/", Requests: 216, Open: 6, CameraHours: 388.71, Agencies: 3, Suspended: 1, Kinds: recordKinds(), Refusals: counts(),
		Checkpoint: "exchange.lantern-county.example/log\n12483\n" + root + "\n\n— exchange.lantern-county.example/log TxydJ0Yq2o8cP4mVhW1nR6sLk3bXgZ7eUaDfQ5iT9yKvB0=\n",
	}
	for i, n := range []int64{9, 14, 11, 0, 22, 31, 18, 12, 25, 27, 19, 16, 12} {
		p.Months = append(p.Months, ui.RecordMonth{Month: Now().AddDate(0, i-12, 0).Format("2006-01"), Requests: n, CameraHours: float64(n) * 1.7})
	}
	return p
}

func recordKinds() []ui.RecordKind {
	return []ui.RecordKind{{Kind: "agency.registered", Count: 3}, {Kind: "agency.suspended", Count: 1}, {Kind: "custody.root", Count: 210}, {Kind: "policy.adopted", Count: 2},
		{Kind: "request.closed", Count: 120}, {Kind: "request.published", Count: 216}, {Kind: "request.updated", Count: 96}, {Kind: "later.kind", Count: 4}}
}

func counts() []ui.RecordCount {
	police := town.Agencies()[0]
	return []ui.RecordCount{
		{Agency: police.ID, AgencyName: police.Name, Kind: "request.updated", State: "withdrawn", Count: 3},
		{Agency: police.ID, AgencyName: police.Name, Kind: "moderation.decided", State: "refused", Reason: "too_broad", Count: 2},
		{Agency: "harbor-district-police", AgencyName: "Harbor District Police", Kind: "agency.suspended", Count: 1},
	}
}

// history is what the record says of an agency, the newest first.
func history(a footage.Agency, requests []footage.PublicRequest) []ui.RecordEntry {
	var out []ui.RecordEntry
	for _, r := range requests {
		if r.Record.Document.Agency == a.ID {
			out = append(out, life(r)...)
		}
	}
	return append(out, entry(3, Now().AddDate(0, -7, 0), "agency.registered", a, "", ""))
}

// life is what the record says of a request, in order.
func life(r footage.PublicRequest) []ui.RecordEntry {
	d := r.Record.Document
	a := footage.Agency{ID: d.Agency, Name: d.AgencyName}
	out := []ui.RecordEntry{entry(r.LogIndex, r.PublishedAt, "request.published", a, string(r.ID), "")}
	for i, u := range r.Updates {
		out = append(out, entry(r.LogIndex+int64(i)+1, u.Update.At, "request.updated", a, string(r.ID), string(u.Update.Kind)))
	}
	return out
}

func entry(index int64, at time.Time, kind string, a footage.Agency, subject string, state string) ui.RecordEntry {
	return ui.RecordEntry{Index: index, At: at, Kind: kind, Agency: a.ID, AgencyName: a.Name, Subject: subject, State: state, Leaf: footage.Hash(fmt.Append(nil, index))}
}

func dataPage() ui.DataPage {
	p := ui.DataPage{License: opendata.License, More: 41}
	for _, name := range []string{"agencies", "requests", "requests-2026-11", "agencies/maplewood-police/requests"} {
		p.Tables = append(p.Tables, ui.DataTable{Name: name, Files: []string{"/data/" + name + ".csv", "/data/" + name + ".json", "/data/" + name + ".geojson"}})
	}
	for _, name := range []string{"figures", "entries-0"} {
		p.Tables = append(p.Tables, ui.DataTable{Name: name, Files: []string{"/data/" + name + ".csv", "/data/" + name + ".json"}})
	}
	return p
}
