package desk

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"porchlight.example/internal/footage"
)

// TestParseArea reads each form of GeoJSON that holds one polygon, and refuses the others by name.
func TestParseArea(t *testing.T) {
	const square = `{"type":"Polygon","coordinates":[[[-87,44],[-86.9,44],[-86.9,44.1],[-87,44.1],[-87,44]]]}`
	for in, code := range map[string]string{
		square: "",
		`{"type":"Feature","properties":{"name":"x"},"geometry":` + square + `}`:                                 "",
		`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":` + square + `}]}`: "",
		``:                             "area_missing",
		`{"type":"Feature"}`:           "area_missing",
		`{"type":"FeatureCollection"}`: "area_form",
		`{"type":"Point","coordinates":[-87,44]}`:                                        "area_form",
		`{"type":"Polygon","coordinates":[[[NaN,44]]]}`:                                  "area_form",
		`{"type":"Polygon","coordinates":[[[-87,44,200],[0,0,0],[0,1,0],[-87,44,200]]]}`: "area_form",
		`[1,2]`: "area_form",
	} {
		area, fault := parseArea(json.RawMessage(in))
		got := ""
		if fault != nil {
			got = fault.Code
		}
		if got != code || (code == "" && len(area.Rings) != 1) {
			t.Errorf("parseArea(%s) = %v, %q; want %q", in, area, got, code)
		}
	}
}

// TestDraftFaults: every fault of a draft is told at once.
func TestDraftFaults(t *testing.T) {
	_, _, _, err := Draft{From: "x", To: "2026-03-14 21:30", Zone: "Mars/Olympus"}.parse()
	var own *footage.Error
	if !errors.As(err, &own) {
		t.Fatal(err)
	}
	var codes []string
	for _, r := range own.Reasons {
		codes = append(codes, r.Code)
	}
	want := []string{"zone_unknown", "time_form", "time_without_zone", "time_form", "area_missing", "place_missing", "case_missing"}
	if !slices.Equal(codes, want) {
		t.Errorf("faults %v; want %v", codes, want)
	}
}

// TestReadDraft reads the area from a file beside the draft, and refuses what is too large or double.
func TestReadDraft(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("area.geojson", `{"type":"Polygon"}`)
	in, err := ReadDraft(write("good.json", `{"area_file":"area.geojson"}`))
	if err != nil || string(in.Area) != `{"type":"Polygon"}` {
		t.Errorf("ReadDraft = %s, %v", in.Area, err)
	}
	large := filepath.Join(dir, "large.json")
	if err := errors.Join(os.WriteFile(large, nil, 0o600), os.Truncate(large, maxDraft+1)); err != nil {
		t.Fatal(err)
	}
	for path, kind := range map[string]footage.Kind{
		write("both.json", `{"area":{},"area_file":"area.geojson"}`): footage.Invalid,
		write("gone.json", `{"area_file":"nothing.geojson"}`):        footage.NotFound,
		write("twice.json", `{"code":"a","code":"b"}`):               footage.Invalid,
		large: footage.TooLarge,
	} {
		if _, err := ReadDraft(path); !errors.Is(err, kind) {
			t.Errorf("%s: %v; want %s", filepath.Base(path), err, kind)
		}
	}
}
