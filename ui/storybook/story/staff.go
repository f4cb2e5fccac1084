package story

import (
	"slices"

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
	return slices.Concat(signinStories(), draftStories(), registerStories(), applicationStories(), gatheringStories(), policyStories(), deskStories(), withholdStories())
}

// draftStories are the pages on which an agency writes, signs and approves.
func registerStories() []Story {
	operator := Visit("Nora Lind", footage.Operator)
	all := Standings()
	waiting, verified := all[0], all[0]
	statement := footage.Attestation{By: "Deputy secretary", Issued: Now(), Expires: Now().AddDate(1, 0, 0),
		Checks: []footage.Check{{Kind: footage.RegisterMatch, On: Now(), Source: "State register of agencies"}, {Kind: footage.CallBack, On: Now(), Source: "State directory of public offices"}}}
	waiting.Verification = footage.Verification{Lapse: footage.NotApproved, Attestations: []footage.Vouched{{Attestation: statement, Attestor: footage.Attestor{Name: "Lakes League of Towns"}}}}
	verified.Verification = footage.Verification{Until: Now().AddDate(1, 0, 0), Attestations: waiting.Verification.Attestations}
	soon := verified
	soon.Verification.Until = Now().AddDate(0, 0, 20)
	ready := ui.NewStaffAdmissionPage(operator, waiting, Now(), ui.Sent{})
	ready.Approval, ready.Canonical = &footage.Approval{Agency: waiting.Agency.ID, Expires: Now().AddDate(1, 0, 0)}, "{}"
	bad := refused(url.Values{"statement": {"{}"}}, footage.Reason{Code: "attestation_form"})
	return []Story{
		{"/staff/register", "staff register", ui.StaffRegisterPage{Visit: operator, Agencies: append([]footage.Standing{waiting, verified, soon}, all[1:]...), Now: Now()}},
		{"/staff/register-none", "staff register STATE empty", ui.StaffRegisterPage{Visit: operator, Now: Now()}},
		{"/staff/register/waiting", "staff admission STATE waiting", ready},
		{"/staff/register/unvouched", "staff admission STATE unvouched", ui.NewStaffAdmissionPage(operator, all[1], Now(), bad)},
	}
}

func draftStories() []Story {
	officer, supervisor := Visit("Dana Whitfield", footage.Officer), Visit("Luis Ortega", footage.Supervisor)
	agency := town.Agencies()[0]
	all, _ := Requests("en") // the town's own, which can be made
	request := all[0]
	request.Status, request.Linked = footage.Signed, []footage.RequestID{all[1].ID}
	rows := []ui.StaffRequestRow{}
	for i, r := range all[:3] {
		rows = append(rows, ui.StaffRequestRow{ID: r.ID, Status: []footage.RequestStatus{footage.Draft, footage.Approved, footage.Published}[i], Document: r.Record.Document, Waits: i == 0})
	}
	view := ui.RequestPage{Request: request, Agency: Standings()[0]}
	linked := footage.Reason{Code: "linked_area_large", Msg: "Requests that lie close together in place and time may cover at most 0.5 sq mi together.", Linked: request.Linked}
	bad := refused(url.Values{"title": {"Short"}, "text": {"Too short."}, "place": {"nowhere"}, "zone": {"Mars/Crater"}, "offence": {"220"}, "from": {"2026-03-14T21:30"}},
		footage.Reason{Code: "title_too_short", Msg: "The title must have at least 8 characters."}, footage.Reason{Code: "form_place"}, footage.Reason{Code: "form_zone"},
		footage.Reason{Code: "area_too_large", Msg: "The area may be at most 0.5 sq mi."})
	return []Story{
		{"/staff/requests", "staff requests", ui.StaffRequestsPage{Visit: officer, Requests: rows, Mine: true}},
		{"/staff/requests-none", "staff requests STATE empty", ui.StaffRequestsPage{Visit: supervisor}},
		{"/staff/requests/new", "staff draft", ui.NewStaffDraftPage(officer, agency, ui.Sent{})},
		{"/staff/requests/new-refused", "staff draft STATE refused", ui.NewStaffDraftPage(officer, agency, bad)},
		{"/staff/requests/draft", "staff request STATE draft", ui.StaffRequestPage{Visit: officer, RequestPage: view, Status: footage.Draft, Sign: footage.Officer, Author: true,
			Decision: ui.Decision{Refused: []footage.Reason{linked}}}},
		{"/staff/requests/signed", "staff request STATE signed", ui.StaffRequestPage{Visit: supervisor, RequestPage: view, Status: footage.Signed, Sign: footage.Supervisor,
			Decision: ui.Decision{Held: []footage.Reason{linked}}}},
		{"/staff/requests/waits", "staff request STATE waits for approval", ui.StaffRequestPage{Visit: officer, RequestPage: view, Status: footage.Signed, Author: true,
			Approvers: []ui.Approver{{Name: "Luis Ortega"}, {ID: "p-2", Name: "Ruth Adeyemi", From: "Lantern County Fire District"}}}},
		{"/staff/requests/nobody", "staff request STATE nobody approves", ui.StaffRequestPage{Visit: officer, RequestPage: view, Status: footage.Signed, Author: true}},
		{"/staff/requests/refused", "staff request STATE refused by a moderator", ui.StaffRequestPage{Visit: officer, RequestPage: view, Status: footage.StatusRefused, Author: true,
			Told:   []ui.Told{{Outcome: footage.OutcomeRefused, Reason: footage.ModerationReasons()[0], Words: "It asks for more than the case needs."}},
			Appeal: ui.AppealForm(refused(url.Values{"words": {""}}, footage.Reason{Code: "words_missing"}))}},
		{"/staff/requests/moderation", "staff request STATE with the moderators", ui.StaffRequestPage{Visit: supervisor, RequestPage: view, Status: footage.InModeration, TakeBack: true}},
		{"/staff/requests/approved", "staff request STATE approved", ui.StaffRequestPage{Visit: supervisor, RequestPage: view, Status: footage.Approved}},
	}
}

