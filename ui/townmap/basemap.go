package townmap

import (
	"encoding/json"
	"fmt"
	"html"
	"math"
	"regexp"
	"strings"

	"porchlight.example/internal/footage"
)

// Kind says what a feature of a basemap is.
type Kind string

// The kinds, in the order in which they are drawn.
const (
	Water    Kind = "water"
	Park     Kind = "park"
	Building Kind = "building"
	Street   Kind = "street"
	Rail     Kind = "rail"
	Place    Kind = "place"
)

// Feature is one thing on a basemap: its lines (open or, when Filled, closed rings), or one point for a place.
type Feature struct {
	Kind   Kind
	Name   string
	Major  bool
	Filled bool
	Lines  [][]footage.Point
}

// Basemap is the town beneath the areas. The zero value is an empty one.
type Basemap struct {
	Features    []Feature
	Attribution string // whose work the map is, to be said beside it; may be empty
}

type wireCollection struct {
	Type        string        `json:"type"`
	Attribution string        `json:"attribution,omitempty"`
	Features    []wireFeature `json:"features"`
}

type wireFeature struct {
	Type       string         `json:"type"`
	Properties wireProperties `json:"properties"`
	Geometry   wireGeometry   `json:"geometry"`
}

type wireProperties struct {
	Kind  Kind   `json:"kind"`
	Name  string `json:"name,omitempty"`
	Class string `json:"class,omitempty"`
}

type wireGeometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
}

// Parse reads a basemap. Features of other kinds, and members that we do not know, are left out, since maps made for
// other programs carry many; a geometry that cannot be drawn is an error of kind [footage.Invalid] that names it.
func Parse(raw []byte) (*Basemap, error) {
	var c wireCollection
	if err := json.Unmarshal(raw, &c); err != nil || c.Type != "FeatureCollection" {
		return nil, footage.E(footage.Invalid, "The basemap must be a GeoJSON FeatureCollection (RFC 7946).")
	}
	b := &Basemap{Attribution: plainText(c.Attribution)}
	for i, f := range c.Features {
		if !f.Properties.Kind.drawn() {
			continue
		}
		lines, filled, err := f.Geometry.lines()
		if err != nil {
			return nil, footage.E(footage.Invalid, fmt.Sprintf("Feature %d of the basemap (%s %q) cannot be drawn: %s.",
				i, f.Properties.Kind, f.Properties.Name, err))
		}
		b.Features = append(b.Features, Feature{
			Kind: f.Properties.Kind, Name: f.Properties.Name, Major: f.Properties.Class == "major", Filled: filled, Lines: lines,
		})
	}
	return b, nil
}

var markup = regexp.MustCompile(`<[^>]*>`)

// plainText takes the markup off an attribution, which maps give as HTML.
func plainText(s string) string {
	return strings.TrimSpace(html.UnescapeString(markup.ReplaceAllString(s, "")))
}

func (k Kind) drawn() bool {
	switch k {
	case Water, Park, Building, Street, Rail, Place:
		return true
	}
	return false
}

// lines returns the geometry as lines, and whether they are rings to be filled.
func (g wireGeometry) lines() (lines [][]footage.Point, filled bool, err error) {
	switch g.Type {
	case "Point":
		var p footage.Point
		err = json.Unmarshal(g.Coordinates, &p)
		lines = [][]footage.Point{{p}}
	case "LineString":
		var line []footage.Point
		err = json.Unmarshal(g.Coordinates, &line)
		lines = [][]footage.Point{line}
	case "MultiLineString", "Polygon":
		err = json.Unmarshal(g.Coordinates, &lines)
		filled = g.Type == "Polygon"
	case "MultiPolygon":
		var polygons [][][]footage.Point
		err = json.Unmarshal(g.Coordinates, &polygons)
		for _, p := range polygons {
			lines = append(lines, p...)
		}
		filled = true
	default:
		return nil, false, fmt.Errorf("the geometry %q is unknown", g.Type)
	}
	if err != nil {
		return nil, false, fmt.Errorf("its coordinates cannot be read")
	}
	return lines, filled, checkRange(lines)
}

func checkRange(lines [][]footage.Point) error {
	for _, line := range lines {
		for _, p := range line {
			if math.Abs(p.Lon) > 180 || math.Abs(p.Lat) > 90 {
				return fmt.Errorf("a position lies outside the world")
			}
		}
	}
	return nil
}

// MarshalJSON writes the basemap as [Parse] reads it.
func (b *Basemap) MarshalJSON() ([]byte, error) {
	c := wireCollection{Type: "FeatureCollection", Attribution: b.Attribution, Features: []wireFeature{}}
	for _, f := range b.Features {
		w := wireFeature{Type: "Feature", Properties: wireProperties{Kind: f.Kind, Name: f.Name}}
		if f.Major {
			w.Properties.Class = "major"
		}
		shape := any(f.Lines)
		switch {
		case f.Filled:
			w.Geometry.Type = "Polygon"
		case f.Kind == Place && len(f.Lines) == 1 && len(f.Lines[0]) == 1:
			w.Geometry.Type, shape = "Point", f.Lines[0][0]
		default:
			w.Geometry.Type = "MultiLineString"
		}
		raw, err := json.Marshal(shape)
		if err != nil {
			return nil, fmt.Errorf("encode basemap: %w", err)
		}
		w.Geometry.Coordinates = raw
		c.Features = append(c.Features, w)
	}
	return json.Marshal(c)
}
