package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"porchlight.example/evidence"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/store"
)

// Public is what the public pages are made from, at one moment. It is immutable.
type Public struct {
	Agencies []footage.Standing // the register, by ID
	Epochs   map[footage.AgencyID]*footage.Epoch
	Open     []footage.PublicRequest // newest first
	Closed   []footage.PublicRequest // the newest [ClosedKept] of them, newest first
	Whole    bool                    // no other request was ever public
	Notices  []footage.Notice        // of incidents, the newest first
}

// board is the public view in memory. Nothing public changes without an entry in the record, so it follows the record:
// what an entry is about is read again, and nothing else, however much there is and was.
type board struct {
	mu       sync.Mutex // guards everything below; held while the board catches up
	size     int64      // entries of the record that it knows
	posts    map[footage.RequestID]*post
	closed   map[footage.RequestID]footage.PublicRequest // the newest of them
	older    bool                                        // there are others
	agencies map[footage.AgencyID]footage.Standing
	epochs   map[footage.AgencyID]*footage.Epoch
	notices  []footage.Notice
	public   *Public // made of the fields above
	feeds    *feed.Renderer
	homes    map[footage.AgencyID][]string // coarse cells of the jurisdictions
	bundles  bundleCache
}

// post is one open request on the board.
type post struct {
	request  footage.PublicRequest
	subjects []string // whom and what its bundle's entries are about
	indexes  []int64  // of these entries
	cells    []string
	stopped  bool // somebody who signed it is suspended
}

// bundlePrefix begins the keys of requests with their proofs, as they were made for the feed.
const bundlePrefix = "feed/bundle/"

// key names the post's bundle in the bucket: the same entries make the same bundle, but for the moment of its proofs.
func (p *post) key() string {
	return BundleKey(p.request.ID, p.indexes)
}

// BundleKey is where the bundle of a request lies in the bucket that shows the entries with the given indexes.
func BundleKey(id footage.RequestID, indexes []int64) string {
	indexes = slices.Compact(slices.Sorted(slices.Values(indexes)))
	return bundlePrefix + string(id) + "/" + footage.Hash(fmt.Append(nil, indexes))[:16] + ".json"
}

// change is what the board learns in one go; a nil post takes one away.
type change struct {
	size     int64
	posts    map[footage.RequestID]*post
	closed   []footage.PublicRequest
	agencies map[footage.AgencyID]footage.Standing
	epochs   map[footage.AgencyID]*footage.Epoch
	notices  []footage.Notice // all of them, or nil where none has changed
}

// Public returns the public view as of the record's newest checkpoint.
func (x *Exchange) Public(ctx context.Context) (*Public, error) {
	x.board.mu.Lock()
	defer x.board.mu.Unlock()
	if err := x.catchUp(ctx); err != nil {
		return nil, fmt.Errorf("read what is public: %w", err)
	}
	return x.board.public, nil
}

// catchUp takes in what the record has grown by. The board's lock is held.
func (x *Exchange) catchUp(ctx context.Context) error {
	b := &x.board
	var c change
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		head, err := tx.LogHead()
		if err != nil || head.Integrated == b.size && b.public != nil {
			c = change{size: b.size}
			return err
		}
		c = change{size: head.Integrated, posts: map[footage.RequestID]*post{}, agencies: map[footage.AgencyID]footage.Standing{},
			epochs: map[footage.AgencyID]*footage.Epoch{}}
		if b.public == nil {
			return c.everything(tx)
		}
		subjects, err := tx.LogSubjects(b.size, head.Integrated)
		if err != nil {
			return err
		}
		return c.about(tx, b, subjects)
	})
	if err != nil || c.size == b.size && b.public != nil {
		return err
	}
	b.apply(c)
	return nil
}

// everything reads the board from the beginning.
func (c *change) everything(tx *store.Tx) error {
	standings, err := tx.Agencies()
	if err != nil {
		return err
	}
	for _, s := range standings {
		c.agencies[s.Agency.ID] = s
	}
	epochs, err := tx.NewestEpochs()
	if err != nil {
		return err
	}
	for _, e := range epochs {
		c.epochs[e.Agency] = &e.Epoch
	}
	if c.notices, err = notices(tx, c.size); err != nil {
		return err
	}
	open, err := tx.PublicRequests(true)
	if err != nil {
		return err
	}
	about := reader{tx: tx, below: c.size, known: map[string][]int64{}}
	for _, q := range open {
		if q.LogIndex < c.size {
			if c.posts[q.ID], err = about.post(q, nil); err != nil {
				return err
			}
		}
	}
	closed, err := tx.ClosedRequests(ClosedKept + 1) // one more, to know whether there are others
	for _, q := range closed {
		p, err := publicRequest(tx, q, c.size)
		if err != nil {
			return err
		}
		c.closed = append(c.closed, p)
	}
	return err
}

