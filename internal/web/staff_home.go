package web

import (
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// staffHome lists what waits for the person.
func (s *server) staffHome(v *visitor) (ui.Page, error) {
	page := ui.StaffHomePage{Visit: v.visit}
	for _, waiting := range s.waiting() {
		task, err := waiting(v)
		if err != nil {
			return nil, err
		}
		page.Tasks = append(page.Tasks, task)
	}
	page.Tasks = slices.DeleteFunc(page.Tasks, func(t ui.Task) bool { return t.N == 0 })
	return page, nil
}

// waiting lists the sorts of work that can wait for somebody, each with a count that is nought for those whom it does not
// concern. Another sort of work adds a line here.
func (s *server) waiting() []func(v *visitor) (ui.Task, error) {
	return []func(v *visitor) (ui.Task, error){
		s.waitingToSign(footage.Officer, "staff.task.sign"),
		s.waitingToSign(footage.Supervisor, "staff.task.approve"),
		s.devicesWaiting,
		s.keysWaiting,
		s.ranksWaiting,
		s.loansWaiting,
		s.deskWaiting,
		s.casesWaiting,
		s.applicationsWaiting,
		s.complaintsWaiting,
		s.admissionsWaiting,
		s.endingSoon,
		s.withholdingsWaiting,
		s.demandsWaiting,
		s.dutiesWaiting,
		s.noticesWaiting,
	}
}
