package ui

import (
	"slices"

	"porchlight.example/internal/opendata"
	"porchlight.example/ui/text"
)

// ReportsPage shows what the exchange reports twice a year: legal demands, and how much was erased.
type ReportsPage struct {
	Demands  []opendata.Report // the oldest first
	Erasures []opendata.Erased
}

func (ReportsPage) folder() string                 { return "reports" }
func (ReportsPage) title(c *text.Catalogue) string { return c.T("reports.title") }
func (ReportsPage) address() string                { return "/record/reports" }

// Newest returns the reports of demands, the newest first.
func (p ReportsPage) Newest() []opendata.Report {
	out := slices.Clone(p.Demands)
	slices.Reverse(out)
	return out
}

// Totals returns the totals of erasures, the newest first.
func (p ReportsPage) Totals() []opendata.Erased {
	out := slices.Clone(p.Erasures)
	slices.Reverse(out)
	return out
}
