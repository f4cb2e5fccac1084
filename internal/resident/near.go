package resident

import (
	"cmp"
	"errors"
	"slices"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
)

// MaxWithin is how far, in metres, [Feed.Near] may look: the cells around a point hold no more.
const MaxWithin = 50_000

// Match is a request near a place.
type Match struct {
	Request evidence.Checked
	Metres  float64 // from the place to the request's area; nought inside
}

// Inside reports whether the place lies inside the request's area.
func (m Match) Inside() bool { return m.Metres == 0 }

// Refusal is a request of the feed that does not hold what it claims.
type Refusal struct {
	ID  footage.RequestID // empty if not even that can be read
	Err error
}

// Near returns the requests whose areas lie within so many metres of a place, verified, the nearest first and of the same
// distance the newest first. Everything happens on this device. Requests that do not verify are returned apart: they are
// not to be relied on, and a feed that holds one is worth telling somebody.
func (f *Feed) Near(at footage.Point, within float64) (near []Match, refused []Refusal, err error) {
	if !(within >= 0 && within <= MaxWithin) {
		return nil, nil, footage.Coded(footage.Invalid, "within", "A distance must be between 0 and 50,000 metres.")
	}
	for _, h := range f.match(at, within) {
		p := f.places[h.place]
		checked, err := f.verify(f.bundles[p.index], p.id)
		if err != nil {
			refused = append(refused, Refusal{p.id, err})
			continue
		}
		if err := checked.Open(f.x.now()); errors.Is(err, footage.Gone) || errors.Is(err, footage.Forbidden) {
			continue // it has ended, or its agency is suspended
		}
		near = append(near, Match{Request: checked, Metres: h.metres})
	}
	slices.SortStableFunc(near, func(a, b Match) int {
		if c := cmp.Compare(a.Metres, b.Metres); c != 0 {
			return c
		}
		return b.Request.PublishedAt.Compare(a.Request.PublishedAt)
	})
	return near, refused, nil
}

// hit is a place within reach.
type hit struct {
	place  int
	metres float64
}

// match finds the places within reach, before anything is verified.
func (f *Feed) match(at footage.Point, within float64) []hit {
	var hits []hit
	for i := range f.places {
		if !f.places[i].bounds.Near(at, within) {
			continue
		}
		if d := f.places[i].region.DistanceTo(at); d <= within {
			hits = append(hits, hit{i, d})
		}
	}
	return hits
}

// Len returns how many requests the feed holds.
func (f *Feed) Len() int { return len(f.places) }
