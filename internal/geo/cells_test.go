package geo

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/golang/geo/s2"

	"porchlight.example/internal/footage"
)

// TestCoveringHoldsTheRegion asks for random points inside, corners and points on edges.
func TestCoveringHoldsTheRegion(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	for range 300 {
		c := anywhere(rnd)
		r := must(t, star(rnd, c, 100+800*rnd.Float64(), 3+rnd.IntN(30)))
		ranges := r.Covering()
		if n := len(ranges); n == 0 || n > maxRanges {
			t.Fatalf("%d ranges", n)
		}
		for i, x := range ranges {
			if x.Lo > x.Hi || i > 0 && ranges[i-1].Hi >= x.Lo {
				t.Fatalf("ranges out of order: %v", ranges)
			}
		}
		for range 200 {
			p := footage.Point{Lon: c.Lon + (rnd.Float64()-0.5)*0.03, Lat: c.Lat + (rnd.Float64()-0.5)*0.02}
			if r.Contains(p) && !covered(ranges, p) {
				t.Errorf("%v lies in the region and not in its covering", p)
			}
		}
		for _, p := range r.rings[0] {
			if !covered(ranges, p) {
				t.Errorf("the corner %v is not covered", p)
			}
		}
	}
}

func covered(ranges []CellRange, p footage.Point) bool {
	cell := PointCell(p)
	return slices.ContainsFunc(ranges, func(r CellRange) bool { return r.Lo <= cell && cell <= r.Hi })
}

// TestShapeFollowsParallels takes a strip of 28 km along the 65th parallel, from which great circles would stray by 33 m.
func TestShapeFollowsParallels(t *testing.T) {
	loop := must(t, box(-87.8, 65, -87.2, 65.002)).shape()
	rnd := rand.New(rand.NewPCG(17, 18))
	for range 1000 {
		lon := -87.79 + 0.58*rnd.Float64()
		for lat, want := range map[float64]bool{64.9999995: false, 65.0000005: true, 65.0019995: true, 65.0020005: false} { // 5 cm off
			if got := loop.ContainsPoint(s2.PointFromLatLng(s2.LatLngFromDegrees(lat, lon))); got != want {
				t.Fatalf("at %v, %v: contained %v", lat, lon, got)
			}
		}
	}
}

// TestCoveringIsTight keeps candidates few: a covering may be at most four times as large as a square of half a square mile.
func TestCoveringIsTight(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	var worst float64
	for range 200 {
		r := must(t, Square(anywhere(rnd), SquareMile/2))
		var leaves float64
		for _, x := range r.Covering() {
			leaves += float64(x.Hi-x.Lo)/2 + 1
		}
		all := float64(uint64(6) << 60)
		worst = max(worst, leaves/all*510_065_621.724e6/r.SquareMetres())
	}
	t.Logf("coverings are at most %.1f times as large", worst)
	if worst > 4 {
		t.Errorf("a covering is %.1f times as large as its region", worst)
	}
}

// TestCellNumbersKeepOrder checks the mapping of unsigned IDs on every face of the cube, by value.
func TestCellNumbersKeepOrder(t *testing.T) {
	var last int64
	for face := range 6 {
		id := s2.CellIDFromFace(face)
		lo, hi := signed(id.RangeMin()), signed(id.RangeMax())
		if lo >= hi || face > 0 && lo <= last {
			t.Errorf("face %d: %d to %d after %d", face, lo, hi, last)
		}
		last = hi
	}
	if got := signed(s2.CellID(0)); got != -1<<63 {
		t.Errorf("the smallest ID becomes %d", got)
	}
	if got := signed(s2.CellID(1 << 63)); got != 0 {
		t.Errorf("2⁶³ becomes %d", got)
	}
	// The leaf cell 880e2cba4471d90d is what every S2 library gives for this point.
	if got := PointCell(chicago); got != 0x080e2cba4471d90d {
		t.Errorf("PointCell = %x", got)
	}
}

func TestCellsOfTheFeed(t *testing.T) {
	r := must(t, Square(chicago, SquareMile/2))
	got := r.Cells(FeedLevel)
	want := s2.CellIDFromLatLng(s2.LatLngFromDegrees(chicago.Lat, chicago.Lon)).Parent(FeedLevel).ToToken()
	if !slices.Contains(got, want) || len(got) > 4 {
		t.Errorf("Cells = %v, want %s among at most four", got, want)
	}
	county, err := CompileBoundary(box(-90, 40, -86, 44))
	if err != nil {
		t.Fatal(err)
	}
	tokens := county.Cells(FeedLevel)
	if len(tokens) < 20 || !slices.IsSorted(tokens) {
		t.Errorf("a wide region touches %d cells", len(tokens))
	}
	rnd := rand.New(rand.NewPCG(13, 14))
	for range 1000 {
		ll := s2.LatLngFromDegrees(40+4*rnd.Float64(), -90+4*rnd.Float64())
		if token := s2.CellIDFromLatLng(ll).Parent(FeedLevel).ToToken(); !slices.Contains(tokens, token) {
			t.Errorf("the cell %s of %v is missing", token, ll)
		}
	}
}
