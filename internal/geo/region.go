// Package geo decides whether a polygon is an area that a request may have, measures it, and relates it to others.
//
// Areas come as GeoJSON polygons (RFC 7946) on WGS84. An edge is what RFC 7946 says it is, a straight line in longitude and
// latitude. Areas are those of the ellipsoid, by way of the authalic sphere; distances are taken in a local equal-area
// plane. Cells are those of S2 over plain WGS84 latitudes, as every S2 library makes them, so that clients in other
// languages find the same ones.
//
// What is refused on purpose: holes in a request (a hole hides a house from the area, not from the cameras around it),
// several parts, rings that cross or touch themselves, areas across the antimeridian (draw two) or around a pole. Clockwise
// rings are accepted and turned round. A request has at most [MaxPoints] corners; a jurisdiction may have holes and
// [MaxBoundaryPoints].
package geo

import (
	"fmt"

	"github.com/peterstace/simplefeatures/geom"

	"porchlight.example/internal/footage"
)

// Region is an area that passed every check. It is immutable and safe for use by several goroutines.
type Region struct {
	rings [][]footage.Point // closed; the outer ring counter-clockwise, holes clockwise
	flat  geom.Polygon      // the same in degrees, x = longitude; RFC 7946's edges are straight in it
	index *index            // flat prepared for many tests; boundaries only
	sqm   float64
}

// Compile checks the area of a request and prepares it for questions. When it is refused the error is a *footage.Error
// of kind Invalid that lists every reason at once, each with a stable code that begins with "area_".
func Compile(a footage.Area) (*Region, error) {
	return compile(a, rules{points: MaxPoints, noun: "area of a request"})
}

// CompileBoundary does the same for an agency's jurisdiction, which may have holes and more corners.
func CompileBoundary(a footage.Area) (*Region, error) {
	r, err := compile(a, rules{points: MaxBoundaryPoints, noun: "jurisdiction", holes: true})
	if err != nil {
		return nil, err
	}
	prepared, err := geom.Prepare(r.flat.AsGeometry())
	if err != nil {
		return nil, fmt.Errorf("index jurisdiction: %w", err)
	}
	r.index = &index{prepared: prepared}
	return r, nil
}

func compile(a footage.Area, limits rules) (*Region, error) {
	if reasons := check(a, limits); len(reasons) > 0 {
		return nil, &footage.Error{Kind: footage.Invalid, Code: "area_refused",
			Msg: "This area cannot be used.", Reasons: reasons}
	}
	r := &Region{rings: make([][]footage.Point, len(a.Rings))}
	for i, ring := range a.Rings {
		area := signedArea(ring)
		r.rings[i] = wound(ring, area, i == 0)
		if area < 0 {
			area = -area
		}
		if i > 0 {
			area = -area
		}
		r.sqm += area
	}
	r.flat = polygon(r.rings)
	return r, nil
}

// wound returns a copy of a ring that runs counter-clockwise, or clockwise for a hole (RFC 7946, 3.1.6).
func wound(ring []footage.Point, area float64, outer bool) []footage.Point {
	out := append([]footage.Point(nil), ring...)
	if (area > 0) != outer {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}

// polygon turns rings into a planar polygon over degrees.
func polygon(rings [][]footage.Point) geom.Polygon {
	flat := make([][]float64, len(rings))
	for i, ring := range rings {
		flat[i] = make([]float64, 0, 2*len(ring))
		for _, p := range ring {
			flat[i] = append(flat[i], p.Lon, p.Lat)
		}
	}
	return geom.NewPolygonXY(flat...)
}

// Area returns the region as a GeoJSON polygon, wound as RFC 7946 recommends.
func (r *Region) Area() footage.Area {
	out := footage.Area{Rings: make([][]footage.Point, len(r.rings))}
	for i, ring := range r.rings {
		out.Rings[i] = append([]footage.Point(nil), ring...)
	}
	return out
}

// SquareMetres returns the area on the WGS84 ellipsoid.
func (r *Region) SquareMetres() float64 { return r.sqm }

// SquareMiles returns the area on the WGS84 ellipsoid in international square miles.
func (r *Region) SquareMiles() float64 { return r.sqm / SquareMile }

// Center returns the centroid. It may lie outside a region that is bent.
func (r *Region) Center() footage.Point {
	xy, ok := r.flat.Centroid().XY()
	if !ok {
		panic("geo: a region without centroid")
	}
	return footage.Point{Lon: xy.X, Lat: xy.Y}
}

// Contains reports whether the point lies inside the region or on its edge.
func (r *Region) Contains(p footage.Point) bool {
	for i, ring := range r.rings {
		inside, edge := locate(ring, p)
		if edge {
			return true
		}
		if inside != (i == 0) {
			return false
		}
	}
	return true
}

// locate says whether p lies inside a closed ring, by counting the edges east of it, and whether it lies on an edge.
func locate(ring []footage.Point, p footage.Point) (inside, edge bool) {
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if a.Lat > b.Lat {
			a, b = b, a
		}
		cross := (b.Lon-a.Lon)*(p.Lat-a.Lat) - (b.Lat-a.Lat)*(p.Lon-a.Lon)
		if cross == 0 && a.Lat <= p.Lat && p.Lat <= b.Lat && min(a.Lon, b.Lon) <= p.Lon && p.Lon <= max(a.Lon, b.Lon) {
			return true, true
		}
		if a.Lat <= p.Lat && p.Lat < b.Lat && cross > 0 {
			inside = !inside
		}
	}
	return inside, false
}
