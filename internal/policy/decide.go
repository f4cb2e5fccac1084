package policy

import (
	"errors"
	"math"
	"strconv"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

// Input is what a decision is made on.
type Input struct {
	Document     footage.Document
	Private      footage.Private
	Region       *geo.Region // Document.Area compiled; it is compiled here when nil
	Agency       footage.Agency
	Jurisdiction []*geo.Region // the parts of Agency.Jurisdiction, compiled
	Now          time.Time
	Earlier      int    // published requests of the same investigation, this one not counted
	Language     string // of the sentences: "en", the default, or "es"
}

// Decide returns every rule that the request breaks, the area's first, or none. Areas are compared as they are published,
// rounded to 0.0001 sq mi, so that no request is refused for a difference that nobody can see; times are compared exactly.
func (s Set) Decide(in Input) []footage.Reason {
	if len(s.rules) == 0 {
		return []footage.Reason{{Code: "policy_none", Msg: "No policy is in force; nothing can be asked."}}
	}
	d := &decision{Set: s, in: in}
	d.area()
	d.window()
	d.closing()
	d.investigation()
	d.agency()
	d.offence()
	d.guarded()
	d.texts()
	d.contact()
	d.form()
	return d.reasons
}

// decision gathers the reasons of one request.
type decision struct {
	Set
	in      Input
	reasons []footage.Reason
}

// refuse reports that the rule of a kind is broken, in the rule's own words. A kind that is not in force is not broken.
func (d *decision) refuse(kind, code string, value Words) {
	d.refuseWith(kind, code, value, Words{})
}

// refuseWith does the same in other words, where one rule has several sides.
func (d *decision) refuseWith(kind, code string, value, msg Words) {
	rule, ok := d.rules[kind]
	if !ok {
		return
	}
	d.reasons = append(d.reasons, rule.Reason(code, value, msg, d.in.Language))
}

// limit returns the limit of a kind and whether it is in force.
func (d *decision) limit(kind string) (float64, bool) {
	r, ok := d.rules[kind]
	return r.Value, ok
}

func (d *decision) over(kind string, v float64) bool {
	limit, ok := d.limit(kind)
	return ok && v > limit
}

func (d *decision) under(kind string, v float64) bool {
	limit, ok := d.limit(kind)
	return ok && v < limit
}

func (d *decision) area() {
	region := d.in.Region
	if region == nil {
		var err error
		if region, err = geo.Compile(d.in.Document.Area); err != nil {
			d.unusable(err)
			return
		}
	}
	rounded := math.Round(region.SquareMiles()*1e4) / 1e4
	value := squareMiles().text(rounded)
	if d.over("area_max_sq_mi", rounded) {
		d.refuse("area_max_sq_mi", "area_too_large", value)
	}
	if d.under("area_min_sq_mi", rounded) {
		d.refuse("area_min_sq_mi", "area_too_small", value)
	}
	if _, ok := d.limit("area_span_max_mi"); ok {
		if span := math.Round(region.Span()/metresPerMile*100) / 100; d.over("area_span_max_mi", span) {
			d.refuse("area_span_max_mi", "area_too_long", units("mile", "miles", "milla", "millas").text(span))
		}
	}
	if !region.Within(d.in.Jurisdiction) {
		d.refuse("inside_jurisdiction", "outside_jurisdiction", Words{})
	}
	if !region.Contains(d.in.Private.Place) {
		d.refuse("around_incident", "incident_outside_area", Words{})
	}
}

const metresPerMile = 1609.344

// unusable passes on why an area could not be compiled.
func (d *decision) unusable(err error) {
	var e *footage.Error
	if errors.As(err, &e) && len(e.Reasons) > 0 {
		d.reasons = append(d.reasons, e.Reasons...)
		return
	}
	d.reasons = append(d.reasons, footage.Reason{Code: "area_refused", Msg: "The area cannot be used; draw it again."})
}

func (d *decision) window() {
	w, now := d.in.Document.Window, d.in.Now
	if !w.From.Before(w.To) {
		d.refuseWith("window_min_minutes", "window_reversed", Words{},
			Words{"The time span must end after it begins.", "El período debe terminar después de empezar."})
	} else {
		length := w.Duration()
		if d.under("window_min_minutes", length.Minutes()) {
			d.refuse("window_min_minutes", "window_too_short", elapsed(length))
		}
		if d.over("window_max_hours", length.Hours()) {
			d.refuse("window_max_hours", "window_too_long", elapsed(length))
		}
	}
	first := w.From
	if w.To.Before(first) {
		first = w.To
	}
	if age := now.Sub(first); d.over("look_back_days", age.Hours()/24) {
		d.refuse("look_back_days", "window_too_old", elapsed(age))
	}
	if w.To.After(now) || w.From.After(now) {
		d.refuse("not_in_future", "window_in_future", Words{})
	}
}

func (d *decision) closing() {
	left := d.in.Document.Closes.Sub(d.in.Now)
	if left <= 0 {
		d.refuseWith("open_days_max", "closes_in_past", Words{},
			Words{"The closing time is already over; choose a later one.", "La hora de cierre ya pasó; elija una posterior."})
	}
	if d.over("open_days_max", left.Hours()/24) {
		d.refuse("open_days_max", "open_too_long", elapsed(left))
	}
}

// elapsed writes a duration with the two or three units that matter, such as "12 h 0 min 1 s".
func elapsed(t time.Duration) Words {
	t = t.Truncate(time.Second)
	text := func(n time.Duration, u string) string { return strconv.FormatInt(int64(n), 10) + " " + u }
	var en, es string
	if day := 24 * time.Hour; t >= 2*day {
		en, es = text(t/day, "days")+" ", text(t/day, "días")+" "
		t %= day
	}
	rest := text(t/time.Hour, "h") + " " + text(t%time.Hour/time.Minute, "min") + " " + text(t%time.Minute/time.Second, "s")
	return Words{en + rest, es + rest}
}
