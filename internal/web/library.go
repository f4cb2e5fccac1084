package web

import (
	"context"
	"fmt"
	"sync"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/opendata"
)

// library holds what pages and tables of the record are made from. It reads entries once, when somebody first asks for them,
// and from then on what the record has grown by; what is made of them is kept until it grows again.
type library struct {
	mu     sync.Mutex // guards everything below; held while something is made
	size   int64      // entries of the front that all this is made of; the book may know more
	book   *opendata.Book
	months []month
	sums   map[footage.AgencyID]opendata.Sums
	made   map[string]any // pages and parts of pages, by name
	files  map[string]*feed.File
	bytes  int // of the files
}

// month is what was published in one.
type month struct {
	name string // 2006-01
	opendata.Sums
}

const (
	readAtOnce   = 4096
	maxMade      = 1000
	maxFileBytes = 32 << 20
)

// readFirst is up to how many entries are read before a node is ready; more are read when it is, or when somebody asks.
const readFirst = 200

// keepUp brings the library up to what the record has grown by, so that no reader waits for it and none asks the database.
func (s *server) keepUp(ctx context.Context, d *frontData) error {
	if s.feed.Load() == nil && d.record.Size > readFirst {
		return nil
	}
	return s.with(ctx, d, func(*library) error { return nil })
}

// with calls fn with the library brought up to the front's size of the record.
func (s *server) with(ctx context.Context, d *frontData, fn func(*library) error) error {
	l := &s.books
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.book == nil {
		l.book = opendata.NewBook()
	}
	switch {
	case d.record.Size < l.size: // the front was replaced meanwhile: nothing that is made of it may be kept
		return fn(&library{book: l.book, months: l.months, sums: l.sums, made: map[string]any{}, files: map[string]*feed.File{}})
	case l.made == nil || d.record.Size > l.size:
		if err := l.catchUp(ctx, s.x, d.record.Size); err != nil {
			return fmt.Errorf("read the record: %w", err)
		}
	}
	return fn(l)
}

func (l *library) catchUp(ctx context.Context, x *exchange.Exchange, size int64) error {
	for l.book.Size() < size {
		entries, err := x.RecordEntries(ctx, l.book.Size(), readAtOnce)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return footage.E(footage.Unavailable, "The record is being written just now. Try again in a moment.")
		}
		for _, raw := range entries {
			if err := l.book.Add(raw); err != nil {
				return err
			}
		}
	}
	if err := l.count(ctx, x); err != nil {
		return err
	}
	l.size, l.made, l.files, l.bytes = size, map[string]any{}, map[string]*feed.File{}, 0
	return nil
}

// count sums up the requests.
func (l *library) count(ctx context.Context, x *exchange.Exchange) error {
	sizes, err := x.RequestSizes(ctx)
	if err != nil {
		return err
	}
	sums := map[footage.AgencyID]opendata.Sums{}
	l.months = nil
	for _, z := range sizes {
		n := sums[z.Agency]
		n.Add(z.Open, z.CameraHours)
		sums[z.Agency] = n
		name := z.Published.UTC().Format("2006-01")
		if len(l.months) == 0 || l.months[len(l.months)-1].name != name {
			l.months = append(l.months, month{name: name})
		}
		l.months[len(l.months)-1].Add(z.Open, z.CameraHours)
	}
	l.sums = sums
	return nil
}

// total is the sum over all agencies.
func (l *library) total() opendata.Sums {
	var t opendata.Sums
	for _, m := range l.months {
		t.Requests, t.Open, t.CameraHours = t.Requests+m.Requests, t.Open+m.Open, t.CameraHours+m.CameraHours
	}
	return t
}

// kept returns what is kept under a name, or makes it.
func kept[T any](l *library, name string, makeIt func() (T, error)) (T, error) {
	if v, ok := l.made[name].(T); ok {
		return v, nil
	}
	v, err := makeIt()
	if err != nil {
		return v, err
	}
	if len(l.made) >= maxMade {
		l.made = map[string]any{}
	}
	l.made[name] = v
	return v, nil
}

// file returns the file that is kept under a path, or makes it.
func (l *library) file(path, mediaType string, body func() ([]byte, error)) (*feed.File, error) {
	if f, ok := l.files[path]; ok {
		return f, nil
	}
	raw, err := body()
	if err != nil {
		return nil, err
	}
	f, err := feed.NewFile(mediaType, raw)
	if err != nil {
		return nil, fmt.Errorf("compress %s: %w", path, err)
	}
	size := len(f.Body) + len(f.Gzip)
	if l.bytes+size > maxFileBytes {
		l.files, l.bytes = map[string]*feed.File{}, 0
	}
	l.files[path] = f
	l.bytes += size
	return f, nil
}
