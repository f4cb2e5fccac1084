package resident

import (
	"encoding/json"
	"errors"
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

// FuzzFeed reads any file of a feed: it is refused, or each request that it places is the one that its text hashes to, and
// lies where its text says. Nothing of it is believed before [Feed.Find] verified it.
func FuzzFeed(f *testing.F) {
	bundle := func(title string) string {
		raw, err := json.Marshal(map[string]any{"record": map[string]any{"document": footage.Document{Title: title, Area: geo.Square(footage.Point{Lon: -87.65, Lat: 41.88}, 300_000)}}})
		if err != nil {
			f.Fatal(err)
		}
		return string(raw)
	}
	one, two := bundle("Hit and run"), bundle("Theft")
	good := []byte(`{"exchange":"x","cell":"89c25","requests":[` + one + `,` + two + `,` + one + `]}`)
	if feed := (&Exchange{}).newFeed(); feed.read(good) != nil || len(feed.held) != 2 || len(feed.bundles) != 3 {
		f.Fatalf("the seed holds %d requests in %d bundles", len(feed.held), len(feed.bundles))
	}
	f.Add(good)
	f.Add([]byte(`{"requests":[{},null,7,{"record":{"document":{"area":{"type":"Polygon","coordinates":[[[1,2]]]}}}}]}`))
	f.Add([]byte(`{"requests":{}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		feed := (&Exchange{}).newFeed()
		if err := feed.read(raw); err != nil {
			if !errors.Is(err, footage.Untrusted) {
				t.Errorf("kind %q: %v", footage.KindOf(err), err)
			}
			return
		}
		if len(feed.held) != len(feed.places) || len(feed.places) > len(feed.bundles) {
			t.Fatalf("%d requests at %d places in %d bundles", len(feed.held), len(feed.places), len(feed.bundles))
		}
		for id, i := range feed.held {
			p := feed.places[i]
			var whole struct {
				Record struct{ Document footage.Document }
			}
			if err := json.Unmarshal(feed.bundles[p.index], &whole); err != nil {
				t.Fatal(err)
			}
			if got, err := whole.Record.Document.ID(); err != nil || got != id || p.id != id || p.region == nil {
				t.Errorf("%s is held as %s, %v", got, id, err)
			}
		}
	})
}
