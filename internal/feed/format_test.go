package feed_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
)

func site() feed.Site {
	return feed.Site{Name: "Lantern County <Exchange> & Friends", Origin: "town.example/porchlight", Base: "https://exchange.example", Since: began()}
}

func began() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// items returns the town's requests in cells of their own and one that they share. The bundles are stand-ins: what is in
// them is not the feed's to know.
func items(t *testing.T) []feed.Item {
	t.Helper()
	var out []feed.Item
	for i, r := range town.Requests() {
		d := r.Document(began().AddDate(0, 6, 0), "en")
		id, err := d.ID()
		if err != nil {
			t.Fatal(err)
		}
		p := footage.PublicRequest{ID: id, Status: footage.Published, Record: footage.Record{Document: d}, PublishedAt: began().Add(time.Duration(i) * time.Hour), SquareMiles: 0.2}
		out = append(out, feed.Item{Request: p, Key: fmt.Sprint(i), Load: bundle(fmt.Sprintf(`{"n":%d}`, i)), Cells: []string{"88c", fmt.Sprintf("88%d", i)}})
	}
	return out
}

func bundle(raw string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return []byte(raw), nil }
}

func rendered(t *testing.T, s feed.Site, all []feed.Item) feed.Set {
	t.Helper()
	r := feed.Renderer{Site: s, Level: 7}
	set, err := r.Render(context.Background(), all)
	if err != nil {
		t.Fatal(err)
	}
	for path, f := range set {
		z, err := gzip.NewReader(bytes.NewReader(f.Gzip))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if plain, err := io.ReadAll(z); err != nil || !bytes.Equal(plain, f.Body) {
			t.Errorf("%s: what is compressed is not what is not: %v", path, err)
		}
		if f.ETag == f.GzipETag || len(f.ETag) < 20 || f.ETag[0] != '"' || f.GzipETag[len(f.GzipETag)-1] != '"' {
			t.Errorf("%s: tags %s and %s", path, f.ETag, f.GzipETag)
		}
	}
	return set
}

// strict decodes JSON and refuses members that the format of the target does not have.
func strict(t *testing.T, set feed.Set, path, mediaType string, v any) {
	t.Helper()
	f := set[path]
	if f == nil {
		t.Fatalf("there is no %s", path)
	}
	if f.Type != mediaType {
		t.Errorf("%s is %s", path, f.Type)
	}
	dec := json.NewDecoder(bytes.NewReader(f.Body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		t.Errorf("%s: %v", path, err)
	}
}

// TestCells: the index names each cell's file by its content, and a file holds the requests of its cell and no others.
func TestCells(t *testing.T) {
	all := items(t)
	set := rendered(t, site(), all)
	var index feed.Index
	strict(t, set, "/feed/index.json", "application/json", &index)
	if index.Exchange != site().Origin || index.Level != 7 || !index.Updated.Equal(began().Add(5*time.Hour)) || len(index.Cells) != len(all)+1 {
		t.Errorf("index: %+v", index)
	}
	listed := map[string]bool{}
	for i, c := range index.Cells {
		if i > 0 && index.Cells[i-1].Cell >= c.Cell {
			t.Errorf("cell %s is out of order", c.Cell)
		}
		listed[c.Path] = true
		var cell feed.Cell
		strict(t, set, c.Path, "application/json", &cell)
		if footage.Hash(set[c.Path].Body) != c.SHA256 || cell.Cell != c.Cell || cell.Exchange != site().Origin || c.Path != "/feed/cell/"+c.Cell+".json" {
			t.Errorf("%+v holds cell %q of %q", c, cell.Cell, cell.Exchange)
		}
		var want []string
		for _, item := range slices.Backward(all) { // the newest first
			if slices.Contains(item.Cells, c.Cell) {
				raw, _ := item.Load(t.Context())
				want = append(want, string(raw))
			}
		}
		var got []string
		for _, b := range cell.Requests {
			got = append(got, string(b))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("cell %s: %s", c.Cell, diff)
		}
	}
	var whole feed.Cell
	strict(t, set, "/feed/all.json", "application/json", &whole)
	if len(whole.Requests) != len(all) || whole.Cell != "" {
		t.Errorf("all.json holds %d requests of cell %q", len(whole.Requests), whole.Cell)
	}
	for path := range set {
		if strings.HasPrefix(path, "/feed/cell/") && !listed[path] {
			t.Errorf("%s is not in the index", path)
		}
	}
	if want := len(all) + 1 + 5 + 2*len(index.Cells); len(set) != want {
		t.Errorf("%d files, not %d", len(set), want)
	}
}

// TestSameBytes: a file depends on what it tells and on nothing else, such as the order in which requests are given.
func TestSameBytes(t *testing.T) {
	all := items(t)
	first := rendered(t, site(), all)
	for range 5 {
		shuffled := slices.Clone(all)
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if diff := cmp.Diff(first, rendered(t, site(), shuffled), cmpopts.IgnoreUnexported(feed.File{})); diff != "" {
			t.Fatal(diff)
		}
	}
	amended := slices.Clone(all)
	amended[2].Request.Updates = []footage.UpdateRecord{{Update: footage.Update{Kind: footage.Amended, At: began().Add(99 * time.Hour)}}}
	amended[2].Key, amended[2].Load = "amended", bundle(`{"n":"amended"}`)
	second := rendered(t, site(), amended)
	for path, f := range first {
		cell := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(path, "/feed/cell/"), "/feed/region/"), ".json"), ".atom")
		touched := strings.HasPrefix(cell, "/") || cell == "88c" || cell == "882"
		if path == "/feed/requests.geojson" {
			touched = false // it does not tell of updates
		}
		if changed := f.ETag != second[path].ETag; changed != touched {
			t.Errorf("%s: changed %v, not %v", path, changed, touched)
		}
	}
}

