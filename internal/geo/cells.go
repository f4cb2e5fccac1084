package geo

import (
	"math"
	"slices"

	"github.com/golang/geo/s2"

	"porchlight.example/internal/footage"
)

// FeedLevel is the S2 level of the regional feed: cells of about 80 km (some 5,000 square kilometres), coarse enough that fetching one says
// little about where somebody lives.
const FeedLevel = 7

// Bounds of a covering: few ranges keep the query short, and cells under 10 m would say no more than the polygon does.
const (
	maxRanges     = 16
	coveringLevel = 20
)

// CellRange is a span of S2 leaf cells, both ends included. A point lies in it when Lo <= PointCell(p) and
// PointCell(p) <= Hi, which any SQL engine can index.
//
// S2's IDs are unsigned; SQL's integers are not. The top bit is flipped (id XOR 2⁶³, read as two's complement), which keeps
// their order: the smallest ID becomes the smallest integer.
type CellRange struct{ Lo, Hi int64 }

func signed(id s2.CellID) int64 { return int64(uint64(id) ^ 1<<63) }

// PointCell returns the leaf cell of a point in the same numbering as [CellRange].
func PointCell(p footage.Point) int64 {
	return signed(s2.CellIDFromLatLng(s2.LatLngFromDegrees(p.Lat, p.Lon)))
}

// Covering returns at most 16 ranges of leaf cells, ascending and apart, that together hold every point of the region and
// somewhat more. Which ranges they are may change with the S2 library; that they hold the region does not.
func (r *Region) Covering() []CellRange {
	var out []CellRange
	coverer := s2.RegionCoverer{MaxLevel: coveringLevel, MaxCells: maxRanges}
	for _, id := range coverer.Covering(r.shape()) {
		lo, hi := signed(id.RangeMin()), signed(id.RangeMax())
		if n := len(out); n > 0 && out[n-1].Hi+2 == lo { // leaf IDs are odd
			out[n-1].Hi = hi
			continue
		}
		out = append(out, CellRange{lo, hi})
	}
	return out
}

// Cells returns the tokens of the cells of a level that the region touches, sorted. The level is meant to be coarse, such
// as [FeedLevel]; each finer level has four times as many.
func (r *Region) Cells(level int) []string {
	coverer := s2.RegionCoverer{MinLevel: level, MaxLevel: level, MaxCells: math.MaxInt32}
	ids := coverer.Covering(r.shape())
	ids.Denormalize(level, 1)
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.ToToken()
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// shape returns the outline for S2, whose edges are great circles: long edges are divided so that it stays within a
// centimetre of RFC 7946's. Holes are left out, since a covering may hold more than the region.
func (r *Region) shape() *s2.Loop {
	ring := divide(r.rings[0], 0.01)
	points := make([]s2.Point, len(ring)-1)
	for i := range points {
		points[i] = s2.PointFromLatLng(s2.LatLngFromDegrees(ring[i].Lat, ring[i].Lon))
	}
	return s2.LoopFromPoints(points)
}

// maxPieces bounds what one edge is divided into, so that no polygon can blow up; it is reached by edges over 30 km.
const maxPieces = 64

// divide returns a ring with points put into its edges, so that great circles between them keep within so many metres of
// the straight lines in longitude and latitude.
func divide(ring []footage.Point, metres float64) []footage.Point {
	out := make([]footage.Point, 0, len(ring))
	out = append(out, ring[0])
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		n := int(math.Ceil(math.Sqrt(bulge(a, b) / metres)))
		n = min(max(n, 1), maxPieces)
		for k := 1; k < n; k++ {
			t := float64(k) / float64(n)
			out = append(out, footage.Point{Lon: a.Lon + t*(b.Lon-a.Lon), Lat: a.Lat + t*(b.Lat-a.Lat)})
		}
		out = append(out, b)
	}
	return out
}

// bulge bounds the distance in metres between an edge that is straight in longitude and latitude and the great circle
// between its ends: an eighth of the acceleration of the former, seen from the sphere.
func bulge(a, b footage.Point) float64 {
	dLon, dLat := radians(b.Lon-a.Lon), radians(b.Lat-a.Lat)
	far := max(math.Abs(a.Lat), math.Abs(b.Lat))
	near := min(math.Abs(a.Lat), math.Abs(b.Lat))
	return semiMajor / 8 * math.Sin(radians(far)) * math.Abs(dLon) * math.Hypot(2*dLat, math.Cos(radians(near))*dLon)
}
