package geo

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

// codes returns the codes of the reasons why an area is refused.
func codes(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var e *footage.Error
	if !errors.As(err, &e) || e.Kind != footage.Invalid || len(e.Reasons) == 0 {
		t.Fatalf("the refusal %v is no footage.Error with reasons", err)
	}
	var out []string
	for _, r := range e.Reasons {
		if r.Msg == "" || slices.Contains(out, r.Code) {
			t.Errorf("reason %+v is empty or stands twice", r)
		}
		out = append(out, r.Code)
	}
	return out
}

func ring(lonLat ...float64) []footage.Point {
	var out []footage.Point
	for i := 0; i < len(lonLat); i += 2 {
		out = append(out, footage.Point{Lon: lonLat[i], Lat: lonLat[i+1]})
	}
	return out
}

func one(lonLat ...float64) footage.Area {
	return footage.Area{Rings: [][]footage.Point{ring(lonLat...)}}
}

// circle has n corners, 500 m from Chicago's city hall.
func circle(n int) footage.Area {
	var out []footage.Point
	for i := range n {
		s, c := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		out = append(out, footage.Point{Lon: -87.6318 + 0.006*c, Lat: 41.8838 + 0.0045*s})
	}
	return footage.Area{Rings: [][]footage.Point{append(out, out[0])}}
}

