package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
)

// fishing decides whether a request, beside those that are public, asks for more than one may. An area that cannot be used
// is refused elsewhere, with the reason.
//
// It must run in the transaction that publishes: both engines run Writes as if one after the other, so that of two requests
// that may not both be published the later one sees the earlier. What it reads is bounded whatever the past: rows of the
// few spots around the area and of the last days, an agency's sums by day, and what one officer published in a day.
func (x *Exchange) fishing(tx *store.Tx, set policy.Set, doc footage.Document, q store.Request, region *geo.Region, language string) (policy.Verdict, error) {
	if region == nil {
		return policy.Verdict{}, nil
	}
	now := x.now()
	asked := policy.Asked{ID: q.ID, Agency: q.Agency, Officer: q.Author, Code: q.Code, Case: q.CaseKey, Region: region, Window: doc.Window, Published: now}
	h := &history{tx: tx, reach: set.Reach(), now: now, known: map[footage.RequestID]policy.Asked{}, rows: map[footage.RequestID][]store.Around{}}
	past, err := h.past(asked)
	if err != nil {
		return policy.Verdict{}, err
	}
	return set.Fishing(asked, past, language)
}

// history finds published requests for one decision.
type history struct {
	tx    *store.Tx
	reach policy.Reach
	now   time.Time
	known map[footage.RequestID]policy.Asked
	rows  map[footage.RequestID][]store.Around // what is around a request
}

func (h *history) past(a policy.Asked) (policy.Past, error) {
	p := policy.Past{Near: h.near, Spot: h.spot}
	rows, err := h.tx.InvestigationRequests(a.Agency, a.Case, a.Code, policy.MaxLinked)
	if err != nil {
		return p, err
	}
	for _, q := range rows {
		b, err := h.take(q)
		if err != nil {
			return p, err
		}
		p.Investigation = append(p.Investigation, b)
	}
	if p.OfficerDay, p.AgencyDay, err = h.tx.PublishedSince(a.Officer, a.Agency, h.now.Add(-24*time.Hour)); err != nil {
		return p, err
	}
	month, err := h.tx.AgencySums(a.Agency, store.Day(policy.MonthBegins(h.now)))
	if err != nil {
		return p, err
	}
	p.AgencyMonth, p.CameraHours = month.Requests, float64(month.SquareMetreSeconds)/geo.SquareMile/3600
	around, err := h.around(a)
	p.Crowded = len(around) > policy.MaxAround
	return p, err
}

// around returns what was published lately in the spots around a request, each once.
func (h *history) around(a policy.Asked) ([]store.Around, error) {
	if rows, ok := h.rows[a.ID]; ok {
		return rows, nil
	}
	spots := a.Region.SpotsWithin(h.reach.Metres)
	rows, err := h.tx.RequestsAround(spots, h.now.Add(-h.reach.Age), 2*policy.MaxAround)
	seen := map[footage.RequestID]bool{}
	out := rows[:0]
	for _, r := range rows {
		if !seen[r.Request] {
			seen[r.Request] = true
			out = append(out, r)
		}
	}
	h.rows[a.ID] = out
	return out, err
}

// near returns the published requests whose box and time span are within the reach of another's.
func (h *history) near(a policy.Asked) ([]policy.Asked, error) {
	return h.those(a, h.reach.Metres, func(r store.Around) bool { return h.reach.InTime(a.Window, r.Window) })
}

// spot returns the published requests whose box meets another's.
func (h *history) spot(a policy.Asked) ([]policy.Asked, error) {
	return h.those(a, 0, func(store.Around) bool { return true })
}

func (h *history) those(a policy.Asked, metres float64, also func(store.Around) bool) (out []policy.Asked, err error) {
	rows, err := h.around(a)
	if err != nil {
		return nil, err
	}
	box := a.Region.Bounds()
	for _, r := range rows {
		if len(out) == policy.MaxAround || !also(r) || !boxOf(r.Place).Meets(box, metres) {
			continue
		}
		b, ok := h.known[r.Request]
		if !ok {
			q, err := h.tx.Request(r.Request)
			if err != nil {
				return nil, err
			}
			if b, err = h.take(q); err != nil {
				return nil, err
			}
		}
		out = append(out, b)
	}
	return out, nil
}

// take compiles a published request. Of one whose text was withheld the box around its area counts.
func (h *history) take(q store.Request) (policy.Asked, error) {
	var doc struct {
		Area footage.Area `json:"area"`
	}
	region, err := (*geo.Region)(nil), json.Unmarshal(q.Document, &doc)
	if err == nil {
		region, err = geo.Compile(doc.Area)
	}
	if err != nil {
		p, err := h.tx.PlaceOf(q.ID)
		if err != nil {
			return policy.Asked{}, fmt.Errorf("place of request %s: %w", q.ID.Short(), err)
		}
		if region, err = geo.Compile(boxOf(p).Area()); err != nil {
			return policy.Asked{}, fmt.Errorf("place of request %s: %w", q.ID.Short(), err)
		}
	}
	a := policy.Asked{ID: q.ID, Agency: q.Agency, Officer: q.Author, Code: q.Code, Case: q.CaseKey, Region: region, Window: q.Window, Published: q.Published}
	h.known[q.ID] = a
	return a, nil
}

// perDegree is in how many parts of a degree the database holds boxes.
const perDegree = 1e7

// placeOf returns where a published area is found. Its box is rounded outwards.
func placeOf(region *geo.Region) store.Place {
	b := region.Bounds()
	return store.Place{Spots: region.Spots(), West: int64(math.Floor(b.West * perDegree)), South: int64(math.Floor(b.South * perDegree)),
		East: int64(math.Ceil(b.East * perDegree)), North: int64(math.Ceil(b.North * perDegree))}
}

func boxOf(p store.Place) geo.Bounds {
	return geo.Bounds{West: float64(p.West) / perDegree, South: float64(p.South) / perDegree, East: float64(p.East) / perDegree, North: float64(p.North) / perDegree}
}

// index makes requests findable that were published by a program that did not know of fishing.
func (x *Exchange) index(ctx context.Context) error {
	var done bool
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		done, err = tx.Indexed()
		return err
	})
	if err != nil || done {
		return err
	}
	return x.db.Write(ctx, func(tx *store.Tx) error {
		if done, err := tx.Indexed(); err != nil || done {
			return err
		}
		rows, err := tx.PublicRequests(false)
		if err != nil {
			return err
		}
		for _, q := range rows {
			if q.Withheld() { // no program withheld before requests were indexed
				continue
			}
			var doc footage.Document
			if err := json.Unmarshal(q.Document, &doc); err != nil {
				return fmt.Errorf("request %s in the database: %w", q.ID.Short(), err)
			}
			region, err := geo.Compile(doc.Area)
			if err != nil {
				return fmt.Errorf("area of request %s: %w", q.ID.Short(), err)
			}
			if err := tx.InsertSpots(q, q.Published, placeOf(region)); err != nil {
				return err
			}
		}
		return nil
	})
}
