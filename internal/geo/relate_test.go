package geo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/golang/geo/s2"

	"porchlight.example/internal/footage"
)

var chicago = footage.Point{Lon: -87.6318, Lat: 41.8838}

// tiles lays n by n half-square-mile squares side by side, each overlapping the next by 10 %, with the rectangle that they
// cover together.
func tiles(t testing.TB, n int) ([]*Region, *Region) {
	first := Square(chicago, SquareMile/2).Rings[0]
	w, h := first[1].Lon-first[0].Lon, first[2].Lat-first[1].Lat
	var out []*Region
	for i := range n {
		for j := range n {
			x, y := first[0].Lon+0.9*w*float64(i), first[0].Lat+0.9*h*float64(j)
			out = append(out, must(t, box(x, y, x+w, y+h)))
		}
	}
	k := 1 + 0.9*float64(n-1)
	return out, must(t, box(first[0].Lon, first[0].Lat, first[0].Lon+k*w, first[0].Lat+k*h))
}

// TestB2UnionOfTiles is the regression test for simplefeatures v0.50.0, which gave 20.93 square miles here without an error,
// wherever more than two polygons overlap.
func TestB2UnionOfTiles(t *testing.T) {
	regions, whole := tiles(t, 10)
	got, err := UnionArea(regions...)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "union against the rectangle", got, whole.SquareMetres(), 1e-5)
	within(t, "union in square miles", got/SquareMile, 41.41, 2e-3) // the tiles further north are a little smaller
}

// TestB2UnionBySecondMethod measures random unions with S2 cells too: those whose centre lies in one of the regions.
func TestB2UnionBySecondMethod(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 10 {
		c := anywhere(rnd)
		var regions []*Region
		for range 2 + rnd.IntN(20) {
			at := footage.Point{Lon: c.Lon + 0.02*rnd.Float64(), Lat: c.Lat + 0.02*rnd.Float64()}
			regions = append(regions, must(t, star(rnd, at, 700, 3+rnd.IntN(30))))
		}
		got, err := UnionArea(regions...)
		if err != nil {
			t.Fatal(err)
		}
		within(t, fmt.Sprintf("union of %d regions at %v", len(regions), c), got, unionByCells(regions), 5e-3)
	}
}

// unionByCells adds up the S2 cells of level 18 (about 1,000 m²) whose centre lies in a region.
func unionByCells(regions []*Region) float64 {
	seen := map[s2.CellID]bool{}
	var sum float64
	for _, r := range regions {
		coverer := s2.RegionCoverer{MinLevel: 18, MaxLevel: 18, MaxCells: math.MaxInt32}
		ids := coverer.Covering(r.shape())
		ids.Denormalize(18, 1)
		for _, id := range ids {
			if ll := id.LatLng(); !seen[id] && r.Contains(footage.Point{Lon: ll.Lng.Degrees(), Lat: ll.Lat.Degrees()}) {
				seen[id] = true
				w := 1 - ecc2*math.Pow(math.Sin(ll.Lat.Radians()), 2)
				sum += s2.CellFromCellID(id).ExactArea() * semiMajor * semiMajor * (1 - ecc2) / (w * w)
			}
		}
	}
	return sum
}

