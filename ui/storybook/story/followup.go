package story

import (
	"net/url"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// duties returns what is owed after some requests, in every state.
func duties(r footage.PublicRequest) []footage.Owed {
	ago := func(days int) time.Time { return Now().AddDate(0, 0, -days) }
	day := func(ahead int) string { return Now().AddDate(0, 0, ahead).Format(time.DateOnly) }
	owed := func(duty footage.Duty, ended, due int, told ...footage.Told) footage.Owed {
		o := footage.Owed{Request: r.ID, Agency: r.Record.Document.Agency, Duty: duty, Ended: ago(ended), First: day(due), Due: day(due), Told: told}
		if last := o.Last(); last != nil && last.Until == "" && last.Says != footage.SaidStillOpen {
			o.Due = ""
		}
		return o
	}
	return []footage.Owed{
		owed(footage.DutyOutcome, 120, -30),
		owed(footage.DutyOutcome, 100, 60, footage.Told{Says: footage.SaidStillOpen, At: ago(30), Entry: 480}),
		owed(footage.DutyCopies, 100, 200, footage.Told{Says: footage.SaidKeptCase, Until: day(200), At: ago(50), Entry: 470}),
		owed(footage.DutyOutcome, 80, 10, footage.Told{Says: footage.SaidLead, At: ago(40), Entry: 475}, footage.Told{Says: footage.SaidCharge, At: ago(4), Entry: 512}),
		owed(footage.DutyCopies, 80, -20, footage.Told{Says: footage.SaidDestroyed, At: ago(3), Entry: 513}),
		owed(footage.DutyCopies, 5, 55),
	}
}

func dutyLines(r footage.PublicRequest) []ui.DutyLine {
	return ui.DutyLines(duties(r), Now(), nameOfPolice)
}

// followUpStories are the pages of what came of requests.
func followUpStories(r footage.PublicRequest) []Story {
	supervisor, officer := Visit("Lena Brandt", footage.Supervisor), Visit("Omar Said", footage.Officer)
	all := dutyLines(r)
	var own []api.OwnDuty
	for _, i := range []int{0, 5, 1, 2, 3, 4} {
		o := api.OwnDuty{Owed: all[i].Owed, Title: r.Record.Document.Title, Code: r.Record.Document.Code}
		if o.Duty == footage.DutyCopies {
			o.Opens = o.Ended.AddDate(0, 0, 22).Format(time.DateOnly)
		}
		own = append(own, o)
	}
	one := func(v ui.Visit, o api.OwnDuty, sent ui.Sent) ui.StaffFollowUpPage {
		return ui.NewStaffFollowUpPage(ui.StaffFollowUpPage{Visit: v, Duty: o, Now: Now()}, sent)
	}
	said := map[footage.Said]int64{footage.SaidLead: 2, footage.SaidCharge: 1, footage.SaidStillOpen: 1, footage.SaidKeptCase: 1, footage.SaidDestroyed: 4}
	early := refused(url.Values{"says": {"destroyed"}, "until": {"soon"}}, footage.Reason{Code: "followup_early"}, footage.Reason{Code: "followup_until"})
	return []Story{
		{"/record/followups", "what came of requests", ui.FollowUpsPage{Ended: 7, Said: said, Overdue: all[:1]}},
		{"/record/followups-none", "what came of requests, empty", ui.FollowUpsPage{}},
		{"/staff/followups", "what came of your requests", ui.StaffFollowUpsPage{Visit: supervisor, Duties: own, Now: Now()}},
		{"/staff/followups-none", "what came of your requests, empty", ui.StaffFollowUpsPage{Visit: officer, Now: Now()}},
		{"/staff/followups/outcome", "outcome to be said", one(supervisor, own[0], ui.Sent{})},
		{"/staff/followups/copies", "copies STATE too early", one(supervisor, own[1], early)},
		{"/staff/followups/settled", "outcome STATE settled, by an officer", one(officer, own[4], ui.Sent{})},
	}
}
