package story

import (
	"errors"
	"net/url"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// complaints returns some in every state, about a request and about its agency.
func complaints(r footage.PublicRequest) []footage.Complaint {
	day := func(ago int) string { return Now().AddDate(0, 0, -ago).Format(time.DateOnly) }
	police := r.Record.Document.Agency
	return []footage.Complaint{
		{ID: "q-2m8q4z6t1v9x3c7b5n0k2j4h6g", Agency: police, Request: r.ID, Reason: footage.ComplaintIdentity, Day: day(2), Due: day(-12), Entry: 300},
		{ID: "q-5n0k2j4h6g2m8q4z6t1v9x3c7b", Agency: police, Reason: footage.ComplaintConduct, Day: day(20), Due: day(6), Entry: 240},
		{ID: "q-9x3c7b5n0k2j4h6g2m8q4z6t1v", Agency: police, Request: r.ID, Reason: footage.ComplaintTooWide, Day: day(30), Due: day(16), Entry: 200,
			Outcome: footage.ComplaintUpheld, LedTo: []footage.ComplaintResult{footage.ResultCorrected, footage.ResultAgencyTold}, Answered: Now().AddDate(0, 0, -10), Answers: 260,
			Answer: "The hours were longer than the incident needs. The agency has said so in an addition to the request, and asks for two hours only."},
		{ID: "q-1v9x3c7b5n0k2j4h6g2m8q4z6t", Agency: police, Request: r.ID, Reason: footage.ComplaintUntrue, Day: day(32), Due: day(18), Entry: 190,
			Outcome: footage.ComplaintNotUpheld, Answered: Now().AddDate(0, 0, -29), Answers: 205, Answer: "The street is named as it stands on the town’s map."},
	}
}

func nameOfPolice(footage.AgencyID) string { return town.Agencies()[0].Name }

func complaintLines(r footage.PublicRequest) []ui.ComplaintLine {
	return ui.ComplaintLines(complaints(r), Now(), nameOfPolice)
}

func complaintStories(r footage.PublicRequest) []Story {
	d := r.Record.Document
	agency := Standings()[0]
	all := complaintLines(r)
	page := ui.ComplaintsPage{Received: 4, Answered: 2, Upheld: 1, Overdue: all[1:2], Newest: all}
	own := func(i int, words, reply string) ui.OwnComplaintPage {
		return ui.OwnComplaintPage{Line: all[i], Own: api.OwnComplaint{Complaint: all[i].Complaint, Words: words, Reply: reply, HandOn: true,
			Salt: "AAECAwQFBgcICQoLDA0ODw", Commitment: "n5bq0m1WkYc7r2XhP9dV4tL8sJ6eGzA3uFoTiKxQyRw"}}
	}
	return []Story{
		{"/requests/" + string(r.ID) + "/complain", "complain", ui.NewComplainPage(ui.ComplainPage{Agency: agency, Request: r.ID, Title: d.Title, Lang: d.Language})},
		{"/agencies/" + string(agency.Agency.ID) + "/complain", "complain, about an agency", ui.NewComplainPage(ui.ComplainPage{Agency: agency})},
		{"/complaints", "complaints", ui.NewComplaintsPage(page, ui.Sent{})},
		{"/complaints-wrong", "complaints STATE wrong code", ui.NewComplaintsPage(ui.ComplaintsPage{},
			ui.Sent{Values: url.Values{}, Err: &footage.Error{Kind: footage.Forbidden, Code: "no_complaint", Msg: "No complaint has this code."}})},
		{"/complaints-own", "own complaint, answered", own(2, "Twelve hours for a bicycle?\nThey ask the whole street.", "Thank you for telling us.")},
		{"/complaints-waiting", "own complaint STATE waiting", own(0, "", "")},
	}
}

// staffComplaintStories are those of moderators and of an agency.
func staffComplaintStories(r footage.PublicRequest) []Story {
	moderator := Visit("Noor Haddad", footage.Moderator)
	supervisor := Visit("Lena Brandt", footage.Supervisor)
	var items []api.ComplaintItem
	for _, c := range complaints(r) {
		item := api.ComplaintItem{Complaint: c, AgencyName: town.Agencies()[0].Name, Words: "Twelve hours for a bicycle?\nThey ask the whole street.", HandOn: true}
		if c.Request != "" {
			item.Title = r.Record.Document.Title
		}
		items = append(items, item)
	}
	cleared, private := items[0], items[0]
	cleared.Yours, private.HandOn = true, false
	one := func(c api.ComplaintItem, sent ui.Sent) ui.StaffComplaintPage {
		return ui.NewStaffComplaintPage(ui.StaffComplaintPage{Visit: moderator, Complaint: c}, sent)
	}
	wrong := ui.Sent{Values: url.Values{"outcome": {"not_upheld"}, "led_to": {"agency_told"}, "answer": {""}}, Err: errors.Join(&footage.Error{Kind: footage.Invalid, Code: "answer",
		Reasons: []footage.Reason{{Code: "answer_led_to"}, {Code: "answer_missing"}}})}
	at := "/staff/complaints/" + string(items[0].ID)
	return []Story{
		{"/staff/complaints", "staff complaints", ui.StaffComplaintsPage{Visit: moderator, Complaints: api.Complaints{Waiting: items[:2], Answered: items[2:]}, Now: Now()}},
		{"/staff/complaints-empty", "staff complaints, empty", ui.StaffComplaintsPage{Visit: moderator, Now: Now()}},
		{"/staff/complaints-agency", "staff complaints, of an agency", ui.StaffComplaintsPage{Visit: supervisor, Handed: items[:1], Now: Now()}},
		{at, "staff complaint", one(items[0], ui.Sent{})},
		{at + "-wrong", "staff complaint STATE refused", one(private, wrong)},
		{at + "-yours", "staff complaint STATE cleared by the reader", one(cleared, ui.Sent{})},
		{at + "-answered", "staff complaint STATE answered", one(items[2], ui.Sent{})},
	}
}
