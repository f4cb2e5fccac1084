package footage

import (
	"encoding/json"
	"time"
)

// Point is a position in degrees on WGS84. On the wire it is a GeoJSON position, longitude first: [-87.65, 41.88].
type Point struct {
	Lon, Lat float64
}

// MarshalJSON writes [longitude, latitude].
func (p Point) MarshalJSON() ([]byte, error) { return json.Marshal([2]float64{p.Lon, p.Lat}) }

// UnmarshalJSON reads [longitude, latitude]; an altitude or anything else is refused.
func (p *Point) UnmarshalJSON(raw []byte) error {
	var a []float64
	if err := json.Unmarshal(raw, &a); err != nil || len(a) != 2 {
		return E(Invalid, "A position must be [longitude, latitude] and nothing more.")
	}
	p.Lon, p.Lat = a[0], a[1]
	return nil
}

// Area is one polygon with its holes, as RFC 7946 writes a Polygon: each ring closed, the outer one first.
// Package geo decides whether it is an area that a request may have.
type Area struct {
	Rings [][]Point
}

type geoJSON struct {
	Type        string    `json:"type"`
	Coordinates [][]Point `json:"coordinates"`
}

// MarshalJSON writes a GeoJSON Polygon geometry.
func (a Area) MarshalJSON() ([]byte, error) {
	return json.Marshal(geoJSON{Type: "Polygon", Coordinates: a.Rings})
}

// UnmarshalJSON reads a GeoJSON Polygon geometry and refuses every other type.
func (a *Area) UnmarshalJSON(raw []byte) error {
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &kind); err != nil || kind.Type != "Polygon" {
		return Coded(Invalid, "area_not_polygon", "The area must be one GeoJSON Polygon, not "+quoteOr(kind.Type, "something else")+".")
	}
	var g geoJSON
	if err := DecodeStrict(raw, &g); err != nil {
		return err
	}
	a.Rings = g.Coordinates
	return nil
}

func quoteOr(s, other string) string {
	if s == "" {
		return other
	}
	return "a " + s
}

// Window is the span of time that footage is asked from, both ends included.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Duration returns To minus From.
func (w Window) Duration() time.Duration { return w.To.Sub(w.From) }

// Contains reports whether some moment of [from, to] lies inside the window.
func (w Window) Contains(from, to time.Time) bool { return !to.Before(w.From) && !from.After(w.To) }
