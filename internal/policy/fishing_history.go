package policy

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

// History is published requests in the order of their publication, for whoever decides again from public data alone: an
// auditor, or a test. It finds by spot, agency and officer what a decision looks at.
type History struct {
	spots      map[int64][]Asked
	agencies   map[footage.AgencyID][]Asked
	officers   map[footage.PersonID][]Asked
	last       time.Time
	outOfOrder error
}

// NewHistory returns an empty history.
func NewHistory() *History {
	return &History{spots: map[int64][]Asked{}, agencies: map[footage.AgencyID][]Asked{}, officers: map[footage.PersonID][]Asked{}}
}

// AskedOf returns what the rules against fishing see of a public request.
func AskedOf(p footage.PublicRequest) (Asked, error) {
	doc := p.Record.Document
	region, err := geo.Compile(doc.Area)
	if err != nil {
		return Asked{}, fmt.Errorf("area of request %s: %w", p.ID.Short(), err)
	}
	a := Asked{ID: p.ID, Agency: doc.Agency, Code: NormaliseCase(doc.Code), Region: region, Window: doc.Window, Published: p.PublishedAt}
	for _, s := range p.Record.Assertions {
		if s.Role == footage.Officer {
			a.Officer = s.Person
		}
	}
	return a, nil
}

// Add takes in a published request, which must not be older than those before it.
func (h *History) Add(a Asked) {
	if a.Published.Before(h.last) {
		h.outOfOrder = errors.New("the requests are not in the order of their publication")
	}
	h.last = a.Published
	for _, spot := range a.Region.Spots() {
		h.spots[spot] = append(h.spots[spot], a)
	}
	h.agencies[a.Agency] = append(h.agencies[a.Agency], a)
	h.officers[a.Officer] = append(h.officers[a.Officer], a)
}

// Decide says of a request what the rules said of it when it was published, as far as public data tell.
func (h *History) Decide(s Set, a Asked) (Verdict, error) {
	if h.outOfOrder != nil {
		return Verdict{}, h.outOfOrder
	}
	reach := s.Reach()
	month := recent(h.agencies[a.Agency], MonthBegins(a.Published).Add(-time.Nanosecond))
	past := Past{OfficerDay: len(recent(h.officers[a.Officer], a.Published.Add(-24*time.Hour))),
		AgencyDay: len(recent(h.agencies[a.Agency], a.Published.Add(-24*time.Hour))), AgencyMonth: len(month)}
	for _, b := range month {
		past.CameraHours += b.cameraHours()
	}
	for _, b := range h.agencies[a.Agency] {
		if b.Code == a.Code {
			past.Investigation = append(past.Investigation, b)
		}
	}
	past.Spot = func(at Asked) ([]Asked, error) { return h.around(at, reach, a.Published), nil }
	past.Near = past.Spot
	past.Crowded = len(h.around(a, reach, a.Published)) > MaxAround
	return s.Fishing(a, past, "en")
}

// Investigation returns how many requests of the same agency bear a request's investigation code.
func (h *History) Investigation(a Asked) (n int) {
	for _, b := range h.agencies[a.Agency] {
		if b.Code == a.Code {
			n++
		}
	}
	return n
}

// MonthBegins returns the beginning of the 30 days, counted in whole days of UTC, in which a time is the last.
func MonthBegins(now time.Time) time.Time {
	return now.UTC().Truncate(24 * time.Hour).Add(-29 * 24 * time.Hour)
}

// MaxAround is how many requests of the last days in the spots around a request are looked at. Where there are more, a
// moderator decides.
const MaxAround = 400

// around returns the requests in the spots around another that are not too old.
func (h *History) around(at Asked, reach Reach, now time.Time) []Asked {
	seen := map[footage.RequestID]bool{}
	var out []Asked
	for _, spot := range at.Region.SpotsWithin(reach.Metres) {
		for _, b := range recent(h.spots[spot], now.Add(-reach.Age)) {
			if !seen[b.ID] {
				seen[b.ID] = true
				out = append(out, b)
			}
		}
	}
	return out
}

// recent returns the requests that were published later than a time.
func recent(all []Asked, after time.Time) []Asked {
	i, _ := slices.BinarySearchFunc(all, after, func(a Asked, t time.Time) int {
		if a.Published.After(t) {
			return 1
		}
		return -1
	})
	return all[i:]
}