func TestB1Refusals(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	square := ring(-87.64, 41.88, -87.63, 41.88, -87.63, 41.89, -87.64, 41.89, -87.64, 41.88)
	hole := ring(-87.637, 41.883, -87.633, 41.883, -87.633, 41.887, -87.637, 41.883)
	tests := []struct {
		name string
		area footage.Area
		want []string
	}{
		{"a square", footage.Area{Rings: [][]footage.Point{square}}, nil},
		{"clockwise", one(-87.64, 41.88, -87.64, 41.89, -87.63, 41.89, -87.63, 41.88, -87.64, 41.88), nil},
		{"no ring", footage.Area{}, []string{"area_too_few_points"}},
		{"empty ring", footage.Area{Rings: [][]footage.Point{{}}}, []string{"area_not_closed", "area_too_few_points"}},
		{"one point", one(-87, 41), []string{"area_not_closed", "area_too_few_points"}},
		{"not closed", one(-87.64, 41.88, -87.63, 41.88, -87.63, 41.89, -87.64, 41.89), []string{"area_not_closed"}},
		{"two corners", one(-87.64, 41.88, -87.63, 41.88, -87.64, 41.88), []string{"area_too_few_points"}},
		{"a line", one(-87.64, 41.88, -87.63, 41.88, -87.62, 41.88, -87.64, 41.88), []string{"area_degenerate"}},
		{"a line there and back", one(-87.64, 41.88, -87.63, 41.89, -87.62, 41.90, -87.63, 41.89, -87.64, 41.88), []string{"area_degenerate"}},
		{"bow-tie of area nought", one(-87.64, 41.88, -87.63, 41.89, -87.63, 41.88, -87.64, 41.89, -87.64, 41.88), []string{"area_self_crossing"}},
		{"lopsided bow-tie", one(-87.64, 41.88, -87.63, 41.90, -87.63, 41.88, -87.64, 41.89, -87.64, 41.88), []string{"area_self_crossing"}},
		{"touching itself", one(-87.64, 41.88, -87.635, 41.885, -87.63, 41.88, -87.63, 41.89, -87.635, 41.885, -87.64, 41.89, -87.64, 41.88), []string{"area_self_crossing"}},
		{"spike", one(-87.64, 41.88, -87.63, 41.88, -87.63, 41.89, -87.63, 41.95, -87.63, 41.89, -87.64, 41.89, -87.64, 41.88), []string{"area_self_crossing"}},
		{"hole", footage.Area{Rings: [][]footage.Point{square, hole}}, []string{"area_holed"}},
		{"corner twice", one(-87.64, 41.88, -87.63, 41.88, -87.63, 41.88, -87.63, 41.89, -87.64, 41.88), []string{"area_duplicate_points"}},
		{"corner twice at the end", one(-87.64, 41.88, -87.63, 41.88, -87.63, 41.89, -87.64, 41.88, -87.64, 41.88), []string{"area_duplicate_points"}},
		{"corners a micrometre apart", one(-87.64, 41.88, -87.63, 41.88, -87.63, 41.88+1e-11, -87.63, 41.89, -87.64, 41.88), []string{"area_duplicate_points"}},
		{"antimeridian", one(179.99, 52, -179.99, 52, -179.99, 52.01, 179.99, 52.01, 179.99, 52), []string{"area_antimeridian"}},
		{"antimeridian beyond 180", one(179.99, 52, 180.01, 52, 180.01, 52.01, 179.99, 52.01, 179.99, 52), []string{"area_out_of_range"}},
		{"up to the antimeridian", one(179.99, 52, 180, 52, 180, 52.01, 179.99, 52.01, 179.99, 52), nil},
		{"not a number", one(-87.64, nan, -87.63, 41.88, -87.63, 41.89, -87.64, nan), []string{"area_not_a_number"}},
		{"infinite", one(-87.64, 41.88, inf, 41.88, -87.63, 41.89, -87.64, 41.88), []string{"area_not_a_number"}},
		{"swapped Chicago", one(41.88, -87.64, 41.88, -87.63, 41.89, -87.63, 41.88, -87.64), []string{"area_coordinates_swapped"}},
		{"swapped Los Angeles", one(34.05, -118.25, 34.05, -118.24, 34.06, -118.24, 34.05, -118.25), []string{"area_coordinates_swapped"}},
		{"swapped Boston", one(42.36, -71.06, 42.36, -71.05, 42.37, -71.05, 42.36, -71.06), []string{"area_coordinates_swapped"}},
		{"out of range", one(-187.64, 41.88, -187.63, 41.88, -187.63, 41.89, -187.64, 41.88), []string{"area_out_of_range"}},
		{"north pole", one(-120, 89, 0, 89, 120, 89, -120, 89), []string{"area_pole", "area_antimeridian", "area_degenerate"}},
		{"far north", one(-120, 85, -119, 85, -119, 85.1, -120, 85), []string{"area_pole"}},
		{"10,000 corners", circle(10_000), []string{"area_too_many_points"}},
		{"1,001 corners", circle(1_001), []string{"area_too_many_points"}},
		{"1,000 corners", circle(1_000), nil},
		{"every fault of a bow-tie", one(41.88, -87.64, 41.89, -87.63, 41.89, -87.63, 41.88, -87.63, 41.89, -87.64),
			[]string{"area_coordinates_swapped", "area_not_closed", "area_duplicate_points", "area_self_crossing"}},
	}
	for _, tt := range tests {
		_, err := Compile(tt.area)
		if diff := cmp.Diff(tt.want, codes(t, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestBoundaryRefusals checks what differs for jurisdictions.
func TestBoundaryRefusals(t *testing.T) {
	square := ring(-87.64, 41.88, -87.63, 41.88, -87.63, 41.89, -87.64, 41.89, -87.64, 41.88)
	crossing := ring(-87.635, 41.885, -87.62, 41.885, -87.62, 41.886, -87.635, 41.885)
	tests := []struct {
		name string
		area footage.Area
		want []string
	}{
		{"10,000 corners", circle(10_000), nil},
		{"50,001 corners", circle(50_001), []string{"area_too_many_points"}},
		{"hole across the outline", footage.Area{Rings: [][]footage.Point{square, crossing}}, []string{"area_self_crossing"}},
		{"hole as large as the outline", footage.Area{Rings: [][]footage.Point{square, square}}, []string{"area_self_crossing"}},
	}
	for _, tt := range tests {
		_, err := CompileBoundary(tt.area)
		if diff := cmp.Diff(tt.want, codes(t, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// FuzzArea reads foreign GeoJSON, and what is accepted must come back the same, before and after Compile.
func FuzzArea(f *testing.F) {
	entries, err := os.ReadDir("testdata/area")
	if err != nil || len(entries) == 0 {
		f.Fatalf("no seeds in testdata/area: %v", err)
	}
	for _, e := range entries {
		raw, err := os.ReadFile("testdata/area/" + e.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var a footage.Area
		if json.Unmarshal(raw, &a) != nil {
			return
		}
		again(t, a)
		r, err := Compile(a)
		if err != nil {
			codes(t, err)
			return
		}
		again(t, r.Area())
		if second := must(t, r.Area()); !cmp.Equal(second.Area(), r.Area()) || second.SquareMetres() != r.SquareMetres() {
			t.Error("compiling what was compiled changes it")
		}
		if len(r.Covering()) == 0 || r.SquareMetres() < 1 || math.IsNaN(r.SquareMetres()) {
			t.Errorf("an accepted area has %v m² and %d ranges", r.SquareMetres(), len(r.Covering()))
		}
	})
}

func again(t *testing.T, a footage.Area) {
	t.Helper()
	raw, err := footage.Canonical(a)
	if err != nil {
		t.Fatal(err)
	}
	var b footage.Area
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatalf("own output %s: %v", raw, err)
	}
	raw2, err := footage.Canonical(b)
	if err != nil || string(raw2) != string(raw) {
		t.Errorf("%s came back as %s, %v", raw, raw2, err)
	}
}
