package geo

import (
	"fmt"
	"math"
	"strconv"

	"github.com/peterstace/simplefeatures/geom"

	"porchlight.example/internal/footage"
)

// How many corners an area may have, the closing one not counted. A request needs few; a surveyed town boundary many.
const (
	MaxPoints         = 1_000
	MaxBoundaryPoints = 50_000
)

// Latitudes with local public-safety agencies. A polygon beyond them is around a pole or has its coordinates swapped: every
// place in the United States, swapped, lies south of 60° south or beyond 90°.
const (
	southmost = -60.0
	northmost = 84.0
)

// rules are the limits that differ between a request and a jurisdiction.
type rules struct {
	points int
	holes  bool
	noun   string
}

// check returns every reason why an area cannot be used, in a fixed order and each at most once.
func check(a footage.Area, limits rules) []footage.Reason {
	if len(a.Rings) == 0 {
		return []footage.Reason{{Code: "area_too_few_points", Msg: "The area has no outline; draw at least three corners."}}
	}
	c := &checker{limits: limits}
	if len(a.Rings) > 1 && !limits.holes {
		c.add("area_holed", "The area has holes; draw one outline without holes.")
	}
	points := 0
	for _, ring := range a.Rings {
		points += max(0, len(ring)-1)
	}
	if points > limits.points {
		c.reasons = append(c.reasons, footage.Reason{Code: "area_too_many_points",
			Msg:   fmt.Sprintf("The %s may have at most %d corners; draw it more simply.", limits.noun, limits.points),
			Limit: strconv.Itoa(limits.points) + " corners", Value: strconv.Itoa(points) + " corners"})
		return c.reasons
	}
	for _, ring := range a.Rings {
		c.numbers(ring)
	}
	if c.nan {
		return c.reasons // nothing below can be judged without numbers
	}
	c.places(a)
	whole := true
	for _, ring := range a.Rings {
		whole = c.ring(ring) && whole
	}
	if whole && len(a.Rings) > 1 && len(c.reasons) == 0 && polygon(a.Rings).Validate() != nil {
		c.add("area_self_crossing", "The holes cross the outline or each other; draw them apart.")
	}
	return c.reasons
}

// checker gathers reasons; a code is listed once however many corners have it.
type checker struct {
	limits  rules
	nan     bool
	reasons []footage.Reason
}

func (c *checker) add(code, msg string) {
	for _, r := range c.reasons {
		if r.Code == code {
			return
		}
	}
	c.reasons = append(c.reasons, footage.Reason{Code: code, Msg: msg})
}

func (c *checker) numbers(ring []footage.Point) {
	for _, p := range ring {
		if math.IsNaN(p.Lon+p.Lat) || math.IsInf(p.Lon, 0) || math.IsInf(p.Lat, 0) {
			c.nan = true
			c.add("area_not_a_number", "A coordinate of the area is not a number; draw the area again.")
		}
	}
}

// places checks that the corners lie where an agency can be, and tells swapped coordinates from others.
func (c *checker) places(a footage.Area) {
	out, polar, swappable := false, false, true
	for _, ring := range a.Rings {
		for _, p := range ring {
			out = out || math.Abs(p.Lat) > 90 || math.Abs(p.Lon) > 180
			polar = polar || p.Lat < southmost || p.Lat > northmost
			swappable = swappable && p.Lon >= southmost && p.Lon <= northmost && math.Abs(p.Lat) <= 180
		}
	}
	switch {
	case (out || polar) && swappable:
		c.add("area_coordinates_swapped", "Latitude and longitude look swapped; GeoJSON puts the longitude first.")
	case out:
		c.add("area_out_of_range", "A coordinate is out of range; longitudes run from -180 to 180 and latitudes from -90 to 90 degrees.")
	case polar:
		c.add("area_pole", "The area lies near a pole; it must lie between 60 degrees south and 84 degrees north.")
	}
}

// ring checks the shape of one ring and reports whether it is one that encloses something.
func (c *checker) ring(ring []footage.Point) bool {
	open := ring
	if n := len(ring); n == 0 || n == 1 || ring[0] != ring[n-1] {
		c.add("area_not_closed", "The outline is not closed; the last position must repeat the first.")
	} else {
		open = ring[:n-1]
	}
	corners := make([]footage.Point, 0, len(open)+1)
	for i, p := range open {
		before := open[(i+len(open)-1)%len(open)]
		if len(open) > 1 && near(before, p) {
			c.add("area_duplicate_points", "A corner stands twice in a row; remove one.")
			continue
		}
		corners = append(corners, p)
		if math.Abs(p.Lon-before.Lon) > 180 {
			c.add("area_antimeridian", "The area crosses the 180th meridian; draw one area on each side of it.")
		}
	}
	if len(corners) < 3 {
		c.add("area_too_few_points", "The outline needs at least three different corners.")
		return false
	}
	return c.simple(append(corners, corners[0]))
}

// near reports whether two positions are the same to a tenth of a millimetre, below what any survey or S2 cell can tell.
func near(a, b footage.Point) bool {
	return math.Abs(a.Lon-b.Lon) < 1e-9 && math.Abs(a.Lat-b.Lat) < 1e-9
}

// simple checks that a closed ring does not meet itself and encloses something. A bow-tie has an area of nought, which would
// slip through every upper limit, and s2's own validation accepts it.
func (c *checker) simple(ring []footage.Point) bool {
	flat := polygon([][]footage.Point{ring})
	if hull := flat.AsGeometry().ConvexHull(); hullSquareMetres(hull) < 1 {
		c.add("area_degenerate", "The outline is a line or a point; it must enclose an area.")
		return false
	}
	if flat.Validate() != nil {
		c.add("area_self_crossing", "The outline crosses or touches itself; draw it so that it does not.")
		return false
	}
	if math.Abs(signedArea(ring)) < 1 {
		c.add("area_degenerate", "The outline encloses nothing; it must enclose an area.")
		return false
	}
	return true
}

func hullSquareMetres(hull geom.Geometry) float64 {
	p, ok := hull.AsPolygon()
	if !ok {
		return 0
	}
	seq := p.ExteriorRing().Coordinates()
	ring := make([]footage.Point, seq.Length())
	for i := range ring {
		xy := seq.GetXY(i)
		ring[i] = footage.Point{Lon: xy.X, Lat: xy.Y}
	}
	return math.Abs(signedArea(ring))
}
