package opendata

import (
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// ComplaintColumns are those of the tables of complaints.
func ComplaintColumns() []Column {
	return []Column{
		{"complaint", "random ID"},
		{"agency", "register ID of the agency that it is about"},
		{"request", "ID of the request that it is about; empty for the agency as such"},
		{"reason", "what is said to be wrong: purpose, too_wide, identity, wording, untrue, conduct, footage, decision or other"},
		{"day", "UTC; on which it came in"},
		{"due", "UTC; the last day on which an answer is in time"},
		{"outcome", "upheld, not_upheld or out_of_scope; empty while it waits"},
		{"led_to", "what one that was upheld has led to, separated by blanks"},
		{"answered_at", "UTC; empty while it waits"},
		{"overdue", "whether an answer is owed since the last day for it"},
		{"late", "whether the answer came after the last day for it"},
		{"answer", "the moderator's words; the entry holds their SHA-256"},
		{"entry", "index of its complaint.received entry"},
		{"answer_entry", "index of its complaint.answered entry; -1 while it waits"},
	}
}

// Complaints returns a table of complaints as they stand at a time, in the order in which they came in.
func Complaints(list []footage.Complaint, now time.Time) Table {
	t := Table{Name: "complaints", Columns: ComplaintColumns(), Rows: []Row{}}
	for _, c := range list {
		var ledTo []string
		for _, r := range c.LedTo {
			ledTo = append(ledTo, string(r))
		}
		t.Rows = append(t.Rows, Row{ID: string(c.ID), Cells: []any{string(c.ID), string(c.Agency), string(c.Request), string(c.Reason), c.Day, c.Due,
			string(c.Outcome), strings.Join(ledTo, " "), c.Answered, c.Overdue(now), c.Late(), c.Answer, c.Entry, c.Answers}})
	}
	slices.SortFunc(t.Rows, func(a, b Row) int {
		return slices.Compare([]string{a.Cells[4].(string), a.ID}, []string{b.Cells[4].(string), b.ID})
	})
	return t
}
