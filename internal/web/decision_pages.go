package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/opendata"
	"porchlight.example/ui"
)

// shownClocks is how many urgent requests that were decided their page lists; the table for download holds all.
const shownClocks = 20

// decisionsPage makes the page of what moderators decided (P7), with the public clock of the urgent lane.
func (s *server) decisionsPage(r *http.Request, d *frontData) (page ui.Page, err error) {
	err = s.with(r.Context(), d, func(l *library) error {
		page, err = kept(l, "decisions", func() (ui.Page, error) {
			p := ui.DecisionsPage{Now: s.cfg.Now()}
			rows := map[ui.DecisionRow]int64{}
			for _, c := range l.book.Decisions() {
				countDecision(&p, c)
				if c.Outcome != string(footage.OutcomeCleared) {
					rows[ui.DecisionRow{Agency: c.Agency, AgencyName: d.nameOf(c.Agency), Outcome: footage.Outcome(c.Outcome), Reason: c.Reason}] += c.Count
				}
			}
			p.Rows = byCount(rows)
			d.clocks(&p, l.book.Clocks())
			return p, nil
		})
		return err
	})
	return page, err
}

// countDecision adds one sum to the page's figures. Sums come by month.
func countDecision(p *ui.DecisionsPage, c opendata.Decision) {
	if n := len(p.Months); n == 0 || p.Months[n-1].Month != c.Month {
		p.Months = append(p.Months, ui.DecisionMonth{Month: c.Month})
	}
	month := &p.Months[len(p.Months)-1]
	switch footage.Outcome(c.Outcome) {
	case footage.OutcomeCleared:
		p.Cleared, month.Cleared = p.Cleared+c.Count, month.Cleared+c.Count
		if c.Appeal {
			p.Changed += c.Count
		}
	case footage.OutcomeHeld:
		p.Held, month.Held = p.Held+c.Count, month.Held+c.Count
	case footage.OutcomeRefused:
		p.Refused, month.Refused = p.Refused+c.Count, month.Refused+c.Count
	}
	if c.Appeal {
		p.Appeals, month.Appeals = p.Appeals+c.Count, month.Appeals+c.Count
	}
}

func byCount(sums map[ui.DecisionRow]int64) []ui.DecisionRow {
	var out []ui.DecisionRow
	for row, n := range sums {
		row.Count = n
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b ui.DecisionRow) int {
		if a.Count != b.Count {
			return int(b.Count - a.Count)
		}
		return slices.Compare([]string{a.AgencyName, string(a.Agency), string(a.Outcome), a.Reason}, []string{b.AgencyName, string(b.Agency), string(b.Outcome), b.Reason})
	})
	return out
}

// clocks adds the urgent lane: which wait now, and how long the others have waited.
func (d *frontData) clocks(p *ui.DecisionsPage, clocks []opendata.Clock) {
	var spans []time.Duration
	for _, c := range clocks {
		line := ui.UrgentLine{Agency: c.Agency, AgencyName: d.nameOf(c.Agency), Since: c.Since, Waited: c.Waited(p.Now), Outcome: footage.Outcome(c.Outcome)}
		if c.Decided.IsZero() {
			p.Waiting = append(p.Waiting, line)
			continue
		}
		p.Decided = append(p.Decided, line)
		spans = append(spans, line.Waited)
	}
	if len(spans) > 0 {
		slices.Sort(spans)
		p.Median, p.Longest = spans[len(spans)/2], spans[len(spans)-1]
	}
	slices.Reverse(p.Decided)
	p.Decided = p.Decided[:min(len(p.Decided), shownClocks)]
	slices.SortStableFunc(p.Waiting, func(a, b ui.UrgentLine) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return strings.Compare(string(a.Agency), string(b.Agency))
	})
}
