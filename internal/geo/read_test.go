package geo

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

const outline = `[[-87.1,44.2],[-87.0,44.2],[-87.0,44.3],[-87.1,44.3],[-87.1,44.2]]`

// TestReadBoundary: a jurisdiction is taken as the usual programs export it.
func TestReadBoundary(t *testing.T) {
	square := footage.Area{Rings: [][]footage.Point{{{Lon: -87.1, Lat: 44.2}, {Lon: -87, Lat: 44.2}, {Lon: -87, Lat: 44.3}, {Lon: -87.1, Lat: 44.3}, {Lon: -87.1, Lat: 44.2}}}}
	polygon := `{"type":"Polygon","coordinates":[` + outline + `]}`
	feature := `{"type":"Feature","id":7,"properties":{"NAME":"Maplewood"},"geometry":` + polygon + `}`
	for name, tt := range map[string]struct {
		text string
		want int
	}{
		"a polygon":               {polygon, 1},
		"a multipolygon":          {`{"type":"MultiPolygon","coordinates":[[` + outline + `],[` + outline + `]]}`, 2},
		"a feature":               {feature, 1},
		"a collection":            {`{"type":"FeatureCollection","name":"towns","features":[` + feature + `,` + feature + `,` + feature + `]}`, 3},
		"one without a place":     {`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null},` + feature + `]}`, 1},
		"geometries":              {`{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[` + polygon + `]}}`, 1},
		"altitudes":               {strings.ReplaceAll(strings.ReplaceAll(polygon, ".2]", ".2,190]"), ".3]", ".3,0.5]"), 1},
		"many digits":             {strings.ReplaceAll(polygon, "-87.1,", "-87.1000000049999,"), 1},
		"a corner twice":          {strings.Replace(polygon, "[-87.0,44.2]", "[-87.0,44.2],[-87.00000000001,44.2]", 1), 1},
		"a ring that is open":     {strings.Replace(polygon, ",[-87.1,44.2]]", "]", 1), 1},
		"the older standard":      {strings.Replace(polygon, `{`, `{"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},`, 1), 1},
		"a bounding box and more": {strings.Replace(polygon, `{`, `{"bbox":[-87.1,44.2,-87,44.3],`, 1), 1},
	} {
		got, err := ReadBoundary([]byte(tt.text))
		if err != nil || len(got) != tt.want {
			t.Errorf("%s: %d polygons, %v", name, len(got), err)
			continue
		}
		for _, a := range got {
			if diff := cmp.Diff(square, a); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

func TestReadBoundaryRefusals(t *testing.T) {
	polygon := `{"type":"Polygon","coordinates":[` + outline + `]}`
	deep := polygon
	for range 6 {
		deep = `{"type":"GeometryCollection","geometries":[` + deep + `]}`
	}
	for name, tt := range map[string]struct{ text, code string }{
		"nothing":             {``, "area_not_geojson"},
		"a picture":           {"\x89PNG\r\n", "area_not_geojson"},
		"a shapefile in text": {`POLYGON((0 0, 1 1))`, "area_not_geojson"},
		"a list":              {outline, "area_not_geojson"},
		"an empty collection": {`{"type":"FeatureCollection","features":[]}`, "area_not_geojson"},
		"TopoJSON":            {`{"type":"Topology","arcs":[]}`, "area_not_geojson"},
		"a point":             {`{"type":"Point","coordinates":[-87.1,44.2]}`, "area_not_polygon"},
		"a line":              {`{"type":"Feature","geometry":{"type":"LineString","coordinates":[]}}`, "area_not_polygon"},
		"words for numbers":   {strings.Replace(polygon, "-87.1", `"west"`, 1), "area_not_geojson"},
		"half a position":     {strings.Replace(polygon, "-87.1,", "", 1), "area_not_geojson"},
		"feet":                {strings.Replace(polygon, `{`, `{"crs":{"type":"name","properties":{"name":"EPSG:32055"}},`, 1), "area_other_system"},
		"too deep":            {deep, "area_not_geojson"},
		"confetti":            {`{"type":"MultiPolygon","coordinates":[` + strings.Repeat(`[`+outline+`],`, MaxBoundaryParts) + `[` + outline + `]]}`, "area_too_many_parts"},
	} {
		_, err := ReadBoundary([]byte(tt.text))
		var own *footage.Error
		if !errors.As(err, &own) || own.Kind != footage.Invalid || own.Code != tt.code {
			t.Errorf("%s: %v, not %q", name, err, tt.code)
		}
	}
}

// FuzzReadBoundary: whatever is accepted is the same when it is written out and read again.
func FuzzReadBoundary(f *testing.F) {
	entries, err := os.ReadDir("testdata/area")
	if err != nil || len(entries) == 0 {
		f.Fatalf("no seeds in testdata/area: %v", err)
	}
	for _, e := range entries {
		raw, err := os.ReadFile("testdata/area/" + e.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":` + string(raw) + `}]}`))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		first, err := ReadBoundary(raw)
		if err != nil {
			return
		}
		for _, a := range first {
			text, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			again, err := ReadBoundary(text)
			if err != nil || len(again) != 1 || !cmp.Equal(again[0], a) {
				t.Fatalf("%s became %v: %v", text, again, err)
			}
		}
	})
}
