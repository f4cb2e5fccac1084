package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// EnterDemand notes what was demanded of the exchange by law. Nothing of one demand is public; the half-year's report counts it.
func (x *Exchange) EnterDemand(ctx context.Context, caller footage.PersonID, in api.NewDemand) (id footage.DemandID, err error) {
	d, err := readDemand(in)
	if err != nil {
		return "", err
	}
	if d.Received.After(x.now()) {
		return "", footage.Coded(footage.Invalid, "demand_day", "The day has not come yet. Write the one on which it came in.")
	}
	d.ID = footage.DemandID(footage.NewID(x.random("demand", ""), "d"))
	return d.ID, x.write(ctx, func(tx *store.Tx) error {
		p, err := x.ofTheOffice(tx, caller)
		if err != nil {
			return err
		}
		d.Entered = p.ID
		return tx.InsertDemand(d)
	})
}

// readDemand reads what is entered, and says all that is wrong with it at once.
func readDemand(in api.NewDemand) (d store.Demand, err error) {
	bad := &footage.Error{Kind: footage.Invalid, Code: "demand", Msg: "The demand cannot be entered."}
	need := func(ok bool, code, msg string) {
		if !ok {
			bad.Reasons = append(bad.Reasons, footage.Reason{Code: code, Msg: msg})
		}
	}
	d = store.Demand{Body: in.Body, Kind: in.Kind, Asked: strings.TrimSpace(in.Asked)}
	d.Received, err = time.Parse(time.DateOnly, in.Received)
	need(err == nil, "demand_day", "Write the day on which it came in as 2026-03-14.")
	need(in.Body.Known(), "demand_body", "Choose from the list who demanded it.")
	need(in.Kind.Known(), "demand_kind", "Choose from the list by what means it was demanded.")
	need(checkWords(d.Asked, true) == nil, "demand_asked", "Write what was demanded, in 2,000 plain characters at most.")
	if in.Gag != "" {
		d.Gag, err = time.Parse(time.DateOnly, in.Gag)
		need(err == nil && !d.Gag.Before(d.Received), "demand_gag", "Write the last day of the ban as 2026-03-14, or leave it empty.")
	}
	if len(bad.Reasons) > 0 {
		return d, bad
	}
	return d, nil
}

// AnswerDemand writes what became of a demand. It counts when a second person in another role has agreed.
func (x *Exchange) AnswerDemand(ctx context.Context, caller footage.PersonID, id footage.DemandID, in api.DemandReply) error {
	if !in.Answer.Known() {
		return footage.Coded(footage.Invalid, "demand_answer", "Choose from the list what became of it.")
	}
	if err := checkWords(in.Given, false); err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := x.ofTheOffice(tx, caller)
		if err != nil {
			return err
		}
		d, err := x.openDemand(tx, id)
		if err != nil {
			return err
		}
		d.Answer, d.Given, d.Proposed = in.Answer, strings.TrimSpace(in.Given), p.ID
		return tx.ProposeAnswer(d)
	})
}

// openDemand returns a demand whose answer does not count yet.
func (x *Exchange) openDemand(tx *store.Tx, id footage.DemandID) (store.Demand, error) {
	d, err := tx.Demand(id)
	if errors.Is(err, footage.NotFound) {
		return d, footage.E(footage.NotFound, "There is no such demand here.")
	}
	if err == nil && d.Agreed != "" {
		err = footage.Coded(footage.Conflict, "demand_answered", "Two people have agreed on the answer of this demand already.")
	}
	return d, err
}

// AgreeDemand makes an answer count that another person has written. Both hold a role of the office, and not only the same one.
func (x *Exchange) AgreeDemand(ctx context.Context, caller footage.PersonID, id footage.DemandID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := x.ofTheOffice(tx, caller)
		if err != nil {
			return err
		}
		d, err := x.openDemand(tx, id)
		if err != nil {
			return err
		}
		if d.Proposed == "" {
			return footage.E(footage.Conflict, "Nobody has written an answer of this demand yet.")
		}
		if err := x.secondOf(tx, d.Proposed, p); err != nil {
			return err
		}
		return tx.AgreeAnswer(id, d.Proposed, p.ID)
	})
}

// twoRoles reports whether of two people one can act as operator and the other as moderator.
func twoRoles(a, b footage.Person) bool {
	return a.Has(footage.Operator) && b.Has(footage.Moderator) || a.Has(footage.Moderator) && b.Has(footage.Operator)
}

// Demands returns every demand as the office sees it, the newest first.
func (x *Exchange) Demands(ctx context.Context, caller footage.PersonID) ([]api.Demand, error) {
	out := []api.Demand{}
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Operator, footage.Moderator, footage.Auditor); err != nil {
			return err
		}
		all, err := tx.Demands()
		for _, d := range all {
			one := api.Demand{ID: d.ID, NewDemand: api.NewDemand{Received: d.Received.Format(time.DateOnly), Body: d.Body, Kind: d.Kind, Asked: d.Asked},
				Answer: d.Answer, Given: d.Given, Proposed: d.Proposed, Agreed: d.Agreed, Counted: d.Counted}
			if !d.Gag.IsZero() {
				one.Gag = d.Gag.Format(time.DateOnly)
			}
			out = append(out, one)
		}
		return err
	})
	return out, err
}

// reportWaits is how long after a half-year's end its report is written: the last demands of it are entered until then.
const reportWaits = 14 * 24 * time.Hour

