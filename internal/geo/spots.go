package geo

import (
	"math"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"

	"porchlight.example/internal/footage"
)

// A spot is a cell of S2's level 12, about two kilometres wide, whose number spotShift makes of a leaf cell's in the
// numbering of [CellRange]. An area that a request may have lies in one to four of them, and few requests ever are in one.
const (
	spotLevel = 12
	spotShift = 61 - 2*spotLevel
)

// MaxSpots is how many spots an area may touch. One that touches more is a thread tens of kilometres long, however little
// it covers.
const MaxSpots = 64

// Spots returns the numbers of the spots, cells of about two by two kilometres, that the region touches and perhaps some
// beside it, ascending. Two regions that share a point share a spot.
func (r *Region) Spots() []int64 {
	return spots(spotCoverer().Covering(r.shape()))
}

// Spot returns the number of the spot that a point lies in.
func Spot(p footage.Point) int64 { return PointCell(p) >> spotShift }

// SpotsWithin returns the spots that hold every place within so many metres of the region.
func (r *Region) SpotsWithin(metres float64) []int64 {
	b := r.Bounds().grown(metres)
	const short = 0.3 // degrees; the box around what is longer would hold far more than the region
	if b.East-b.West < short && b.North-b.South < short {
		box := s2.RectFromLatLng(s2.LatLngFromDegrees(b.South, b.West)).AddPoint(s2.LatLngFromDegrees(b.North, b.East))
		return spots(spotCoverer().Covering(box))
	}
	union := spotCoverer().Covering(r.shape())
	union.ExpandByRadius(s1.Angle(metres/(semiMajor*0.99)), 4)
	return spots(union)
}

func spotCoverer() *s2.RegionCoverer {
	return &s2.RegionCoverer{MaxLevel: spotLevel, MaxCells: 2 * MaxSpots}
}

// mostSpots bounds the list: a region that touches as many is refused long before.
const mostSpots = 64 * MaxSpots

// spots numbers the cells of a union, which come in ascending order.
func spots(union s2.CellUnion) []int64 {
	var out []int64
	for _, id := range union {
		first, last := signed(id.RangeMin())>>spotShift, signed(id.RangeMax())>>spotShift
		if n := len(out); n > 0 && first <= out[n-1] {
			first = out[n-1] + 1
		}
		for ; first <= last && len(out) < mostSpots; first++ {
			out = append(out, first)
		}
	}
	return out
}

// Meets reports whether two boxes may hold places within so many metres of each other. It never says no wrongly. No box
// crosses the antimeridian, since no region does.
func (b Bounds) Meets(other Bounds, metres float64) bool {
	grown := other.grown(metres)
	return b.West <= grown.East && b.East >= grown.West && b.South <= grown.North && b.North >= grown.South
}

// grown returns the box with so many metres more on each side.
func (b Bounds) grown(metres float64) Bounds {
	dLat := metres / metresPerDegree
	far := min(89.9, max(math.Abs(b.South), math.Abs(b.North))+dLat)
	dLon := metres / (metresPerDegree * math.Cos(radians(far)))
	return Bounds{West: b.West - dLon, South: b.South - dLat, East: b.East + dLon, North: b.North + dLat}
}

// Common returns at least as many square metres as two boxes have in common.
func (b Bounds) Common(other Bounds) float64 {
	wide, high := min(b.East, other.East)-max(b.West, other.West), min(b.North, other.North)-max(b.South, other.South)
	if wide <= 0 || high <= 0 {
		return 0
	}
	near := max(b.South, other.South)
	if near < 0 {
		near = min(0, min(b.North, other.North))
	}
	const longest = 111_700 // metres; a degree is nowhere longer
	return wide * longest * math.Cos(radians(near)) * high * longest
}

// Overlap returns how much two regions have in common, in square metres.
func (r *Region) Overlap(other *Region) (float64, error) {
	if !r.Bounds().Meets(other.Bounds(), 0) {
		return 0, nil
	}
	union, err := UnionArea(r, other)
	if err != nil {
		return 0, err
	}
	return max(0, r.sqm+other.sqm-union), nil
}

// Area returns the box as an area.
func (b Bounds) Area() footage.Area {
	return footage.Area{Rings: [][]footage.Point{{{Lon: b.West, Lat: b.South}, {Lon: b.East, Lat: b.South},
		{Lon: b.East, Lat: b.North}, {Lon: b.West, Lat: b.North}, {Lon: b.West, Lat: b.South}}}}
}
