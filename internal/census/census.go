// Package census reads public counts of households by census block, as a table (CSV) or as GeoJSON. A block is taken to lie
// where its middle is: counts tell dense places from sparse ones, and no more is made of them.
package census

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

// Block is one census block.
type Block struct {
	ID         string        // as the census names it
	Middle     footage.Point // inside it
	Households int64
}

const (
	maxBlocks     = 2_000_000
	maxHouseholds = 1_000_000 // of one block
	maxID         = 40        // characters
)

// The columns or properties that are read, as files of ours and of the census call them.
func idNames() []string        { return []string{"block", "geoid", "geoid20"} }
func latNames() []string       { return []string{"lat", "intptlat", "intptlat20"} }
func lonNames() []string       { return []string{"lon", "intptlon", "intptlon20"} }
func householdNames() []string { return []string{"households", "housing20"} }

// Read reads a whole file: GeoJSON if it begins with a brace, else CSV with a header. What is wrong is of kind footage.Invalid and
// says where.
func Read(raw []byte) ([]Block, error) {
	read := readCSV
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		read = readGeoJSON
	}
	blocks, err := read(raw)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, b := range blocks {
		if seen[b.ID] {
			return nil, bad("The block %q stands twice.", b.ID)
		}
		seen[b.ID] = true
	}
	if len(blocks) == 0 {
		return nil, bad("The file holds no block.")
	}
	return blocks, nil
}

func bad(format string, args ...any) error {
	return footage.Coded(footage.Invalid, "census_file", fmt.Sprintf(format, args...))
}

func readCSV(raw []byte) (out []Block, err error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	header, err := r.Read()
	if err != nil {
		return nil, bad("The file is no table with a header: %v.", err)
	}
	column := func(names []string) int {
		return slices.IndexFunc(header, func(h string) bool { return slices.Contains(names, strings.ToLower(strings.TrimSpace(h))) })
	}
	at := []int{column(idNames()), column(latNames()), column(lonNames()), column(householdNames())}
	if slices.Contains(at, -1) {
		return nil, bad("The table needs the columns block (or GEOID20), lat (INTPTLAT20), lon (INTPTLON20) and households (HOUSING20).")
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, bad("The table cannot be read: %v.", err)
		}
		line, _ := r.FieldPos(0)
		b, err := blockOf(row[at[0]], row[at[1]], row[at[2]], row[at[3]])
		if err != nil {
			return nil, bad("Line %d: %v.", line, err)
		}
		if out = append(out, b); len(out) > maxBlocks {
			return nil, bad("The file holds more than %d blocks.", maxBlocks)
		}
	}
}

// blockOf reads a block from texts.
func blockOf(id, lat, lon, households string) (Block, error) {
	b := Block{ID: strings.TrimSpace(id)}
	var err error
	if b.Middle.Lat, err = strconv.ParseFloat(strings.TrimSpace(lat), 64); err != nil || !(math.Abs(b.Middle.Lat) <= 90) {
		return b, fmt.Errorf("%q is no latitude", lat)
	}
	if b.Middle.Lon, err = strconv.ParseFloat(strings.TrimSpace(lon), 64); err != nil || !(math.Abs(b.Middle.Lon) <= 180) {
		return b, fmt.Errorf("%q is no longitude", lon)
	}
	if b.Households, err = strconv.ParseInt(strings.TrimSpace(households), 10, 64); err != nil || b.Households < 0 || b.Households > maxHouseholds {
		return b, fmt.Errorf("%q is no count of households", households)
	}
	if b.ID == "" || len(b.ID) > maxID || strings.Trim(b.ID, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_") != "" {
		return b, fmt.Errorf("the block needs a name of at most %d letters and digits", maxID)
	}
	return b, nil
}

func readGeoJSON(raw []byte) (out []Block, err error) {
	var file struct {
		Type     string `json:"type"`
		Features []struct {
			Geometry   json.RawMessage            `json:"geometry"`
			Properties map[string]json.RawMessage `json:"properties"`
		} `json:"features"`
	}
	if err := json.Unmarshal(raw, &file); err != nil || file.Type != "FeatureCollection" {
		return nil, bad("The file is no GeoJSON FeatureCollection.")
	}
	if len(file.Features) > maxBlocks {
		return nil, bad("The file holds more than %d blocks.", maxBlocks)
	}
	for i, f := range file.Features {
		lat, lon := property(f.Properties, latNames()), property(f.Properties, lonNames())
		if lat == "" || lon == "" {
			middle, err := middleOf(f.Geometry)
			if err != nil {
				return nil, bad("Feature %d: %v", i+1, err)
			}
			lat, lon = strconv.FormatFloat(middle.Lat, 'f', -1, 64), strconv.FormatFloat(middle.Lon, 'f', -1, 64)
		}
		b, err := blockOf(property(f.Properties, idNames()), lat, lon, property(f.Properties, householdNames()))
		if err != nil {
			return nil, bad("Feature %d: %v.", i+1, err)
		}
		out = append(out, b)
	}
	return out, nil
}

// property returns a property that is a text or a number, or "".
func property(all map[string]json.RawMessage, names []string) string {
	for name, raw := range all {
		var text string
		switch {
		case !slices.Contains(names, strings.ToLower(name)):
		case json.Unmarshal(raw, &text) == nil:
			return text
		default:
			return string(raw) // a number
		}
	}
	return ""
}

// middleOf returns a point, or the middle of the first part of an area.
func middleOf(geometry json.RawMessage) (footage.Point, error) {
	var point struct {
		Type        string    `json:"type"`
		Coordinates []float64 `json:"coordinates"`
	}
	if json.Unmarshal(geometry, &point) == nil && point.Type == "Point" && len(point.Coordinates) >= 2 {
		return footage.Point{Lon: point.Coordinates[0], Lat: point.Coordinates[1]}, nil
	}
	parts, err := geo.ReadBoundary(geometry)
	if err != nil {
		return footage.Point{}, err
	}
	region, err := geo.CompileBoundary(parts[0])
	if err != nil {
		return footage.Point{}, err
	}
	return region.Center(), nil
}
