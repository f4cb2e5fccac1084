package web

import (
	"errors"
	"slices"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// noticePages adds the office's pages about incidents of the exchange itself.
func (s *server) noticePages(handle func(string, handler)) {
	office := []footage.Role{footage.Operator, footage.Moderator}
	handle("GET /staff/notices", s.show(func(v *visitor) (ui.Page, error) { return s.staffNotices(v, ui.Sent{}) }, append(office, footage.Auditor)...))
	handle("POST /staff/notices", s.act(s.proposeNotice, s.staffNotices, office...))
	handle("GET /staff/notices/{id}", s.show(func(v *visitor) (ui.Page, error) { return s.staffNotice(v, ui.Sent{}) }, office...))
	handle("POST /staff/notices/{id}/update", s.act(s.proposeNotice, s.staffNotice, office...))
	handle("POST /staff/notices/{id}/agree", s.act(s.agreeNotice, s.staffNotice, office...))
	handle("POST /staff/notices/{id}/drop", s.act(s.dropNotice, s.staffNotice, office...))
}

func (s *server) staffNotices(v *visitor, sent ui.Sent) (ui.Page, error) {
	waiting, err := s.x.WaitingNotices(v.Context(), v.who())
	return ui.NewStaffNoticesPage(ui.StaffNoticesPage{Visit: v.visit, Waiting: waiting, Notices: s.front.Load().notices}, sent), err
}

// proposeNotice reads the form of a notice, of an update or of an end.
func (s *server) proposeNotice(v *visitor) (done, error) {
	in := api.NewNotice{Notice: footage.NoticeID(v.PathValue("id")), NoticeText: footage.NoticeText{En: plainValue(v, "text"), Es: plainValue(v, "text_es")}}
	if in.End = v.PostFormValue("end") != ""; !in.End {
		in.Sort, in.Found = footage.NoticeSort(v.PostFormValue("sort")), v.PostFormValue("found")
		in.Began, in.Ended = v.PostFormValue("began"), v.PostFormValue("ended")
		for _, code := range v.PostForm["touched"] {
			in.Touched = append(in.Touched, footage.NoticeTouched(code))
		}
		for _, code := range v.PostForm["advice"] {
			in.Advice = append(in.Advice, footage.NoticeAdvice(code))
		}
		for _, id := range strings.FieldsFunc(v.PostFormValue("agencies"), func(r rune) bool { return r == ',' || r == ' ' }) {
			in.Agencies = append(in.Agencies, footage.AgencyID(id))
		}
	}
	id, err := s.x.ProposeNotice(v.Context(), v.who(), in)
	return done{path: "/staff/notices/" + string(id), say: "staff.done.notice"}, err
}

// staffNotice shows what waits for a second person, or a public notice.
func (s *server) staffNotice(v *visitor, sent ui.Sent) (ui.Page, error) {
	waiting, err := s.x.WaitingNotices(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	id, page := footage.NoticeID(v.PathValue("id")), ui.StaffNoticePage{Visit: v.visit}
	if i := slices.IndexFunc(waiting, func(n api.WaitingNotice) bool { return n.ID == id || n.Notice == id }); i >= 0 {
		page.Waits = &waiting[i]
		id = waiting[i].Notice
	}
	if n, ok := s.front.Load().notice(id); ok {
		page.Notice = &n
	}
	if page.Waits == nil && page.Notice == nil {
		return nil, noNotice()
	}
	return ui.NewStaffNoticePage(page, sent), nil
}

func (s *server) agreeNotice(v *visitor) (done, error) {
	return done{path: "/staff/notices", say: "staff.done.noticeagreed"}, s.x.AgreeNotice(v.Context(), v.who(), footage.NoticeID(v.PathValue("id")))
}

func (s *server) dropNotice(v *visitor) (done, error) {
	return done{path: "/staff/notices", say: "staff.done.noticedropped"}, s.x.DropNotice(v.Context(), v.who(), footage.NoticeID(v.PathValue("id")))
}

// noticesWaiting counts the steps of notices that wait for another person than the visitor.
func (s *server) noticesWaiting(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.notice", Path: "/staff/notices"}
	all, err := s.x.WaitingNotices(v.Context(), v.who())
	if errors.Is(err, footage.Forbidden) || !v.visit.May(footage.Operator, footage.Moderator) {
		return task, nil
	}
	for _, n := range all {
		if n.Proposed != v.who() {
			task.N++
		}
	}
	return task, err
}
