package story

import (
	"net/url"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// withheld returns a request of the town whose text is withheld.
func withheld() footage.PublicRequest {
	all, _ := Requests("en") // the town's own, which can be made
	p := all[1]
	d := p.Record.Document
	w := footage.Withholding{Type: footage.WithholdingType, Request: p.ID, Agency: d.Agency, Updates: []string{footage.Hash([]byte("update"))}, Authority: footage.CourtOrder,
		Order: footage.Commit(nil, "order"), SquareMetres: 700_000, Seconds: 4 * 3600, Signed: Now().AddDate(0, 0, -2)}
	p.Status, p.Updates = footage.StatusWithheld, nil
	p.Withheld = &footage.Tombstone{Withholding: w, At: Now().AddDate(0, 0, -1), LogIndex: p.LogIndex + 7}
	p.Record.Document = footage.Document{Agency: d.Agency, AgencyName: d.AgencyName}
	return p
}

// withholdStories are the office's pages about withheld texts, and what the public sees.
func withholdStories() []Story {
	operator, moderator := Visit("Nora Lind", footage.Operator), Visit("Noor Haddad", footage.Moderator)
	all, _ := Requests("en")
	gone, open := withheld(), all[0]
	at, entry := gone.Withheld.At, gone.Withheld.LogIndex
	done := api.WithholdingCase{Withholding: gone.Withheld.Withholding, Reference: "County Court, 2026-CV-1107, order of 17 November 2026", Proposed: at, ProposedBy: operator.Person.ID, ProposedAs: footage.Operator, Withheld: &at, Entry: &entry}
	waits := done
	waits.Withheld, waits.Entry, waits.Withholding.Request, waits.Withholding.Authority = nil, nil, open.ID, footage.VictimProtection
	waits.Reference, waits.ProposedBy = "The street and the hour name the one family with a child there.", "p-7v8k1m5t9x2c7f0g4h6j1n8q2r"
	names := map[footage.AgencyID]string{town.Police: town.Agencies()[0].Name}
	list := ui.StaffWithholdingsPage{Visit: operator, Waiting: []api.WithholdingCase{waits}, Done: []api.WithholdingCase{done}, Names: names}
	complaint := footage.Complaint{ID: "q-7v8k1m5t9x2c7f0g4h6j1n8q2r", Agency: town.Police, Request: open.ID, Reason: footage.ComplaintIdentity, Day: "2026-11-17", Due: "2026-12-01"}
	waits.Withholding.Complaints = []footage.ComplaintID{complaint.ID}
	one := ui.StaffWithholdingPage{Visit: operator, Request: open, Signed: Now(), Complaints: []footage.Complaint{complaint}}
	second, own := one, one
	second.Visit, second.Case, own.Case = moderator, &waits, &waits
	wrong := refused(url.Values{"authority": {""}}, footage.Reason{Code: "authority_unknown"}, footage.Reason{Code: "reference_missing"})
	past := one
	past.Request, past.Case = gone, &done
	life := []ui.RecordEntry{entryOf(gone, gone.LogIndex, "request.published", ""), entryOf(gone, entry-1, "request.closed", "withheld"), entryOf(gone, entry, "document.withheld", "")}
	life[2].Reasons = []string{string(footage.CourtOrder)}
	return []Story{
		{"/requests/withheld", "withheld request STATE", ui.WithheldPage{Request: gone, Life: life, Duties: dutyLines(gone)[1:3]}},
		{"/staff/withhold", "withheld texts", ui.NewStaffWithholdingsPage(list, ui.Sent{})},
		{"/staff/withhold-none", "withheld texts, empty", ui.NewStaffWithholdingsPage(ui.StaffWithholdingsPage{Visit: Visit("Ana Ruiz", footage.Auditor)}, ui.Sent{})},
		{"/staff/withhold/" + string(open.ID), "withhold a text", ui.NewStaffWithholdingPage(one, ui.Sent{})},
		{"/staff/withhold/refused", "withhold a text STATE refused", ui.NewStaffWithholdingPage(one, wrong)},
		{"/staff/withhold/second", "withhold a text STATE second person", ui.NewStaffWithholdingPage(second, ui.Sent{})},
		{"/staff/withhold/own", "withhold a text STATE waits", ui.NewStaffWithholdingPage(own, ui.Sent{})},
		{"/staff/withhold/done", "withhold a text STATE done", ui.NewStaffWithholdingPage(past, ui.Sent{})},
	}
}

// entryOf is an entry of the record about a request.
func entryOf(p footage.PublicRequest, index int64, kind, state string) ui.RecordEntry {
	d := p.Record.Document
	return entry(index, p.PublishedAt, kind, footage.Agency{ID: d.Agency, Name: d.AgencyName}, string(p.ID), state)
}