// Report writes the reports of the half-years that are over, each once, whether or not there was anything to count.
func (x *Exchange) Report(ctx context.Context) error {
	for {
		period, due, err := x.nextReport(ctx)
		if err != nil || !due {
			return err
		}
		if err := x.write(ctx, func(tx *store.Tx) error { return x.report(tx, period) }); err != nil {
			return fmt.Errorf("report %s: %w", period, err)
		}
	}
}

// nextReport returns the half-year whose report is missing, and whether its time has come.
func (x *Exchange) nextReport(ctx context.Context) (period footage.HalfYear, due bool, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		period, err = x.unreported(tx)
		return err
	})
	return period, err == nil && !x.now().Before(period.Ends().Add(reportWaits)), err
}

// unreported returns the half-year that follows on the last report, or that in which the exchange began.
func (x *Exchange) unreported(tx *store.Tx) (footage.HalfYear, error) {
	head, err := tx.LogHead()
	if err != nil {
		return "", err
	}
	rows, err := tx.NewestOfKind(string(ledger.KindLegalDemands), head.Size, 1)
	if err != nil || len(rows) == 0 {
		return footage.HalfYearOf(x.info.Created), err
	}
	entry, err := ledger.DecodeEntry(rows[0].Body)
	if err != nil {
		return "", err
	}
	fact, err := entry.Fact()
	if err != nil {
		return "", err
	}
	return footage.HalfYearOf(fact.(ledger.LegalDemands).Period.Ends()), nil
}

// report writes one half-year's entries, unless another node was faster.
func (x *Exchange) report(tx *store.Tx, period footage.HalfYear) error {
	if next, err := x.unreported(tx); err != nil || next != period {
		return err
	}
	fact, err := x.countDemands(tx, period)
	if err != nil {
		return err
	}
	shares, err := tx.Erasures(period)
	if err != nil {
		return err
	}
	set, err := x.policies(tx)
	if err != nil {
		return err
	}
	small, _ := set.Rule("small_number") // without the rule it is nought, and tens are coarse enough
	if _, err := x.record(tx, fact); err != nil {
		return err
	}
	_, err = x.record(tx, ledger.ErasuresTotal{Period: period, AtLeast: coarse(shares, int64(small.Value))})
	return err
}

// coarse rounds a count of shares down to tens, and to none where it is lower than the policy's small number.
func coarse(shares, small int64) int64 {
	if shares < small {
		return 0
	}
	return shares / 10 * 10
}

// countDemands counts what may be told and was not, and notes that it is told now.
func (x *Exchange) countDemands(tx *store.Tx, period footage.HalfYear) (ledger.LegalDemands, error) {
	fact := ledger.LegalDemands{Period: period}
	counts, answered := map[ledger.DemandCount]int64{}, map[ledger.DemandCount]int64{}
	all, err := tx.Demands()
	if err != nil {
		return fact, err
	}
	for _, d := range all {
		if !tellable(d, period, x.now()) {
			continue
		}
		c := ledger.DemandCount{Received: footage.HalfYearOf(d.Received), Body: d.Body, Kind: d.Kind, Answer: d.Standing()}
		settled := d.Settled
		if c.Answer != footage.DemandPending {
			settled = period
		}
		switch {
		case d.Counted == "":
			counts[c]++
			d.Counted, d.Settled = period, settled
		case d.Settled == "" && settled != "":
			answered[c]++
			d.Settled = settled
		default:
			continue
		}
		if err := tx.CountDemand(d.ID, d.Counted, d.Settled); err != nil {
			return fact, err
		}
	}
	fact.Counts, fact.Answered = sortedCounts(counts), sortedCounts(answered)
	for _, c := range fact.Counts {
		fact.Total += c.Count
	}
	return fact, nil
}

// tellable reports whether a demand belongs into a half-year's report that is written at a moment.
func tellable(d store.Demand, period footage.HalfYear, now time.Time) bool {
	return footage.HalfYearOf(d.Received) <= period && (d.Gag.IsZero() || !now.Before(d.Gag.AddDate(0, 0, 1)))
}

func sortedCounts(sums map[ledger.DemandCount]int64) []ledger.DemandCount {
	out := []ledger.DemandCount{}
	for c, n := range sums {
		c.Count = n
		out = append(out, c)
	}
	slices.SortFunc(out, ledger.DemandCount.Compare)
	return out
}

// reportAgain notes that a report has counted the demands that the backup holds and that it could tell of, lest the next one
// counts them anew. Those that were entered since are lost.
func (b *restore) reportAgain(tx *store.Tx, f ledger.LegalDemands) (lost string, err error) {
	all, err := tx.Demands()
	if err != nil {
		return "", err
	}
	known := int64(0)
	for _, d := range all {
		if d.Counted != "" || footage.HalfYearOf(d.Received) > f.Period || !tellable(d, f.Period, f.Period.Ends().Add(reportWaits)) {
			continue
		}
		known++
		settled := footage.HalfYear("")
		if d.Standing() != footage.DemandPending {
			settled = f.Period
		}
		if err := tx.CountDemand(d.ID, f.Period, settled); err != nil {
			return "", err
		}
	}
	if known == f.Total && len(f.Answered) == 0 {
		return "", nil
	}
	return fmt.Sprintf("The report of legal demands of %s counts %d, the backup holds %d of them. What was entered since is lost: keep the papers.", f.Period, f.Total, known), nil
}
