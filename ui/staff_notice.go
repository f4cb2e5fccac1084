package ui

import (
	"strings"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffNoticesPage lists the notices of incidents and what waits for a second person, with the form to propose another.
type StaffNoticesPage struct {
	Visit
	Waiting []api.WaitingNotice
	Notices []footage.Notice // the newest first
	Form    Form
}

// NewStaffNoticesPage returns the page with what was sent and what was wrong with it.
func NewStaffNoticesPage(p StaffNoticesPage, sent Sent) StaffNoticesPage {
	first := []Field{
		{Name: "sort", Label: "notice.what", Kind: OneOf, Required: true, Codes: []string{"notice_sort"}, Options: noticeOptions("sort", footage.NoticeSorts(), nil)},
		{Name: "found", Label: "notice.found", Hint: "staff.notice.time", Required: true, Codes: []string{"notice_found"}}}
	p.Form = NewForm(sent, append(first, sayFields(footage.NoticeSays{})...)...)
	return p
}

// sayFields are the fields of what a notice says, filled with what it says now.
func sayFields(n footage.NoticeSays) []Field {
	return append([]Field{
		{Name: "began", Label: "notice.began", Hint: "staff.notice.unknown", Codes: []string{"notice_began"}, Value: formTime(n.Began)},
		{Name: "ended", Label: "notice.ended", Hint: "staff.notice.unknown", Codes: []string{"notice_ended"}, Value: formTime(n.Ended)},
		{Name: "touched", Label: "notice.touched", Kind: SomeOf, Required: true, Codes: []string{"notice_touched"}, Options: noticeOptions("touched", footage.NoticeTouches(), n.Touched)},
		{Name: "advice", Label: "notice.advice", Kind: SomeOf, Required: true, Codes: []string{"notice_advice"}, Options: noticeOptions("advice", footage.NoticeAdvices(), n.Advice)},
		{Name: "agencies", Label: "staff.notice.agencies", Hint: "staff.notice.agencies.hint", Codes: []string{"notice_agencies"}, Value: listOf(n.Agencies)},
	}, wordFields()...)
}

func wordFields() []Field {
	return []Field{
		{Name: "text", Label: "staff.notice.text", Hint: "staff.notice.text.hint", Kind: Lines, Codes: []string{"notice_text"}},
		{Name: "text_es", Label: "staff.notice.text.es", Kind: Lines, Codes: []string{"notice_text"}}}
}

// noticeOptions are the choices of a closed list about incidents.
func noticeOptions[T ~string](part string, list, chosen []T) (out []Option) {
	is := map[T]bool{}
	for _, one := range chosen {
		is[one] = true
	}
	for _, code := range list {
		out = append(out, Option{Value: string(code), Label: text.Key("notice." + part + "." + string(code)), Chosen: is[code]})
	}
	return out
}

func (StaffNoticesPage) folder() string                 { return "staffnotices" }
func (StaffNoticesPage) title(c *text.Catalogue) string { return c.T("staff.notice.title") }
func (StaffNoticesPage) address() string                { return "/staff/notices" }

// MayPropose reports whether the visitor may propose one.
func (p StaffNoticesPage) MayPropose() bool { return p.May(footage.Operator, footage.Moderator) }

// StaffNoticePage is what waits for a second person, or a public notice with the form of its update and of its end.
type StaffNoticePage struct {
	Visit
	Waits  *api.WaitingNotice
	Notice *footage.Notice // what is public: nil while the notice itself waits
	Form   Form
}

// NewStaffNoticePage returns the page with what was sent and what was wrong with it.
func NewStaffNoticePage(p StaffNoticePage, sent Sent) StaffNoticePage {
	switch {
	case p.Waits != nil || p.Notice == nil:
		p.Form = NewForm(sent)
	default:
		p.Form = NewForm(sent, sayFields(p.Notice.Says())...)
	}
	return p
}

func (StaffNoticePage) folder() string                 { return "staffnotice" }
func (StaffNoticePage) title(c *text.Catalogue) string { return c.T("staff.notice.one") }
func (p StaffNoticePage) address() string              { return "/staff/notices/" + string(p.ID()) }

// ID is the step that waits, or the notice.
func (p StaffNoticePage) ID() footage.NoticeID {
	if p.Waits != nil {
		return p.Waits.ID
	}
	return p.Notice.ID
}

// Path is the page's own path.
func (p StaffNoticePage) Path() string { return p.address() }

// Second reports whether the visitor may be the second person. That they act in another role is decided when they do.
func (p StaffNoticePage) Second() bool { return p.Waits != nil && p.Waits.Proposed != p.Person.ID }

// formTime writes a moment as the form takes it; the zero time is not known.
func formTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// listOf writes register IDs as the form takes them.
func listOf(ids []footage.AgencyID) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return strings.Join(out, ", ")
}
