package geo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/golang/geo/s2"

	"porchlight.example/internal/footage"
)

// must compiles the area of a request.
func must(t testing.TB, a footage.Area) *Region {
	t.Helper()
	r, err := Compile(a)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// box returns a counter-clockwise rectangle in degrees.
func box(w, s, e, n float64) footage.Area {
	return footage.Area{Rings: [][]footage.Point{{{Lon: w, Lat: s}, {Lon: e, Lat: s}, {Lon: e, Lat: n}, {Lon: w, Lat: n}, {Lon: w, Lat: s}}}}
}

// star returns a random polygon without crossings around a centre, with corners from 40 % to 100 % of the radius away.
func star(rnd *rand.Rand, center footage.Point, metres float64, corners int) footage.Area {
	ring := make([]footage.Point, 0, corners+1)
	for i := range corners {
		angle := 2 * math.Pi * (float64(i) + 0.8*rnd.Float64()) / float64(corners)
		d := metres * (0.4 + 0.6*rnd.Float64()) / 111_200
		ring = append(ring, footage.Point{
			Lon: center.Lon + d*math.Cos(angle)/math.Cos(radians(center.Lat)),
			Lat: center.Lat + d*math.Sin(angle)})
	}
	return footage.Area{Rings: [][]footage.Point{append(ring, ring[0])}}
}

func anywhere(rnd *rand.Rand) footage.Point {
	return footage.Point{Lon: -170 + 340*rnd.Float64(), Lat: -55 + 125*rnd.Float64()}
}

func within(t *testing.T, what string, got, want, relative float64) {
	t.Helper()
	if math.Abs(got-want) > relative*math.Abs(want) || math.IsNaN(got) {
		t.Errorf("%s = %.9g, want %.9g within %g; off by %.2g", what, got, want, relative, got/want-1)
	}
}

// zoneByIntegration adds up the ellipsoid's surface between two parallels from its radii of curvature M and N, which
// signedArea does not use.
func zoneByIntegration(south, north, width float64) float64 {
	const steps = 2000
	f := func(lat float64) float64 {
		w := 1 - ecc2*math.Sin(lat)*math.Sin(lat)
		m := semiMajor * (1 - ecc2) / math.Pow(w, 1.5)
		n := semiMajor / math.Sqrt(w)
		return m * n * math.Cos(lat)
	}
	h := radians(north-south) / steps
	var sum float64
	for i := range steps {
		lat := radians(south) + float64(i)*h
		sum += h / 6 * (f(lat) + 4*f(lat+h/2) + f(lat+h))
	}
	return sum * radians(width)
}

// TestB1AreaIsGeodesic measures cells between meridians and parallels from the equator to 70° north.
func TestB1AreaIsGeodesic(t *testing.T) {
	for _, lat := range []float64{-41, 0, 25, 41, 65, 70} {
		for _, size := range []float64{0.001, 0.01, 0.1, 1} {
			r := must(t, box(-88, lat, -88+size, lat+size))
			within(t, fmt.Sprintf("%g° cell at latitude %g", size, lat), r.SquareMetres(), zoneByIntegration(lat, lat+size, size), 1e-9)
		}
	}
}

// TestAreaOfTheWorld checks the constants against the published figures of WGS84: an authalic radius of 6,371,007.181 m and
// a surface of 510,065,621.724 km².
func TestAreaOfTheWorld(t *testing.T) {
	earth := newAuthalic()
	within(t, "authalic radius", earth.radius, 6_371_007.1809, 1e-10)
	within(t, "surface", 4*math.Pi*earth.radius*earth.radius, 510_065_621.724e6, 1e-11)
	world := []footage.Point{{Lon: -180, Lat: -90}, {Lon: 180, Lat: -90}, {Lon: 180, Lat: 90}, {Lon: -180, Lat: 90}, {Lon: -180, Lat: -90}}
	within(t, "signedArea of the world", signedArea(world), 510_065_621.724e6, 1e-11)
}

// TestAreaAgainstGeographicLib compares with the diamond of Karney's Planimeter tests. Its edges are geodesics of 157 km and
// ours straight in degrees, which is the whole difference.
func TestAreaAgainstGeographicLib(t *testing.T) {
	diamond := footage.Area{Rings: [][]footage.Point{{{Lon: 1}, {Lat: 1}, {Lon: -1}, {Lat: -1}, {Lon: 1}}}}
	within(t, "diamond", must(t, diamond).SquareMetres(), 24_619_419_146, 1e-4)
}

// TestAreaThreeWays lets three implementations measure the same random polygons: the line integral, s2's spherical area
// with the local correction for the ellipsoid, and the planar area of the equal-area projection.
func TestAreaThreeWays(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	worst := [2]float64{}
	for range 10_000 {
		c := anywhere(rnd)
		a := star(rnd, c, 50+850*rnd.Float64(), 3+rnd.IntN(40))
		r := must(t, a)
		w := 1 - ecc2*math.Sin(radians(c.Lat))*math.Sin(radians(c.Lat))
		spherical := r.shape().Area() * semiMajor * semiMajor * (1 - ecc2) / (w * w)
		planar := planeFor(r).polygon(r).Area()
		worst[0] = max(worst[0], math.Abs(spherical/r.SquareMetres()-1))
		worst[1] = max(worst[1], math.Abs(planar/r.SquareMetres()-1))
	}
	t.Logf("worst difference: s2 corrected %.1e, projected %.1e", worst[0], worst[1])
	if worst[0] > 1e-3 || worst[1] > 1e-3 {
		t.Errorf("the implementations differ by %.2g and %.2g, want under 0.1 %%", worst[0], worst[1])
	}
}

// TestSphereIsNotEnough shows that the test above can fail: s2 on plain latitudes is off by more than 0.1 %.
func TestSphereIsNotEnough(t *testing.T) {
	for _, lat := range []float64{0, 25, 65, 70} {
		r := must(t, Square(footage.Point{Lon: -88, Lat: lat}, 1e6))
		off := math.Abs(r.shape().Area()*6_371_008.8*6_371_008.8/1e6 - 1)
		if off < 1e-3 {
			t.Errorf("at latitude %g the sphere is off by %.2g only", lat, off)
		}
	}
}

func TestSquareHasItsArea(t *testing.T) {
	for _, lat := range []float64{-50, 0, 25, 41.88, 65, 70} {
		for _, sqm := range []float64{100, 0.025 * SquareMile, 0.5 * SquareMile, 1e9} {
			r := must(t, Square(footage.Point{Lon: -87.65, Lat: lat}, sqm))
			within(t, fmt.Sprintf("square of %g at latitude %g", sqm, lat), r.SquareMetres(), sqm, 1e-9)
			if !r.Contains(footage.Point{Lon: -87.65, Lat: lat}) {
				t.Error("a square does not contain its centre")
			}
			side := math.Sqrt(2 * sqm)
			within(t, "diagonal", r.Span(), side, 0.01)
		}
	}
	if got := must(t, Square(footage.Point{}, SquareMile/2)).SquareMiles(); math.Abs(got-0.5) > 1e-9 {
		t.Errorf("half a square mile is %v", got)
	}
}

// TestAreaIgnoresStartAndWinding turns the ring round and begins it at each corner.
func TestAreaIgnoresStartAndWinding(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		a := star(rnd, anywhere(rnd), 600, 4+rnd.IntN(20))
		r := must(t, a)
		open := a.Rings[0][:len(a.Rings[0])-1]
		k := rnd.IntN(len(open))
		turned := append(append([]footage.Point{}, open[k:]...), open[:k]...)
		turned = append(turned, turned[0])
		for i, j := 0, len(turned)-1; i < j; i, j = i+1, j-1 {
			turned[i], turned[j] = turned[j], turned[i]
		}
		other := must(t, footage.Area{Rings: [][]footage.Point{turned}})
		within(t, "turned area", other.SquareMetres(), r.SquareMetres(), 1e-9)
		if ring := other.Area().Rings[0]; signedArea(ring) < 0 {
			t.Error("a compiled ring runs clockwise")
		}
	}
}

