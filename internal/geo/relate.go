package geo

import (
	"fmt"
	"sync"

	"github.com/peterstace/simplefeatures/geom"
)

// Distance returns the shortest distance to another region in metres, nought when they touch or overlap. It is meant for
// neighbours: right to 0.2 % up to 300 km.
func (r *Region) Distance(other *Region) float64 {
	if r.Intersects(other) {
		return 0
	}
	pl := planeFor(r, other)
	d, _ := geom.Distance(pl.polygon(r).AsGeometry(), pl.polygon(other).AsGeometry()) // neither is empty
	return d
}

// Intersects reports whether the two regions share a point; touching counts.
func (r *Region) Intersects(other *Region) bool {
	return geom.Intersects(r.flat.AsGeometry(), other.flat.AsGeometry())
}

// crumb is how much of a region, in square metres, may lie outside a union of boundaries before it counts: neighbouring
// boundaries share their edges only as exactly as two surveys wrote them.
const crumb = 1.0

// Within reports whether the region lies wholly within the union of the jurisdiction's parts. Up to a square metre may
// stick out.
func (r *Region) Within(jurisdiction []*Region) bool {
	flat := r.flat.AsGeometry()
	var touching []geom.Geometry
	for _, part := range jurisdiction {
		if part.covers(flat) {
			return true
		}
		if part.flat.Envelope().Intersects(r.flat.Envelope()) {
			touching = append(touching, part.flat.AsGeometry())
		}
	}
	if len(touching) == 0 {
		return false
	}
	rest, err := remainder(flat, touching)
	if err != nil {
		return false // numerically hopeless; a person can look
	}
	// Degrees are near enough square metres by the region's own ratio.
	return rest/r.flat.Area()*r.sqm <= crumb
}

func (r *Region) covers(flat geom.Geometry) bool {
	if !r.flat.Envelope().Covers(flat.Envelope()) {
		return false
	}
	var ok bool
	var err error
	if r.index != nil {
		ok, err = r.index.covers(flat)
	} else {
		ok, err = geom.Covers(r.flat.AsGeometry(), flat)
	}
	return err == nil && ok
}

// index is a polygon prepared for many tests.
type index struct {
	mu       sync.Mutex // guards prepared, which fills its caches on use without a lock of its own
	prepared geom.PreparedGeometry
}

func (x *index) covers(flat geom.Geometry) (bool, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.prepared.Covers(flat)
}

// remainder returns how much of flat, in square degrees, lies in none of the parts.
func remainder(flat geom.Geometry, parts []geom.Geometry) (float64, error) {
	for _, part := range parts {
		rest, err := geom.Difference(flat, part)
		if err != nil {
			return 0, fmt.Errorf("take boundary from area: %w", err)
		}
		flat = rest
	}
	return flat.Area(), nil
}

// UnionArea returns the area of the union of the regions in square metres: what they cover together, each spot counted
// once. It guards the rule against tiling.
func UnionArea(regions ...*Region) (float64, error) {
	switch len(regions) {
	case 0:
		return 0, nil
	case 1:
		return regions[0].sqm, nil
	}
	pl := planeFor(regions...)
	flat := make([]geom.Geometry, len(regions))
	for i, r := range regions {
		flat[i] = pl.polygon(r).AsGeometry()
	}
	union, err := geom.UnionMany(flat)
	if err != nil {
		return 0, fmt.Errorf("unite %d areas: %w", len(regions), err)
	}
	return union.Area(), nil
}

// Span returns the greatest distance in metres between two points of the region: a thin area can be small and still reach
// across a town.
func (r *Region) Span() float64 {
	hull, ok := planeFor(r).polygon(r).AsGeometry().ConvexHull().AsPolygon()
	if !ok {
		panic("geo: a region without hull")
	}
	corners := hull.ExteriorRing().Coordinates()
	var far float64
	for i := range corners.Length() {
		for j := range i {
			d := corners.GetXY(i).Sub(corners.GetXY(j))
			far = max(far, d.Length())
		}
	}
	return far
}
