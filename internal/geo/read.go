package geo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"porchlight.example/internal/footage"
)

// MaxBoundaryParts is how many polygons a jurisdiction may have: a county with its islands has some dozens.
const MaxBoundaryParts = 200

// ReadBoundary reads the polygons of a GeoJSON text (RFC 7946) as map programs write it: a Polygon, a MultiPolygon, a Feature or
// a FeatureCollection of those. Names and properties are passed over, altitudes dropped, positions rounded to a centimeter, corners
// that stand twice in a row taken once, rings closed where a program left that out. What it returns has still to pass
// [CompileBoundary].
func ReadBoundary(raw []byte) ([]footage.Area, error) {
	var g object
	if err := json.Unmarshal(raw, &g); err != nil {
		return nil, notGeoJSON("This is not GeoJSON: it cannot be read as JSON.")
	}
	out, err := g.polygons(0)
	if err != nil {
		return nil, err
	}
	switch {
	case len(out) == 0:
		return nil, notGeoJSON("There is no polygon in this GeoJSON.")
	case len(out) > MaxBoundaryParts:
		return nil, footage.Coded(footage.Invalid, "area_too_many_parts", fmt.Sprintf("The jurisdiction may have %d polygons at most; draw it more simply.", MaxBoundaryParts))
	}
	return out, nil
}

func notGeoJSON(msg string) error { return footage.Coded(footage.Invalid, "area_not_geojson", msg) }

// object is any object of GeoJSON.
type object struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
	Geometry    *object         `json:"geometry"`
	Geometries  []object        `json:"geometries"`
	Features    []object        `json:"features"`
	CRS         *struct {
		Properties struct {
			Name string `json:"name"`
		} `json:"properties"`
	} `json:"crs"` // of the standard before RFC 7946; programs still write it
}

// maxDepth is how deep collections may stand in each other: a collection of features of collections.
const maxDepth = 4

func (g object) polygons(depth int) (out []footage.Area, err error) {
	if depth > maxDepth {
		return nil, notGeoJSON("The GeoJSON is nested too deeply.")
	}
	if g.CRS != nil && !wgs84(g.CRS.Properties.Name) {
		return nil, footage.Coded(footage.Invalid, "area_other_system", "The GeoJSON is in another coordinate system. Export it in WGS84 (EPSG:4326), as longitude and latitude.")
	}
	switch g.Type {
	case "Polygon":
		var rings [][]position
		if json.Unmarshal(g.Coordinates, &rings) != nil {
			return nil, notGeoJSON("The coordinates of a polygon cannot be read.")
		}
		return []footage.Area{area(rings)}, nil
	case "MultiPolygon":
		var parts [][][]position
		if json.Unmarshal(g.Coordinates, &parts) != nil {
			return nil, notGeoJSON("The coordinates of a polygon cannot be read.")
		}
		for _, rings := range parts {
			out = append(out, area(rings))
		}
		return out, nil
	case "Feature":
		if g.Geometry == nil {
			return nil, nil
		}
		return g.Geometry.polygons(depth + 1)
	case "FeatureCollection":
		return all(g.Features, depth)
	case "GeometryCollection":
		return all(g.Geometries, depth)
	case "Point", "MultiPoint", "LineString", "MultiLineString":
		return nil, footage.Coded(footage.Invalid, "area_not_polygon", "The jurisdiction must be polygons; this has points or lines.")
	}
	return nil, notGeoJSON("This is not GeoJSON: it has no type that the standard knows.")
}

func all(list []object, depth int) (out []footage.Area, err error) {
	for _, g := range list {
		more, err := g.polygons(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

func wgs84(name string) bool {
	switch name {
	case "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326":
		return true
	}
	return false
}

// position is a position of GeoJSON, whose third number is an altitude.
type position footage.Point

// UnmarshalJSON reads two numbers, and drops those that follow.
func (p *position) UnmarshalJSON(raw []byte) error {
	var a []float64
	if err := json.Unmarshal(raw, &a); err != nil || len(a) < 2 {
		return notGeoJSON("A position needs a longitude and a latitude.")
	}
	p.Lon, p.Lat = a[0], a[1]
	return nil
}

func area(rings [][]position) (out footage.Area) {
	for _, ring := range rings {
		closed := make([]footage.Point, 0, len(ring)+1)
		for _, p := range ring {
			closed = append(closed, footage.Point{Lon: rounded(p.Lon), Lat: rounded(p.Lat)})
		}
		closed = slices.Compact(closed)
		if n := len(closed); n > 0 && closed[0] != closed[n-1] {
			closed = append(closed, closed[0])
		}
		out.Rings = append(out.Rings, closed)
	}
	return out
}

// rounded returns degrees to seven places, about a centimeter.
func rounded(degrees float64) float64 {
	out, _ := strconv.ParseFloat(strconv.FormatFloat(degrees, 'f', 7, 64), 64) // what was just written can be read
	return out
}
