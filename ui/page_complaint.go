package ui

import (
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// shownComplaints is how many complaints a page lists; the tables for download hold all.
const shownComplaints = 50

// ComplaintLine is what the public knows of a complaint, as lists show it.
type ComplaintLine struct {
	footage.Complaint
	AgencyName string
	Overdue    bool // an answer is owed since the last day for it
}

// ComplaintLines returns complaints as lists show them at a time; name gives the name of an agency.
func ComplaintLines(list []footage.Complaint, now time.Time, name func(footage.AgencyID) string) []ComplaintLine {
	out := []ComplaintLine{}
	for _, c := range list {
		out = append(out, ComplaintLine{Complaint: c, AgencyName: name(c.Agency), Overdue: c.Overdue(now)})
	}
	return out
}

// ComplainPage is where a resident complains about a request or an agency. The browser makes the code for the answer and does
// the work that keeps floods away, so that the form needs its script.
type ComplainPage struct {
	Agency  footage.Standing
	Request footage.RequestID // empty: about the agency as such
	Title   string            // of the request
	Lang    string            // of the title
	Form    Form
}

// NewComplainPage returns the page with its form.
func NewComplainPage(p ComplainPage) ComplainPage {
	var reasons []Option
	for _, r := range footage.ComplaintReasons() {
		reasons = append(reasons, Option{Value: string(r), Label: text.Key("complaint.reason." + string(r))})
	}
	p.Form = NewForm(Sent{},
		Field{Name: "reason", Label: "complaint.reason", Hint: "complaint.reason.hint", Kind: OneOf, Required: true, Options: reasons},
		Field{Name: "words", Label: "complaint.words", Hint: "complaint.words.hint", Kind: Lines, Required: true},
		Field{Name: "hand", Label: "complaint.hand", Kind: SomeOf, Options: []Option{{Value: "yes", Label: "complaint.hand.yes"}}})
	return p
}

func (ComplainPage) folder() string { return "complain" }
func (p ComplainPage) title(c *text.Catalogue) string {
	title := c.T("complaint.title", "agency", p.Agency.Agency.Name)
	if p.Title != "" {
		title += ": " + p.Title
	}
	return title
}
func (ComplainPage) scripts() []string { return []string{"complain.js"} }
func (p ComplainPage) address() string {
	if p.Request != "" {
		return "/requests/" + string(p.Request) + "/complain"
	}
	return "/agencies/" + string(p.Agency.Agency.ID) + "/complain"
}

// About is what the program is given to complain about: the address of the request or of the agency.
func (p ComplainPage) About() string {
	if p.Request != "" {
		return "/requests/" + string(p.Request)
	}
	return "/agencies/" + string(p.Agency.Agency.ID)
}

// ComplaintsPage shows what became of complaints, and lets whoever complained read the answer.
type ComplaintsPage struct {
	Received, Answered, Upheld int64
	Overdue                    []ComplaintLine // the longest overdue first
	Newest                     []ComplaintLine
	Form                       Form
}

// NewComplaintsPage returns the page with the form for a code, and what was wrong with one.
func NewComplaintsPage(p ComplaintsPage, sent Sent) ComplaintsPage {
	p.Form = NewForm(sent, Field{Name: "code", Label: "complaints.code", Hint: "complaints.code.hint", Required: true, Codes: []string{"no_complaint"}})
	return p
}

func (ComplaintsPage) folder() string                 { return "complaints" }
func (ComplaintsPage) title(c *text.Catalogue) string { return c.T("complaints.title") }
func (ComplaintsPage) address() string                { return "/complaints" }

// OwnComplaintPage shows a complaint to whoever has its code.
type OwnComplaintPage struct {
	Own  api.OwnComplaint
	Line ComplaintLine
}

func (OwnComplaintPage) folder() string                 { return "owncomplaint" }
func (OwnComplaintPage) title(c *text.Catalogue) string { return c.T("complaints.own") }
func (OwnComplaintPage) address() string                { return "" }

// StaffComplaintsPage lists complaints: to moderators and auditors all, to an agency's people what was handed on to them.
type StaffComplaintsPage struct {
	Visit
	Complaints api.Complaints
	Handed     []api.ComplaintItem
	Now        time.Time
}

func (StaffComplaintsPage) folder() string { return "staffcomplaints" }
func (p StaffComplaintsPage) title(c *text.Catalogue) string {
	if p.Moderates() {
		return c.T("staff.complaints.title")
	}
	return c.T("staff.complaints.handed")
}
func (StaffComplaintsPage) address() string { return "/staff/complaints" }

// Moderates reports whether the reader sees all of them.
func (p StaffComplaintsPage) Moderates() bool { return p.May(footage.Moderator, footage.Auditor) }

// Overdue reports whether an answer is.
func (p StaffComplaintsPage) Overdue(c api.ComplaintItem) bool { return c.Overdue(p.Now) }

// StaffComplaintPage is one complaint with the form of its answer.
type StaffComplaintPage struct {
	Visit
	Complaint api.ComplaintItem
	Form      Form
}

// NewStaffComplaintPage returns the page with what was sent and what was wrong with it.
func NewStaffComplaintPage(p StaffComplaintPage, sent Sent) StaffComplaintPage {
	var outcomes, results []Option
	for _, o := range footage.ComplaintOutcomes() {
		outcomes = append(outcomes, Option{Value: string(o), Label: text.Key("complaint.outcome." + string(o))})
	}
	for _, r := range footage.ComplaintResults() {
		results = append(results, Option{Value: string(r), Label: text.Key("complaint.result." + string(r))})
	}
	p.Form = NewForm(sent,
		Field{Name: "outcome", Label: "staff.complaint.outcome", Kind: OneOf, Required: true, Codes: []string{"answer_outcome"}, Options: outcomes},
		Field{Name: "led_to", Label: "staff.complaint.led", Hint: "staff.complaint.led.hint", Kind: SomeOf, Options: results,
			Codes: []string{"answer_led_to", "answer_led_to_unknown", "answer_not_so"}},
		Field{Name: "answer", Label: "staff.complaint.answer", Hint: "staff.complaint.answer.hint", Kind: Lines, Required: true, Codes: []string{"answer_missing", "answer_long", "text_unclean"}},
		Field{Name: "reply", Label: "staff.complaint.reply", Hint: "staff.complaint.reply.hint", Kind: Lines})
	return p
}

func (StaffComplaintPage) folder() string { return "staffcomplaint" }
func (p StaffComplaintPage) title(c *text.Catalogue) string {
	return c.T("staff.complaint.title", "agency", p.Complaint.AgencyName)
}
func (p StaffComplaintPage) address() string { return "/staff/complaints/" + string(p.Complaint.ID) }

// Answerable reports whether the visitor may answer: a moderator who has not cleared the request, while the complaint waits.
func (p StaffComplaintPage) Answerable() bool {
	return p.Complaint.Outcome == "" && p.May(footage.Moderator) && !p.Complaint.Yours
}

// Handable reports whether the visitor may let the agency read the words.
func (p StaffComplaintPage) Handable() bool {
	return p.May(footage.Moderator) && p.Complaint.HandOn && !p.Complaint.Handed && p.Complaint.Words != ""
}
