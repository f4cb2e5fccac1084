package resident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

// Feed is what was downloaded of an exchange's open requests, with the present state of the record, so that opening a request
// asks nobody. No request of it is verified yet: see [Feed.Find] and [Feed.Near].
type Feed struct {
	x       *Exchange
	now     evidence.Standing // what counts at present
	unknown error             // why that could not be verified: then no request is
	bundles []json.RawMessage
	places  []place                   // of the bundles whose area can be read, by ascending index
	held    map[footage.RequestID]int // place of each request
}

func (x *Exchange) newFeed() *Feed { return &Feed{x: x, held: map[footage.RequestID]int{}} }

// place is what matching needs to know of a bundle.
type place struct {
	id     footage.RequestID
	index  int
	bounds geo.Bounds
	region *geo.Region
}

// feedFile is a file of the feed, as package feed writes it: the requests of one cell, or of all.
type feedFile struct {
	Exchange string            `json:"exchange"`
	Cell     string            `json:"cell"`
	Requests []json.RawMessage `json:"requests"`
}

// feedIndex names the cells that have open requests.
type feedIndex struct {
	Exchange string `json:"exchange"`
	Level    int    `json:"s2_level"`
	Cells    []struct {
		Cell string `json:"cell"`
		Path string `json:"path"`
	} `json:"cells"`
}

// wholeFeed is how large, in bytes, the file with all requests may be to be fetched rather than cells of it: fetching all
// tells nothing of where somebody looks.
const wholeFeed = 4 << 20

// WholeFeed downloads all open requests of an exchange if they are few, as a town's or a county's are. Whoever watches
// learns that somebody reads the feed. A large feed is footage.TooLarge; use [Exchange.FeedAround].
func (x *Exchange) WholeFeed(ctx context.Context) (*Feed, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, x.Client.Base+"/feed/all.json", nil)
	if err != nil {
		return nil, footage.E(footage.Invalid, "The exchange's address is not one. It looks like https://exchange.example.")
	}
	res, err := x.Client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch feed: %w", err)
	}
	defer res.Body.Close()
	var raw []byte
	if res.ContentLength <= wholeFeed {
		if raw, err = io.ReadAll(io.LimitReader(res.Body, wholeFeed+1)); err != nil {
			return nil, fmt.Errorf("%w: fetch feed: %w", footage.E(footage.Unavailable, "The exchange's feed broke off. Try again."), err)
		}
	}
	if res.ContentLength > wholeFeed || len(raw) > wholeFeed {
		return nil, footage.Coded(footage.TooLarge, "feed_too_large", "This exchange has too many open requests to fetch them all. Say where you are with --at: only the rough cells around it are fetched, and the place stays on this device.")
	}
	f := x.newFeed()
	if err := f.read(raw); err != nil {
		return nil, err
	}
	return f, f.present(ctx)
}

// present fetches the present state of the record, unless there is no request that needs it.
func (f *Feed) present(ctx context.Context) error {
	if len(f.bundles) == 0 {
		return nil
	}
	verifier := f.x.Verifier
	if verifier == "" {
		b, err := evidence.ParseBundle(f.bundles[0])
		if err != nil {
			f.unknown = untrusted("bad_bundle", "What the exchange gave for its requests cannot be read: "+err.Error())
			return nil
		}
		verifier = b.Verifier
	}
	if f.now, f.unknown = f.x.Present(ctx, verifier); !errors.Is(f.unknown, footage.Untrusted) {
		return f.unknown
	}
	return nil // each request is refused for its own fault first
}

// verify checks one of the feed's bundles, and that what it proves still counts.
func (f *Feed) verify(raw []byte, id footage.RequestID) (evidence.Checked, error) {
	checked, _, err := f.x.verify(raw, id)
	if err == nil {
		err = f.unknown
	}
	if err != nil {
		return evidence.Checked{}, err
	}
	return checked.Against(f.now)
}

// FeedAround downloads the open requests of the coarse cells around a point: its own, of some 80 km, and those that touch
// it. The cells are computed here; the exchange learns at most which cell it is.
func (x *Exchange) FeedAround(ctx context.Context, at footage.Point) (*Feed, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if !(at.Lat >= -90 && at.Lat <= 90 && at.Lon >= -180 && at.Lon <= 180) {
		return nil, footage.Coded(footage.Invalid, "position", "A position is LATITUDE,LONGITUDE in degrees, such as 41.8837,-87.6289.")
	}
	raw, err := x.Client.Get(ctx, "/feed/index.json")
	if err != nil {
		return nil, fmt.Errorf("fetch feed: %w", err)
	}
	var index feedIndex
	if err := json.Unmarshal(raw, &index); err != nil || index.Level != geo.FeedLevel {
		return nil, footage.Coded(footage.Unsupported, "feed_level", "The exchange's feed is made in a way that this program does not know. A newer program may know it.")
	}
	mine := geo.CellsAround(at, index.Level)
	var paths []string
	for _, c := range index.Cells {
		if slices.Contains(mine, c.Cell) {
			paths = append(paths, "/feed/cell/"+c.Cell+".json")
		}
	}
	return x.feedOf(ctx, paths...)
}

// feedOf downloads files of the feed. A cell that is gone by now has no open request any more.
func (x *Exchange) feedOf(ctx context.Context, paths ...string) (*Feed, error) {
	f := x.newFeed()
	for _, path := range paths {
		raw, err := x.Client.Get(ctx, path)
		if errors.Is(err, footage.NotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("fetch feed: %w", err)
		}
		if err := f.read(raw); err != nil {
			return nil, err
		}
	}
	return f, f.present(ctx)
}

// read takes in a file of the feed.
func (f *Feed) read(raw []byte) error {
	var file feedFile
	if err := json.Unmarshal(raw, &file); err != nil {
		return untrusted("bad_feed", "A file of the exchange's feed cannot be read.")
	}
	f.add(file.Requests)
	return nil
}

// add takes bundles in. One whose place cannot be read lies nowhere.
func (f *Feed) add(bundles []json.RawMessage) {
	for _, raw := range bundles {
		var peek struct {
			Record struct {
				Document footage.Document `json:"document"`
			} `json:"record"`
		}
		p := place{index: len(f.bundles)}
		f.bundles = append(f.bundles, raw)
		if json.Unmarshal(raw, &peek) != nil {
			continue
		}
		id, err := peek.Record.Document.ID()
		if _, twice := f.held[id]; err != nil || twice {
			continue // it touches several cells and is here already
		}
		if p.region, err = geo.Compile(peek.Record.Document.Area); err != nil {
			continue
		}
		p.id, p.bounds = id, p.region.Bounds()
		f.held[id] = len(f.places)
		f.places = append(f.places, p)
	}
}

// Find returns a request of the feed, verified. One that the feed does not hold is footage.NotFound: it is closed, or
// belongs to another region.
func (f *Feed) Find(id footage.RequestID) (evidence.Checked, error) {
	if i, ok := f.held[id]; ok {
		return f.verify(f.bundles[f.places[i].index], id)
	}
	return evidence.Checked{}, footage.Coded(footage.NotFound, "not_in_feed", "The feed does not hold this request: it is closed, or belongs to another region.")
}

// FeedFor downloads what is needed to match a place: the whole feed if it is small, else the cells around the place.
func (x *Exchange) FeedFor(ctx context.Context, at footage.Point) (*Feed, error) {
	f, err := x.WholeFeed(ctx)
	if errors.Is(err, footage.TooLarge) {
		return x.FeedAround(ctx, at)
	}
	return f, err
}
