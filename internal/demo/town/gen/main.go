// Command gen writes the street map of Maplewood Landing, the town of the demonstration, as GeoJSON. The same rules give
// the same map on every run.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
)

func main() {
	out := flag.String("out", "town.geojson", "file to write")
	flag.Parse()
	if err := os.WriteFile(*out, Generate(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "gen: error:", err)
		os.Exit(1)
	}
}

// Generate returns the whole map, one feature on each line so that changes can be read.
func Generate() []byte {
	m := &mapper{}
	m.waters()
	m.parks()
	m.buildings()
	m.streets()
	m.railway()
	m.places()
	return []byte("{\"type\":\"FeatureCollection\",\"features\":[\n" + strings.Join(m.features, ",\n") + "\n]}\n")
}

// xy is a position in metres east and north of the market square.
type xy struct{ x, y float64 }

// mapper collects features.
type mapper struct{ features []string }

func (m *mapper) add(kind, name, class, geometry string, coordinates any) {
	type properties struct {
		Kind  string `json:"kind"`
		Name  string `json:"name,omitempty"`
		Class string `json:"class,omitempty"`
	}
	type shape struct {
		Type        string `json:"type"`
		Coordinates any    `json:"coordinates"`
	}
	raw, err := json.Marshal(struct {
		Type       string     `json:"type"`
		Properties properties `json:"properties"`
		Geometry   shape      `json:"geometry"`
	}{"Feature", properties{kind, name, class}, shape{geometry, coordinates}})
	if err != nil {
		panic("gen: a feature of our own making cannot be encoded: " + err.Error())
	}
	m.features = append(m.features, string(raw))
}

func (m *mapper) line(kind, name, class string, points []xy) {
	m.add(kind, name, class, "LineString", positions(points))
}

func (m *mapper) polygon(kind, name string, points []xy) {
	ring := positions(points)
	m.add(kind, name, "", "Polygon", [][]footage.Point{append(ring, ring[0])})
}

func positions(points []xy) []footage.Point {
	out := make([]footage.Point, len(points))
	for i, p := range points {
		out[i] = town.At(p.x, p.y)
	}
	return out
}