// about reads again what some entries are about, and every post whose bundle they belong to.
func (c *change) about(tx *store.Tx, b *board, subjects []string) error {
	touched := map[footage.RequestID]bool{}
	grown := map[string]bool{}
	for _, s := range subjects {
		grown[s] = true
		touched[footage.RequestID(s)] = footage.RequestID(s).Valid()
		if strings.HasPrefix(s, attestorSubject) {
			if err := c.vouched(tx, footage.AttestorID(s[len(attestorSubject):])); err != nil {
				return err
			}
		}
		if err := c.agency(tx, footage.AgencyID(s)); err != nil {
			return err
		}
	}
	for id, p := range b.posts {
		touched[id] = touched[id] || slices.ContainsFunc(p.subjects, func(s string) bool { return grown[s] })
	}
	if slices.ContainsFunc(subjects, func(s string) bool { return strings.HasPrefix(s, noticeSubject) }) {
		var err error
		if c.notices, err = notices(tx, c.size); err != nil {
			return err
		}
	}
	about := reader{tx: tx, below: c.size, known: map[string][]int64{}}
	for id, yes := range touched {
		if !yes {
			continue
		}
		if err := c.request(tx, &about, id, b.posts[id]); err != nil {
			return err
		}
	}
	return nil
}

// vouched reads again the agencies for which an attestor has vouched.
func (c *change) vouched(tx *store.Tx, id footage.AttestorID) error {
	agencies, err := tx.AgenciesVouchedBy(id)
	for _, agency := range agencies {
		if err := c.agency(tx, agency); err != nil {
			return err
		}
	}
	return err
}

