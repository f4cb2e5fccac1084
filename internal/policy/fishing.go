package policy

import (
	"math"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

// Asked is what the rules against fishing see of a request. Everything but Case is public once the request is, so that
// anybody can decide again.
type Asked struct {
	ID        footage.RequestID
	Agency    footage.AgencyID
	Officer   footage.PersonID // who wrote it
	Code      string           // of the investigation, normalised
	Case      string           // stands for the agency's own case number; empty to those who do not know it
	Region    *geo.Region
	Window    footage.Window
	Published time.Time // of the request that is decided on: now
}

// cameraHours returns area times time span, in square miles times hours.
func (a Asked) cameraHours() float64 { return a.Region.SquareMiles() * a.Window.Duration().Hours() }

// Past is what was published before a request, as far as the rules against fishing look at it. Drafts are no part of it:
// a decision names what it found, and nobody may learn of a request that is not public.
type Past struct {
	Investigation []Asked // of the same investigation
	// Near returns at least the requests that lie within the reach of another in place and in time, and perhaps more.
	Near func(Asked) ([]Asked, error)
	// Spot returns at least the requests of the last days whose area may overlap that of another, whatever their time spans.
	Spot func(Asked) ([]Asked, error)
	// Crowded says that there were more requests around the one that is decided on than are looked at.
	Crowded     bool
	OfficerDay  int     // published by the same officer in the last 24 hours
	AgencyDay   int     // published by the same agency in the last 24 hours
	AgencyMonth int     // published by the same agency in the last 30 days
	CameraHours float64 // of the same agency in the last 30 days, in square miles times hours
}

// Reach is how near and how recent a request must be to be looked at.
type Reach struct {
	Metres float64       // between the areas
	Gap    time.Duration // between the time spans
	Age    time.Duration // since it was published
}

// Reach returns how far the rules look. Without rules only areas and time spans that overlap are near.
func (s Set) Reach() Reach {
	return Reach{Metres: s.rules["linked_distance_m"].Value,
		Gap: time.Duration(s.rules["linked_gap_hours"].Value * float64(time.Hour)),
		Age: time.Duration(s.rules["linked_days"].Value * float64(24*time.Hour))}
}

// InTime reports whether two time spans overlap, adjoin, or are within the reach of each other.
func (r Reach) InTime(a, b footage.Window) bool {
	return !a.From.After(b.To.Add(r.Gap)) && !b.From.After(a.To.Add(r.Gap))
}

// Verdict is what the rules against fishing say of a request.
type Verdict struct {
	Refused []footage.Reason // it cannot be published
	Held    []footage.Reason // a moderator must look at it together with those it is linked to
	// Linked are the published requests that it belongs together with, oldest first: of the same investigation, near in
	// place and time, directly or through others, or about the same spot. They are named in public.
	Linked []footage.RequestID
}

// MaxLinked is how many requests are looked at together, and named.
const MaxLinked = 32

// Fishing decides whether a request, together with those before it, asks for more than one request may. It looks at no
// agency's name: requests of several agencies count together where their areas meet.
func (s Set) Fishing(a Asked, past Past, language string) (Verdict, error) {
	f := &fishing{refused: decision{Set: s, in: Input{Language: language}}, held: decision{Set: s, in: Input{Language: language}},
		a: a, past: past, reach: s.Reach(), links: map[footage.RequestID]Asked{}}
	if n := len(a.Region.Spots()); n > geo.MaxSpots {
		return Verdict{Refused: []footage.Reason{{Code: "area_spread", Msg: Words{
			"The area reaches too far: it is a thread through many neighborhoods. Draw it around the incident.",
			"El área llega demasiado lejos: es un hilo que cruza muchos barrios. Dibújela alrededor del incidente."}.In(language)}}}, nil
	}
	f.investigation()
	if err := f.near(); err != nil {
		return Verdict{}, err
	}
	if err := f.spot(); err != nil {
		return Verdict{}, err
	}
	f.rates()
	return Verdict{Refused: f.refused.reasons, Held: f.held.reasons, Linked: f.named()}, nil
}

// fishing gathers what is wrong with one request beside those before it.
type fishing struct {
	refused, held decision
	a             Asked
	past          Past
	reach         Reach
	links         map[footage.RequestID]Asked
}

// with refuses or holds for a rule that is broken, naming the requests with which it is.
func (f *fishing) with(d *decision, kind, code string, value Words, others []Asked) {
	if _, ok := d.rules[kind]; !ok {
		return
	}
	d.refuse(kind, code, value)
	last := &d.reasons[len(d.reasons)-1]
	last.Linked = ids(others)
	if len(others) == 0 {
		return
	}
	short := make([]string, len(others))
	for i, id := range last.Linked {
		short[i] = id.Short()
	}
	last.Msg += Words{" Counted together with: ", " Cuenta junto con: "}.In(d.in.Language) + strings.Join(short, ", ") + "."
}

// ids lists requests, the oldest first.
func ids(all []Asked) []footage.RequestID {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Asked) int {
		if c := a.Published.Compare(b.Published); c != 0 {
			return c
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	var out []footage.RequestID
	for _, a := range all {
		out = append(out, a.ID)
	}
	return out
}

func (f *fishing) named() []footage.RequestID {
	var all []Asked
	for _, b := range f.links {
		all = append(all, b)
	}
	out := ids(all)
	return out[max(0, len(out)-MaxLinked):]
}

// investigation bounds what all requests of one investigation cover together, in place and in time.
func (f *fishing) investigation() {
	others := f.past.Investigation
	if len(others) == 0 {
		return
	}
	for _, b := range others {
		f.links[b.ID] = b
	}
	all := append([]Asked{f.a}, others...)
	if union := covered(all); f.refused.over("investigation_union_max_sq_mi", union) {
		f.with(&f.refused, "investigation_union_max_sq_mi", "investigation_tiled", squareMiles().text(union), others)
	}
	if span := together(all); f.refused.over("investigation_window_max_hours", span.Hours()) {
		f.with(&f.refused, "investigation_window_max_hours", "investigation_too_long", elapsed(span), others)
	}
}

// near bounds what requests cover that are near each other in place and time, each to the next, under whatever codes and
// of whichever agencies. Growing the group ends when it is too large, so that no history makes a decision slow.
func (f *fishing) near() error {
	group, at := []Asked{f.a}, []Asked{}
	seen := map[footage.RequestID]bool{f.a.ID: true}
	for next := 0; next < len(group) && len(group) <= MaxLinked && !f.past.Crowded; next++ {
		found, err := f.past.Near(group[next])
		if err != nil {
			return err
		}
		for _, b := range found {
			if seen[b.ID] || !f.linked(group[next], b) {
				continue
			}
			seen[b.ID] = true
			group = append(group, b)
			f.links[b.ID] = b
			if f.a.Region.Distance(b.Region) <= f.reach.Metres {
				at = append(at, b)
			}
		}
		if f.refused.over("linked_union_ceiling_sq_mi", sumOf(group)) && f.refused.over("linked_union_ceiling_sq_mi", covered(group)) {
			break
		}
	}
	f.judge(group, at)
	return nil
}

// linked reports whether two requests are near each other in place and time.
func (f *fishing) linked(a, b Asked) bool {
	return f.reach.InTime(a.Window, b.Window) && a.Region.Bounds().Meets(b.Region.Bounds(), f.reach.Metres) &&
		a.Region.Distance(b.Region) <= f.reach.Metres
}

// judge decides on a group of linked requests, and on those of them that lie at the new one's area.
func (f *fishing) judge(group, at []Asked) {
	if f.past.Crowded || len(group) > MaxLinked {
		f.held.refuseWith("linked_union_max_sq_mi", "many_linked", Words{}, Words{
			"There are more requests around this one than can be looked at together; a moderator decides.",
			"Alrededor de esta hay más solicitudes de las que se pueden mirar juntas; decide un moderador."})
	}
	if len(group) == 1 {
		return
	}
	union := covered(group)
	value := squareMiles().text(union)
	switch {
	case f.refused.over("linked_union_ceiling_sq_mi", union):
		f.with(&f.refused, "linked_union_ceiling_sq_mi", "linked_tiled", value, group[1:])
	case f.held.over("linked_union_max_sq_mi", union):
		f.with(&f.held, "linked_union_max_sq_mi", "linked_area_large", value, group[1:])
	}
	if span := together(append([]Asked{f.a}, at...)); f.refused.over("linked_window_max_hours", span.Hours()) {
		f.with(&f.refused, "linked_window_max_hours", "linked_too_long", elapsed(span), at)
	}
}

// sameSpot is the share of the smaller of two areas that must lie in the other for them to be about one spot: it catches
// series that shrink towards a house, and those that hop around it.
const sameSpot = 0.25

// spot bounds how often one spot is asked about, in whatever time spans.
func (f *fishing) spot() error {
	ceiling, bounded := f.refused.limit("spot_requests_ceiling")
	most, watched := f.held.limit("spot_requests_max")
	if !bounded && !watched {
		return nil
	}
	found, err := f.past.Spot(f.a)
	if err != nil {
		return err
	}
	var same []Asked
	for _, b := range found {
		if b.ID != f.a.ID && aboutOneSpot(f.a.Region, b.Region) {
			same = append(same, b)
		}
		if bounded && float64(len(same)+1) > ceiling {
			break // more would change nothing
		}
	}
	value := requestsUnit().text(float64(len(same) + 1))
	switch n := float64(len(same) + 1); {
	case bounded && n > ceiling:
		f.with(&f.refused, "spot_requests_ceiling", "spot_series", value, same)
	case watched && n > most:
		f.with(&f.held, "spot_requests_max", "spot_often", value, same)
	default:
		return nil
	}
	for _, b := range same {
		f.links[b.ID] = b
	}
	return nil
}

func aboutOneSpot(a, b *geo.Region) bool {
	enough := sameSpot * min(a.SquareMetres(), b.SquareMetres())
	if a.Bounds().Common(b.Bounds()) < enough {
		return false // not even their boxes have so much in common
	}
	overlap, err := a.Overlap(b)
	return err != nil || overlap >= enough
}

// rates bounds how much an officer and an agency ask for.
func (f *fishing) rates() {
	for _, r := range []struct {
		kind, code string
		before     int
	}{
		{"officer_requests_per_day", "officer_rate", f.past.OfficerDay},
		{"agency_requests_per_day", "agency_day_rate", f.past.AgencyDay},
		{"agency_requests_per_month", "agency_month_rate", f.past.AgencyMonth},
	} {
		if n := float64(r.before + 1); f.refused.over(r.kind, n) {
			f.refused.refuse(r.kind, r.code, requestsUnit().text(n))
		}
	}
	if sum := math.Round((f.past.CameraHours+f.a.cameraHours())*100) / 100; f.refused.over("camera_hours_per_month", sum) {
		f.refused.refuse("camera_hours_per_month", "camera_hours_spent", same("sq mi × h", "mi² × h").text(sum))
	}
}

// covered returns what areas cover together in square miles, rounded as areas are published. Where their union cannot be
// computed they count one by one, which is never less.
func covered(all []Asked) float64 {
	regions := make([]*geo.Region, len(all))
	for i, a := range all {
		regions[i] = a.Region
	}
	sum := sumOf(all)
	if union, err := geo.UnionArea(regions...); err == nil {
		sum = min(sum, union/geo.SquareMile)
	}
	return math.Round(sum*1e4) / 1e4
}

// sumOf returns the square miles of all areas one by one.
func sumOf(all []Asked) (sum float64) {
	for _, a := range all {
		sum += a.Region.SquareMiles()
	}
	return sum
}

// together returns how long time spans are together, overlaps counted once.
func together(all []Asked) time.Duration {
	windows := make([]footage.Window, len(all))
	for i, a := range all {
		windows[i] = a.Window
	}
	slices.SortFunc(windows, func(a, b footage.Window) int { return a.From.Compare(b.From) })
	var sum time.Duration
	var end time.Time
	for _, w := range windows {
		from := w.From
		if from.Before(end) {
			from = end
		}
		if w.To.After(from) {
			sum += w.To.Sub(from)
			end = w.To
		}
	}
	return sum
}
