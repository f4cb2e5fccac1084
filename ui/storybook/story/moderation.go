package story

import (
	"net/url"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// caseStories are the moderators' pages.
func caseStories() []Story {
	moderator := Visit("Noor Haddad", footage.Moderator)
	item := func(i int) (api.CaseItem, footage.Document) {
		sample := town.Requests()[i]
		doc := sample.Document(Now(), "en")
		id, _ := doc.ID()
		return api.CaseItem{Case: string(id), Request: id, Agency: doc.Agency, AgencyName: doc.AgencyName, Title: doc.Title, Offence: doc.Offence, Needs: 1,
			Submitted: Now().Add(-time.Duration(i+1) * 7 * time.Minute)}, doc
	}
	urgent, missing := item(2)
	urgent.Urgent = true
	plain, _ := item(0)
	marked, _ := item(3)
	marked.Appeal, marked.Findings, marked.Cleared = true, 2, 1
	clean := api.Case{CaseItem: urgent, Document: missing, SquareMiles: 0.31, CameraHours: 1.24, Alike: []api.Precedent{
		{Agency: town.Police, Outcome: footage.OutcomeCleared, Decided: Now().AddDate(0, 0, -9), Request: urgent.Request},
		{Agency: town.Fire, Outcome: footage.OutcomeHeld, Reason: footage.ReasonTooWide, Decided: Now().AddDate(0, 0, -20)}}}
	bad := clean
	bad.CaseItem, bad.AppealWords, bad.Linked = marked, "The van went on to the bridge, so the area must reach there.", []footage.RequestID{urgent.Request}
	bad.Check = []footage.Reason{{Code: "pressure_wording", Msg: "The text presses people to share: sharing is a choice.", Value: "share or be charged"}}
	bad.Obstacles = []footage.Reason{{Code: "policies_changed", Msg: "The rules have changed since this was written. Write it anew under the rules in force."}}
	bad.Rounds = []api.Round{{Outcome: footage.OutcomeRefused, Reason: footage.ReasonPressure, Decided: Now().AddDate(0, 0, -1)}}
	wrong := refused(url.Values{"words": {"Say what was taken."}}, footage.Reason{Code: "reason_unknown"})
	page := func(c api.Case) ui.StaffCasePage {
		return ui.StaffCasePage{Visit: moderator, Case: c, Agency: Standings()[0]}
	}
	return []Story{
		{"/staff/moderation", "moderation queue", ui.StaffCasesPage{Visit: moderator, Cases: []api.CaseItem{urgent, marked, plain}, Now: Now()}},
		{"/staff/moderation-empty", "moderation queue, empty", ui.StaffCasesPage{Visit: moderator, Now: Now()}},
		{"/staff/moderation/" + urgent.Case, "moderation case", ui.NewStaffCasePage(page(clean), ui.Sent{})},
		{"/staff/moderation/" + marked.Case, "moderation case STATE refused", ui.NewStaffCasePage(page(bad), wrong)},
	}
}