// agency reads an agency again; what is no agency is left out.
func (c *change) agency(tx *store.Tx, id footage.AgencyID) error {
	if !id.Valid() {
		return nil
	}
	s, err := tx.Agency(id)
	if errors.Is(err, footage.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.agencies[id] = s
	epochs, err := tx.Epochs(id)
	if err == nil && len(epochs) > 0 {
		c.epochs[id] = &epochs[0].Epoch
	}
	return err
}

// request reads a request again; what is none, such as a policy's hash, is left out.
func (c *change) request(tx *store.Tx, about *reader, id footage.RequestID, old *post) error {
	q, err := tx.Request(id)
	if errors.Is(err, footage.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case !q.Status.Public() || q.LogIndex >= c.size:
		return nil
	case q.Status == footage.Published:
		c.posts[id], err = about.post(q, old)
		return err
	}
	c.posts[id] = nil
	p, err := publicRequest(tx, q, c.size)
	c.closed = append(c.closed, p)
	return err
}

// reader reads posts as of a size of the record; what several posts stand on is read once.
type reader struct {
	tx    *store.Tx
	below int64
	known map[string][]int64 // the entries about a subject
}

func (r *reader) post(q store.Request, old *post) (*post, error) {
	p, err := publicRequest(r.tx, q, r.below)
	if err != nil {
		return nil, err
	}
	out := &post{request: p}
	if out.subjects, err = subjectsOf(r.tx, p); err != nil {
		return nil, err
	}
	mayAct, err := signersMayAct(r.tx, q)
	if err != nil {
		return nil, err
	}
	out.stopped = !mayAct
	if out.indexes, err = r.indexes(out.subjects); err != nil {
		return nil, err
	}
	if old != nil {
		out.cells = old.cells // the text never changes
		return out, nil
	}
	region, err := geo.Compile(p.Record.Document.Area)
	if err != nil {
		return nil, fmt.Errorf("area of request %s: %w", p.ID.Short(), err)
	}
	out.cells = region.Cells(geo.FeedLevel)
	return out, nil
}

// indexes returns the entries about some subjects, behind the first of all.
func (r *reader) indexes(subjects []string) ([]int64, error) {
	out := []int64{0}
	for _, s := range subjects {
		about, ok := r.known[s]
		if !ok {
			var err error
			if about, err = r.tx.EntriesAbout(s, r.below); err != nil {
				return nil, err
			}
			r.known[s] = about
		}
		out = append(out, about...)
	}
	slices.Sort(out)
	return out, nil
}

// apply takes a change in and makes the view anew.
func (b *board) apply(c change) {
	if b.public == nil {
		b.posts, b.closed = map[footage.RequestID]*post{}, map[footage.RequestID]footage.PublicRequest{}
		b.agencies, b.epochs = map[footage.AgencyID]footage.Standing{}, map[footage.AgencyID]*footage.Epoch{}
	}
	b.size = c.size
	for id, p := range c.posts {
		if p == nil {
			delete(b.posts, id)
			continue
		}
		b.posts[id] = p
	}
	for _, p := range c.closed {
		b.closed[p.ID] = p
	}
	for id, s := range c.agencies {
		b.agencies[id] = s
		delete(b.homes, id)
	}
	for id, e := range c.epochs {
		b.epochs[id] = e
	}
	if c.notices != nil {
		b.notices = c.notices
	}
	b.public = b.view()
}

func (b *board) view() *Public {
	v := &Public{Agencies: []footage.Standing{}, Epochs: map[footage.AgencyID]*footage.Epoch{}, Open: []footage.PublicRequest{}, Closed: []footage.PublicRequest{}, Notices: b.notices}
	for _, s := range b.agencies {
		v.Agencies = append(v.Agencies, s)
	}
	slices.SortFunc(v.Agencies, func(a, b footage.Standing) int { return strings.Compare(string(a.Agency.ID), string(b.Agency.ID)) })
	for id, e := range b.epochs {
		v.Epochs[id] = e
	}
	for _, p := range b.posts {
		v.Open = append(v.Open, p.request)
	}
	for _, p := range b.closed {
		v.Closed = append(v.Closed, p)
	}
	slices.SortFunc(v.Open, newestFirst)
	slices.SortFunc(v.Closed, newestFirst)
	for len(v.Closed) > ClosedKept {
		delete(b.closed, v.Closed[len(v.Closed)-1].ID)
		v.Closed, b.older = v.Closed[:len(v.Closed)-1], true
	}
	v.Whole = !b.older
	return v
}

func newestFirst(a, b footage.PublicRequest) int {
	if c := b.PublishedAt.Compare(a.PublishedAt); c != 0 {
		return c
	}
	return strings.Compare(string(a.ID), string(b.ID))
}

// RenderFeed renders the open requests as files; those are paused and left out whose agencies are suspended or not verified, or
// that somebody signed who is suspended. A request's bundle is
// made once for the entries that it stands on and kept in the bucket, so that a file changes only when its content does:
// proofs stay those of the checkpoint at which they were rendered. What did not change is not even read again.
func (x *Exchange) RenderFeed(ctx context.Context, base string) (feed.Set, error) {
	b := &x.board
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := x.catchUp(ctx); err != nil {
		return nil, fmt.Errorf("read what is public: %w", err)
	}
	site := feed.Site{Name: x.info.Name, Origin: x.info.Origin, Base: base, Fictional: x.info.Fictional, Since: x.info.Created}
	if b.feeds == nil || b.feeds.Site != site {
		b.feeds = &feed.Renderer{Site: site, Level: geo.FeedLevel}
	}
	head, err := x.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	items := []feed.Item{}
	for _, p := range b.posts {
		if s := b.agencies[p.request.Record.Document.Agency]; p.stopped || s.Suspended || s.Verification.Lapse != "" {
			continue
		}
		items = append(items, feed.Item{Request: p.request, Cells: p.cells, Key: p.key(),
			Load: func(ctx context.Context) ([]byte, error) { return x.keptBundle(ctx, p, head) }})
	}
	if b.feeds.Regions, err = x.regions(); err != nil {
		return nil, err
	}
	return b.feeds.Render(ctx, items)
}

// regions returns the coarse cells in which some agency may ask. The board is held.
func (x *Exchange) regions() ([]string, error) {
	b := &x.board
	if b.homes == nil {
		b.homes = map[footage.AgencyID][]string{}
	}
	var all []string
	for id, s := range b.agencies {
		cells, known := b.homes[id]
		if !known {
			areas, err := x.jurisdiction(s.Agency)
			if err != nil {
				return nil, err
			}
			for _, area := range areas {
				cells = append(cells, area.Cells(geo.FeedLevel)...)
			}
			b.homes[id] = cells
		}
		all = append(all, cells...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// keptBundle returns the canonical JSON of a post's bundle as it was first rendered, on whatever node.
func (x *Exchange) keptBundle(ctx context.Context, p *post, head store.LogHead) ([]byte, error) {
	key := p.key()
	if kept, ok := x.board.bundles.get(key); ok {
		return kept, nil
	}
	kept, err := x.objects.Get(ctx, key)
	if errors.Is(err, footage.NotFound) {
		kept, err = x.makeBundle(ctx, p, head)
	}
	if err == nil {
		x.board.bundles.put(key, kept)
	}
	return kept, err
}

func (x *Exchange) makeBundle(ctx context.Context, p *post, head store.LogHead) ([]byte, error) {
	b, err := evidence.NewBundle(ctx, x.tiles, []byte(head.Checkpoint), x.info.LogVerifier, p.request.Record, p.request.Updates, p.indexes)
	if err != nil {
		return nil, fmt.Errorf("bundle request %s: %w", p.request.ID.Short(), err)
	}
	raw, err := b.Encode()
	if err != nil {
		return nil, err
	}
	key := p.key()
	if err := x.bucket.PutNew(ctx, key, raw); errors.Is(err, footage.Conflict) {
		return x.objects.Get(ctx, key) // another node was faster
	} else if err != nil {
		return nil, err
	}
	return raw, nil
}

// bundleCache keeps bundles that were rendered lately, up to so many bytes. It is safe for concurrent use.
type bundleCache struct {
	mu    sync.Mutex // guards the fields below
	kept  map[string][]byte
	bytes int
}

const bundleCacheBytes = 16 << 20

func (c *bundleCache) get(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.kept[key]
	return b, ok
}

func (c *bundleCache) put(key string, b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || c.bytes+len(b) > bundleCacheBytes {
		c.kept, c.bytes = map[string][]byte{}, 0
	}
	c.kept[key] = b
	c.bytes += len(b)
}
