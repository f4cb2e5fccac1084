package audit

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// noticed is a notice of an incident as the record tells it.
type noticed struct {
	ledger.NoticePublished
	at    time.Time
	steps []noticeStep
	ended bool
}

// noticeStep is one of its steps: what the exchange must show of it.
type noticeStep struct {
	index    int64
	at       time.Time
	text, es string // SHA-256
	says     footage.NoticeSays
	end      bool
}

// noticeEntry checks what an entry says of an incident (S5): that it was told within the hours that the rule gives, by two people
// of the exchange, and that what follows belongs to a notice that is open.
func (a *Auditor) noticeEntry(e noted) {
	w := &a.world
	switch f := e.fact.(type) {
	case ledger.NoticePublished:
		if w.notices[f.Notice] != nil {
			a.find("notice_unfounded", e.subject, "Entry %d publishes a notice that there was already.", e.index)
			return
		}
		w.notices[f.Notice] = &noticed{NoticePublished: f, at: e.at}
		a.noticeClock(e, f)
		a.noticeStep(e, f.Notice, f.NoticeSays, f.NoticeSigned, false)
	case ledger.NoticeUpdated:
		a.noticeStep(e, f.Notice, f.NoticeSays, f.NoticeSigned, false)
	case ledger.NoticeEnded:
		a.noticeStep(e, f.Notice, footage.NoticeSays{Touched: []footage.NoticeTouched{}, Advice: []footage.NoticeAdvice{}, Agencies: []footage.AgencyID{}}, f.NoticeSigned, true)
	}
}

// noticeClock compares when an incident was found and when the public was told.
func (a *Auditor) noticeClock(e noted, f ledger.NoticePublished) {
	if f.Found.After(e.at) {
		a.find("notice_day", e.subject, "Entry %d tells of an incident that was found on %s, which had not come yet.", e.index, f.Found.Format(time.RFC1123))
	}
	if took := e.at.Sub(f.Found); took > footage.NoticeWithin {
		a.find("notice_late", e.subject, "Entry %d tells of an incident %.0f hours after it was found. The rule is %.0f hours.", e.index, took.Hours(), footage.NoticeWithin.Hours())
	}
}

// noticeStep takes in one step, and checks who stands behind it.
func (a *Auditor) noticeStep(e noted, id footage.NoticeID, says footage.NoticeSays, by ledger.NoticeSigned, end bool) {
	w := &a.world
	n := w.notices[id]
	if n == nil || n.ended {
		a.find("notice_unfounded", e.subject, "Entry %d updates or ends a notice that is not open.", e.index)
		return
	}
	n.ended = end
	n.steps = append(n.steps, noticeStep{e.index, e.at, by.Text, by.TextEs, says, end})
	office := func(i int, role footage.Role) bool { return w.acts(by.By[i], "", role) }
	if !(office(0, footage.Operator) && office(1, footage.Moderator) || office(0, footage.Moderator) && office(1, footage.Operator)) {
		a.find("notice_people", e.subject, "Entry %d is not by an operator and a moderator of the exchange.", e.index)
	}
	for _, agency := range says.Agencies {
		if w.of(agency).agency.ID == "" {
			a.find("notice_agency", e.subject, "Entry %d names the agency %s, which the record does not know.", e.index, agency)
		}
	}
}

// noticesPath is where an exchange shows its notices.
const noticesPath = "v1/notices"

// shownNotices compares the notices that the exchange shows with those of its record: that all are shown, whole and unchanged.
func (a *Auditor) shownNotices(ctx context.Context) error {
	if len(a.world.notices) == 0 {
		return nil
	}
	raw, err := a.get(ctx, noticesPath, maxAsset)
	if err != nil && !errors.Is(err, footage.NotFound) {
		return err
	}
	var shown struct {
		Notices []footage.Notice `json:"notices"`
	}
	if err == nil {
		if err := json.Unmarshal(raw, &shown); err != nil {
			a.find("notice_hidden", noticesPath, "The notices that the exchange shows cannot be read: %v", err)
			return nil
		}
	}
	for id, n := range a.world.notices {
		i := slices.IndexFunc(shown.Notices, func(s footage.Notice) bool { return s.ID == id })
		for _, step := range n.steps {
			if a.cfg.Now().Sub(step.at) > a.cfg.Slack && (i < 0 || !tells(shown.Notices[i], n.NoticePublished, step)) {
				a.find("notice_hidden", string(id), "The exchange does not show what entry %d of its record says of an incident, or shows something else.", step.index)
			}
		}
	}
	return nil
}

// tells reports whether a notice is shown with a step as it is in the record. Words that a restore has lost may be missing.
func tells(n footage.Notice, f ledger.NoticePublished, step noticeStep) bool {
	i := slices.IndexFunc(n.Steps, func(s footage.NoticeStep) bool { return s.Entry == step.index })
	if i < 0 || n.Sort != f.Sort || !n.Found.Equal(f.Found) {
		return false
	}
	s := n.Steps[i]
	en, es := s.Hashes()
	same := func(a, b any) bool {
		x, err := ledger.HashJSON(a)
		y, err2 := ledger.HashJSON(b)
		return err == nil && err2 == nil && x == y
	}
	return (en == "" || en == step.text) && (es == "" || es == step.es) && s.End == step.end && s.At.Equal(step.at) && same(s.NoticeSays, step.says)
}
