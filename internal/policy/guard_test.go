package policy

import (
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

// guardedGood makes the good request one about a guarded offence that keeps the rules for it.
func guardedGood(t testing.TB, change func(*Input)) func(*Input) {
	return func(in *Input) {
		in.Document.Offence = "11A"
		in.Document.Title = "Assault near Elm Street"
		in.Document.Text = "A person was attacked in the evening near Elm Street. We ask for footage of people who walked there."
		in.Private.Place = aside(in.Region, 40)
		if change != nil {
			change(in)
		}
	}
}

// aside is the point east of an area's center by a share of the radius of a circle of that area.
func aside(r *geo.Region, percent float64) footage.Point {
	p := r.Center()
	p.Lon += 0.0001
	step := offset(r, p)
	p.Lon = r.Center().Lon + 0.0001*percent/step
	return p
}

func TestVictimGuard(t *testing.T) {
	text := func(s string) func(*Input) {
		return guardedGood(t, func(in *Input) { in.Document.Text = "A person was attacked there. " + s + " We ask for footage." })
	}
	exact := []string{"guarded_text_exact"}
	try(t, []test{
		{"a guarded request that keeps the rules", guardedGood(t, nil), nil},
		{"as small as others may be", guardedGood(t, func(in *Input) {
			withArea(t, 41.8838, 0.05)(in)
			in.Private.Place = aside(in.Region, 40)
		}), []string{"guarded_area_too_small"}},
		{"at the floor", guardedGood(t, func(in *Input) {
			withArea(t, 41.8838, 0.1)(in)
			in.Private.Place = aside(in.Region, 40)
		}), nil},
		{"drawn around the place", guardedGood(t, func(in *Input) { in.Private.Place = in.Region.Center() }), []string{"guarded_area_centered"}},
		{"just too near the middle", guardedGood(t, func(in *Input) { in.Private.Place = aside(in.Region, 24.9) }), []string{"guarded_area_centered"}},
		{"just far enough", guardedGood(t, func(in *Input) { in.Private.Place = aside(in.Region, 25.1) }), nil},
		{"compiled here", guardedGood(t, func(in *Input) { in.Region, in.Private.Place = nil, center }), []string{"guarded_area_centered"}},
		{"half an hour", guardedGood(t, func(in *Input) { in.Document.Window.To = in.Document.Window.From.Add(30 * time.Minute) }), []string{"guarded_window_too_short"}},
		{"601 characters", guardedGood(t, func(in *Input) {
			for len(in.Document.Text) < 601 {
				in.Document.Text += "."
			}
		}), []string{"guarded_text_too_long"}},
		{"house number", text("It was at 412 Elm Street."), exact},
		{"house number, Spanish", text("Fue en la calle Olmo 412."), exact},
		{"house number with a sign", text("Fue en avenida del Parque #88."), exact},
		{"room", text("It was in apartment 3B."), exact},
		{"room, Spanish", text("Fue en la habitación 12."), exact},
		{"premises", text("It was behind the Blue Lantern Motel."), exact},
		{"premises, Spanish", text("Fue detrás del hotel San Marcos."), exact},
		{"time to the minute", text("It was at 9:41 pm."), exact},
		{"time to the minute, 24 hours", text("Fue a las 21:41."), exact},
		{"in the title", guardedGood(t, func(in *Input) { in.Document.Title = "Assault at 12 Elm Street" }), exact},
		{"in what changed", guardedGood(t, func(in *Input) { in.Document.Changed = "It was at 21.41." }), exact},
		{"house number, small letters", text("it was at 412 elm street."), exact},
		{"a numbered street", text("It was on 9 West 42nd Street."), exact},
		{"an hour before a street", text("It was at 9 pm on Elm Street; 2 cars stood in the lane."), nil},
		{"a street and an hour", text("It was on Elm Street at about 9 pm, near two parked cars."), nil},
		{"a street and an hour, Spanish", text("Fue en la calle Olmo hacia las 9 de la noche, cerca de 2 autos."), nil},
		{"the same words about a break-in", func(in *Input) {
			in.Document.Text = "Somebody broke into 412 Elm Street at 9:41 pm. We ask for footage."
		}, nil},
	})
}

// TestVictimGuardHidesHowNear: a refusal for drawing the area around the place does not say how far off it is.
func TestVictimGuardHidesHowNear(t *testing.T) {
	in := good(t)
	guardedGood(t, func(in *Input) { in.Private.Place = in.Region.Center() })(&in)
	for _, r := range set(t, Default()).Decide(in) {
		if r.Value != "" || r.Rule != "guarded_offset_percent" || r.Limit != "25 percent" {
			t.Errorf("reason %+v", r)
		}
	}
}
