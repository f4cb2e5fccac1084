package geo

import (
	"math"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"

	"porchlight.example/internal/footage"
)

// spotShift makes a cell of S2's level 12, about two kilometres wide, of a leaf cell in the numbering of [CellRange]. An area
// that a request may have lies in one to four of them, and few requests ever are in one.
const spotShift = 61 - 2*12

// MaxSpots is how many spots an area may touch. One that touches more is a thread tens of kilometres long, however little
// it covers.
const MaxSpots = 64

// Spots returns the numbers of the spots, cells of about two by two kilometres, that the region touches and perhaps some
// beside it, ascending. Two regions that share a point share a spot.
func (r *Region) Spots() []int64 { return spots(r.covering()) }

// SpotsWithin returns the spots that hold every place within so many metres of the region.
func (r *Region) SpotsWithin(metres float64) []int64 {
	union := r.covering()
	union.ExpandByRadius(s1.Angle(metres/(semiMajor*0.99)), 4) // degrees of longitude and latitude are nowhere shorter on S2's sphere
	return spots(union)
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
