package story

import (
	"net/url"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// Visit is a visit of one of the town's people.
func Visit(name string, roles ...footage.Role) ui.Visit {
	v := ui.Visit{Nonce: "c3Rvcnlub25jZQ", Person: footage.Person{ID: "p-3v8k1m5t9x2c7f0g4h6j1n8q2r", Name: name, Roles: roles, Agency: town.Agencies()[0].ID}, Body: town.Agencies()[0].Name}
	if len(roles) > 0 && roles[0].OfExchange() {
		v.Person.Agency, v.Body = "", "Lantern County Footage Exchange"
	}
	return v
}

// refused is a form that came back with its errors.
func refused(values url.Values, reasons ...footage.Reason) ui.Sent {
	return ui.Sent{Values: values, Err: &footage.Error{Kind: footage.Invalid, Reasons: reasons}}
}

func staffStories() []Story {
	nobody, officer := ui.Visit{Nonce: "c3Rvcnlub25jZQ"}, Visit("Dana Whitfield", footage.Officer, footage.Custodian)
	said := officer
	said.Done = "staff.done.signedout"
	return []Story{
		{"/staff/signin", "staff sign-in", ui.StaffSigninPage{Visit: nobody, Next: "/staff/"}},
		{"/staff/signin-refused", "staff sign-in STATE refused", ui.StaffSigninPage{Visit: nobody, Next: "/staff/", Form: ui.NewForm(refused(nil, footage.Reason{Code: "login_refused"}))}},
		{"/staff/join", "staff join", ui.NewStaffJoinPage(nobody, ui.Sent{})},
		{"/staff/join-refused", "staff join STATE refused", ui.NewStaffJoinPage(nobody, refused(url.Values{"token": {"of no use"}}, footage.Reason{Code: "enrolment_refused"}))},
		{"/staff/", "staff home", ui.StaffHomePage{Visit: officer}},
		{"/staff/error", "staff error STATE", ui.StaffErrorPage{Visit: said, ErrorPage: ui.ErrorPage{Status: 403, Msg: "This page is for the role operator, which you do not have."}}},
	}
}