func signinStories() []Story {
	nobody, officer := ui.Visit{Nonce: "c3Rvcnlub25jZQ"}, Visit("Dana Whitfield", footage.Officer, footage.Custodian)
	said := officer
	said.Done = "staff.done.signedout"
	return append(append(peopleStories(), caseStories()...), []Story{
		{"/staff/signin", "staff sign-in", ui.StaffSigninPage{Visit: nobody, Next: "/staff/"}},
		{"/staff/signin-refused", "staff sign-in STATE refused", ui.StaffSigninPage{Visit: nobody, Next: "/staff/", Form: ui.NewForm(refused(nil, footage.Reason{Code: "login_refused"}))}},
		{"/staff/join", "staff join", ui.NewStaffJoinPage(nobody, ui.Sent{})},
		{"/staff/join-refused", "staff join STATE refused", ui.NewStaffJoinPage(nobody, refused(url.Values{"token": {"of no use"}}, footage.Reason{Code: "enrolment_refused"}))},
		{"/staff/", "staff home", ui.StaffHomePage{Visit: officer}},
		{"/staff/error", "staff error STATE", ui.StaffErrorPage{Visit: said, ErrorPage: ui.ErrorPage{Status: 403, Msg: "This page is for the role operator, which you do not have."}}},
	}...)
}

