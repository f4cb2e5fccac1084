package audit

import (
	"fmt"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// reported is how far the half-yearly reports have come.
type reported struct {
	demands, erasures footage.HalfYear // of the newest report
	pending           map[ledger.DemandCount]int64
}

// reportEntry checks that there is one report for each half-year, in their order, and that no more demands are said to be answered
// than were counted as pending.
func (a *Auditor) reportEntry(e noted) {
	w := &a.world
	switch f := e.fact.(type) {
	case ledger.LegalDemands:
		a.reportInOrder(e, w.reported.demands, f.Period)
		w.reported.demands = f.Period
		a.pendingDemands(e, f)
	case ledger.ErasuresTotal:
		a.reportInOrder(e, w.reported.erasures, f.Period)
		w.reported.erasures = f.Period
	}
}

func (a *Auditor) reportInOrder(e noted, last, period footage.HalfYear) {
	if e.at.Before(period.Ends()) {
		a.find("report_early", e.subject, "Entry %d reports of the half-year %s, which was not over.", e.index, period)
	}
	if want := a.nextPeriod(last); period != want {
		a.find("report_order", e.subject, "Entry %d reports of the half-year %s in the place of %s: there must be one for each.", e.index, period, want)
	}
}

// nextPeriod returns the half-year that follows on the one reported last, or that in which the exchange began.
func (a *Auditor) nextPeriod(last footage.HalfYear) footage.HalfYear {
	if last == "" {
		return footage.HalfYearOf(a.world.began)
	}
	return footage.HalfYearOf(last.Ends())
}

// pendingDemands counts which demands wait, and finds those that are said to be answered and did not.
func (a *Auditor) pendingDemands(e noted, f ledger.LegalDemands) {
	waits := a.world.reported.pending
	without := func(c ledger.DemandCount) ledger.DemandCount {
		c.Answer, c.Count = footage.DemandPending, 0
		return c
	}
	for _, c := range f.Answered {
		if waits[without(c)] -= c.Count; waits[without(c)] < 0 {
			a.find("report_unfounded", e.subject, "Entry %d says that more legal demands were answered than waited for an answer.", e.index)
		}
	}
	for _, c := range f.Counts {
		if c.Answer == footage.DemandPending {
			waits[without(c)] += c.Count
		}
	}
}

// reportLate is how long after a half-year's end its report may be missing.
const reportLate = 31 * 24 * time.Hour

// reportsDue finds reports that are overdue.
func (a *Auditor) reportsDue(now time.Time) {
	w := &a.world
	if w.began.IsZero() {
		return
	}
	for kind, last := range map[ledger.Kind]footage.HalfYear{ledger.KindLegalDemands: w.reported.demands, ledger.KindErasuresTotal: w.reported.erasures} {
		if period := a.nextPeriod(last); now.After(period.Ends().Add(reportLate)) {
			a.find("report_missing", fmt.Sprintf("%s %s", kind, period), "The exchange has not reported of the half-year %s in its record (%s), though it is over for more than a month.", period, kind)
		}
	}
}
