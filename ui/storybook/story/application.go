package story

import (
	"net/url"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// application is what a fire district might write.
func application() footage.Application {
	fire := town.Agencies()[1]
	return footage.Application{Name: fire.Name, Type: fire.Type, BodyName: "Lantern County Fire District No. 4", FDID: "ZZ104", State: "ZZ", County: "Lantern", Jurisdiction: fire.Jurisdiction,
		Website: "https://fire.lantern-county.example", Contact: footage.Contact{Name: "Fire marshal’s office", Email: "marshal@fire.lantern-county.example", Phone: "+1 555 0144"},
		Policies: "Clips are kept for as long as the case is open, and erased sixty days later.", Text: "We investigate some forty fires in a year.\nThe marshal can be reached on weekdays."}
}

// applyStories are the public pages of an application.
func applyStories() []Story {
	id := footage.ApplicationID("a-3v8k1m5t9x2c7f0g4h6j1n8q2r")
	applied := func(state footage.ApplicationState, reason footage.ApplicationReason, agency footage.AgencyID) ui.AppliedPage {
		return ui.AppliedPage{ID: id, State: state, Received: Now().AddDate(0, 0, -3), Reason: reason, Agency: agency}
	}
	bad := refused(url.Values{"name": {"Harbor Fire"}, "type": {"fire"}, "ori": {"FBNYC0000"}, "state": {"Z"}, "outline": {"POLYGON((0 0, 1 1))"}, "email": {"marshal"}},
		footage.Reason{Code: "application_body"}, footage.Reason{Code: "agency_state"}, footage.Reason{Code: "agency_federal"}, footage.Reason{Code: "application_website"},
		footage.Reason{Code: "area_not_geojson"}, footage.Reason{Code: "application_immigration"}, footage.Reason{Code: "application_email"})
	looked := ui.Sent{Values: url.Values{"name": {"Lantern County Fire District"}, "type": {"fire"}, "immigration": {"no"}, "outline": {`{"type":"MultiPolygon","coordinates":[]}`}}}
	return []Story{
		{"/apply", "apply", ui.NewApplyPage(ui.Sent{}, footage.Agency{})},
		{"/apply-refused", "apply STATE refused", ui.NewApplyPage(bad, footage.Agency{})},
		{"/apply-map", "apply STATE with the map", ui.NewApplyPage(looked, application().Agency("", ""))},
		{"/apply/waits", "applied", applied(footage.ApplicationWaits, "", "")},
		{"/apply/accepted", "applied STATE accepted", applied(footage.ApplicationAccepted, "", town.Fire)},
		{"/apply/refused", "applied STATE refused", applied(footage.ApplicationRefused, footage.NumberUnknown, "")},
	}
}

// applicationStories are the pages on which the operator answers.
func applicationStories() []Story {
	operator := Visit("Nora Lind", footage.Operator)
	waiting := api.WaitingApplication{ID: "a-3v8k1m5t9x2c7f0g4h6j1n8q2r", Received: Now().AddDate(0, 0, -3), Application: application()}
	bad := refused(url.Values{"agency": {"Fire!"}, "body": {"lantern-county"}}, footage.Reason{Code: "agency_id"}, footage.Reason{Code: "same_body"})
	return []Story{
		{"/staff/applications", "staff applications", ui.StaffApplicationsPage{Visit: operator, Applications: []api.WaitingApplication{waiting}}},
		{"/staff/applications-none", "staff applications STATE empty", ui.StaffApplicationsPage{Visit: operator}},
		{"/staff/applications/one", "staff application", ui.NewStaffApplicationPage(operator, waiting, nil, ui.Sent{})},
		{"/staff/applications/refused", "staff application STATE refused", ui.NewStaffApplicationPage(operator, waiting, town.Agencies()[1:2], bad)},
	}
}
