package ui

import (
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffRequestsPage lists an agency's requests in every state.
type StaffRequestsPage struct {
	Visit
	Requests []StaffRequestRow // the newest first
	Mine     bool              // the person writes requests
}

// StaffRequestRow is one request of the list.
type StaffRequestRow struct {
	ID       footage.RequestID
	Status   footage.RequestStatus
	Document footage.Document
	Waits    bool // for this person
}

func (StaffRequestsPage) folder() string                 { return "staffrequests" }
func (StaffRequestsPage) title(c *text.Catalogue) string { return c.T("staff.requests.title") }
func (StaffRequestsPage) address() string                { return "/staff/requests" }

// StaffDraftPage is where an officer writes a request.
type StaffDraftPage struct {
	Visit
	Agency footage.Agency
	Form   Form
}

func (StaffDraftPage) folder() string                 { return "staffdraft" }
func (StaffDraftPage) title(c *text.Catalogue) string { return c.T("staff.draft.title") }
func (StaffDraftPage) address() string                { return "/staff/requests/new" }
func (StaffDraftPage) scripts() []string              { return []string{"area.js"} }

// NewStaffDraftPage returns the form with what was sent and what was wrong with it. Fields that begin with something have it
// in values.
func NewStaffDraftPage(v Visit, agency footage.Agency, sent Sent) StaffDraftPage {
	return StaffDraftPage{v, agency, NewForm(sent, DraftFields()...)}
}

// DraftFields are the fields of a request's form, with the codes of the rules that each may break.
func DraftFields() []Field {
	offences := []Option{{Value: "", Label: "staff.draft.offence.none"}}
	for _, o := range footage.Offences() {
		offences = append(offences, Option{Value: o.Code, Offence: o.Code})
	}
	yes := func(label text.Key) []Option { return []Option{{Value: "yes", Label: label}} }
	return []Field{
		{Name: "title", Group: "staff.draft.group.what", Label: "staff.draft.headline", Hint: "staff.draft.headline.hint", Required: true, Codes: []string{"title_too_short", "title_too_long", "line_too_long"}},
		{Name: "text", Label: "staff.draft.text", Hint: "staff.draft.text.hint", Kind: Lines, Required: true,
			Codes: []string{"text_too_short", "text_too_long", "text_unclean", "guarded_text_too_long", "guarded_text_exact"}},
		{Name: "language", Label: "staff.draft.language", Kind: OneOf, Codes: []string{"language_unknown"},
			Options: []Option{{Value: "en", Words: "English", Chosen: true}, {Value: "es", Words: "Español"}}},
		{Name: "offence", Label: "staff.draft.offence", Kind: Select, Required: true, Options: offences,
			Codes: []string{"offence_unknown", "offence_prohibited", "offence_below_floor"}},
		{Name: "from", Group: "staff.draft.group.when", Label: "staff.draft.from", Kind: Moment, Required: true, Codes: []string{"form_from", "window_too_old", "window_reversed", "window_in_future"}},
		{Name: "to", Label: "staff.draft.to", Kind: Moment, Required: true, Codes: []string{"form_to", "window_too_short", "window_too_long", "guarded_window_too_short", "linked_too_long"}},
		{Name: "closes", Label: "staff.draft.closes", Hint: "staff.draft.closes.hint", Kind: Moment, Required: true, Codes: []string{"form_closes", "closes_in_past", "open_too_long"}},
		{Name: "zone", Label: "staff.draft.zone", Hint: "staff.draft.zone.hint", Required: true, Value: "America/Chicago", Codes: []string{"form_zone", "zone_unknown"}},
		{Name: "place", Label: "staff.draft.place", Hint: "staff.draft.place.hint", Required: true, Codes: []string{"form_place", "incident_outside_area", "place_commitment"}},
		{Name: "size", Label: "staff.draft.size", Hint: "staff.draft.size.hint", Codes: []string{"form_size"}},
		{Name: "corners", Label: "staff.draft.corners", Hint: "staff.draft.corners.hint", Kind: Lines,
			Codes: []string{"form_corners", "area_too_large", "area_too_small", "area_too_long", "area_spread", "guarded_area_too_small", "guarded_area_centered", "outside_jurisdiction", "linked_tiled", "linked_area_large", "spot_series",
				"area_too_few_points", "area_self_crossing", "area_not_closed", "area_duplicate_points", "area_degenerate", "area_too_many_points", "area_out_of_range",
				"area_coordinates_swapped", "area_pole", "area_antimeridian", "area_not_a_number", "area_refused"}},
		{Name: "code", Group: "staff.draft.group.case", Label: "staff.draft.code", Hint: "staff.draft.code.hint", Required: true, Codes: []string{"code_malformed", "code_taken"}},
		{Name: "case", Label: "staff.draft.case", Hint: "staff.draft.case.hint", Required: true, Codes: []string{"form_case", "case_number_missing", "case_commitment", "too_many_requests", "investigation_tiled", "investigation_too_long"}},
		{Name: "changed", Label: "staff.draft.changed", Hint: "staff.draft.changed.hint", Kind: Lines, Codes: []string{"change_missing", "change_too_long", "changed_too_long"}},
		{Name: "own", Label: "staff.draft.own", Kind: SomeOf, Options: yes("staff.draft.own.yes"), Codes: []string{"not_own_case"}},
		{Name: "federal", Label: "staff.draft.federal", Kind: SomeOf, Options: yes("staff.draft.federal.none"), Codes: []string{"federal_involvement"}},
		{Name: "contact", Group: "staff.draft.group.contact", Label: "staff.draft.contact", Hint: "staff.draft.contact.hint", Required: true, Codes: []string{"contact_missing"}},
		{Name: "email", Label: "staff.draft.email", Codes: []string{"contact_email_malformed"}},
		{Name: "phone", Label: "staff.draft.phone", Codes: []string{"contact_phone_malformed"}},
	}
}

// StaffRequestPage shows a request to its agency as the public will see it, and lets the person do what comes next.
type StaffRequestPage struct {
	Visit
	RequestPage
	Status   footage.RequestStatus
	Sign     footage.Role // the role in which the person may sign now; empty: in none
	Author   bool         // the person wrote it
	Decision Decision     // what the rules say of it now
	Hand     bool         // the person may hand it to the moderators
	Urgent   bool         // it may take the urgent lane
	Told     []Told       // what the moderators decided, the oldest first
	Form     Form         // what went wrong
	Appeal   *Form        // where the person may appeal; nil: they may not, or there is nothing to appeal
	TakeBack bool         // the person may take it from the moderators
	// Approvers can approve it while it waits for that; without any, somebody must be lent.
	Approvers []Approver
	Chosen    footage.PersonID // who of those who are lent is to approve it; empty: any
}

// Choice is the form in which the author says which of the lent approvers is asked; nil where there is nothing to choose.
func (p StaffRequestPage) Choice() *Form {
	options := []Option{{Value: "", Label: "staff.request.approver.any", Chosen: p.Chosen == ""}}
	for _, a := range p.Approvers {
		if a.ID != "" {
			options = append(options, Option{Value: string(a.ID), Words: a.Name + ", " + a.From, Chosen: a.ID == p.Chosen})
		}
	}
	if !p.Author || len(options) == 1 {
		return nil
	}
	f := NewForm(Sent{}, Field{Name: "approver", Label: "staff.request.approver", Hint: "staff.request.approver.hint", Kind: OneOf, Options: options, Codes: []string{"approver_lent"}})
	return &f
}

// Approver is somebody who can approve a request.
type Approver struct {
	ID   footage.PersonID // of somebody who is lent, so that they can be chosen
	Name string
	From string // the agency that lends them; empty: the asking one's own
}

// AppealForm is the form of an appeal with what was sent and what was wrong with it.
func AppealForm(sent Sent) *Form {
	f := NewForm(sent, Field{Name: "words", Label: "staff.request.appeal.words", Hint: "staff.request.appeal.words.hint", Kind: Lines, Required: true,
		Codes: []string{"words_missing", "words_too_long"}})
	return &f
}

// Told is a moderator's decision, as the agency is told it.
type Told struct {
	Outcome footage.Outcome
	Reason  footage.ModerationReason
	Words   string
}

// Decision is what the rules say of a request, in the reader's language.
type Decision struct {
	Refused []footage.Reason
	Held    []footage.Reason
	Linked  []footage.RequestID
}

func (StaffRequestPage) folder() string    { return "staffrequest" }
func (p StaffRequestPage) address() string { return "/staff/requests/" + string(p.Request.ID) }
func (StaffRequestPage) scripts() []string { return []string{"passkey.js"} }
func (p StaffRequestPage) Published() bool { return p.Status.Public() }

// Anew is where the author writes another request that begins with this one's text.
func (p StaffRequestPage) Anew() string { return "/staff/requests/new?from=" + string(p.Request.ID) }

// Path is the page's own path.
func (p StaffRequestPage) Path() string { return p.address() }

// SignPath is where the person's signature goes.
func (p StaffRequestPage) SignPath() string {
	if p.Sign == footage.Officer {
		return p.address() + "/sign"
	}
	return p.address() + "/approve"
}

// Next says what a request waits for that the person cannot sign.
func (p StaffRequestPage) Next() text.Key {
	switch p.Status {
	case footage.Draft:
		return "staff.request.next.officer"
	case footage.Signed, footage.Approved:
		return "staff.request.next.supervisor"
	case footage.InModeration:
		return "staff.request.next.moderator"
	case footage.StatusTakenBack:
		return "staff.request.next.takenback"
	}
	return "staff.request.next.over"
}

func (p StaffRequestPage) title(c *text.Catalogue) string {
	return c.T("staff.request.title", "title", p.Document().Title)
}
