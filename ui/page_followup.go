package ui

import (
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// shownDuties is how many overdue words a page lists; the tables for download hold all.
const shownDuties = 100

// DutyLine is what an agency owes after a request, as lists show it.
type DutyLine struct {
	footage.Owed
	AgencyName string
	Overdue    bool
}

// DutyLines returns duties as lists show them at a time; name gives the name of an agency.
func DutyLines(list []footage.Owed, now time.Time, name func(footage.AgencyID) string) []DutyLine {
	out := []DutyLine{}
	for _, o := range list {
		out = append(out, DutyLine{Owed: o, AgencyName: name(o.Agency), Overdue: o.Overdue(now)})
	}
	return out
}

// SaidCount is how often the newest word about a duty is one of the list.
type SaidCount struct {
	Duty  footage.Duty
	Said  footage.Said
	Count int64
}

// FollowUpsPage shows what came of requests: what agencies said, and what they owe and have not said.
type FollowUpsPage struct {
	Ended   int64                  // requests
	Said    map[footage.Said]int64 // entries of the record; a correction counts as well
	Overdue []DutyLine             // the longest overdue first
}

func (FollowUpsPage) folder() string                 { return "followups" }
func (FollowUpsPage) title(c *text.Catalogue) string { return c.T("followups.title") }
func (FollowUpsPage) address() string                { return "/record/followups" }

// Counts returns how often each word of a duty was said, in the order of the list.
func (p FollowUpsPage) Counts(duty footage.Duty) (out []SaidCount) {
	for _, s := range duty.Sayings() {
		out = append(out, SaidCount{duty, s, p.Said[s]})
	}
	return out
}

// Listed returns as many overdue words as the page lists.
func (p FollowUpsPage) Listed() []DutyLine { return p.Overdue[:min(len(p.Overdue), shownDuties)] }

// Duties returns both duties.
func (FollowUpsPage) Duties() []footage.Duty { return footage.Duties() }

// OverdueDuties returns what the agency owes since the last day for it.
func (p AgencyPage) OverdueDuties() (out []DutyLine) {
	for _, d := range p.Duties {
		if d.Overdue && len(out) < shownDuties {
			out = append(out, d)
		}
	}
	return out
}

// SaidDuties counts the newest word about each duty of the agency, in the order of the lists.
func (p AgencyPage) SaidDuties() (out []SaidCount) {
	sums := map[footage.Said]int64{}
	for _, d := range p.Duties {
		if last := d.Last(); last != nil {
			sums[last.Says]++
		}
	}
	for _, duty := range footage.Duties() {
		for _, s := range duty.Sayings() {
			if sums[s] > 0 {
				out = append(out, SaidCount{duty, s, sums[s]})
			}
		}
	}
	return out
}