func TestUnionOfFew(t *testing.T) {
	a := must(t, Square(chicago, 1e6))
	far := must(t, Square(footage.Point{Lon: 170, Lat: -44}, 1e6))
	if got, err := UnionArea(); got != 0 || err != nil {
		t.Errorf("union of none = %v, %v", got, err)
	}
	for name, tt := range map[string]struct {
		regions []*Region
		want    float64
	}{
		"one":                {[]*Region{a}, 1e6},
		"the same twice":     {[]*Region{a, a}, 1e6},
		"the same thrice":    {[]*Region{a, a, a}, 1e6},
		"two far apart":      {[]*Region{a, far}, 2e6},
		"one and one inside": {[]*Region{a, must(t, Square(chicago, 1e5))}, 1e6},
	} {
		got, err := UnionArea(tt.regions...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		within(t, name, got, tt.want, 1e-5)
	}
}

// TestTouching has two areas touch at a point, along an edge, overlap by a metre and miss by one.
func TestTouching(t *testing.T) {
	a := must(t, box(-87.64, 41.88, -87.63, 41.89))
	const metre = 1 / 83_000.0 // in degrees of longitude at 41.88° north
	for name, tt := range map[string]struct {
		area     footage.Area
		meets    bool
		distance float64
	}{
		"at a corner":     {box(-87.63, 41.89, -87.62, 41.90), true, 0},
		"along an edge":   {box(-87.63, 41.88, -87.62, 41.89), true, 0},
		"over by a metre": {box(-87.63-metre, 41.88, -87.62, 41.89), true, 0},
		"off by a metre":  {box(-87.63+metre, 41.88, -87.62, 41.89), false, 1},
		"inside":          {box(-87.637, 41.883, -87.633, 41.887), true, 0},
	} {
		b := must(t, tt.area)
		if a.Intersects(b) != tt.meets || b.Intersects(a) != tt.meets {
			t.Errorf("%s: Intersects = %v and %v", name, a.Intersects(b), b.Intersects(a))
		}
		if d := a.Distance(b); math.Abs(d-tt.distance) > 0.01 {
			t.Errorf("%s: distance %v, want %v", name, d, tt.distance)
		}
	}
}

// TestDistance compares with arcs of meridians and parallels, whose lengths on the ellipsoid are known: along a parallel
// (b-a)·N·cos φ, and 111,132.95 m from 45° to 46° north at 45.5°.
func TestDistance(t *testing.T) {
	for _, lat := range []float64{0, 25, 45, 65, 70} {
		n := semiMajor / math.Sqrt(1-ecc2*math.Pow(math.Sin(radians(lat)), 2))
		for _, gap := range []float64{0.001, 0.01, 0.1} {
			a := must(t, box(-88, lat-0.005, -87.99, lat+0.005))
			b := must(t, box(-87.99+gap, lat-0.005, -87.98+gap, lat+0.005))
			near := math.Cos(radians(lat + 0.005)) // the gap is narrowest at its northern end
			within(t, fmt.Sprintf("%g° along latitude %g", gap, lat), a.Distance(b), radians(gap)*n*near, 2e-3)
		}
	}
	south, north := must(t, box(-88, 44.99, -87.99, 45)), must(t, box(-88, 46, -87.99, 46.01))
	within(t, "a degree of the meridian", south.Distance(north), 111_140.8, 2e-3)
}

// TestA8Within checks jurisdictions in one part, in two parts that share a border, with an enclave, and none.
func TestA8Within(t *testing.T) {
	boundary := func(rings ...[]footage.Point) *Region {
		r, err := CompileBoundary(footage.Area{Rings: rings})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	west, east := box(-87.70, 41.85, -87.635, 41.95).Rings[0], box(-87.635, 41.85, -87.60, 41.95).Rings[0]
	enclave := box(-87.633, 41.884, -87.631, 41.886).Rings[0]
	area := must(t, box(-87.64, 41.88, -87.63, 41.89))
	for name, tt := range map[string]struct {
		parts []*Region
		want  bool
	}{
		"no jurisdiction":        {nil, false},
		"one around":             {[]*Region{boundary(box(-88, 41, -87, 42).Rings[0])}, true},
		"exactly the same":       {[]*Region{boundary(area.rings[0])}, true},
		"an uncompiled index":    {[]*Region{must(t, box(-88, 41, -87, 42))}, true},
		"two that meet":          {[]*Region{boundary(west), boundary(east)}, true},
		"one half":               {[]*Region{boundary(west)}, false},
		"elsewhere":              {[]*Region{boundary(box(-80, 41, -79, 42).Rings[0])}, false},
		"around, but an enclave": {[]*Region{boundary(box(-88, 41, -87, 42).Rings[0], enclave)}, false},
		"the enclave filled":     {[]*Region{boundary(box(-88, 41, -87, 42).Rings[0], enclave), boundary(enclave)}, true},
		"ten metres short":       {[]*Region{boundary(box(-88, 41, -87.6301, 42).Rings[0])}, false},
	} {
		if got := area.Within(tt.parts); got != tt.want {
			t.Errorf("%s: Within = %v", name, got)
		}
	}
}

// TestLongEdgesFollowThePlane asks about an area just north of a county line that runs 160 km along a parallel: a great
// circle would pass 390 m north of the line and let it in.
func TestLongEdgesFollowThePlane(t *testing.T) {
	county, err := CompileBoundary(box(-89, 44, -87, 45))
	if err != nil {
		t.Fatal(err)
	}
	if beyond := must(t, box(-88.004, 45.0005, -88, 45.003)); beyond.Within([]*Region{county}) || beyond.Intersects(county) {
		t.Error("an area beyond the county line is within")
	}
	if d := must(t, box(-88.004, 45.001, -88, 45.003)).Distance(county); math.Abs(d-111.1) > 1.5 {
		t.Errorf("distance to the county line %v, want 111 m", d)
	}
}

// TestRegionsAreShared uses one region from many goroutines under the race detector.
func TestRegionsAreShared(t *testing.T) {
	county, err := CompileBoundary(circle(5_000))
	if err != nil {
		t.Fatal(err)
	}
	area := must(t, Square(chicago, 1e5))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if !area.Within([]*Region{county}) || area.Distance(county) != 0 || len(area.Covering()) == 0 {
				t.Error("a shared region answers wrongly")
			}
		})
	}
	wg.Wait()
}

func TestSpanAndCenter(t *testing.T) {
	thin := must(t, box(-87.70, 41.88, -87.60, 41.8805))
	within(t, "span of a strip", thin.Span(), 8_297, 2e-3)
	if c := thin.Center(); math.Abs(c.Lon+87.65) > 1e-9 || math.Abs(c.Lat-41.88025) > 1e-9 {
		t.Errorf("centre %v", c)
	}
}
