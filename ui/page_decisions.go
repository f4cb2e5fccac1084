package ui

import (
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// DecisionsPage shows what moderators decided, by month, agency and reason, and the clock of the urgent lane (P7).
type DecisionsPage struct {
	Cleared, Held, Refused int64
	Appeals, Changed       int64           // decided again, and of them cleared
	Months                 []DecisionMonth // oldest first
	Rows                   []DecisionRow   // what was not cleared, the most frequent first
	Waiting                []UrgentLine    // the longest waiting first
	Decided                []UrgentLine    // the newest first
	Median, Longest        time.Duration   // of the urgent requests that were decided
	Now                    time.Time
}

// DecisionMonth is what was decided in one month.
type DecisionMonth struct {
	Month                           string // 2026-11, UTC
	Cleared, Held, Refused, Appeals int64
}

// DecisionRow is how often an agency's requests were held or refused for a reason.
type DecisionRow struct {
	Agency     footage.AgencyID
	AgencyName string
	Outcome    footage.Outcome
	Reason     string
	Count      int64
}

// UrgentLine is one request of the urgent lane, of which nothing is told but whose it is and how long it waited.
type UrgentLine struct {
	Agency     footage.AgencyID
	AgencyName string
	Since      time.Time
	Waited     time.Duration
	Outcome    footage.Outcome // empty: it waits
}

func (DecisionsPage) folder() string                 { return "decisions" }
func (DecisionsPage) title(c *text.Catalogue) string { return c.T("decisions.title") }
func (DecisionsPage) address() string                { return "/record/decisions" }

// shownDecisions is how many rows of agencies and reasons the page lists; the tables for download hold all.
const shownDecisions = 100

// Recent returns the newest months.
func (p DecisionsPage) Recent() []DecisionMonth { return p.Months[max(0, len(p.Months)-shownMonths):] }

// Listed returns as many rows as the page lists.
func (p DecisionsPage) Listed() []DecisionRow { return p.Rows[:min(len(p.Rows), shownDecisions)] }

// waited says a span of time in minutes, or in hours from two hours on.
func (f funcs) waited(d time.Duration) string {
	if d < 2*time.Hour {
		return f.words.T("decisions.minutes", "n", int(d.Minutes()))
	}
	return f.words.T("decisions.hours", "n", int(d.Hours()))
}

// decidedWhy says the reasons of a decision.
func (f funcs) decidedWhy(codes string) string {
	var out []string
	for code := range strings.FieldsSeq(codes) {
		out = append(out, f.detail(code))
	}
	return strings.Join(out, ", ")
}
