package feed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/footage"
)

const (
	// MaxWhole is up to how many requests one file holds all of them. Beyond, clients take the cells.
	MaxWhole = 200
	// MaxListed is how many of the newest requests the feeds for people hold.
	MaxListed = 100
)

// Renderer renders the files time and again, and only those anew that change. It is for one goroutine at a time.
type Renderer struct {
	Site  Site
	Level int // of the cells
	// Regions are tokens of cells that have feeds for people also while nothing is asked in them.
	Regions []string

	cells    map[string]rendered // by token
	pages    map[string]rendered // of the feeds for people, by path
	whole    rendered
	features map[footage.RequestID][]byte
}

// rendered is a file with the keys of the bundles in it.
type rendered struct {
	keys   string
	file   *File
	sha256 string
}

// parallel is how many files are made at once: their bundles may come from far away.
const parallel = 8

// Render makes the files for the open requests.
func (r *Renderer) Render(ctx context.Context, items []Item) (Set, error) {
	items = slices.SortedFunc(slices.Values(items), newestFirst)
	cells := byCell(items)
	if err := r.renderCells(ctx, cells); err != nil {
		return nil, err
	}
	set := Set{}
	index := Index{Exchange: r.Site.Origin, Level: r.Level, Cells: []IndexCell{}, Updated: newest(r.Site, items)}
	for _, token := range slices.Sorted(maps.Keys(cells)) {
		path := "/feed/cell/" + token + ".json"
		set[path] = r.cells[token].file
		index.Cells = append(index.Cells, IndexCell{Cell: token, Path: path, SHA256: r.cells[token].sha256})
	}
	if len(items) <= MaxWhole {
		whole, err := r.cell(ctx, r.whole, "", items)
		if err != nil {
			return nil, err
		}
		index.Whole = "/feed/all.json"
		r.whole, set[index.Whole] = whole, whole.file
	}
	if _, err := set.json("/feed/index.json", "application/json", index); err != nil {
		return nil, err
	}
	return set, r.forPeople(set, items)
}

func newestFirst(a, b Item) int {
	if c := b.Request.PublishedAt.Compare(a.Request.PublishedAt); c != 0 {
		return c
	}
	return strings.Compare(string(a.Request.ID), string(b.Request.ID))
}

// byCell returns the items of each cell, in their order.
func byCell(items []Item) map[string][]Item {
	cells := map[string][]Item{}
	for _, item := range items {
		for _, token := range item.Cells {
			cells[token] = append(cells[token], item)
		}
	}
	return cells
}

// renderCells makes the cells' files, several at once.
func (r *Renderer) renderCells(ctx context.Context, cells map[string][]Item) error {
	tokens := slices.Collect(maps.Keys(cells))
	made := make([]rendered, len(tokens))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, token := range tokens {
		group.Go(func() (err error) {
			made[i], err = r.cell(ctx, r.cells[token], token, cells[token])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	r.cells = map[string]rendered{}
	for i, token := range tokens {
		r.cells[token] = made[i]
	}
	return nil
}

// cell makes the file of a cell, unless it holds the same bundles as before.
func (r *Renderer) cell(ctx context.Context, old rendered, token string, items []Item) (rendered, error) {
	var all strings.Builder
	for _, item := range items {
		all.WriteString(item.Key + "\n")
	}
	keys := footage.Hash([]byte(all.String()))
	if old.file != nil && old.keys == keys {
		return old, nil
	}
	c := Cell{Exchange: r.Site.Origin, Cell: token, Requests: []json.RawMessage{}}
	for _, item := range items {
		bundle, err := item.Load(ctx)
		if err != nil {
			return rendered{}, err
		}
		c.Requests = append(c.Requests, bundle)
	}
	body, err := json.Marshal(c)
	if err != nil {
		return rendered{}, fmt.Errorf("render cell %s: %w", token, err)
	}
	f, err := NewFile("application/json", body)
	return rendered{keys: keys, file: f, sha256: footage.Hash(body)}, err
}

// forPeople adds the open formats: JSON Feed 1.1, Atom (RFC 4287) and GeoJSON (RFC 7946).
func (r *Renderer) forPeople(s Set, items []Item) error {
	geo, err := r.geoJSON(items)
	if err != nil {
		return err
	}
	if _, err := s.add("/feed/requests.geojson", "application/geo+json", geo); err != nil {
		return err
	}
	return r.renderPages(s, append(pagesOf(items), regionPages(byCell(items), r.Regions)...))
}

// geoJSON returns a [FeatureCollection]. Its features are put together as they were encoded once: a request's does not
// change as long as it is open.
func (r *Renderer) geoJSON(items []Item) ([]byte, error) {
	known := map[footage.RequestID][]byte{}
	features := make([][]byte, 0, len(items))
	for _, item := range items {
		id := item.Request.ID
		raw := r.features[id]
		if raw == nil {
			var err error
			if raw, err = json.Marshal(featureOf(r.Site, item.Request)); err != nil {
				return nil, fmt.Errorf("render feature of request %s: %w", id.Short(), err)
			}
		}
		known[id] = raw
		features = append(features, raw)
	}
	r.features = known
	return slices.Concat([]byte(`{"type":"FeatureCollection","features":[`), bytes.Join(features, []byte(",")), []byte("]}")), nil
}
