package feed_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
)

// counted returns n items, each in a cell of its own and every tenth in one that they share, and counts what is loaded.
func counted(n int, loads *sync.Map) []feed.Item {
	var out []feed.Item
	for i := range n {
		d := town.Requests()[0].Document(began(), "en")
		d.Title = fmt.Sprint("Request ", i)
		id, _ := d.ID()
		cells := []string{fmt.Sprintf("89%04x", i)}
		if i%10 == 0 {
			cells = append(cells, "88c")
		}
		out = append(out, feed.Item{Request: footage.PublicRequest{ID: id, Status: footage.Published, Record: footage.Record{Document: d},
			PublishedAt: began().Add(time.Duration(i) * time.Minute)}, Cells: cells, Key: string(id), Load: func(context.Context) ([]byte, error) {
			loads.Store(id, true)
			return []byte(fmt.Sprintf(`{"n":%d}`, i)), nil
		}})
	}
	return out
}

// TestOnlyWhatChangesIsRendered: after a change nothing is loaded but the bundles of the cells that it touches, and every
// other file is the very same.
func TestOnlyWhatChangesIsRendered(t *testing.T) {
	var loads sync.Map
	r := feed.Renderer{Site: site(), Level: 7}
	all := counted(300, &loads)
	before, err := r.Render(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	for name, next := range map[string][]feed.Item{
		"nothing changes":          all,
		"they come in other order": append(slices.Clone(all[100:]), all[:100]...),
	} {
		loads.Clear()
		after, err := r.Render(t.Context(), next)
		if err != nil {
			t.Fatal(err)
		}
		if n := count(&loads); n != 0 || len(changedFiles(before, after)) != 0 {
			t.Errorf("%s: %d bundles loaded, changed %v", name, n, changedFiles(before, after))
		}
	}
	loads.Clear()
	changed := slices.Clone(all)
	changed[5].Key = "another"
	after, err := r.Render(t.Context(), changed)
	if err != nil {
		t.Fatal(err)
	}
	if got := changedFiles(before, after); count(&loads) != 1 || !slices.Equal(got, []string{"/feed/cell/890005.json"}) {
		t.Errorf("a bundle changed: %d loaded, changed %v", count(&loads), got)
	}
	loads.Clear()
	after, err = r.Render(t.Context(), slices.Delete(slices.Clone(changed), 20, 21))
	if err != nil {
		t.Fatal(err)
	}
	if after["/feed/cell/890014.json"] != nil || count(&loads) != 29 {
		t.Errorf("a request left: %d bundles loaded; want those of the cell that it shared", count(&loads))
	}
}

func count(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

// changedFiles returns the paths whose bytes differ, those for people and the index left out.
func changedFiles(a, b feed.Set) (paths []string) {
	for path := range a {
		if strings.HasPrefix(path, "/feed/cell/") && a[path] != b[path] {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// TestLargeFeedsAreCut: beyond a number of requests nobody downloads all of them in one file, and people get the newest.
func TestLargeFeedsAreCut(t *testing.T) {
	var loads sync.Map
	for n, whole := range map[int]bool{feed.MaxWhole: true, feed.MaxWhole + 1: false} {
		r := feed.Renderer{Site: site(), Level: 7}
		set, err := r.Render(t.Context(), counted(n, &loads))
		if err != nil {
			t.Fatal(err)
		}
		if (set["/feed/all.json"] != nil) != whole {
			t.Errorf("%d requests in one file: %v", n, !whole)
		}
		var list feed.JSONFeed
		strict(t, set, "/feed/requests.json", "application/feed+json", &list)
		if len(list.Items) != feed.MaxListed || !strings.HasSuffix(list.Items[0].Title, fmt.Sprint("Request ", n-1)) {
			t.Errorf("the JSON feed of %d holds %d and begins with %q", n, len(list.Items), list.Items[0].Title)
		}
		var features feed.FeatureCollection
		strict(t, set, "/feed/requests.geojson", "application/geo+json", &features)
		if len(features.Features) != n {
			t.Errorf("GeoJSON holds %d of %d", len(features.Features), n)
		}
	}
}

// TestFailedLoadChangesNothing: a bundle that cannot be had fails the rendering, and the next one makes up for it.
func TestFailedLoadChangesNothing(t *testing.T) {
	var loads sync.Map
	r := feed.Renderer{Site: site(), Level: 7}
	all := counted(20, &loads)
	load := all[3].Load
	all[3].Load = func(context.Context) ([]byte, error) { return nil, errors.New("no bucket") }
	if _, err := r.Render(t.Context(), all); err == nil {
		t.Error("rendered without a bundle")
	}
	all[3].Load = load
	set, err := r.Render(t.Context(), all)
	if err != nil || string(set["/feed/cell/890003.json"].Body) == "" {
		t.Error(err)
	}
}
