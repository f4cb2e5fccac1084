package feed_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
)

// many returns requests that were published an hour apart, the newest at the end.
func many(t *testing.T, n int) []feed.Item {
	t.Helper()
	one := items(t)[0]
	var out []feed.Item
	for i := range n {
		item := one
		item.Request.ID = footage.RequestID(footage.Hash(fmt.Append(nil, "many", i)))
		item.Request.PublishedAt = began().Add(time.Duration(i) * time.Hour)
		item.Request.Updates = nil
		item.Key = fmt.Sprint("many", i)
		out = append(out, item)
	}
	return out
}

// TestIndexIsWhole (T9): of a thousand open requests whoever follows the index gets every one, although they are too many for one
// file; another one changes the index and the files of its own cells alone.
func TestIndexIsWhole(t *testing.T) {
	all := many(t, 1000)
	for i := range all {
		all[i].Cells = []string{fmt.Sprintf("88%02x", i%40), fmt.Sprintf("89%02x", i%7)}
		all[i].Load = func(context.Context) ([]byte, error) { return json.Marshal(all[i].Request.ID) }
	}
	r := feed.Renderer{Site: site(), Level: 10}
	before, err := r.Render(t.Context(), all[:999])
	if err != nil {
		t.Fatal(err)
	}
	set, err := r.Render(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	var index feed.Index
	if err := json.Unmarshal(set["/feed/index.json"].Body, &index); err != nil || index.Whole != "" || set["/feed/all.json"] != nil {
		t.Fatalf("the index names %q for the whole (%v)", index.Whole, err)
	}
	seen := map[string]int{}
	changed := 0
	for _, cell := range index.Cells {
		var file feed.Cell
		if err := json.Unmarshal(set[cell.Path].Body, &file); err != nil || footage.Hash(set[cell.Path].Body) != cell.SHA256 {
			t.Fatalf("%s is not what the index says (%v)", cell.Path, err)
		}
		if before[cell.Path] != set[cell.Path] {
			changed++
		}
		for _, bundle := range file.Requests {
			seen[string(bundle)]++
		}
	}
	if len(seen) != 1000 || changed != 2 {
		t.Errorf("the index leads to %d requests; one more changed %d files", len(seen), changed)
	}
}

// TestPages: whoever follows the feeds for people from page to page finds every request once, and a new request leaves all pages
// but those that it touches the same files.
func TestPages(t *testing.T) {
	all := many(t, feed.MaxListed+60)
	r := feed.Renderer{Site: site(), Level: 10}
	set, err := r.Render(t.Context(), all[:len(all)-1])
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Render(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	base := site().Base
	for _, next := range []func(string, map[string]int) string{nextOfJSON(t, again), nextOfAtom(t, again)} {
		seen := map[string]int{}
		ending := ".json"
		pages, same := 0, 0
		path := "/feed/requests"
		for url := base + path; url != ""; pages++ {
			if pages > 10 {
				t.Fatal("the pages do not end")
			}
			path = strings.TrimPrefix(url, base)
			if strings.HasSuffix(path, ".atom") {
				ending = ".atom"
			}
			if before := set[strings.TrimSuffix(strings.TrimSuffix(path, ".json"), ".atom")+ending]; before != nil && before == again[path] {
				same++
			}
			url = next(path, seen)
		}
		if len(seen) != len(all) || pages < 4 || same != pages-2 {
			t.Errorf("%d requests on %d pages, %d of them the same as before", len(seen), pages, same)
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s is on %d pages", id, n)
			}
		}
	}
}

func nextOfJSON(t *testing.T, set feed.Set) func(string, map[string]int) string {
	return func(path string, seen map[string]int) string {
		var doc feed.JSONFeed
		if err := json.Unmarshal(set[strings.TrimSuffix(path, ".json")+".json"].Body, &doc); err != nil {
			t.Fatal(err)
		}
		for _, item := range doc.Items {
			seen[item.ID]++
		}
		return doc.Next
	}
}

func nextOfAtom(t *testing.T, set feed.Set) func(string, map[string]int) string {
	return func(path string, seen map[string]int) string {
		var doc struct {
			Links []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
			IDs []string `xml:"entry>id"`
		}
		if err := xml.Unmarshal(set[strings.TrimSuffix(path, ".atom")+".atom"].Body, &doc); err != nil {
			t.Fatal(err)
		}
		for _, id := range doc.IDs {
			seen[id]++
		}
		for _, l := range doc.Links {
			if l.Rel == "next" {
				return l.Href
			}
		}
		return ""
	}
}

// TestRegions: every coarse cell in which somebody may ask has a feed of its own, with the requests that touch it and no others, the
// same file as long as nothing changes there.
func TestRegions(t *testing.T) {
	all := many(t, 3)
	all[0].Cells, all[1].Cells, all[2].Cells = []string{"88c"}, []string{"88c", "894"}, []string{"894"}
	r := feed.Renderer{Site: site(), Level: 10, Regions: []string{"88c", "890"}}
	before, err := r.Render(t.Context(), all[:2])
	if err != nil {
		t.Fatal(err)
	}
	set, err := r.Render(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]int{"88c": 2, "894": 2, "890": 0} {
		seen := map[string]int{}
		path := "/feed/region/" + token
		if next := nextOfJSON(t, set)(path+".json", seen); next != "" || len(seen) != want {
			t.Errorf("%s holds %d requests, want %d", path, len(seen), want)
		}
		if body := string(set[path+".atom"].Body); !strings.Contains(body, "<id>"+site().Base+path+".atom</id>") || strings.Count(body, "<entry>") != want {
			t.Errorf("%s.atom:\n%s", path, body)
		}
	}
	if before["/feed/region/88c.atom"] != set["/feed/region/88c.atom"] || before["/feed/region/894.atom"] == set["/feed/region/894.atom"] {
		t.Error("a request in one region changes the feed of another, or not its own")
	}
	if set["/feed/region/89c.atom"] != nil {
		t.Error("there is a feed where nobody may ask")
	}
}
