// Package feed renders the open requests as files:
//
//	/feed/index.json        which coarse cells have open requests ([Index])
//	/feed/cell/TOKEN.json   the requests that touch one cell, whole, with their proofs ([Cell])
//	/feed/all.json          all requests, in the same form
//	/feed/requests.json     JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)
//	/feed/requests.atom     Atom (RFC 4287)
//	/feed/requests.geojson  GeoJSON (RFC 7946)
//
// The first three are for clients, which match on their own device and verify each request's bundle; the others are for
// people and maps. The files are made of public requests alone, never of shares, so that nobody can read from them what
// residents did. A file changes only when what it tells changes: the same requests give the same bytes. They are served
// from memory, or by any web server or cache; reading them asks the database nothing.
package feed

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"porchlight.example/internal/footage"
)

// Site is what the files say of their exchange.
type Site struct {
	Name      string // for people
	Origin    string // name of the log
	Base      string // such as "https://exchange.example", without a slash at the end
	Fictional bool
	Since     time.Time // when the exchange began: what a feed without requests says of its age
}

// Item is one public request.
type Item struct {
	Request footage.PublicRequest
	Bundle  []byte   // canonical JSON of the request with its proofs
	Cells   []string // tokens of the coarse cells that its area touches
}

// File is a rendered file with what HTTP needs to serve it. It is immutable.
type File struct {
	Type     string // media type
	Body     []byte
	Gzip     []byte // the body compressed
	ETag     string // of Body: strong, quoted
	GzipETag string // of Gzip: a strong tag names the bytes that are sent (RFC 9110, 8.8.3.3)
}

// Set maps paths such as "/feed/index.json" to files. It is immutable.
type Set map[string]*File

// Index is /feed/index.json: which cells have open requests. A cell that is not listed has none.
type Index struct {
	Exchange string      `json:"exchange"`
	Level    int         `json:"s2_level"`
	Cells    []IndexCell `json:"cells"`
	Updated  time.Time   `json:"updated"` // of the newest request or update among them
}

// IndexCell names one cell's file by its content.
type IndexCell struct {
	Cell   string `json:"cell"` // S2 token
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Cell is /feed/cell/TOKEN.json: the open requests whose areas touch a coarse cell, whole.
type Cell struct {
	Exchange string            `json:"exchange"`
	Cell     string            `json:"cell"`
	Requests []json.RawMessage `json:"requests"` // bundles
}

// Render makes all files for the open requests; level is that of the cells.
func Render(site Site, level int, items []Item) (Set, error) {
	set := Set{}
	items = slices.Clone(items)
	sort.SliceStable(items, func(i, j int) bool {
		a, b := items[i].Request, items[j].Request
		if !a.PublishedAt.Equal(b.PublishedAt) {
			return a.PublishedAt.After(b.PublishedAt)
		}
		return a.ID < b.ID
	})
	index := Index{Exchange: site.Origin, Level: level, Cells: []IndexCell{}, Updated: newest(site, items)}
	cells := byCell(items)
	for _, token := range slices.Sorted(maps.Keys(cells)) {
		path := "/feed/cell/" + token + ".json"
		f, err := set.json(path, "application/json", Cell{Exchange: site.Origin, Cell: token, Requests: cells[token]})
		if err != nil {
			return nil, err
		}
		index.Cells = append(index.Cells, IndexCell{Cell: token, Path: path, SHA256: footage.Hash(f.Body)})
	}
	all := Cell{Exchange: site.Origin, Cell: "", Requests: []json.RawMessage{}}
	for _, item := range items {
		all.Requests = append(all.Requests, item.Bundle)
	}
	for path, v := range map[string]any{"/feed/index.json": index, "/feed/all.json": all} {
		if _, err := set.json(path, "application/json", v); err != nil {
			return nil, err
		}
	}
	return set, set.forPeople(site, items)
}

// byCell returns the bundles of each cell, in the order of the items.
func byCell(items []Item) map[string][]json.RawMessage {
	cells := map[string][]json.RawMessage{}
	for _, item := range items {
		for _, token := range item.Cells {
			cells[token] = append(cells[token], item.Bundle)
		}
	}
	return cells
}

// newest returns the time of the newest change, so that a feed that did not change stays the same bytes.
func newest(site Site, items []Item) time.Time {
	t := site.Since
	for _, item := range items {
		if at := updated(item.Request); at.After(t) {
			t = at
		}
	}
	return t.UTC()
}

func updated(r footage.PublicRequest) time.Time {
	if n := len(r.Updates); n > 0 {
		return r.Updates[n-1].Update.At
	}
	return r.PublishedAt
}

func (s Set) json(path, mediaType string, v any) (*File, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", path, err)
	}
	return s.add(path, mediaType, body)
}

func (s Set) add(path, mediaType string, body []byte) (*File, error) {
	f, err := NewFile(mediaType, body)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", path, err)
	}
	s[path] = f
	return f, nil
}

// large is from how many bytes on compressing well would take too long.
const large = 1 << 20

// NewFile compresses a body and names it by its content.
func NewFile(mediaType string, body []byte) (*File, error) {
	level := gzip.BestCompression
	if len(body) > large {
		level = gzip.BestSpeed
	}
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, level)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	tag := base64.RawURLEncoding.EncodeToString(sum[:18])
	return &File{Type: mediaType, Body: body, Gzip: z.Bytes(), ETag: `"` + tag + `"`, GzipETag: `"` + tag + `.gz"`}, nil
}
