package ledger

import (
	"slices"

	"porchlight.example/internal/footage"
)

// Kinds of entry that are written once for each half-year.
const (
	KindLegalDemands  Kind = "legal.demands"
	KindErasuresTotal Kind = "erasures.total"
)

// LegalDemands counts what was demanded of the exchange by law, half-year by half-year. None is said as well. A demand is
// counted once, in the first report in which it may be told of; while the law forbids to tell of it, no report does.
type LegalDemands struct {
	Period footage.HalfYear `json:"period"`
	Total  int64            `json:"total"`   // of Demands
	Counts []DemandCount    `json:"demands"` // sorted by their members
	// Answered counts demands that an earlier report counted as pending and that have been answered since.
	Answered []DemandCount `json:"answered"`
}

// DemandCount is how many demands were alike.
type DemandCount struct {
	Received footage.HalfYear     `json:"received"` // when they came in: earlier than the report's where it could not be told before
	Body     footage.DemandBody   `json:"body"`
	Kind     footage.DemandKind   `json:"kind"`
	Answer   footage.DemandAnswer `json:"answer"`
	Count    int64                `json:"count"`
}

// ErasuresTotal says how many shares the exchange has erased in a half-year, coarsely: the one count that depends on what
// residents did. It is rounded down to tens, so that no two totals tell one share, and says 0 below ten.
type ErasuresTotal struct {
	Period  footage.HalfYear `json:"period"`
	AtLeast int64            `json:"at_least"` // a multiple of ten; 0: fewer than ten, or none
}

// Kind is described at [Fact]; so is the one below.
func (LegalDemands) Kind() Kind  { return KindLegalDemands }
func (ErasuresTotal) Kind() Kind { return KindErasuresTotal }

func (x LegalDemands) check() error {
	var f faults
	f.need(x.Period.Valid(), "period")
	total := int64(0)
	for _, c := range x.Counts {
		total += c.Count
	}
	f.need(x.Total == total, "total")
	f.need(x.Counts != nil && x.countable(x.Counts, true), "demands")
	f.need(x.Answered != nil && x.countable(x.Answered, false), "answered")
	return f.err()
}

// countable reports whether counts are in order, each once, and of no later half-year than the report.
func (x LegalDemands) countable(counts []DemandCount, pending bool) bool {
	for i, c := range counts {
		ok := c.Received.Valid() && c.Received <= x.Period && c.Body.Known() && c.Kind.Known() && c.Count > 0
		ok = ok && (c.Answer.Known() || pending && c.Answer == footage.DemandPending)
		if !ok || i > 0 && counts[i-1].Compare(c) >= 0 {
			return false
		}
	}
	return true
}

// Compare orders counts by what they count.
func (c DemandCount) Compare(d DemandCount) int {
	return slices.Compare([]string{string(c.Received), string(c.Body), string(c.Kind), string(c.Answer)},
		[]string{string(d.Received), string(d.Body), string(d.Kind), string(d.Answer)})
}

func (x ErasuresTotal) check() error {
	var f faults
	f.need(x.Period.Valid(), "period")
	f.need(x.AtLeast >= 0 && x.AtLeast%10 == 0, "at_least")
	return f.err()
}
