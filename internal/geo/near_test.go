package geo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/golang/geo/s2"

	"porchlight.example/internal/footage"
)

// offset returns the point so many metres north and east of p, on the ellipsoid's own radii of curvature: a second way to
// measure, apart from the plane that DistanceTo uses.
func offset(p footage.Point, north, east float64) footage.Point {
	w := 1 - ecc2*math.Pow(math.Sin(radians(p.Lat)), 2)
	meridian := semiMajor * (1 - ecc2) / (w * math.Sqrt(w))
	prime := semiMajor / math.Sqrt(w)
	return footage.Point{Lat: p.Lat + degrees(north/meridian), Lon: p.Lon + degrees(east/(prime*math.Cos(radians(p.Lat))))}
}

func TestDistanceTo(t *testing.T) {
	for _, lat := range []float64{0, 41.88, -35, 69} {
		center := footage.Point{Lon: -87.63, Lat: lat}
		r, err := Compile(Square(center, 1_000_000)) // a kilometre square
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ north, east, want float64 }{
			{0, 0, 0}, {499, 0, 0}, {0, -499, 0}, {1500, 0, 1000}, {-800, 100, 300}, {0, 2500, 2000}, {500 + 3000, 500 + 4000, 5000}, {0, -40_500, 40_000},
		} {
			got := r.DistanceTo(offset(center, c.north, c.east))
			if math.Abs(got-c.want) > 1+c.want*0.003 {
				t.Errorf("at %v, %v m north and %v m east: %.1f m, want %.1f", lat, c.north, c.east, got, c.want)
			}
		}
	}
}

// TestBoundsNear lets the box answer for random points, and never may it deny one that is near.
func TestBoundsNear(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	near := 0
	for range 2000 {
		center := footage.Point{Lon: rng.Float64()*200 - 100, Lat: rng.Float64()*120 - 50}
		r, err := Compile(Square(center, 100_000+rng.Float64()*1e6))
		if err != nil {
			t.Fatal(err)
		}
		p, within := offset(center, rng.NormFloat64()*3000, rng.NormFloat64()*3000), rng.Float64()*5000
		if r.DistanceTo(p) > within {
			continue
		}
		if near++; !r.Bounds().Near(p, within) {
			t.Fatalf("%v is %.0f m from the square around %v, but its box denies %.0f m", p, r.DistanceTo(p), center, within)
		}
	}
	if near < 200 {
		t.Fatalf("only %d near points", near)
	}
	r, err := Compile(Square(footage.Point{Lon: 10, Lat: 50}, 1e6))
	if err != nil {
		t.Fatal(err)
	}
	if r.Bounds().Near(footage.Point{Lon: 11, Lat: 50}, 1000) || r.Bounds().Near(footage.Point{Lon: 10, Lat: 51}, 1000) {
		t.Error("the box calls everything near")
	}
}

// TestCellsAround checks that the cells are the same all over the home cell, and reach 50 km from every place in it.
func TestCellsAround(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		p := footage.Point{Lon: rng.Float64()*360 - 180, Lat: rng.Float64()*130 - 55}
		cells := CellsAround(p, FeedLevel)
		home := s2.CellIDFromLatLng(s2.LatLngFromDegrees(p.Lat, p.Lon)).Parent(FeedLevel)
		if len(cells) < 8 || len(cells) > 9 || !slices.Contains(cells, home.ToToken()) {
			t.Fatalf("%v: cells %v", p, cells)
		}
		c := home.LatLng()
		if other := CellsAround(footage.Point{Lon: c.Lng.Degrees(), Lat: c.Lat.Degrees()}, FeedLevel); !slices.Equal(cells, other) {
			t.Fatalf("%v: the cells depend on where in its cell the point lies", p)
		}
		for bearing := range 16 {
			a := float64(bearing) / 16 * 2 * math.Pi
			q := offset(p, 50_000*math.Cos(a), 50_000*math.Sin(a))
			if at := s2.CellIDFromLatLng(s2.LatLngFromDegrees(q.Lat, q.Lon)).Parent(FeedLevel).ToToken(); !slices.Contains(cells, at) {
				t.Fatalf("%v lies 50 km from %v, in cell %s, which is not among %v", q, p, at, cells)
			}
		}
	}
}
