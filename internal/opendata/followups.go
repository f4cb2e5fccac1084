package opendata

import (
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// FollowUpColumns are those of the tables of what came of requests.
func FollowUpColumns() []Column {
	return []Column{
		{"request", "ID of the request that has ended"},
		{"agency", "register ID of the agency that asked"},
		{"duty", "outcome: what came of the case; copies: what became of the agency's copies of footage, if there were any"},
		{"ended_at", "UTC; when the request was closed"},
		{"first_due", "UTC; the last day for the first word"},
		{"due", "UTC; the last day for the next word; empty when nothing more is owed"},
		{"overdue", "whether a word is owed since the last day for it"},
		{"late", "whether the first word came after the last day for it"},
		{"says", "the newest word: no_footage, lead, arrest, charge, closed or still_open; destroyed, kept_case or kept_hold; empty while there is none"},
		{"until", "UTC; the last day on which copies are kept"},
		{"said_at", "UTC; empty while there is no word"},
		{"words", "how many there are: each takes the place of the one before"},
		{"entry", "index of the newest word's entry; -1 while there is none"},
	}
}

// FollowUps returns a table of what is owed after requests, and what was said, as it stands at a time, in the order in which the
// requests ended.
func FollowUps(list []footage.Owed, now time.Time) Table {
	t := Table{Name: "followups", Columns: FollowUpColumns(), Rows: []Row{}}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b footage.Owed) int {
		if c := a.Ended.Compare(b.Ended); c != 0 {
			return c
		}
		return strings.Compare(string(a.Request), string(b.Request))
	})
	for _, o := range sorted {
		last := footage.Told{Entry: -1}
		if said := o.Last(); said != nil {
			last = *said
		}
		t.Rows = append(t.Rows, Row{Cells: []any{string(o.Request), string(o.Agency), string(o.Duty), o.Ended, o.First, o.Due, o.Overdue(now), o.Late(),
			string(last.Says), last.Until, last.At, int64(len(o.Told)), last.Entry}})
	}
	return t
}
