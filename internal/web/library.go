package web

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/opendata"
)

// library holds what pages and tables of the record are made from. It reads entries once, when somebody first asks for them,
// and from then on what the record has grown by; what is made of them is kept until it grows again.
type library struct {
	mu      sync.Mutex // guards everything below; held while something is made
	size    int64      // entries of the front that all this is made of; the book may know more
	book    *opendata.Book
	months  []month
	sums    map[footage.AgencyID]opendata.Sums
	duties  []footage.Owed             // after the requests that ended last
	open    map[footage.RequestID]bool // requests that count as open
	counted int64                      // entries that the sums are made of
	fresh   news                       // that is not in the sums yet
	made    map[string]any             // pages and parts of pages, by name
	files   map[string]*feed.File
	bytes   int // of the files
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
		return fn(&library{book: l.book, months: l.months, sums: l.sums, duties: l.duties, made: map[string]any{}, files: map[string]*feed.File{}})
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
			if l.sums != nil {
				if err := l.fresh.read(l.book, raw); err != nil {
					return err
				}
			}
			if err := l.book.Add(raw); err != nil {
				return err
			}
		}
	}
	if err := l.count(ctx, x, &l.fresh); err != nil {
		return err
	}
	var err error
	if l.duties, err = x.NewestDuties(ctx); err != nil {
		return err
	}
	l.keep(l.fresh)
	l.fresh = news{}
	l.size, l.made = size, map[string]any{}
	return nil
}

// news is what the record has grown by, as far as sums and tables of requests depend on it.
type news struct {
	requests []footage.RequestID // told of, each perhaps several times
	agencies []footage.AgencyID  // whose they are
	months   []string            // in which they were published
	register bool                // it tells of an agency, whose name may stand anywhere
}

// read takes in an entry that the book does not know yet.
func (n *news) read(book *opendata.Book, raw []byte) error {
	line, err := book.Read(book.Size(), raw)
	if err != nil {
		return err
	}
	n.register = n.register || strings.HasPrefix(line.Kind, "agency.")
	if id := footage.RequestID(line.Subject); id.Valid() {
		n.requests = append(n.requests, id)
	}
	return nil
}

// count sums up the requests: all of them at first, then those that the news tells of.
func (l *library) count(ctx context.Context, x *exchange.Exchange, fresh *news) (err error) {
	var sizes []exchange.RequestSize
	if l.sums == nil {
		sizes, err = x.RequestSizes(ctx)
	} else {
		sizes, err = x.SizesOf(ctx, slices.Compact(slices.Sorted(slices.Values(fresh.requests))))
	}
	if err != nil {
		return err
	}
	if l.sums == nil {
		l.sums, l.open, l.counted = map[footage.AgencyID]opendata.Sums{}, map[footage.RequestID]bool{}, -1
	}
	before := l.counted
	l.counted = l.book.Size()
	for _, z := range slices.SortedFunc(slices.Values(sizes), func(a, b exchange.RequestSize) int { return a.Published.Compare(b.Published) }) {
		fresh.agencies, fresh.months = append(fresh.agencies, z.Agency), append(fresh.months, monthOf(z))
		switch {
		case z.Entry >= l.counted: // it will be news the next time
		case z.Entry >= before:
			l.add(z)
		case l.open[z.ID] && !z.Open:
			l.close(z)
		}
	}
	return nil
}

func monthOf(z exchange.RequestSize) string { return z.Published.UTC().Format("2006-01") }

// add counts a request in.
func (l *library) add(z exchange.RequestSize) {
	if n := len(l.months); n == 0 || l.months[n-1].name != monthOf(z) {
		l.months = append(l.months, month{name: monthOf(z)})
	}
	l.months[len(l.months)-1].Add(z.Open, z.CameraHours)
	n := l.sums[z.Agency]
	n.Add(z.Open, z.CameraHours)
	l.sums[z.Agency] = n
	if z.Open {
		l.open[z.ID] = true
	}
}

// close counts a request among the open ones no more.
func (l *library) close(z exchange.RequestSize) {
	delete(l.open, z.ID)
	n := l.sums[z.Agency]
	n.Open--
	l.sums[z.Agency] = n
	for i := range l.months {
		if l.months[i].name == monthOf(z) {
			l.months[i].Open--
		}
	}
}

// keep forgets the files that tell of something new, and keeps the others: the tables of entries that are full, and those of
// requests of months and agencies of which there is no news.
func (l *library) keep(fresh news) {
	files := map[string]*feed.File{}
	l.bytes = 0
	for path, f := range l.files {
		name, _, _ := strings.Cut(path, ".")
		number, entries := strings.CutPrefix(name, "entries-")
		n, err := strconv.ParseInt(number, 10, 64)
		month, ofMonth := strings.CutPrefix(name, "requests-")
		agency, ofAgency := strings.CutSuffix(strings.TrimPrefix(name, "agencies/"), "/requests")
		if entries && err == nil && (n+1)*entriesPerFile <= l.size || !fresh.register &&
			(ofMonth && !slices.Contains(fresh.months, month) || ofAgency && !slices.Contains(fresh.agencies, footage.AgencyID(agency))) {
			files[path] = f
			l.bytes += len(f.Body) + len(f.Gzip)
		}
	}
	l.files = files
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
