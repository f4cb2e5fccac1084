package geo

import (
	"math"
	"slices"

	"github.com/golang/geo/s2"

	"porchlight.example/internal/footage"
)

// CellsAround returns the tokens of a level's cell that holds a point and of all the cells that touch it, eight as a rule,
// sorted. They are the same wherever in its cell the point lies, so that fetching what belongs to them tells the cell and no
// more. At [FeedLevel] they hold everything within 50 km of the point.
func CellsAround(p footage.Point, level int) []string {
	home := s2.CellIDFromLatLng(s2.LatLngFromDegrees(p.Lat, p.Lon)).Parent(level)
	out := []string{home.ToToken()}
	for _, id := range home.AllNeighbors(level) {
		out = append(out, id.ToToken())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Bounds is a box of longitudes and latitudes in degrees, to tell most regions from a point without looking at their corners.
type Bounds struct {
	West, South, East, North float64
}

// Bounds returns the smallest box that holds the region.
func (r *Region) Bounds() Bounds {
	b := Bounds{West: math.Inf(1), South: math.Inf(1), East: math.Inf(-1), North: math.Inf(-1)}
	for _, p := range r.rings[0] {
		b.West, b.East = min(b.West, p.Lon), max(b.East, p.Lon)
		b.South, b.North = min(b.South, p.Lat), max(b.North, p.Lat)
	}
	return b
}

// metresPerDegree is about a degree of latitude, which is nowhere shorter.
const metresPerDegree = 110_500

// Near reports whether the box may hold a place within so many metres of the point. It never says no wrongly.
func (b Bounds) Near(p footage.Point, metres float64) bool {
	dLat := metres / metresPerDegree
	if p.Lat < b.South-dLat || p.Lat > b.North+dLat {
		return false
	}
	far := min(89.9, max(math.Abs(p.Lat), math.Abs(b.South), math.Abs(b.North))+dLat)
	dLon := metres / (metresPerDegree * math.Cos(radians(far)))
	return p.Lon >= b.West-dLon && p.Lon <= b.East+dLon
}

// DistanceTo returns the shortest distance from a point to the region in metres, nought inside and on the edge. It is right
// to 0.3 % up to 50 km.
func (r *Region) DistanceTo(p footage.Point) float64 {
	if r.Contains(p) {
		return 0
	}
	earth := newAuthalic()
	lat := radians(p.Lat)
	pl := plane{earth: earth, lon: radians(p.Lon), sin: earth.sin(lat)}
	pl.cos = math.Sqrt(1 - pl.sin*pl.sin)
	best := math.Inf(1)
	for _, ring := range r.rings {
		points := divide(ring, 0.5)
		x0, y0 := pl.project(points[0])
		for _, q := range points[1:] {
			x1, y1 := pl.project(q)
			best = min(best, toSegment(x0, y0, x1, y1))
			x0, y0 = x1, y1
		}
	}
	return best
}

// toSegment returns the distance from the origin to a segment of the plane.
func toSegment(x0, y0, x1, y1 float64) float64 {
	dx, dy := x1-x0, y1-y0
	t := 0.0
	if d := dx*dx + dy*dy; d > 0 {
		t = max(0, min(1, -(x0*dx+y0*dy)/d))
	}
	return math.Hypot(x0+t*dx, y0+t*dy)
}
