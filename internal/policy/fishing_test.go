package policy

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

// metres returns a point so far east and north of the center.
func metres(east, north float64) footage.Point {
	const degree = 111_195.0
	return footage.Point{Lon: center.Lon + east/(degree*math.Cos(center.Lat*math.Pi/180)), Lat: center.Lat + north/degree}
}

// asking returns a request of the police for a square so far east and north of the center.
func asking(t testing.TB, name string, east, north, squareMiles float64) Asked {
	t.Helper()
	return Asked{ID: footage.RequestID(footage.Hash([]byte(name))), Agency: "maplewood-pd", Officer: "p-1", Code: "C" + name, Case: "case " + name,
		Region: region(t, geo.Square(metres(east, north), squareMiles*sqMi)),
		Window: footage.Window{From: now.Add(-30 * time.Hour), To: now.Add(-28 * time.Hour)}, Published: now}
}

// told is what the rules say of the last of some requests, all published before.
func told(t *testing.T, all ...Asked) Verdict {
	t.Helper()
	h := NewHistory()
	for _, a := range all[:len(all)-1] {
		h.Add(a)
	}
	v, err := h.Decide(set(t, Default()), all[len(all)-1])
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range slices.Concat(v.Refused, v.Held) {
		if r.Msg == "" || strings.Contains(r.Msg, "{limit}") || r.Policy == "" && r.Code != "area_spread" {
			t.Errorf("the reason %+v lacks something", r)
		}
	}
	return v
}

func codes(v Verdict) string {
	return fmt.Sprint("refused ", codesOf(v.Refused), " held ", codesOf(v.Held), " linked ", len(v.Linked))
}

// TestB2OneInvestigation: an investigation's areas are bounded together, whatever its code is spelt like.
func TestB2OneInvestigation(t *testing.T) {
	side := math.Sqrt(0.3 * sqMi)
	first, second := asking(t, "1", 0, 0, 0.3), asking(t, "2", side, 0, 0.3)
	second.Code = first.Code
	second.Window = footage.Window{From: now.Add(-200 * time.Hour), To: now.Add(-199 * time.Hour)}
	if got, want := codes(told(t, first, second)), "refused [investigation_tiled] held [] linked 1"; got != want {
		t.Error(got)
	}
	far := asking(t, "3", 20_000, 0, 0.3)
	far.Code = first.Code
	if got, want := codes(told(t, first, far)), "refused [investigation_tiled] held [] linked 1"; got != want {
		t.Error("far apart:", got)
	}
	same := asking(t, "4", 0, 0, 0.3)
	same.Code = first.Code
	if got, want := codes(told(t, first, same)), "refused [] held [] linked 1"; got != want {
		t.Error("the very same area:", got)
	}
	v := told(t, first, second)
	want := footage.Reason{Code: "investigation_tiled", Limit: "0.5 sq mi", Value: "0.6 sq mi", Policy: "default", Linked: []footage.RequestID{first.ID},
		Msg: "All areas of one investigation together may be at most 0.5 sq mi. Counted together with: " + first.ID.Short() + "."}
	got := v.Refused[0]
	if diff := cmp.Diff(want, footage.Reason{Code: got.Code, Limit: got.Limit, Value: got.Value, Policy: got.Policy, Linked: got.Linked, Msg: got.Msg}); diff != "" {
		t.Error(diff)
	}
}

