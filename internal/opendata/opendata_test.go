package opendata

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

var (
	id  = strings.Repeat("ab", 32)
	raw = []string{
		`{"at":"2026-10-31T23:00:00Z","data":{"name":"Town"},"kind":"exchange.created","v":1}`,
		`{"at":"2026-10-31T23:10:00Z","data":{"agency":{"id":"oak-police","name":"Oak Police"}},"kind":"agency.registered","v":1}`,
		`{"at":"2026-10-31T23:20:00Z","data":{"agency":"oak-police","person":"p-00000000000000000000000001","roles":["officer","supervisor"]},"kind":"person.enrolled","v":1}`,
		`{"at":"2026-11-01T01:00:00Z","data":{"agency":"oak-police","assertions_sha256":"x","request":"` + id + `"},"kind":"request.published","v":1}`,
		`{"at":"2026-11-02T01:00:00Z","data":{"kind":"withdrawn","request":"` + id + `"},"kind":"request.updated","v":1}`,
		`{"at":"2026-11-03T01:00:00Z","data":{"agency":"oak-police","outcome":"refused","reasons":["area_too_large","Not a code!",{"code":"no_case"}],"request":"` + strings.Repeat("cd", 32) + `"},"kind":"moderation.refused","v":1}`,
		`{"at":"2026-11-03T01:00:00Z","data":{"later":{"deep":[1]}},"kind":"kind.from.later","v":9}`,
		`{"at":"2026-11-04T01:00:00Z","data":{"epoch":{"agency":"oak-police","number":1}},"kind":"epoch.opened","v":1}`,
		`{"at":"2026-11-05T01:00:00Z","data":{"person":"p-00000000000000000000000001"},"kind":"person.disabled","v":1}`,
	}
)

