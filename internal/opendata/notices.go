package opendata

import (
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// NoticeColumns are those of the table of notices of incidents.
func NoticeColumns() []Column {
	return []Column{
		{"notice", "the notice's ID"},
		{"step", "published, updated or ended"},
		{"at", "when, UTC"},
		{"sort", "what went wrong"},
		{"found", "when it was found, UTC"},
		{"hours", "between finding and publishing, begun ones counted whole"},
		{"within", "hours that the rule gives"},
		{"in_time", "whether the rule was kept"},
		{"began", "since when it went wrong, UTC; empty: not known"},
		{"ended", "until when, UTC; empty: not known, or it lasted"},
		{"touched", "what it touched or may have touched, with spaces; never how much"},
		{"advice", "what people should do, with spaces"},
		{"agencies", "whose key was touched, or who must open a new one, with spaces"},
		{"text", "in words, in English"},
		{"text_es", "in words, in Spanish"},
		{"entry", "index of its entry"},
	}
}

// Notices returns the table of notices, a line for each step of each.
func Notices(all []footage.Notice) Table {
	t := Table{Name: "notices", Columns: NoticeColumns(), Rows: []Row{}}
	stamp := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339)
	}
	for _, n := range all {
		for i, s := range n.Steps {
			step := "updated"
			switch {
			case i == 0:
				step = "published"
			case s.End:
				step = "ended"
			}
			t.Rows = append(t.Rows, Row{Cells: []any{string(n.ID), step, stamp(s.At), string(n.Sort), stamp(n.Found), n.Hours(), int64(footage.NoticeWithin / time.Hour), n.InTime(),
				stamp(s.Began), stamp(s.Ended), spaced(s.Touched), spaced(s.Advice), spaced(s.Agencies), s.En, s.Es, s.Entry}})
		}
	}
	return t
}

func spaced[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return strings.Join(out, " ")
}