// TestB3OtherCodes: areas that touch, overlap or nearly do are counted together under whatever codes, and neither a point
// nor an edge in common nor a meter of overlap escapes.
func TestB3OtherCodes(t *testing.T) {
	side := math.Sqrt(0.4 * sqMi)
	for _, tt := range []struct {
		name        string
		east, north float64
		want        string
	}{
		{"along an edge", side, 0, "refused [] held [linked_area_large] linked 1"},
		{"at a point", side, side, "refused [] held [linked_area_large] linked 1"},
		{"overlapping by a meter", side - 1, 0, "refused [] held [linked_area_large] linked 1"},
		{"395 m apart", side + 395, 0, "refused [] held [linked_area_large] linked 1"},
		{"405 m apart", side + 405, 0, "refused [] held [] linked 0"},
		{"the same area", 0, 0, "refused [] held [] linked 1"},
	} {
		if got := codes(told(t, asking(t, "1", 0, 0, 0.4), asking(t, "2", tt.east, tt.north, 0.4))); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	chain := []Asked{asking(t, "1", 0, 0, 0.4), asking(t, "2", side, 0, 0.4), asking(t, "3", 2*side, 0, 0.4)}
	if got, want := codes(told(t, chain...)), "refused [linked_tiled] held [] linked 2"; got != want {
		t.Error("the third of a chain:", got)
	}
}

// TestB4SisterAgencies: what several agencies ask for counts together where their areas meet.
func TestB4SisterAgencies(t *testing.T) {
	side := math.Sqrt(0.4 * sqMi)
	all := []Asked{asking(t, "1", 0, 0, 0.4), asking(t, "2", side, 0, 0.4), asking(t, "3", 2*side, 0, 0.4)}
	all[1].Agency, all[1].Officer = "elm-county-so", "p-2"
	all[2].Agency, all[2].Officer = "elm-campus", "p-3"
	v := told(t, all...)
	if got, want := codes(v), "refused [linked_tiled] held [] linked 2"; got != want {
		t.Error(got)
	}
	if diff := cmp.Diff([]footage.RequestID{all[0].ID, all[1].ID}, v.Refused[0].Linked, cmp.Transformer("sorted", func(l []footage.RequestID) []footage.RequestID {
		return slices.Sorted(slices.Values(l))
	})); diff != "" {
		t.Error(diff)
	}
}

// TestB5TilingInTime: three time spans of 12 hours in a row over one area, under one code or under three.
func TestB5TilingInTime(t *testing.T) {
	var all []Asked
	for i := range 3 {
		a := asking(t, fmt.Sprint(i), 0, 0, 0.2)
		a.Window = footage.Window{From: now.Add(time.Duration(i-4) * 12 * time.Hour), To: now.Add(time.Duration(i-3) * 12 * time.Hour)}
		all = append(all, a)
	}
	if got, want := codes(told(t, all[:2]...)), "refused [] held [] linked 1"; got != want {
		t.Error("two:", got)
	}
	if got, want := codes(told(t, all...)), "refused [linked_too_long] held [] linked 2"; got != want {
		t.Error("three codes:", got)
	}
	for i := range all {
		all[i].Code = "ONE"
	}
	if got, want := codes(told(t, all...)), "refused [investigation_too_long linked_too_long] held [] linked 2"; got != want {
		t.Error("one code:", got)
	}
}

// TestNoSeriesAroundOneSpot: requests that shrink towards a house, or hop around it at different hours, are held, and
// refused in the end.
func TestNoSeriesAroundOneSpot(t *testing.T) {
	series := func(n int, step func(i int) Asked) []Asked {
		var all []Asked
		for i := range n {
			a := step(i)
			a.Window = footage.Window{From: now.Add(-time.Duration(i+1) * 72 * time.Hour), To: now.Add(-time.Duration(i+1)*72*time.Hour + time.Hour)}
			a.Officer, a.Published = footage.PersonID(fmt.Sprint("p-", i)), now.Add(time.Duration(i)*time.Hour)
			all = append(all, a)
		}
		return all
	}
	shrinking := series(9, func(i int) Asked { return asking(t, fmt.Sprint(i), 0, 0, 0.45-float64(i)*0.05) })
	hopping := series(9, func(i int) Asked {
		sin, cos := math.Sincos(float64(i))
		return asking(t, fmt.Sprint(i), 150*sin, 150*cos, 0.1)
	})
	for name, all := range map[string][]Asked{"shrinking": shrinking, "hopping": hopping} {
		for n, want := range map[int]string{4: "refused [] held [] linked 0", 5: "refused [] held [spot_often] linked 4", 9: "refused [spot_series] held [] linked 8"} {
			if got := codes(told(t, all[:n]...)); got != want {
				t.Errorf("%s, %d: %s, want %s", name, n, got, want)
			}
		}
	}
	apart := series(9, func(i int) Asked { return asking(t, fmt.Sprint(i), float64(i)*600, 0, 0.1) })
	if got, want := codes(told(t, apart...)), "refused [] held [] linked 0"; got != want {
		t.Error("nine spots:", got)
	}
}

// TestB10Rates tries each rate at its limit and one above.
func TestB10Rates(t *testing.T) {
	spread := func(n int, officers int, every time.Duration) []Asked {
		var all []Asked
		for i := range n {
			a := asking(t, fmt.Sprint(i), float64(i%40)*2500, float64(i/40)*2500, 0.03)
			a.Officer, a.Published = footage.PersonID(fmt.Sprint("p-", i%officers)), now.Add(time.Duration(i)*every)
			all = append(all, a)
		}
		return all
	}
	for _, tt := range []struct {
		name string
		all  []Asked
		want string
	}{
		{"6 of an officer", spread(6, 1, time.Minute), "refused [] held [] linked 0"},
		{"7 of an officer", spread(7, 1, time.Minute), "refused [officer_rate] held [] linked 0"},
		{"7 of an officer in two days", spread(7, 1, 6*time.Hour), "refused [] held [] linked 0"},
		{"20 in a day", spread(20, 10, time.Minute), "refused [] held [] linked 0"},
		{"21 in a day", spread(21, 10, time.Minute), "refused [agency_day_rate] held [] linked 0"},
		{"100 in 30 days", spread(100, 50, 6*time.Hour), "refused [] held [] linked 0"},
		{"101 in 30 days", spread(101, 50, 6*time.Hour), "refused [agency_month_rate] held [] linked 0"},
		{"101 in 60 days", spread(101, 50, 14*time.Hour), "refused [] held [] linked 0"},
	} {
		if got := codes(told(t, tt.all...)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestF10CameraHours: an agency may ask for so many square miles times hours in 30 days (B8).
func TestF10CameraHours(t *testing.T) {
	var all []Asked
	for i := range 18 {
		a := asking(t, fmt.Sprint(i), float64(i)*2500, 0, 0.5)
		a.Window = footage.Window{From: now.Add(-12 * time.Hour), To: now}
		a.Officer, a.Published = footage.PersonID(fmt.Sprint("p-", i)), now.Add(time.Duration(i)*24*time.Hour)
		all = append(all, a)
	}
	if got, want := codes(told(t, all[:16]...)), "refused [] held [] linked 0"; got != want {
		t.Error("96:", got)
	}
	v := told(t, all[:17]...)
	if got, want := codes(v), "refused [camera_hours_spent] held [] linked 0"; got != want {
		t.Error("102:", got)
	} else if v.Refused[0].Value != "102 sq mi × h" {
		t.Error(v.Refused[0].Value)
	}
	all[16].Published = now.Add(31 * 24 * time.Hour)
	if got, want := codes(told(t, all[:17]...)), "refused [] held [] linked 0"; got != want {
		t.Error("a month later:", got)
	}
}

// TestTilingACity: a hundred areas of 0.49 sq mi side by side, each under its own code: two get through at most before the
// rules refuse, and whoever sees only what was published finds every one of them again.
func TestTilingACity(t *testing.T) {
	side := math.Sqrt(0.49 * sqMi)
	s, lawful, all := set(t, Default()), NewHistory(), NewHistory()
	published, flagged := 0, 0
	for i := range 100 {
		a := asking(t, fmt.Sprint(i), float64(i%10)*side, float64(i/10)*side, 0.49)
		a.Agency, a.Officer = footage.AgencyID(fmt.Sprint("agency-", i%7)), footage.PersonID(fmt.Sprint("p-", i))
		v, err := lawful.Decide(s, a)
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Refused)+len(v.Held) == 0 {
			lawful.Add(a)
			published++
		}
		// An exchange that publishes whatever comes is found out from its own public record.
		if v, err = all.Decide(s, a); err != nil {
			t.Fatal(err)
		}
		if len(v.Refused) > 0 {
			flagged++
		}
		all.Add(a)
	}
	// No two of those published can be neighbors, and neighbors here are all within 400 m: one in four at most.
	if published == 0 || published > 25 {
		t.Errorf("%d of 100 adjacent areas passed without a moderator", published)
	}
	if flagged < 97 {
		t.Errorf("%d of 100 flagged from public data", flagged)
	}
}

// TestAreasThatAgreeOnThePlane: two shapes of the same size in degrees are not of the same size on the earth, and it is the
// earth that counts.
func TestAreasThatAgreeOnThePlane(t *testing.T) {
	square := func(lat float64) Asked {
		a := asking(t, fmt.Sprint(lat), 0, 0, 0.3)
		w, n := 0.0135, 0.0045 // degrees
		a.Region = region(t, footage.Area{Rings: [][]footage.Point{{{Lon: 10, Lat: lat}, {Lon: 10 + w, Lat: lat}, {Lon: 10 + w, Lat: lat + n}, {Lon: 10, Lat: lat + n}, {Lon: 10, Lat: lat}}}})
		a.Code = "ONE"
		return a
	}
	south, north := square(25), square(65)
	south2, north2 := square(25), square(65)
	south2.ID, north2.ID = asking(t, "s", 0, 0, 0.3).ID, asking(t, "n", 0, 0, 0.3).ID
	shift := func(a Asked) Asked {
		area := a.Region.Area()
		for i := range area.Rings[0] {
			area.Rings[0][i].Lat += 0.0045
		}
		a.Region = region(t, area)
		return a
	}
	if got, want := codes(told(t, south, shift(south2))), "refused [investigation_tiled] held [linked_area_large] linked 1"; got != want {
		t.Error("at 25 degrees:", got)
	}
	if got, want := codes(told(t, north, shift(north2))), "refused [] held [] linked 1"; got != want {
		t.Error("at 65 degrees:", got)
	}
}

// TestThreadIsRefused: an area that is narrow enough to be small may still not run through a whole county.
func TestThreadIsRefused(t *testing.T) {
	a := asking(t, "thread", 0, 0, 0.3)
	p, q := metres(0, 0), metres(90_000, 60_000)
	a.Region = region(t, footage.Area{Rings: [][]footage.Point{{p, {Lon: q.Lon, Lat: q.Lat - 0.00005}, {Lon: q.Lon, Lat: q.Lat}, {Lon: p.Lon, Lat: p.Lat + 0.00005}, p}}})
	if got, want := codes(told(t, a)), "refused [area_spread] held [] linked 0"; got != want {
		t.Error(got, a.Region.SquareMiles())
	}
}

// TestOldAndDistantRequestsCountForNothing: what is out of reach in place, in time, or too long ago.
func TestOldAndDistantRequestsCountForNothing(t *testing.T) {
	side := math.Sqrt(0.4 * sqMi)
	old := asking(t, "old", side, 0, 0.4)
	old.Published = now.Add(-46 * 24 * time.Hour)
	other := asking(t, "other hours", side, 0, 0.4)
	other.Window = footage.Window{From: now.Add(-60 * time.Hour), To: now.Add(-43 * time.Hour)}
	for _, b := range []Asked{old, other} {
		if got, want := codes(told(t, b, asking(t, "1", 0, 0, 0.4))), "refused [] held [] linked 0"; got != want {
			t.Error(got)
		}
	}
	other.Window.To = now.Add(-42 * time.Hour)
	if got, want := codes(told(t, other, asking(t, "1", 0, 0, 0.4))), "refused [] held [linked_area_large] linked 1"; got != want {
		t.Error("12 hours apart:", got)
	}
}

// TestWithoutRules: where no policy holds these rules, nothing is refused.
func TestWithoutRules(t *testing.T) {
	side := math.Sqrt(0.49 * sqMi)
	h := NewHistory()
	for i := range 30 {
		a := asking(t, fmt.Sprint(i), float64(i)*side, 0, 0.49)
		v, err := h.Decide(Set{rules: map[string]Rule{"area_max_sq_mi": {}}}, a)
		if err != nil || len(v.Refused)+len(v.Held) > 0 {
			t.Fatal(v, err)
		}
		h.Add(a)
	}
}
