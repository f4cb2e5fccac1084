package townmap_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/townmap"
)

func basemap(t *testing.T) *townmap.Basemap {
	t.Helper()
	b, err := townmap.Parse(town.Basemap())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wellFormed reads a drawing as XML and returns how many elements of each class it has.
func wellFormed(t *testing.T, svg string) map[string]int {
	t.Helper()
	classes := map[string]int{}
	dec := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return classes
		}
		if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if a.Name.Local == "class" {
					for _, c := range strings.Fields(a.Value) {
						classes[c]++
					}
				}
			}
		}
	}
}

var coordinate = regexp.MustCompile(`-?\d+(?:\.\d+)?`)

func TestParse(t *testing.T) {
	b := basemap(t)
	if len(b.Features) < 50 {
		t.Fatalf("the town has %d features", len(b.Features))
	}
	raw, err := b.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := townmap.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b, again); diff != "" {
		t.Error(diff)
	}
	feature := func(geometry string) string {
		return `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"street","name":"Elm"},"geometry":` + geometry + `}]}`
	}
	for bad, says := range map[string]string{
		`hello`:                      "FeatureCollection",
		`{"type":"Feature"}`:         "FeatureCollection",
		feature(`{"type":"Circle"}`): "unknown",
		feature(`{"type":"LineString","coordinates":[["a",1]]}`):  "cannot be read",
		feature(`{"type":"LineString","coordinates":[[181,1]]}`):  "outside the world",
		feature(`{"type":"Polygon","coordinates":[[[1,-90.5]]]}`): "outside the world",
	} {
		if _, err := townmap.Parse([]byte(bad)); footage.KindOf(err) != footage.Invalid || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, not %q", bad, err, says)
		}
	}
	if b, err := townmap.Parse([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"parking"},"geometry":{"type":"Circle"}}]}`)); err != nil || len(b.Features) != 0 {
		t.Errorf("a kind that is not drawn: %v, %v", b, err)
	}
}

// TestDrawing: the drawing is whole, names itself, marks each area and shows no more than its frame.
func TestDrawing(t *testing.T) {
	var areas []footage.Area
	for _, r := range town.Requests() {
		areas = append(areas, r.Area)
	}
	m := townmap.Map{Basemap: basemap(t), Areas: areas, Labels: townmap.Numbers(len(areas)), Bounds: town.Agencies()[0].Jurisdiction, ID: "map", North: "N",
		Title: "<Streets> & \"areas\"", Desc: "Each area is numbered."}
	svg := string(m.SVG())
	classes := wellFormed(t, svg)
	for class, want := range map[string]int{"m-area": len(areas), "m-number": len(areas), "m-number-text": len(areas), "m-bounds": 1, "m-scale": 1, "m-north": 1, "m-graticule": 0} {
		if classes[class] != want {
			t.Errorf("%d times %s, not %d", classes[class], class, want)
		}
	}
	if !strings.Contains(svg, `aria-labelledby="map-title map-desc"`) && !strings.Contains(svg, `aria-labelledby="map-title"`) || !strings.Contains(svg, `role="img"`) || !strings.Contains(svg, "&lt;Streets&gt; &amp; &#34;areas&#34;") {
		t.Errorf("the drawing does not say what it is: %.300s", svg)
	}
	for _, r := range town.Requests() {
		one := string(townmap.Map{Basemap: m.Basemap, Areas: []footage.Area{r.Area}, ID: "map", North: "N", Title: "t", Desc: "d"}.SVG())
		path := regexp.MustCompile(`class="m-area" d="([^"]*)"`).FindStringSubmatch(one)
		if path == nil {
			t.Fatalf("%s is not drawn", r.Code)
		}
		for i, s := range coordinate.FindAllString(path[1], -1) {
			if v, err := strconv.ParseFloat(s, 64); err != nil || v < 0 || v > []float64{townmap.Width, townmap.Height}[i%2] {
				t.Errorf("%s leaves the frame at %s", r.Code, s)
			}
		}
	}
	if again := string(m.SVG()); again != svg {
		t.Error("the same map gives another drawing")
	}
}

// TestWithoutABasemap: the area stands on lines of longitude and latitude, anywhere on Earth.
func TestWithoutABasemap(t *testing.T) {
	for _, at := range []footage.Point{{Lon: 0, Lat: 0}, {Lon: -87, Lat: 44.3}, {Lon: 151.2, Lat: -33.9}, {Lon: 179.9, Lat: 70}, {Lon: -179.99, Lat: -69}} {
		ring := []footage.Point{at, {Lon: at.Lon + 0.005, Lat: at.Lat}, {Lon: at.Lon + 0.005, Lat: at.Lat + 0.005}, at}
		svg := string(townmap.Map{Areas: []footage.Area{{Rings: [][]footage.Point{ring}}}, ID: "m", North: "N", Title: "t", Desc: "d"}.SVG())
		classes := wellFormed(t, svg)
		if classes["m-area"] != 1 || classes["m-graticule"] != 1 || classes["m-degree"] < 2 || strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%v: %v", at, classes)
		}
	}
	for name, m := range map[string]townmap.Map{"nothing": {}, "an area without a point": {Areas: []footage.Area{{}}}} {
		if svg := m.SVG(); svg != "" {
			t.Errorf("%s is drawn as %s", name, svg)
		}
	}
}

// TestHostileNames: what a basemap calls a street is text.
func TestHostileNames(t *testing.T) {
	b := &townmap.Basemap{Features: []townmap.Feature{{Kind: townmap.Street, Name: `</text><script>"'&`, Lines: [][]footage.Point{{{Lon: -87.01, Lat: 44.3}, {Lon: -86.99, Lat: 44.3}}}}}}
	svg := string(townmap.Map{Basemap: b, Areas: []footage.Area{town.Requests()[3].Area}, ID: "m", North: "N", Title: "t", Desc: "d"}.SVG())
	if wellFormed(t, svg)["m-name"] != 1 || strings.Contains(svg, "<script") {
		t.Errorf("the name became markup, or is missing: %s", svg)
	}
}

func TestStreetsIn(t *testing.T) {
	b := basemap(t)
	got := b.StreetsIn(town.Requests()[0].Area)
	for _, want := range []string{"Larch Street", "Main Street", "8th Avenue"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not among %v", want, got)
		}
	}
	for _, not := range []string{"Ferry Road", "Airfield Road"} { // across the river
		if slices.Contains(got, not) {
			t.Errorf("%s is among %v", not, got)
		}
	}
	if diff := cmp.Diff(got, b.StreetsIn(town.Requests()[0].Area)); diff != "" {
		t.Error(diff)
	}
	var none *townmap.Basemap
	if got := none.StreetsIn(town.Requests()[0].Area); got != nil {
		t.Errorf("no map has the streets %v", got)
	}
}

func TestNumbers(t *testing.T) {
	if got := fmt.Sprint(townmap.Numbers(3), townmap.Numbers(0)); got != "[1 2 3] []" {
		t.Error(got)
	}
}