func peopleStories() []Story {
	admin, operator := Visit("Marta Quintero", footage.AgencyAdmin), Visit("Rosa Alvarado", footage.Operator)
	police := town.Agencies()[0]
	member := func(id, name string, roles ...footage.Role) ui.StaffMember {
		return ui.StaffMember{Person: footage.Person{ID: footage.PersonID("p-" + id + "8k1m5t9x2c7f0g4h6j1n8q2"), Agency: police.ID, Name: name, Roles: roles}, Seen: Now().AddDate(0, 0, -3), Device: true}
	}
	waits := member("3va", "Luis Ortega", footage.Supervisor, footage.Custodian)
	waits.Waiting = true
	left := member("3vb", "Dana Whitfield-Montgomery", footage.Officer)
	left.Disabled, left.Device = true, false
	fresh := member("3vc", "Priya Raman", footage.Custodian)
	fresh.Invited, fresh.Device = true, false
	person := ui.NewStaffPersonPage(ui.StaffPersonPage{Visit: admin, Member: waits, Of: police.Name, MayConfirm: true, MayChange: true, Back: "/staff/people"}, ui.Sent{})
	agreed := waits
	agreed.Counts = Now().Add(50 * 3600e9)
	counting := ui.NewStaffPersonPage(ui.StaffPersonPage{Visit: admin, Member: agreed, Of: police.Name, MayChange: true, Back: "/staff/people"}, ui.Sent{})
	sworn := waits
	sworn.Waiting, sworn.Rank, sworn.Proposed = false, footage.RankSergeant, footage.RankCaptain
	ranked := ui.NewStaffPersonPage(ui.StaffPersonPage{Visit: admin, Member: sworn, Of: police.Name, MayConfirmRank: true, MayChange: true, Back: "/staff/people"}, ui.Sent{})
	gone := ui.NewStaffPersonPage(ui.StaffPersonPage{Visit: admin, Member: left, Of: police.Name, Back: "/staff/people"}, ui.Sent{})
	asked, _ := Requests("en") // the town's own, which can be made
	wrong := refused(url.Values{"name": {""}}, footage.Reason{Code: "person_name"}, footage.Reason{Code: "person_roles"})
	return []Story{
		{"/staff/people", "people", ui.StaffPeoplePage{Visit: admin, Agency: police.ID, Of: police.Name, Members: []ui.StaffMember{waits, left, fresh}, Confirm: []ui.StaffMember{waits}, Ranks: []ui.StaffMember{sworn}}},
		{"/staff/people?agency=" + string(town.Police), "people STATE of an agency", ui.StaffPeoplePage{Visit: operator, Agency: police.ID, Of: police.Name, Members: []ui.StaffMember{waits}, Agencies: Standings()}},
		{"/staff/people-empty", "people, empty", ui.StaffPeoplePage{Visit: operator, Of: operator.Body}},
		{"/staff/people/new", "invite", ui.NewStaffInvitePage(admin, police.ID, police.Name, ui.Sent{})},
		{"/staff/people/new-refused", "invite STATE refused", ui.NewStaffInvitePage(operator, "", operator.Body, wrong)},
		{"/staff/people/invited", "invited", ui.StaffInvitedPage{Visit: admin, Name: "Luis Ortega", Link: "https://exchange.lantern-county.example/en/staff/join#0fed60da3c975f31f5d6909201684794b09c0fed60da3c975f31f5d690920168", Second: true, Back: "/staff/people"}},
		{"/staff/people/" + string(waits.ID), "person", person},
		{"/staff/people/" + string(waits.ID) + "-ranked", "person STATE with a rank", ranked},
		{"/staff/people/" + string(left.ID), "person who left", gone},
		{"/staff/people/" + string(waits.ID) + "-counts", "person STATE whose passkey waits", counting},
		{"/staff/keys", "keys", ui.StaffKeysPage{Visit: admin, Changes: []ui.StaffKeyChange{
			{ID: "n-1", Use: footage.KeyPasskey, Name: "Luis Ortega", Asked: "Marta Quintero", Agreed: "Rosa Alvarado", Counts: Now().Add(50 * 3600e9), MayStop: true},
			{ID: "n-2", Use: footage.KeyCustodian, Name: "Priya Raman", Epoch: 2, Asked: "Priya Raman", MayAgree: true, MayStop: true},
			{ID: "n-3", Use: footage.KeyEpoch, Name: "Priya Raman", Epoch: 3, Asked: "Priya Raman", Agreed: "Marta Quintero", Counts: Now().Add(71 * 3600e9)}}}},
		{"/staff/keys-operator", "keys STATE of an operator", ui.StaffKeysPage{Visit: operator, Changes: []ui.StaffKeyChange{
			{ID: "n-1", Use: footage.KeyPasskey, Name: "Luis Ortega", Of: police.Name, Agreed: "Rosa Alvarado", Counts: Now().Add(50 * 3600e9), MayStop: true}}}},
		{"/staff/digest", "digest", ui.StaffDigestPage{Visit: Visit("Luis Ortega", footage.Supervisor), From: Now().AddDate(0, 0, -9), Last: Now().AddDate(0, 0, -3), Footage: []ui.DigestLine{
			{At: Now().AddDate(0, 0, -8), Who: "Priya Raman", Deed: "picked_up", About: "s-3a8k1m5t9x2c7f0g4h6j1n8q2r"},
			{At: Now().AddDate(0, 0, -8).Add(60e9), Who: "Priya Raman", Deed: "opened", About: "s-3a8k1m5t9x2c7f0g4h6j1n8q2r"},
			{At: Now().AddDate(0, 0, -7), Who: "Priya Raman", Deed: "exported", About: "s-3a8k1m5t9x2c7f0g4h6j1n8q2r"}},
			Requests: []ui.DigestLine{{At: Now().AddDate(0, 0, -6), Who: "Dana Whitfield", Second: "Luis Ortega", Deed: "published", About: "3f9a0fed60da3c975f31f5d6909201684794b09c0fed60da3c975f31f5d69092"}}}},
		{"/staff/digest?back=1", "digest, empty", ui.StaffDigestPage{Visit: Visit("Luis Ortega", footage.Supervisor), Back: 1, From: Now().AddDate(0, 0, -16), Last: Now().AddDate(0, 0, -10)}},
		{"/staff/keys-empty", "keys, empty", ui.StaffKeysPage{Visit: admin}},
		{"/staff/programs", "programs", ui.NewStaffProgramsPage(Visit("Priya Raman", footage.Officer, footage.Custodian), []ui.StaffProgram{
			{ID: "m-1", Name: "Evidence system at headquarters", Owner: "Priya Raman", Scopes: []string{"shares", "keys"}, Expires: Now().AddDate(0, 2, 0), Seen: Now()},
			{ID: "m-2", Name: "Trial", Owner: "Priya Raman", Scopes: []string{"requests"}, Expires: Now().AddDate(0, -2, 0), Over: true}}, []string{"requests", "shares", "keys"}, ui.Sent{})},
		{"/staff/programs-empty", "programs, empty", ui.NewStaffProgramsPage(admin, nil, nil, ui.Sent{})},
		{"/staff/programs/secret", "secret", ui.StaffSecretPage{Visit: admin, Name: "Evidence system at headquarters", Token: "machine.0fed60da3c975f31f5d6909201684794b09c0fed60da3c975f31f5d690920168"}},
		{"/staff/device", "device code", ui.NewStaffDevicePage(admin, refused(url.Values{"code": {"BCDF"}}, footage.Reason{Code: "device_code"}))},
		{"/staff/loans", "loans", ui.NewStaffLoansPage(admin, []ui.StaffLoan{
			{Person: "p-1", Name: "Luis Ortega", From: police.Name, To: "Lantern County Fire District", ToID: town.Fire, Until: Now().AddDate(0, 1, 0), Agreed: true},
			{Person: "p-2", Name: "Ruth Adeyemi", From: "Lantern County Fire District", To: police.Name, ToID: police.ID, Until: Now().AddDate(0, 3, 0), Borrowing: true}},
			[]footage.Person{{ID: "p-1", Name: "Luis Ortega"}}, refused(url.Values{"to": {"nowhere"}}, footage.Reason{Code: "loan_agency"}, footage.Reason{Code: "loan_until"}))},
		{"/staff/desk/switch", "where clips are opened", ui.NewStaffDeskSwitchPage(ui.StaffDeskSwitchPage{Visit: admin, MayChange: true}, ui.Sent{})},
		{"/staff/desk/switch-asked", "where clips are opened STATE waiting", ui.NewStaffDeskSwitchPage(ui.StaffDeskSwitchPage{Visit: admin, Asked: "Luis Ortega", MayAgree: true, MayChange: true}, refused(url.Values{}, footage.Reason{Code: "desk_known"}))},
		{"/staff/desk/switch-on", "where clips are opened STATE in pages", ui.NewStaffDeskSwitchPage(ui.StaffDeskSwitchPage{Visit: admin, Since: Now().AddDate(0, -1, 0), MayChange: true}, ui.Sent{})},
		{"/staff/desk", "clips to open", ui.StaffDeskPage{Visit: Visit("Priya Raman", footage.Custodian), Requests: []ui.DeskRequest{{ID: asked[0].ID, Document: asked[0].Record.Document, Shares: []ui.DeskItem{{InboxItem: deskItem("4aa", footage.ShareReleased, 1)}, {InboxItem: deskItem("4ad", footage.ShareErased, 3)}}}}}},
		{"/staff/desk-empty", "clips to open STATE none", ui.StaffDeskPage{Visit: Visit("Priya Raman", footage.Custodian)}},
		{"/staff/desk/shares/s-4aa", "a share to open", ui.NewStaffDeskSharePage(Visit("Priya Raman", footage.Custodian), asked[0].Record.Document, ui.DeskItem{InboxItem: deskItem("4aa", footage.ShareReleased, 1)}, ui.StaffDeskSetting{Zone: asked[0].Record.Document.Zone, Passkeys: []string{}})},
		{"/staff/account", "account", ui.StaffAccountPage{Visit: admin, Mail: ui.MailForm("marta@police.maplewood.example", ui.Sent{}), Devices: []ui.StaffDevice{{Short: "Zm9vYmFy", Created: Now().AddDate(0, -2, 0), State: "staff.state.active"}, {Short: "c2Vjb25k", Created: Now().AddDate(0, -5, 0), State: "staff.state.replaced"}},
			Sessions: []ui.StaffSession{{ID: "1", Browser: true, About: "Firefox, Linux", Created: Now().Add(-2 * 3600e9), Seen: Now(), Current: true}, {ID: "2", Created: Now().Add(-5 * 3600e9), Seen: Now().Add(-3600e9)}}}},
		{"/staff/home-waiting", "staff home STATE waiting", ui.StaffHomePage{Visit: admin, Tasks: []ui.Task{{Label: "staff.task.devices", N: 2, Path: "/staff/people"}}}},
	}
}
