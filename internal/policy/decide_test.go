package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

var (
	now    = time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)
	center = footage.Point{Lon: -87.6318, Lat: 41.8838}
)

const sqMi = geo.SquareMile

func set(t testing.TB, policies ...*Policy) Set {
	t.Helper()
	s, err := NewSet(policies...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func region(t testing.TB, a footage.Area) *geo.Region {
	t.Helper()
	r, err := geo.Compile(a)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// good returns a request that keeps every rule of the default policy.
func good(t testing.TB) Input {
	area := geo.Square(center, 0.25*sqMi)
	agency := footage.Agency{ID: "maplewood-pd", Name: "Maplewood Police Department", Type: footage.MunicipalPolice, ORI: "IL0160000", State: "IL"}
	return Input{
		Document: footage.Document{
			Type: footage.DocumentType, Agency: agency.ID, AgencyName: agency.Name, Code: "MW-24-0012", Offence: "220",
			Title:    "Break-in at a bakery on Elm Street",
			Text:     "Somebody forced the back door of a bakery on Elm Street and took the till.\nWe ask for footage of the lane behind it.",
			Language: "en", Zone: "America/Chicago", Area: area,
			Window:  footage.Window{From: now.Add(-30 * time.Hour), To: now.Add(-24 * time.Hour)},
			Closes:  now.Add(7 * 24 * time.Hour),
			Contact: footage.Contact{Name: "Burglary unit", Email: "burglary@maplewood.example", Phone: "+1 555 010 0123"},
			OwnCase: true, Federal: "none",
		},
		Private: footage.Private{CaseNumber: "24-0012", Place: center},
		Region:  region(t, area), Agency: agency,
		Jurisdiction: []*geo.Region{region(t, geo.Square(center, 100*sqMi))},
		Now:          now,
	}
}

func codesOf(reasons []footage.Reason) []string {
	var out []string
	for _, r := range reasons {
		out = append(out, r.Code)
	}
	return out
}

// test is a change to a good request and the codes that it must be refused with.
type test struct {
	name   string
	change func(*Input)
	want   []string
}

func try(t *testing.T, tests []test) {
	t.Helper()
	s := set(t, Default())
	for _, tt := range tests {
		in := good(t)
		tt.change(&in)
		got := s.Decide(in)
		if diff := cmp.Diff(tt.want, codesOf(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		for _, r := range got {
			if r.Msg == "" || strings.Contains(r.Msg, "{limit}") || r.Policy == "" && !strings.HasPrefix(r.Code, "area_") {
				t.Errorf("%s: the reason %+v lacks something", tt.name, r)
			}
		}
	}
}

func withArea(t testing.TB, lat, squareMiles float64) func(*Input) {
	return func(in *Input) {
		at := footage.Point{Lon: center.Lon, Lat: lat}
		in.Document.Area = geo.Square(at, squareMiles*sqMi)
		in.Region, in.Private.Place = region(t, in.Document.Area), at
		in.Jurisdiction = []*geo.Region{region(t, geo.Square(at, 100*sqMi))}
	}
}

// TestB1AreaLimits tries each limit and 0.0001 sq mi to each side of it, at several latitudes.
func TestB1AreaLimits(t *testing.T) {
	for _, lat := range []float64{0, 25, 41.8838, 65, 70} {
		try(t, []test{
			{"0.5001", withArea(t, lat, 0.5001), []string{"area_too_large"}},
			{"0.5", withArea(t, lat, 0.5), nil},
			{"0.4999", withArea(t, lat, 0.4999), nil},
			{"0.0251", withArea(t, lat, 0.0251), nil},
			{"0.025", withArea(t, lat, 0.025), nil},
			{"0.0249", withArea(t, lat, 0.0249), []string{"area_too_small"}},
		})
	}
	in := good(t)
	withArea(t, 41, 0.5001)(&in)
	want := footage.Reason{Code: "area_too_large", Msg: "The area may be at most 0.5 sq mi.", Limit: "0.5 sq mi", Value: "0.5001 sq mi", Policy: "default",
		SHA256: Default().Ref().Hash, Rule: "area_max_sq_mi"}
	if diff := cmp.Diff([]footage.Reason{want}, set(t, Default()).Decide(in)); diff != "" {
		t.Error(diff)
	}
}

// TestB1ShapesAreRefused passes on why an area cannot be compiled, beside the other rules.
func TestB1ShapesAreRefused(t *testing.T) {
	ring := []footage.Point{{Lon: -87.64, Lat: 41.88}, {Lon: -87.63, Lat: 41.89}, {Lon: -87.63, Lat: 41.88}, {Lon: -87.64, Lat: 41.89}, {Lon: -87.64, Lat: 41.88}}
	try(t, []test{
		{"compiled here", func(in *Input) { in.Region = nil }, nil},
		{"bow-tie", func(in *Input) {
			in.Region, in.Document.Area, in.Document.Offence = nil, footage.Area{Rings: [][]footage.Point{ring}}, "999"
		}, []string{"area_self_crossing", "offence_unknown"}},
	})
}

func withWindow(from, to time.Time) func(*Input) {
	return func(in *Input) { in.Document.Window = footage.Window{From: from, To: to} }
}

func TestB5Window(t *testing.T) {
	start := now.Add(-48 * time.Hour)
	try(t, []test{
		{"15 minutes", withWindow(start, start.Add(15*time.Minute)), nil},
		{"a second less", withWindow(start, start.Add(15*time.Minute-time.Second)), []string{"window_too_short"}},
		{"12 hours", withWindow(start, start.Add(12*time.Hour)), nil},
		{"a second more", withWindow(start, start.Add(12*time.Hour+time.Second)), []string{"window_too_long"}},
		{"reversed", withWindow(start.Add(time.Hour), start), []string{"window_reversed"}},
		{"empty", withWindow(start, start), []string{"window_reversed"}},
		{"up to now", withWindow(now.Add(-time.Hour), now), nil},
		{"a second ahead", withWindow(now.Add(-time.Hour), now.Add(time.Second)), []string{"window_in_future"}},
		{"tomorrow", withWindow(now.Add(24*time.Hour), now.Add(25*time.Hour)), []string{"window_in_future"}},
		{"reversed from the future", withWindow(now.Add(time.Hour), now.Add(-time.Hour)), []string{"window_reversed", "window_in_future"}},
		{"no times", withWindow(time.Time{}, time.Time{}), []string{"window_reversed", "window_too_old"}},
		{"the third window in a row", func(in *Input) { in.Earlier, in.Document.Changed = 2, "Another twelve hours." }, []string{"too_many_requests"}},
	})
}

// TestB5DaylightSaving counts elapsed time where the clocks change: what 12 hours are does not depend on the wall.
func TestB5DaylightSaving(t *testing.T) {
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	at := func(month time.Month, day, hour int) time.Time {
		return time.Date(2026, month, day, hour, 0, 0, 0, zone)
	}
	for name, tt := range map[string]struct {
		from, to time.Time
		want     []string
	}{
		"13 hours on the wall, 12 elapsed, in spring": {at(3, 7, 20), at(3, 8, 9), nil},
		"12 hours on the wall, 13 elapsed, in autumn": {at(10, 31, 20), at(11, 1, 8), []string{"window_too_long"}},
		"11 hours on the wall, 12 elapsed, in autumn": {at(10, 31, 20), at(11, 1, 7), nil},
	} {
		in := good(t)
		in.Now = tt.to.Add(time.Hour)
		in.Document.Closes = in.Now.Add(time.Hour)
		in.Document.Window = footage.Window{From: tt.from, To: tt.to}
		if diff := cmp.Diff(tt.want, codesOf(set(t, Default()).Decide(in))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestB6LookBack(t *testing.T) {
	back := func(d time.Duration) func(*Input) { return withWindow(now.Add(-d), now.Add(-d+time.Hour)) }
	const day = 24 * time.Hour
	try(t, []test{
		{"45 days", back(45 * day), nil},
		{"45 days and a second", back(45*day + time.Second), []string{"window_too_old"}},
		{"46 days", back(46 * day), []string{"window_too_old"}},
		{"begun 45 days ago and more", withWindow(now.Add(-45*day-time.Hour), now.Add(-45*day+time.Hour)), []string{"window_too_old"}},
	})
}

func TestB7TwoPerInvestigation(t *testing.T) {
	try(t, []test{
		{"second that says what changed", func(in *Input) { in.Earlier, in.Document.Changed = 1, "A witness saw a van an hour earlier." }, nil},
		{"second that does not", func(in *Input) { in.Earlier = 1 }, []string{"change_missing"}},
		{"second with blanks", func(in *Input) { in.Earlier, in.Document.Changed = 1, " \n " }, []string{"change_missing"}},
		{"third", func(in *Input) { in.Earlier, in.Document.Changed = 2, "More." }, []string{"too_many_requests"}},
	})
}

func TestB9AroundTheIncident(t *testing.T) {
	try(t, []test{
		{"outside", func(in *Input) { in.Private.Place.Lat += 0.1 }, []string{"incident_outside_area"}},
		{"none given", func(in *Input) { in.Private.Place = footage.Point{} }, []string{"incident_outside_area"}},
		{"on a corner", func(in *Input) { in.Private.Place = in.Region.Area().Rings[0][0] }, nil},
	})
}

func TestOpenPeriod(t *testing.T) {
	closes := func(d time.Duration) func(*Input) { return func(in *Input) { in.Document.Closes = now.Add(d) } }
	try(t, []test{
		{"14 days", closes(14 * 24 * time.Hour), nil},
		{"a second more", closes(14*24*time.Hour + time.Second), []string{"open_too_long"}},
		{"now", closes(0), []string{"closes_in_past"}},
		{"yesterday", closes(-24 * time.Hour), []string{"closes_in_past"}},
	})
}

// TestEveryReasonAtOnce breaks nearly every rule and must be told each.
func TestEveryReasonAtOnce(t *testing.T) {
	in := good(t)
	withArea(t, 41.8838, 0.6)(&in)
	in.Jurisdiction, in.Private = nil, footage.Private{}
	in.Document = footage.Document{Area: in.Document.Area, Offence: "90C", Title: "x\u202e", Text: "y",
		Window: footage.Window{From: now.Add(-50 * 24 * time.Hour), To: now.Add(time.Hour)}, Closes: now.Add(1000 * time.Hour), Zone: "Mars"}
	in.Agency.ImmigrationAgreement, in.Agency.Type, in.Earlier = true, "insurer", 5
	want := []string{"area_too_large", "outside_jurisdiction", "incident_outside_area", "window_too_long", "window_too_old", "window_in_future",
		"open_too_long", "too_many_requests", "change_missing", "agency_not_local", "not_own_case", "agency_mismatch", "case_number_missing",
		"federal_involvement", "immigration_agreement", "offence_prohibited", "offence_not_serious", "title_too_short", "text_too_short", "text_unclean",
		"contact_missing", "code_malformed", "language_unknown", "zone_unknown"}
	s := set(t, Default())
	if diff := cmp.Diff(want, codesOf(s.Decide(in))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	in.Language = "es"
	for i, r := range s.Decide(in) {
		if r.Msg == "" || i == 0 && (r.Msg != "El área puede tener como máximo 0.5 mi²." || r.Value != "0.6 mi²") {
			t.Errorf("in Spanish: %+v", r)
		}
	}
}

func TestGoodRequestAndNoPolicy(t *testing.T) {
	if got := set(t, Default()).Decide(good(t)); got != nil {
		t.Errorf("a good request is refused: %+v", got)
	}
	if got := codesOf(Set{}.Decide(good(t))); !cmp.Equal(got, []string{"policy_none"}) {
		t.Errorf("without a policy: %v", got)
	}
}

// BenchmarkAdmission compiles an area and decides, goal P3's share of policy and geometry.
func BenchmarkAdmission(b *testing.B) {
	s := set(b, Default())
	in := good(b)
	in.Region = nil
	b.ReportAllocs()
	for b.Loop() {
		if got := s.Decide(in); got != nil {
			b.Fatal(got)
		}
	}
}
