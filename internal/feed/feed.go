// Package feed renders the open requests as files:
//
//	/feed/index.json        which coarse cells have open requests ([Index])
//	/feed/cell/TOKEN.json   the requests that touch one cell, whole, with their proofs ([Cell])
//	/feed/all.json          all requests, in the same form, while they are no more than [MaxWhole]
//	/feed/requests.json     JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) of the newest [MaxListed]
//	/feed/requests.atom     Atom (RFC 4287) of the newest [MaxListed]
//	/feed/requests-DAY.…    the older ones of each day in both forms, linked from page to page (RFC 5005)
//	/feed/region/TOKEN.…    the newest of one coarse cell, in both forms
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
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
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
	Cells   []string // tokens of the coarse cells that its area touches
	// Key names the bundle: another bundle has another key. Load returns it, the canonical JSON of the request with its
	// proofs; it is called for what has to be rendered anew, from several goroutines.
	Key  string
	Load func(context.Context) ([]byte, error)
}

// File is a rendered file with what HTTP needs to serve it. It is immutable.
type File struct {
	Type     string // media type
	Body     []byte
	Gzip     []byte // the body compressed
	ETag     string // of Body: strong, quoted
	GzipETag string // of Gzip: a strong tag names the bytes that are sent (RFC 9110, 8.8.3.3)

	plain, zipped answer
}

// Set maps paths such as "/feed/index.json" to files. It is immutable.
type Set map[string]*File

// Index is /feed/index.json: which cells have open requests. A cell that is not listed has none.
type Index struct {
	Exchange string      `json:"exchange"`
	Level    int         `json:"s2_level"`
	Cells    []IndexCell `json:"cells"`
	Whole    string      `json:"whole,omitempty"` // path of the file with all requests, while there is one
	Updated  time.Time   `json:"updated"`         // of the newest request or update among them
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
	f := &File{Type: mediaType, Body: body, Gzip: z.Bytes(), ETag: `"` + tag + `"`, GzipETag: `"` + tag + `.gz"`}
	f.plain, f.zipped = newAnswer(f.Type, f.Body, f.ETag), newAnswer(f.Type, f.Gzip, f.GzipETag)
	f.zipped.coding = []string{"gzip"}
	return f, nil
}
