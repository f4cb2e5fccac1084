// Package town is Maplewood Landing, a town that does not exist: a street map, two agencies and the requests that they
// make in the demonstration and in tests.
//
// It lies in the open water of a great lake, about 44.30° N 87.00° W, so that nothing drawn on its map can be mistaken
// for anybody's home. Its state is ZZ, which no register knows; its telephone numbers are from the range kept for
// fiction, its mail addresses under .example.
//
// town.geojson is written by the program in gen from a handful of rules and is the same on every run.
package town

import (
	_ "embed"
	"math"

	"porchlight.example/internal/footage"
)

//go:generate go run ./gen -out town.geojson

//go:embed town.geojson
var basemap []byte

// Name is the town's name.
const Name = "Maplewood Landing"

// Zone is the town's IANA time zone.
const Zone = "America/Chicago"

// Basemap returns the street map, a GeoJSON FeatureCollection as the operator of an exchange would supply one.
func Basemap() []byte { return append([]byte(nil), basemap...) }

// Centre is the middle of the market square.
func Centre() footage.Point { return footage.Point{Lon: -87.0, Lat: 44.3} }

// At returns the position so many metres east and north of the market square, to six decimals (a tenth of a metre).
func At(east, north float64) footage.Point {
	const metresPerDegree = 6371008.8 * math.Pi / 180
	c := Centre()
	round := func(f float64) float64 { return math.Round(f*1e6) / 1e6 }
	return footage.Point{
		Lon: round(c.Lon + east/metresPerDegree/math.Cos(c.Lat*math.Pi/180)),
		Lat: round(c.Lat + north/metresPerDegree),
	}
}

// shape returns the area with these corners, in metres east and north of the market square, anticlockwise.
func shape(corners ...[2]float64) footage.Area {
	var ring []footage.Point
	for _, c := range corners {
		ring = append(ring, At(c[0], c[1]))
	}
	return footage.Area{Rings: [][]footage.Point{append(ring, ring[0])}}
}
