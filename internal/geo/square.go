package geo

import (
	"math"

	"porchlight.example/internal/footage"
)

// Square returns an axis-aligned square around a centre with exactly the given area in square metres on the ellipsoid. It
// serves tests, the demo and a form's first suggestion. The centre must lie where a request may.
func Square(center footage.Point, sqm float64) footage.Area {
	earth := newAuthalic()
	lat := radians(center.Lat)
	w := 1 - ecc2*math.Sin(lat)*math.Sin(lat)
	meridian := semiMajor * (1 - ecc2) / (w * math.Sqrt(w)) // radius of curvature, metres per radian
	half := math.Sqrt(sqm) / 2 / meridian
	zone := earth.radius * earth.radius * (earth.sin(lat+half) - earth.sin(lat-half)) // area per radian of longitude
	dLat, dLon := degrees(half), degrees(sqm/zone/2)
	w0, e0 := center.Lon-dLon, center.Lon+dLon
	s0, n0 := center.Lat-dLat, center.Lat+dLat
	return footage.Area{Rings: [][]footage.Point{{{Lon: w0, Lat: s0}, {Lon: e0, Lat: s0}, {Lon: e0, Lat: n0}, {Lon: w0, Lat: n0}, {Lon: w0, Lat: s0}}}}
}
