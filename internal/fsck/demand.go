package fsck

import (
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// reports counts the demands and erasures of the tables again and compares them with what was reported.
func (c *check) reports() error {
	counts, answered := map[footage.HalfYear]map[ledger.DemandCount]int64{}, map[footage.HalfYear]map[ledger.DemandCount]int64{}
	err := c.each(tables()["demand"], func(r row) error {
		c.want(footage.ValidID(r.str("id"), "d"), Database, r.name(), "The ID has not the form of one.")
		n := ledger.DemandCount{Received: footage.HalfYearOf(time.UnixMicro(r.num("received"))), Body: footage.DemandBody(r.str("body")), Kind: footage.DemandKind(r.str("kind")), Answer: footage.DemandPending}
		c.want(n.Body.Known() && n.Kind.Known(), Database, r.name(), "It is of a sort that is not counted.")
		counted, settled := footage.HalfYear(r.str("counted")), footage.HalfYear(r.str("settled"))
		if settled != "" && settled == counted {
			n.Answer = footage.DemandAnswer(r.str("answer"))
		}
		tally(counts, counted, n)
		if settled != counted {
			n.Answer = footage.DemandAnswer(r.str("answer"))
			tally(answered, settled, n)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for index, f := range c.state.demands {
		if c.lost[index] {
			continue
		}
		same := slices.Equal(sorted(counts[f.Period]), f.Counts) && slices.Equal(sorted(answered[f.Period]), f.Answered)
		c.want(same, Database, "demand", "The demands that the database holds are not those that the report of %s counts.", f.Period)
	}
	return c.each(tables()["erasure_total"], func(r row) error {
		c.want(footage.HalfYear(r.str("period")).Valid() && r.num("shares") > 0, Database, r.name(), "It counts nothing, or in no half-year.")
		return nil
	})
}

func tally(sums map[footage.HalfYear]map[ledger.DemandCount]int64, h footage.HalfYear, n ledger.DemandCount) {
	if h == "" {
		return
	}
	if sums[h] == nil {
		sums[h] = map[ledger.DemandCount]int64{}
	}
	sums[h][n]++
}

func sorted(sums map[ledger.DemandCount]int64) []ledger.DemandCount {
	var out []ledger.DemandCount
	for n, count := range sums {
		n.Count = count
		out = append(out, n)
	}
	slices.SortFunc(out, ledger.DemandCount.Compare)
	return out
}
