package exchange_test

import (
	"slices"
	"testing"
	"time"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
)

// TestP3NearAGathering: near a listed gathering, on its days, two moderators must clear a request, and the agency's answer is
// the same; elsewhere, on other days, or once it is off the list, one is enough.
func TestP3NearAGathering(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		window := w.draft(0).Document.Window
		far := town.Centre()
		far.Lat += 0.3
		list := func(place footage.Point, from time.Time) string {
			id, err := w.x.AddGathering(ctx, footage.Gathering{Name: "May Day", Place: place, Metres: 100, From: from, To: from.Add(time.Hour)})
			must(t, err)
			return id
		}
		list(far, window.From)                                      // too far away
		list(w.draft(0).Private.Place, window.To.Add(48*time.Hour)) // on another day
		needs := func(i int) (int, bool) {
			id := w.submitted(w.police, w.draft(i))
			c := w.theCase(string(id))
			return c.Needs, slices.ContainsFunc(c.Check, func(r footage.Reason) bool { return r.Code == "gathering_near" })
		}
		if n, held := needs(0); n != 1 || held {
			t.Errorf("far from any gathering: %d moderators, %v", n, held)
		}
		near := list(w.draft(1).Private.Place, w.draft(1).Document.Window.To.Add(11*time.Hour))
		must(t, w.x.Decide(ctx, w.police.officer.id, w.draft(1))) // says nothing of it
		if n, held := needs(1); n != 2 || !held {
			t.Errorf("near a gathering: %d moderators, %v", n, held)
		}
		must(t, w.x.RemoveGathering(ctx, near))
		wantKind(t, "removed twice", w.x.RemoveGathering(ctx, near), footage.NotFound)
		if n, held := needs(2); n != 1 || held {
			t.Errorf("off the list: %d moderators, %v", n, held)
		}
		if all, err := w.x.Gatherings(ctx); err != nil || len(all) != 2 {
			t.Errorf("%d gatherings, %v", len(all), err)
		}
	})
}

func TestBadGatherings(t *testing.T) {
	w := lite(t, options{})
	good := footage.Gathering{Name: "May Day", Place: town.Centre(), Metres: 100, From: w.now(), To: w.now().Add(time.Hour)}
	for name, change := range map[string]func(*footage.Gathering){
		"no name": func(g *footage.Gathering) { g.Name = " " }, "a name that hides": func(g *footage.Gathering) { g.Name = "x\u202e" },
		"nowhere": func(g *footage.Gathering) { g.Place.Lat = 91 }, "no size": func(g *footage.Gathering) { g.Metres = 0 },
		"as large as a state": func(g *footage.Gathering) { g.Metres = 60_000 }, "ends first": func(g *footage.Gathering) { g.To = g.From.Add(-time.Hour) },
		"for ever": func(g *footage.Gathering) { g.To = g.From.AddDate(2, 0, 0) },
	} {
		g := good
		change(&g)
		_, err := w.x.AddGathering(t.Context(), g)
		wantKind(t, name, err, footage.Invalid)
	}
}
