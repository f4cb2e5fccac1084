package opendata

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// The kinds of entry that tell of moderation.
const (
	kindUrgent  = "moderation.urgent"
	kindDecided = "moderation.decided"
)

// DecisionCell names one sum of moderators' decisions.
type DecisionCell struct {
	Month    string // UTC, 2006-01
	Agency   footage.AgencyID
	Outcome  string // cleared, held or refused
	Reason   string // empty for what is cleared
	Addition bool   // text added to a request that is public already
	Appeal   bool
	Urgent   bool
}

// Decision is one sum with its value.
type Decision struct {
	DecisionCell
	Count int64
}

// Clock is how long one request in the urgent lane has waited. Nothing of its text is known here.
type Clock struct {
	Agency  footage.AgencyID
	Since   time.Time
	Decided time.Time // zero: it waits
	Outcome string
	Entry   int64
	Answer  int64 // entry of the decision
}

// Waited is how long it has waited until it was decided, or until now.
func (c Clock) Waited(now time.Time) time.Duration {
	if c.Decided.IsZero() {
		return max(0, now.Sub(c.Since))
	}
	return c.Decided.Sub(c.Since)
}

// moderation are the sums of what moderators decided, and the clocks of the urgent lane.
type moderation struct {
	decisions map[DecisionCell]int64
	clocks    []Clock
	running   map[string]int // by commitment: which clock
}

func newModeration() moderation {
	return moderation{decisions: map[DecisionCell]int64{}, running: map[string]int{}}
}

// moderate takes in an entry about moderation.
func (m *moderation) moderate(l Line, f members) {
	flag := func(name string) (on bool) { return json.Unmarshal(f[name], &on) == nil && on }
	commitment := f.text("commitment")
	switch l.Kind {
	case kindUrgent:
		m.running[commitment] = len(m.clocks)
		m.clocks = append(m.clocks, Clock{Agency: l.Agency, Since: l.At, Entry: l.Index})
	case kindDecided:
		c := DecisionCell{Month: l.At.UTC().Format("2006-01"), Agency: l.Agency, Outcome: l.State, Reason: strings.Join(l.Reasons, " "),
			Addition: flag("addition"), Appeal: flag("appeal"), Urgent: flag("urgent")}
		m.decisions[c]++
		if i, runs := m.running[commitment]; runs {
			m.clocks[i].Decided, m.clocks[i].Outcome, m.clocks[i].Answer = l.At, l.State, l.Index
			delete(m.running, commitment)
		}
	}
}

// Decisions returns the sums by month, agency, outcome and reason.
func (b *Book) Decisions() []Decision {
	var out []Decision
	for c, n := range b.decisions {
		out = append(out, Decision{c, n})
	}
	flags := func(c DecisionCell) string {
		var s strings.Builder
		for _, on := range []bool{c.Addition, c.Appeal, c.Urgent} {
			s.WriteByte('0' + map[bool]byte{true: 1}[on])
		}
		return s.String()
	}
	slices.SortFunc(out, func(x, y Decision) int {
		return slices.Compare([]string{x.Month, string(x.Agency), x.Outcome, x.Reason, flags(x.DecisionCell)},
			[]string{y.Month, string(y.Agency), y.Outcome, y.Reason, flags(y.DecisionCell)})
	})
	return out
}

// Clocks returns the clocks of the urgent lane, in the order in which they began.
func (b *Book) Clocks() []Clock { return slices.Clone(b.clocks) }

// DecisionColumns are those of the table of decisions.
func DecisionColumns() []Column {
	return []Column{
		{"month", "UTC, YYYY-MM"},
		{"agency", "register ID of the agency that asked"},
		{"outcome", "cleared, held or refused"},
		{"reason", "why it was not cleared, as a code"},
		{"addition", "whether it was text to be added to a request that is public already"},
		{"appeal", "whether it was decided again, by another moderator"},
		{"urgent", "whether it was in the urgent lane"},
		{"count", "decisions"},
	}
}

// DecisionTable returns the sums as a table.
func (b *Book) DecisionTable() Table {
	t := Table{Name: "decisions", Columns: DecisionColumns(), Rows: []Row{}}
	for _, d := range b.Decisions() {
		t.Rows = append(t.Rows, Row{Cells: []any{d.Month, string(d.Agency), d.Outcome, d.Reason, d.Addition, d.Appeal, d.Urgent, d.Count}})
	}
	return t
}

// ClockColumns are those of the table of the urgent lane.
func ClockColumns() []Column {
	return []Column{
		{"agency", "register ID of the agency that asked"},
		{"since", "UTC; when it came into the urgent lane"},
		{"decided", "UTC; empty while it waits"},
		{"minutes", "from the one to the other; empty while it waits"},
		{"outcome", "cleared, held or refused; empty while it waits"},
		{"entry", "index of its moderation.urgent entry"},
		{"decided_entry", "index of its moderation.decided entry; empty while it waits"},
	}
}

// ClockTable returns the clocks as a table.
func (b *Book) ClockTable() Table {
	t := Table{Name: "urgent", Columns: ClockColumns(), Rows: []Row{}}
	for _, c := range b.clocks {
		cells := []any{string(c.Agency), c.Since, c.Decided, "", c.Outcome, c.Entry, ""}
		if !c.Decided.IsZero() {
			cells[3], cells[6] = round(c.Waited(c.Decided).Minutes()), c.Answer
		}
		t.Rows = append(t.Rows, Row{Cells: cells})
	}
	return t
}
