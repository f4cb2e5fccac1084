package opendata

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// License is the terms under which all tables are given, as SPDX names them: no rights are reserved.
const License = "CC0-1.0"

// Column is one column of a table; tables keep theirs, in this order, and new ones come last.
type Column struct {
	Name    string `json:"name"`
	Meaning string `json:"meaning"`
}

// Table is a set of rows that is written as CSV, JSON or GeoJSON.
type Table struct {
	Name    string
	Columns []Column
	Rows    []Row
}

// Row is one row: its cells in the order of the columns, and its area if it has one.
type Row struct {
	Cells []any // string, int64, float64, bool or time.Time; the zero time is empty
	ID    string
	Areas []footage.Area
}

// CSV returns the table as RFC 4180 has it, in UTF-8, with a header. A text that a spreadsheet would take for a formula begins
// with an apostrophe.
func (t Table) CSV() ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	if err := w.Write(names); err != nil {
		return nil, fmt.Errorf("write table %s: %w", t.Name, err)
	}
	for _, row := range t.Rows {
		cells := make([]string, len(row.Cells))
		for i, v := range row.Cells {
			cells[i] = cellText(v)
		}
		if err := w.Write(cells); err != nil {
			return nil, fmt.Errorf("write table %s: %w", t.Name, err)
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func cellText(v any) string {
	switch v := v.(type) {
	case string:
		if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
			return "'" + v
		}
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(time.RFC3339)
	}
	return fmt.Sprint(v)
}

// object returns a row as an object with its columns in order.
func (t Table) object(row Row) ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, v := range row.Cells {
		if at, ok := v.(time.Time); ok {
			v = cellText(at)
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("write table %s: %w", t.Name, err)
		}
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%q:%s", t.Columns[i].Name, raw)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// JSON returns an object with the table's name, its license and its rows as objects.
func (t Table) JSON() ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"table":%q,"license":%q,"rows":[`, t.Name, License)
	for i, row := range t.Rows {
		raw, err := t.object(row)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
		out.Write(raw)
	}
	out.WriteString("\n]}\n")
	return out.Bytes(), nil
}

// GeoJSON returns a feature collection (RFC 7946), with the columns as properties. A row without an area has no geometry.
func (t Table) GeoJSON() ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"type":"FeatureCollection","license":%q,"features":[`, License)
	for i, row := range t.Rows {
		properties, err := t.object(row)
		if err != nil {
			return nil, err
		}
		geometry, err := geometryOf(row.Areas)
		if err != nil {
			return nil, fmt.Errorf("write table %s: %w", t.Name, err)
		}
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "\n"+`{"type":"Feature","id":%q,"geometry":%s,"properties":%s}`, row.ID, geometry, properties)
	}
	out.WriteString("\n]}\n")
	return out.Bytes(), nil
}

func geometryOf(areas []footage.Area) ([]byte, error) {
	switch len(areas) {
	case 0:
		return []byte("null"), nil
	case 1:
		return json.Marshal(areas[0])
	}
	var polygons []json.RawMessage
	for _, a := range areas {
		raw, err := json.Marshal(a)
		if err != nil {
			return nil, err
		}
		var one struct {
			Coordinates json.RawMessage `json:"coordinates"`
		}
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, err
		}
		polygons = append(polygons, one.Coordinates)
	}
	return json.Marshal(map[string]any{"type": "MultiPolygon", "coordinates": polygons})
}
