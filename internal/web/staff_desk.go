package web

import (
	"context"

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
	uitext "porchlight.example/ui/text"
)

// deskRoutes adds the pages in which an agency opens clips, where it has turned them on, and the page that does so.
func (s *server) deskRoutes(handle func(string, handler)) {
	x, roles := s.x, ui.DeskSwitchRoles()
	known := func(do deed) deed {
		return func(v *visitor) (done, error) {
			if v.PostFormValue("known") == "" {
				return done{}, footage.Coded(footage.Invalid, "desk_known", "Read what these pages trust, and tick the box.")
			}
			return do(v)
		}
	}
	toSwitch := func(say uitext.Key, do func(ctx context.Context, caller footage.PersonID) error) deed {
		return func(v *visitor) (done, error) {
			return done{path: "/staff/desk/switch", say: say}, s.changed(v.Request, do(v.Context(), v.who()))
		}
	}
	handle("GET /staff/desk/switch", s.show(func(v *visitor) (ui.Page, error) { return s.deskSwitch(v, ui.Sent{}) }, roles...))
	handle("POST /staff/desk/switch", s.act(known(s.freshly(toSwitch("staff.done.deskasked", x.AskDesk))), s.deskSwitch, footage.AgencyAdmin))
	handle("POST /staff/desk/switch/agree", s.act(known(s.freshly(toSwitch("staff.done.deskagreed", x.AgreeDesk))), s.deskSwitch, roles...))
	s.deskPages(handle)
	handle("POST /staff/desk/switch/end", s.act(toSwitch("staff.done.deskended", x.EndDesk), s.deskSwitch, footage.AgencyAdmin))
}

func (s *server) deskSwitch(v *visitor, sent ui.Sent) (ui.Page, error) {
	d, err := s.x.Desk(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	return ui.NewStaffDeskSwitchPage(ui.StaffDeskSwitchPage{Visit: v.visit, Since: d.Since, Asked: d.Asked.Name, MayAgree: d.Asked.ID != "" && d.Asked.ID != v.who(),
		MayChange: v.visit.May(footage.AgencyAdmin)}, sent), nil
}

// deskWaiting counts whether pages for opening clips wait for the visitor's agreement.
func (s *server) deskWaiting(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.desk", Path: "/staff/desk/switch"}
	if !v.visit.May(ui.DeskSwitchRoles()...) {
		return task, nil
	}
	d, err := s.x.Desk(v.Context(), v.who())
	if d.Asked.ID != "" && d.Asked.ID != v.who() {
		task.N = 1
	}
	return task, err
}