// TestNothingOpen: a feed without requests is a valid feed that is as old as its exchange.
func TestNothingOpen(t *testing.T) {
	set := rendered(t, site(), nil)
	var index feed.Index
	strict(t, set, "/feed/index.json", "application/json", &index)
	if index.Cells == nil || len(index.Cells) != 0 || !index.Updated.Equal(began()) {
		t.Errorf("index: %+v", index)
	}
	if !bytes.Contains(set["/feed/all.json"].Body, []byte(`"requests":[]`)) || len(set) != 5 {
		t.Errorf("%d files, all.json %s", len(set), set["/feed/all.json"].Body)
	}
	checkJSONFeed(t, set, 0)
	checkAtom(t, set, 0)
	checkGeoJSON(t, set, 0)
}

func TestFormats(t *testing.T) {
	all := items(t)
	evil := &all[0].Request.Record.Document
	evil.Title, evil.Text = `]]><script>&"'`, "\u202e<b>\u0000\u0008\ufffe</b>\nשלום 🚗"
	evil.AgencyName = `A & B <Police>`
	evil.Zone = "Nowhere/Land"
	set := rendered(t, site(), all)
	checkJSONFeed(t, set, len(all))
	checkAtom(t, set, len(all))
	checkGeoJSON(t, set, len(all))
}

// TestFictional: a demonstration says what it is on every channel.
func TestFictional(t *testing.T) {
	s := site()
	s.Fictional = true
	set := rendered(t, s, items(t))
	for _, path := range []string{"/feed/requests.json", "/feed/requests.atom"} {
		if !bytes.Contains(set[path].Body, []byte("(demonstration: no agency here is real)")) {
			t.Errorf("%s does not say that it is a demonstration", path)
		}
	}
}

// checkJSONFeed checks the members that JSON Feed 1.1 requires, and those that ours has.
func checkJSONFeed(t *testing.T, set feed.Set, n int) {
	t.Helper()
	type author struct{ Name, URL string }
	var doc struct {
		Version  string
		Title    string
		Home     string `json:"home_page_url"`
		Feed     string `json:"feed_url"`
		Language string
		Items    []struct {
			ID, URL, Title, Language string
			Text                     string    `json:"content_text"`
			Published                time.Time `json:"date_published"`
			Modified                 time.Time `json:"date_modified"`
			Authors                  []author
		}
	}
	strict(t, set, "/feed/requests.json", "application/feed+json", &doc)
	if doc.Version != "https://jsonfeed.org/version/1.1" || doc.Title == "" || doc.Items == nil || len(doc.Items) != n || doc.Language == "" {
		t.Errorf("JSON Feed %q of version %s with %d items", doc.Title, doc.Version, len(doc.Items))
	}
	for _, link := range []string{doc.Home, doc.Feed} {
		if !strings.HasPrefix(link, "https://exchange.example/") {
			t.Errorf("JSON Feed leads to %q", link)
		}
	}
	seen := map[string]bool{}
	for _, item := range doc.Items {
		if item.ID == "" || seen[item.ID] || item.Text == "" || item.URL == "" || item.Language == "" || item.Published.IsZero() || item.Modified.Before(item.Published) {
			t.Errorf("item %+v", item)
		}
		seen[item.ID] = true
		if len(item.Authors) != 1 || !strings.HasPrefix(item.Title, item.Authors[0].Name+": ") || !strings.HasPrefix(item.Text, item.Authors[0].Name) ||
			!strings.HasPrefix(item.Authors[0].URL, "https://exchange.example/agencies/") {
			t.Errorf("the agency does not come first: %q by %+v", item.Title, item.Authors)
		}
	}
}

