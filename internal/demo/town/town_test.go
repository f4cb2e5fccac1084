package town

import (
	"encoding/json"
	"math"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"porchlight.example/internal/footage"
)

// squareMiles is a plane estimate, good to a part in a thousand at this size.
func squareMiles(a footage.Area) float64 {
	const metresPerDegree = 6371008.8 * math.Pi / 180
	cos, sum := math.Cos(Centre().Lat*math.Pi/180), 0.0
	ring := a.Rings[0]
	for i := 1; i < len(ring); i++ {
		sum += ring[i-1].Lon*ring[i].Lat - ring[i].Lon*ring[i-1].Lat
	}
	return sum / 2 * metresPerDegree * metresPerDegree * cos / 1609.344 / 1609.344
}

func contains(a footage.Area, p footage.Point) bool {
	in := false
	ring := a.Rings[0]
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Lon < (b.Lon-a.Lon)*(p.Lat-a.Lat)/(b.Lat-a.Lat)+a.Lon {
			in = !in
		}
	}
	return in
}

func TestRequestsKeepTheDefaultRules(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	bounds := map[footage.AgencyID]footage.Area{}
	for _, a := range Agencies() {
		bounds[a.ID] = a.Jurisdiction[0]
	}
	codes := map[string]bool{}
	for _, r := range Requests() {
		if size := squareMiles(r.Area); size < 0.05 || size > 0.45 {
			t.Errorf("%s: the area has %.4f sq mi", r.Code, size)
		}
		if !contains(r.Area, r.Place) {
			t.Errorf("%s: the incident point lies outside the area", r.Code)
		}
		for _, p := range r.Area.Rings[0] {
			if !contains(bounds[r.Agency], p) {
				t.Errorf("%s: %v lies outside the jurisdiction", r.Code, p)
			}
		}
		if _, ok := footage.OffenceByCode(r.Offence); !ok {
			t.Errorf("%s: the offence %s is not on the list", r.Code, r.Offence)
		}
		if codes[r.Code] {
			t.Errorf("%s stands twice", r.Code)
		}
		codes[r.Code] = true
		for _, lang := range []string{"en", "es"} {
			d := r.Document(now, lang)
			if d.Title == "" || d.Text == "" || d.AgencyName == "" || len(d.Title) > 100 {
				t.Errorf("%s in %s: title, text or agency is missing or long: %q", r.Code, lang, d.Title)
			}
			if !d.Window.To.Before(now) || d.Window.Duration() < 15*time.Minute || d.Window.Duration() > 12*time.Hour {
				t.Errorf("%s: window %v", r.Code, d.Window)
			}
			if r.End != "" && r.EndText[lang] == "" {
				t.Errorf("%s in %s ends without a word", r.Code, lang)
			}
		}
	}
	if len(codes) < 5 {
		t.Errorf("only %d requests", len(codes))
	}
}

func TestBasemapIsATown(t *testing.T) {
	var m struct {
		Type     string
		Features []struct {
			Properties struct{ Kind, Name string }
		}
	}
	if err := json.Unmarshal(Basemap(), &m); err != nil || m.Type != "FeatureCollection" {
		t.Fatalf("not a FeatureCollection: %v", err)
	}
	streets, kinds := map[string]bool{}, map[string]bool{}
	for _, f := range m.Features {
		kinds[f.Properties.Kind] = true
		if f.Properties.Kind == "street" {
			streets[f.Properties.Name] = true
		}
	}
	if len(streets) < 100 || len(streets) > 200 {
		t.Errorf("%d streets", len(streets))
	}
	for _, kind := range []string{"street", "water", "park", "rail", "building", "place"} {
		if !kinds[kind] {
			t.Errorf("no %s on the map", kind)
		}
	}
}

// The committed map must be what the generator writes.
func TestBasemapIsGenerated(t *testing.T) {
	out := filepath.Join(t.TempDir(), "town.geojson")
	if msg, err := exec.Command("go", "run", "./gen", "-out", out).CombinedOutput(); err != nil {
		t.Fatalf("run the generator: %v\n%s", err, msg)
	}
	if msg, err := exec.Command("cmp", out, "town.geojson").CombinedOutput(); err != nil {
		t.Errorf("town.geojson is not what gen writes; run go generate: %s", msg)
	}
}