func book(t *testing.T, entries ...string) *Book {
	t.Helper()
	b := NewBook()
	for _, e := range entries {
		if err := b.Add([]byte(e)); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// TestBook: whatever kinds there are, entries are found by kind, agency and subject, and counted by month and reason (T4, T5).
func TestBook(t *testing.T) {
	b := book(t, raw...)
	for name, c := range map[string]struct {
		got  []int64
		want []int64
	}{
		"agency":              {b.Indexes("", "oak-police"), []int64{1, 2, 3, 4, 5, 7, 8}},
		"kind":                {b.Indexes("request.updated", ""), []int64{4}},
		"a kind of an agency": {b.Indexes("epoch.opened", "oak-police"), []int64{7}},
		"another agency":      {b.Indexes("epoch.opened", "elm-police"), nil},
		"a later kind":        {b.Indexes("kind.from.later", ""), []int64{6}},
		"a request's life":    {b.About(id), []int64{3, 4}},
		"a person's":          {b.About("p-00000000000000000000000001"), []int64{2, 8}},
		"nobody's":            {b.About("p-00000000000000000000000002"), nil},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	oak := footage.AgencyID("oak-police")
	want := []Count{
		{Cell{"2026-10", "", "exchange.created", "", ""}, 1}, {Cell{"2026-10", oak, "agency.registered", "", ""}, 1}, {Cell{"2026-10", oak, "person.enrolled", "", ""}, 1},
		{Cell{"2026-11", "", "kind.from.later", "", ""}, 1}, {Cell{"2026-11", oak, "epoch.opened", "", ""}, 1}, {Cell{"2026-11", oak, "moderation.refused", "refused", "area_too_large"}, 1},
		{Cell{"2026-11", oak, "moderation.refused", "refused", "no_case"}, 1}, {Cell{"2026-11", oak, "person.disabled", "", ""}, 1}, {Cell{"2026-11", oak, "request.published", "", ""}, 1},
		{Cell{"2026-11", oak, "request.updated", "withdrawn", ""}, 1},
	}
	if diff := cmp.Diff(want, b.Counts("")); diff != "" {
		t.Error(diff)
	}
	if roles := b.Roles(oak); len(roles) != 0 {
		t.Errorf("a disabled person still counts: %v", roles)
	}
	if roles := book(t, raw[:4]...).Roles(oak); roles[footage.Officer] != 1 || roles[footage.Supervisor] != 1 {
		t.Errorf("roles %v", roles)
	}
	if err := b.Add([]byte("{")); err == nil || b.Size() != int64(len(raw)) {
		t.Errorf("half an entry: %v, %d entries", err, b.Size())
	}
}

// TestTables: a table is the same rows in each form, and a text is no formula (T9).
func TestTables(t *testing.T) {
	doc := footage.Document{Agency: "oak-police", AgencyName: "Oak, \"the\" Police", Title: "=HYPERLINK(\"x\")", Code: "-1", Window: footage.Window{From: day(1), To: day(1).Add(90 * time.Minute)},
		Area: footage.Area{Rings: [][]footage.Point{{{Lon: 1, Lat: 2}, {Lon: 2, Lat: 2}, {Lon: 2, Lat: 3}, {Lon: 1, Lat: 2}}}}}
	var list []footage.PublicRequest
	for i := range 3 {
		list = append(list, footage.PublicRequest{ID: footage.RequestID(footage.Hash(fmt.Append(nil, i))), Record: footage.Record{Document: doc}, Status: footage.Published, PublishedAt: day(9 - i), SquareMiles: 0.25, LogIndex: int64(i)})
	}
	list[1].Updates = []footage.UpdateRecord{{Update: footage.Update{Kind: footage.Resolved, At: day(20)}}}
	table := Requests(list, "https://x.example")
	csvRaw, err := table.CSV()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(csvRaw))).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if first := rows[1]; first[0] != string(list[2].ID) || first[5] != `'=HYPERLINK("x")` || first[3] != "'-1" || first[15] != "0.375" || first[10] != "" || rows[2][10] != "2026-11-20T00:00:00Z" {
		t.Errorf("rows %q", rows)
	}
	jsonRaw, err := table.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var object struct {
		License string
		Rows    []map[string]any
	}
	if err := json.Unmarshal(jsonRaw, &object); err != nil || object.License != License || len(object.Rows) != 3 || object.Rows[0]["title"] != doc.Title {
		t.Errorf("%v: %s", err, jsonRaw)
	}
	geoRaw, err := table.GeoJSON()
	if err != nil {
		t.Fatal(err)
	}
	var features struct {
		Features []struct {
			ID         string
			Geometry   footage.Area
			Properties map[string]any
		}
	}
	if err := json.Unmarshal(geoRaw, &features); err != nil || features.Features[0].Geometry.Rings[0][1].Lon != 2 || features.Features[0].Properties["camera_hours"] != 0.375 {
		t.Errorf("%v: %s", err, geoRaw)
	}
}

func day(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }

// TestAgencies: an agency's acts are counted however few they are, and a jurisdiction of several parts is one geometry.
func TestAgencies(t *testing.T) {
	square := footage.Area{Rings: [][]footage.Point{{{Lon: 1, Lat: 2}, {Lon: 2, Lat: 2}, {Lon: 2, Lat: 3}, {Lon: 1, Lat: 2}}}}
	var sums Sums
	sums.Add(true, 0.5)
	b := book(t, raw[:4]...)
	table := b.Agencies([]footage.Standing{{Agency: footage.Agency{ID: "oak-police", Jurisdiction: []footage.Area{square, square}}, Since: day(1)}},
		map[footage.AgencyID]Sums{"oak-police": sums}, "https://x.example")
	raw, err := table.GeoJSON()
	if err != nil || !json.Valid(raw) || !strings.Contains(string(raw), `"MultiPolygon"`) || !strings.Contains(string(raw), `"requests":1`) || !strings.Contains(string(raw), `"people_officer":1`) {
		t.Errorf("%v: %s", err, raw)
	}
}

// TestColumnsAreDescribed: doc/formats.md names every column, in the order in which it comes.
func TestColumnsAreDescribed(t *testing.T) {
	doc, err := os.ReadFile("../../doc/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, columns := range map[string][]Column{"agencies": AgencyColumns(), "figures": CountColumns(), "requests": RequestColumns(), "entries": LineColumns(), "legal-demands": DemandColumns(), "erasures": ErasureColumns(), "notices": NoticeColumns(), "complaints": ComplaintColumns(), "decisions": DecisionColumns(), "followups": FollowUpColumns(), "urgent": ClockColumns()} {
		var names []string
		for _, c := range columns {
			names = append(names, "`"+c.Name+"`")
		}
		if line := "| " + name + " | " + strings.Join(names, ", ") + " |"; !strings.Contains(string(doc), line) {
			t.Errorf("formats.md lacks the line\n%s", line)
		}
	}
}
