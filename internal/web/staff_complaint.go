package web

import (
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// staffComplaintRoutes adds the pages of complaints for moderators, and for agencies' people what was handed on to them.
func (s *server) staffComplaintRoutes(handle func(string, handler)) {
	readers := []footage.Role{footage.Moderator, footage.Auditor}
	one := func(v *visitor, sent ui.Sent) (ui.Page, error) { return s.staffComplaint(v, sent) }
	handle("GET /staff/complaints", s.show(s.staffComplaints, append(readers, footage.Supervisor, footage.AgencyAdmin)...))
	handle("GET /staff/complaints/{id}", s.show(func(v *visitor) (ui.Page, error) { return one(v, ui.Sent{}) }, readers...))
	handle("POST /staff/complaints/{id}/answer", s.act(s.answerComplaint, one, footage.Moderator))
	handle("POST /staff/complaints/{id}/hand-on", s.act(s.handOnComplaint, one, footage.Moderator))
}

func (s *server) staffComplaints(v *visitor) (ui.Page, error) {
	page := ui.StaffComplaintsPage{Visit: v.visit, Now: s.cfg.Now()}
	var err error
	if page.Moderates() {
		page.Complaints, err = s.x.StaffComplaints(v.Context(), v.who())
		return page, err
	}
	page.Handed, err = s.x.HandedComplaints(v.Context(), v.who())
	return page, err
}

func (s *server) staffComplaint(v *visitor, sent ui.Sent) (ui.Page, error) {
	c, err := s.x.StaffComplaint(v.Context(), v.who(), complaintOf(v.Request))
	if err != nil {
		return nil, err
	}
	return ui.NewStaffComplaintPage(ui.StaffComplaintPage{Visit: v.visit, Complaint: c}, sent), nil
}

func (s *server) answerComplaint(v *visitor) (done, error) {
	in := api.AnswerComplaint{Outcome: footage.ComplaintOutcome(v.PostFormValue("outcome")), Answer: v.lines("answer"), Reply: v.lines("reply")}
	for _, result := range v.PostForm["led_to"] {
		in.LedTo = append(in.LedTo, footage.ComplaintResult(result))
	}
	err := s.x.AnswerComplaint(v.Context(), v.who(), complaintOf(v.Request), in)
	return done{path: "/staff/complaints", say: "staff.done.answered"}, s.changed(v.Request, err)
}

func (s *server) handOnComplaint(v *visitor) (done, error) {
	err := s.x.HandOnComplaint(v.Context(), v.who(), complaintOf(v.Request))
	return done{path: "/staff/complaints/" + v.PathValue("id"), say: "staff.done.handedon"}, err
}

// complaintsWaiting counts the complaints that wait for a moderator.
func (s *server) complaintsWaiting(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.complaints", Path: "/staff/complaints"}
	if !v.visit.May(footage.Moderator) {
		return task, nil
	}
	all, err := s.x.StaffComplaints(v.Context(), v.who())
	task.N = len(all.Waiting)
	return task, err
}
