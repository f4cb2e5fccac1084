package geo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"porchlight.example/internal/footage"
)

// TestSpotsFindNeighbours: whatever lies within a distance of an area shares a spot with its surroundings, and its box
// meets the area's, at all latitudes.
func TestSpotsFindNeighbours(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	near, apart := 0, 0
	for i := range 2000 {
		at := footage.Point{Lon: draw.Float64()*300 - 150, Lat: draw.Float64()*130 - 55}
		const reach = 400
		a := square(t, at, 0.02+draw.Float64()*0.5)
		b := square(t, footage.Point{Lon: at.Lon + draw.Float64()*0.04 - 0.02, Lat: at.Lat + draw.Float64()*0.03 - 0.015}, 0.02+draw.Float64()*0.5)
		if a.Distance(b) > reach {
			if !a.Bounds().Meets(b.Bounds(), reach) {
				apart++
			}
			continue
		}
		near++
		common := slices.ContainsFunc(a.SpotsWithin(reach), func(spot int64) bool { return slices.Contains(b.Spots(), spot) })
		if !common || !a.Bounds().Meets(b.Bounds(), reach) || !b.Bounds().Meets(a.Bounds(), reach) {
			t.Fatalf("case %d at %v: %v m apart; common spot %v", i, at, a.Distance(b), common)
		}
	}
	if near < 200 || apart < 200 {
		t.Errorf("%d near and %d apart: too few to show anything", near, apart)
	}
}

func square(t *testing.T, at footage.Point, squareMiles float64) *Region {
	t.Helper()
	r, err := Compile(Square(at, squareMiles*SquareMile))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSpotsAreFew: an ordinary area lies in few spots, so that a decision reads little.
func TestSpotsAreFew(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		r := square(t, footage.Point{Lon: draw.Float64()*300 - 150, Lat: draw.Float64()*130 - 55}, 0.5)
		spots := r.Spots()
		if len(spots) == 0 || len(spots) > 4 || len(r.SpotsWithin(400)) > 9 || !slices.IsSorted(spots) {
			t.Fatalf("%v: %d spots, %d around", r.Center(), len(spots), len(r.SpotsWithin(400)))
		}
	}
}

// TestOverlap: what two areas have in common; a point or an edge is nothing.
func TestOverlap(t *testing.T) {
	ring := func(w, s, e, n float64) *Region {
		r, err := Compile(Bounds{w, s, e, n}.Area())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	a := ring(10, 50, 10.01, 50.01)
	for _, tt := range []struct {
		name     string
		b        *Region
		low, top float64 // as shares of a
	}{
		{"itself", a, 0.9999, 1.0001},
		{"half", ring(10.005, 50, 10.015, 50.01), 0.4999, 0.5001},
		{"an edge", ring(10.01, 50, 10.02, 50.01), 0, 1e-6},
		{"a point", ring(10.01, 50.01, 10.02, 50.02), 0, 1e-6},
		{"apart", ring(11, 51, 11.01, 51.01), 0, 0},
	} {
		got, err := a.Overlap(tt.b)
		if common := a.Bounds().Common(tt.b.Bounds()); common < got-1e-3*a.SquareMetres() || got == 0 && common > 0 {
			t.Errorf("%s: the boxes have %v in common, the areas %v", tt.name, common, got)
		}
		if share := got / a.SquareMetres(); err != nil || share < tt.low || share > tt.top {
			t.Error(tt.name, share, err)
		}
	}
	if got := fmt.Sprint(a.Bounds()); got != "{10 50 10.01 50.01}" {
		t.Error(got)
	}
}
