package footage

import (
	"fmt"
	"slices"
	"time"
)

// DemandID names a legal demand within the exchange. It is random and never public.
type DemandID string

// DemandBody is what sort of body demanded something of the exchange by law. The list is closed, so that demands can be
// counted.
type DemandBody string

// The bodies.
const (
	DemandByPolice     DemandBody = "police"
	DemandByProsecutor DemandBody = "prosecutor"
	DemandByCourt      DemandBody = "court"
	DemandBySecurity   DemandBody = "national_security"
	DemandByRegulator  DemandBody = "regulator"
	DemandByForeign    DemandBody = "foreign"       // of another country
	DemandByParty      DemandBody = "private_party" // to a lawsuit
)

// DemandBodies returns every body, in the order of forms.
func DemandBodies() []DemandBody {
	return []DemandBody{DemandByPolice, DemandByProsecutor, DemandByCourt, DemandBySecurity, DemandByRegulator, DemandByForeign, DemandByParty}
}

// DemandKind is by what means it was demanded.
type DemandKind string

// The kinds.
const (
	DemandWarrant      DemandKind = "warrant"
	DemandSubpoena     DemandKind = "subpoena"
	DemandOrder        DemandKind = "court_order"
	DemandPreservation DemandKind = "preservation" // to keep something
	DemandEmergency    DemandKind = "emergency"    // without any process
	DemandInformal     DemandKind = "informal"     // a mere wish
)

// DemandKinds returns every kind, in the order of forms.
func DemandKinds() []DemandKind {
	return []DemandKind{DemandWarrant, DemandSubpoena, DemandOrder, DemandPreservation, DemandEmergency, DemandInformal}
}

// DemandAnswer is what became of a demand.
type DemandAnswer string

// The answers.
const (
	DemandPending   DemandAnswer = "pending"      // it waits
	DemandNothing   DemandAnswer = "nothing_held" // the exchange does not have what was demanded
	DemandRefused   DemandAnswer = "refused"
	DemandPart      DemandAnswer = "part"
	DemandAll       DemandAnswer = "all"
	DemandWithdrawn DemandAnswer = "withdrawn" // by whoever demanded it
)

// DemandAnswers returns every answer that ends a demand, in the order of forms.
func DemandAnswers() []DemandAnswer {
	return []DemandAnswer{DemandNothing, DemandRefused, DemandPart, DemandAll, DemandWithdrawn}
}

// Known reports whether the body is one of the list; so do the others.
func (b DemandBody) Known() bool { return slices.Contains(DemandBodies(), b) }

// Known is described at [DemandBody.Known].
func (k DemandKind) Known() bool { return slices.Contains(DemandKinds(), k) }

// Known is described at [DemandBody.Known].
func (a DemandAnswer) Known() bool { return slices.Contains(DemandAnswers(), a) }

// HalfYear is one half of a year in UTC, such as "2026-H2".
type HalfYear string

// HalfYearOf returns the half-year of a moment.
func HalfYearOf(t time.Time) HalfYear {
	t = t.UTC()
	return HalfYear(fmt.Sprintf("%04d-H%d", t.Year(), 1+(int(t.Month())-1)/6))
}

// Begins returns the first moment of the half-year, or the zero time for what is none.
func (h HalfYear) Begins() time.Time {
	var year, half int
	if n, err := fmt.Sscanf(string(h), "%04d-H%d", &year, &half); n != 2 || err != nil || half < 1 || half > 2 {
		return time.Time{}
	}
	t := time.Date(year, time.Month(6*half-5), 1, 0, 0, 0, 0, time.UTC)
	if HalfYearOf(t) != h {
		return time.Time{}
	}
	return t
}

// Ends returns the first moment after the half-year.
func (h HalfYear) Ends() time.Time { return h.Begins().AddDate(0, 6, 0) }

// Valid reports whether h has the form of a half-year.
func (h HalfYear) Valid() bool { return !h.Begins().IsZero() }
