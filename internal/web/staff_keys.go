package web

import (
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// keyPages adds the page of the changes of keys that wait, which everybody of a body sees.
func (s *server) keyPages(handle func(string, handler)) {
	list := func(v *visitor, _ ui.Sent) (ui.Page, error) { return s.keyChanges(v) }
	handle("GET /staff/keys", s.show(s.keyChanges))
	handle("POST /staff/keys/agree", s.act(s.freshly(s.agreeKey), list, footage.Custodian, footage.AgencyAdmin, footage.Operator))
	handle("POST /staff/keys/stop", s.act(s.stopKey, list))
}

func (s *server) keyChanges(v *visitor) (ui.Page, error) {
	all, err := s.x.KeyWaits(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	page := ui.StaffKeysPage{Visit: v.visit}
	for _, k := range all {
		line := ui.StaffKeyChange{ID: k.ID, Use: k.Use, Name: k.Who.Name, Epoch: k.Epoch, Asked: k.AskedBy, Agreed: k.Second, Counts: k.Counts, MayAgree: k.MayAgree, MayStop: k.MayStop}
		if k.Agency != v.visit.Person.Agency {
			if _, line.Of, err = s.body(v, string(k.Agency)); err != nil {
				return nil, err
			}
		}
		page.Changes = append(page.Changes, line)
	}
	return page, nil
}

func (s *server) agreeKey(v *visitor) (done, error) {
	change, err := s.x.AgreeKey(v.Context(), v.who(), footage.KeyChangeID(v.PostFormValue("change")))
	say := done{path: "/staff/keys", say: "staff.done.keyagreed"}
	if change.State == api.KeyCounts {
		say.say = "staff.done.keycounts"
	}
	return say, s.changed(v.Request, err)
}

func (s *server) stopKey(v *visitor) (done, error) {
	return done{path: "/staff/keys", say: "staff.done.keystopped"}, s.changed(v.Request, s.x.StopKey(v.Context(), v.who(), footage.KeyChangeID(v.PostFormValue("change"))))
}

// confirmDevice agrees to a person's new device, and says whether it counts at once.
func (s *server) confirmDevice(v *visitor) (done, error) {
	id := personOf(v.Request)
	out := done{path: "/staff/people/" + string(id), say: "staff.done.confirmed"}
	if err := s.x.ConfirmDevice(v.Context(), v.who(), id); err != nil {
		return out, err
	}
	m, err := s.x.Member(v.Context(), v.who(), id)
	if m.Waiting != nil {
		out.say = "staff.done.keyagreed"
	}
	return out, err
}

// keysWaiting counts the changes of keys that a visitor should know of.
func (s *server) keysWaiting(v *visitor) (ui.Task, error) {
	all, err := s.x.KeyWaits(v.Context(), v.who())
	return ui.Task{Label: "staff.task.keys", Path: "/staff/keys", N: len(all)}, err
}