// TestBoundaryHoles takes the area of an enclave off its town.
func TestBoundaryHoles(t *testing.T) {
	town, hole := box(-88, 41, -87.9, 41.1), box(-87.96, 41.04, -87.94, 41.06)
	r, err := CompileBoundary(footage.Area{Rings: [][]footage.Point{town.Rings[0], hole.Rings[0]}})
	if err != nil {
		t.Fatal(err)
	}
	within(t, "town without enclave", r.SquareMetres(), must(t, town).SquareMetres()-must(t, hole).SquareMetres(), 1e-12)
	for p, want := range map[footage.Point]bool{
		{Lon: -87.95, Lat: 41.05}: false, {Lon: -87.98, Lat: 41.05}: true, {Lon: -87.96, Lat: 41.05}: true, {Lon: -87, Lat: 41.05}: false} {
		if got := r.Contains(p); got != want {
			t.Errorf("Contains(%v) = %v", p, got)
		}
	}
	if signedArea(r.Area().Rings[1]) > 0 {
		t.Error("a hole runs counter-clockwise")
	}
}

// TestContainsAgreesWithS2 asks both about random points; they may differ within a centimetre of an edge.
func TestContainsAgreesWithS2(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		c := anywhere(rnd)
		r := must(t, star(rnd, c, 500, 3+rnd.IntN(60)))
		loop := r.shape()
		for range 100 {
			p := footage.Point{Lon: c.Lon + (rnd.Float64()-0.5)*0.02, Lat: c.Lat + (rnd.Float64()-0.5)*0.01}
			if r.Contains(p) != loop.ContainsPoint(s2.PointFromLatLng(s2.LatLngFromDegrees(p.Lat, p.Lon))) {
				t.Errorf("Contains(%v) = %v against s2, in %v", p, r.Contains(p), r.rings)
			}
		}
		for _, corner := range r.rings[0] {
			if !r.Contains(corner) {
				t.Errorf("a corner %v is not contained", corner)
			}
		}
	}
}