// checkAtom checks what RFC 4287, section 4, requires of a feed and its entries.
func checkAtom(t *testing.T, set feed.Set, n int) {
	t.Helper()
	f := set["/feed/requests.atom"]
	if f == nil || f.Type != "application/atom+xml" {
		t.Fatalf("no Atom feed, or %s", f.Type)
	}
	type link struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	}
	var doc struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      []string `xml:"http://www.w3.org/2005/Atom id"`
		Title   []string `xml:"http://www.w3.org/2005/Atom title"`
		Updated []string `xml:"http://www.w3.org/2005/Atom updated"`
		Links   []link   `xml:"http://www.w3.org/2005/Atom link"`
		Entries []struct {
			ID        []string `xml:"http://www.w3.org/2005/Atom id"`
			Title     []string `xml:"http://www.w3.org/2005/Atom title"`
			Updated   []string `xml:"http://www.w3.org/2005/Atom updated"`
			Published []string `xml:"http://www.w3.org/2005/Atom published"`
			Authors   []string `xml:"http://www.w3.org/2005/Atom author>name"`
			Links     []link   `xml:"http://www.w3.org/2005/Atom link"`
			Content   []struct {
				Type string `xml:"type,attr"`
				Text string `xml:",chardata"`
			} `xml:"http://www.w3.org/2005/Atom content"`
		} `xml:"http://www.w3.org/2005/Atom entry"`
	}
	if err := xml.Unmarshal(f.Body, &doc); err != nil {
		t.Fatalf("Atom: %v", err)
	}
	one := func(what string, list []string) string {
		if len(list) != 1 || list[0] == "" {
			t.Errorf("Atom: %d times %s: %q", len(list), what, list)
			return ""
		}
		return list[0]
	}
	iri := func(what string, list []string) string {
		s := one(what, list)
		if u, err := url.Parse(s); err != nil || u.Scheme == "" {
			t.Errorf("Atom: %s %q is no IRI", what, s)
		}
		return s
	}
	moment := func(what string, list []string) time.Time {
		at, err := time.Parse(time.RFC3339, one(what, list))
		if err != nil {
			t.Errorf("Atom: %s: %v", what, err)
		}
		return at
	}
	id := iri("feed's id", doc.ID)
	one("feed's title", doc.Title)
	if moment("feed's updated", doc.Updated).Year() != 2026 {
		t.Errorf("Atom: updated %v", doc.Updated)
	}
	if !slices.Contains(doc.Links, link{"self", id}) {
		t.Errorf("Atom: links %v", doc.Links)
	}
	if len(doc.Entries) != n {
		t.Errorf("Atom: %d entries, not %d", len(doc.Entries), n)
	}
	seen := map[string]bool{}
	for _, e := range doc.Entries {
		id := iri("entry's id", e.ID)
		if seen[id] {
			t.Errorf("Atom: entry %s twice", id)
		}
		seen[id] = true
		author := one("author", e.Authors)
		if !strings.HasPrefix(one("entry's title", e.Title), author+": ") {
			t.Errorf("Atom: %q does not begin with %q", e.Title, author)
		}
		if moment("entry's updated", e.Updated).Before(moment("entry's published", e.Published)) {
			t.Errorf("Atom: updated %v before %v", e.Updated, e.Published)
		}
		if len(e.Links) != 1 || !strings.HasPrefix(e.Links[0].Href, "https://exchange.example/requests/") || len(e.Content) != 1 || e.Content[0].Type != "text" || !strings.HasPrefix(e.Content[0].Text, author) {
			t.Errorf("Atom: entry %+v", e)
		}
	}
}

// checkGeoJSON checks RFC 7946: features with polygons whose rings are closed, positions of longitude and latitude.
func checkGeoJSON(t *testing.T, set feed.Set, n int) {
	t.Helper()
	var doc struct {
		Type     string
		Features []struct {
			Type, ID string
			Geometry struct {
				Type        string
				Coordinates [][][2]float64
			}
			Properties struct {
				Agency, Title, Code, Offence, URL string
				Window                            footage.Window
				Closes                            time.Time
				SquareMiles                       float64 `json:"area_sq_mi"`
			}
		}
	}
	strict(t, set, "/feed/requests.geojson", "application/geo+json", &doc)
	if doc.Type != "FeatureCollection" || doc.Features == nil || len(doc.Features) != n {
		t.Errorf("GeoJSON: %s with %d features", doc.Type, len(doc.Features))
	}
	for _, f := range doc.Features {
		if f.Type != "Feature" || f.ID == "" || f.Geometry.Type != "Polygon" || f.Properties.Agency == "" || f.Properties.Code == "" {
			t.Errorf("GeoJSON: %+v", f)
		}
		for _, ring := range f.Geometry.Coordinates {
			if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
				t.Errorf("GeoJSON: the ring %v is not closed", ring)
			}
			for _, p := range ring {
				if p[0] < -87.1 || p[0] > -86.9 || p[1] < 44.2 || p[1] > 44.4 {
					t.Errorf("GeoJSON: %v is not in the town: longitude comes first", p)
				}
			}
		}
	}
}
