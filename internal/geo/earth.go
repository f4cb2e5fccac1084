package geo

import (
	"math"

	"porchlight.example/internal/footage"
)

// SquareMile is one international square mile in square metres, exactly.
const SquareMile = 2_589_988.110336

// The WGS84 ellipsoid (NIMA TR8350.2): semi-major axis in metres and flattening.
const (
	semiMajor  = 6_378_137.0
	flattening = 1 / 298.257223563
	ecc2       = flattening * (2 - flattening) // first eccentricity, squared
)

// authalic holds what depends on the ellipsoid alone. The authalic sphere has the ellipsoid's surface, and the authalic
// latitude takes every zone of the ellipsoid to a zone of the same area on it (Snyder, Map Projections, USGS PP 1395, 3-11
// to 3-13), so areas measured there are areas of the ellipsoid.
type authalic struct {
	e      float64 // eccentricity
	qp     float64 // q at the pole
	radius float64 // of the authalic sphere, metres
}

func newAuthalic() authalic {
	a := authalic{e: math.Sqrt(ecc2)}
	a.qp = a.q(1)
	a.radius = semiMajor * math.Sqrt(a.qp/2)
	return a
}

// q is Snyder's q of the sine of a geodetic latitude; half of it times semiMajor² is the area per radian from the equator.
func (a authalic) q(sin float64) float64 {
	return (1 - ecc2) * (sin/(1-ecc2*sin*sin) + math.Atanh(a.e*sin)/a.e)
}

// sin returns the sine of the authalic latitude of a geodetic latitude in radians.
func (a authalic) sin(lat float64) float64 { return a.q(math.Sin(lat)) / a.qp }

func radians(degrees float64) float64 { return degrees * (math.Pi / 180) }
func degrees(radians float64) float64 { return radians * (180 / math.Pi) }

// signedArea returns the area of a closed ring in square metres, positive when it runs counter-clockwise. The edges are
// the straight lines in longitude and latitude of RFC 7946, 3.1.1: the line integral of sin β over λ, by Simpson's rule
// on each edge, is right to 1e-6 for edges of ten degrees. A geodesic edge would enclose the same area to 1e-4 at the
// sizes that a request may have.
func signedArea(ring []footage.Point) float64 {
	if len(ring) == 0 {
		return 0
	}
	earth := newAuthalic()
	base := earth.sin(radians(ring[0].Lat)) // taken off everywhere, so that small rings lose no digits
	var sum float64
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if a.Lon == b.Lon {
			continue
		}
		s0 := earth.sin(radians(a.Lat)) - base
		sm := earth.sin(radians((a.Lat+b.Lat)/2)) - base
		s1 := earth.sin(radians(b.Lat)) - base
		sum += radians(b.Lon-a.Lon) * (s0 + 4*sm + s1) / 6
	}
	return -sum * earth.radius * earth.radius
}
