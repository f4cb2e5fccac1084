package web

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
	"porchlight.example/ui"
	uitext "porchlight.example/ui/text"
)

// frontData is what the public pages are made from, read once per change: a page asks the database nothing, but for
// requests that were closed so long ago that they are not at hand. It also keeps the pages that were made of it.
type frontData struct {
	agencies []footage.Standing // in order of IDs
	epochs   map[footage.AgencyID]*footage.Epoch
	open     []footage.PublicRequest // newest first
	closed   []footage.PublicRequest // the newest of them, newest first
	whole    bool                    // no other request was ever public
	notices  []footage.Notice        // of incidents, the newest first
	record   ui.RecordPage

	pages         *ui.Pages // with the limits of the policies
	policies      []footage.PolicyRef
	rules         []ui.Rule
	limits        api.Limits
	sharesPerHour int

	rendered pageCache
	history  historyCache
}

// historyCache keeps lists of requests that were read from the database since the last change, some of them.
type historyCache struct {
	mu    sync.Mutex // guards the fields below
	lists map[footage.AgencyID][]footage.PublicRequest
	size  int // requests in them
}

const maxHistory = 2000

// get returns the list kept under a name, or reads it.
func (c *historyCache) get(name footage.AgencyID, read func() ([]footage.PublicRequest, error)) ([]footage.PublicRequest, error) {
	c.mu.Lock()
	list, ok := c.lists[name]
	c.mu.Unlock()
	if ok {
		return list, nil
	}
	list, err := read()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lists == nil || c.size+len(list) > maxHistory {
		c.lists, c.size = map[footage.AgencyID][]footage.PublicRequest{}, 0
	}
	c.lists[name] = list
	c.size += len(list)
	return list, nil
}

// of returns every public request of an agency, newest first.
func (d *frontData) of(ctx context.Context, x *exchange.Exchange, agency footage.AgencyID) ([]footage.PublicRequest, error) {
	if !d.whole {
		return d.history.get(agency, func() ([]footage.PublicRequest, error) { return x.RequestsOf(ctx, agency) })
	}
	var list []footage.PublicRequest
	for _, p := range slices.Concat(d.open, d.closed) {
		if p.Record.Document.Agency == agency {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b footage.PublicRequest) int { return b.PublishedAt.Compare(a.PublishedAt) })
	return list, nil
}

// request returns one public request.
func (d *frontData) request(ctx context.Context, x *exchange.Exchange, id footage.RequestID) (footage.PublicRequest, error) {
	for _, list := range [][]footage.PublicRequest{d.open, d.closed} {
		if i := slices.IndexFunc(list, func(p footage.PublicRequest) bool { return p.ID == id }); i >= 0 {
			return list[i], nil
		}
	}
	if d.whole || !id.Valid() {
		return footage.PublicRequest{}, footage.E(footage.NotFound, "There is no such request here. Check the link: it must be whole.")
	}
	return x.PublicRequest(ctx, id)
}

func (s *server) readFront(ctx context.Context) (*frontData, error) {
	public, err := s.x.Public(ctx)
	if err != nil {
		return nil, err
	}
	d := &frontData{agencies: public.Agencies, epochs: public.Epochs, open: public.Open, closed: public.Closed, whole: public.Whole, notices: public.Notices}
	if err := s.readRules(ctx, d); err != nil {
		return nil, err
	}
	d.record, err = s.readRecord(ctx)
	return d, err
}

func (s *server) readRules(ctx context.Context, d *frontData) error {
	set, err := s.x.Policies(ctx)
	if err != nil {
		return err
	}
	limits := set.Limits()
	d.policies, d.sharesPerHour = set.Refs(), limits.SharesPerClientHour
	rules := map[string]float64{}
	for _, r := range set.Explain() {
		rules[r.Kind] = r.Value
		d.rules = append(d.rules, ui.Rule{Sentence: ui.Words{En: r.Sentence.En, Es: r.Sentence.Es}, Policy: r.Policy, Promise: r.Kind == "agency_copy_days"})
	}
	d.pages = s.pages.With(ui.Limits{MinSquareMiles: rules["area_min_sq_mi"], MaxSquareMiles: rules["area_max_sq_mi"],
		MinMinutes: int(rules["window_min_minutes"]), MaxHours: int(rules["window_max_hours"]), LookBackDays: int(rules["look_back_days"]),
		PerInvestigation: int(rules["requests_per_investigation"]), RetentionDays: int(rules["retention_days"])}, d.notices)
	d.limits = api.Limits{FileBytes: limits.FileBytes, ShareBytes: limits.ShareBytes, Files: limits.Files,
		RetentionDays: int(limits.Retention / (24 * time.Hour)), ReleaseMinutes: int(limits.Release / time.Minute), WorkBits: limits.ProofOfWorkBits}
	return nil
}

func (s *server) readRecord(ctx context.Context) (ui.RecordPage, error) {
	head, err := s.x.Checkpoint(ctx)
	page := ui.RecordPage{Size: head.Integrated, Checkpoint: head.Checkpoint, Base: "/log/"}
	if err != nil || head.Checkpoint == "" {
		return page, err
	}
	c, err := ledger.OpenCheckpoint([]byte(head.Checkpoint), s.x.Info().LogVerifier)
	if err != nil {
		return page, fmt.Errorf("open our own checkpoint: %w", err)
	}
	page.Root = c.Root.String()
	return page, nil
}

// pageRoutes adds the public pages. ui.Localize takes the language off their paths before they get here.
func (s *server) pageRoutes(handle func(string, handler)) {
	privacy := sync.OnceValue(func() ui.Page { return ui.PrivacyPage{Stored: Stored()} }) // no start waits for the long list
	for pattern, page := range map[string]pageMaker{
		"/{$}":                     s.frontPage,
		"/requests/{id}":           s.requestPage,
		"/requests/{id}/complain":  s.complainAboutRequest,
		"/agencies":                agenciesPage,
		"/agencies/{id}":           s.agencyPage,
		"/agencies/{id}/complain":  complainAboutAgency,
		"/complaints":              s.complaintsPage,
		"/record":                  s.recordPage,
		"/record/data":             s.dataPage,
		"/record/decisions":        s.decisionsPage,
		"/record/reports":          s.reportsPage,
		"/record/followups":        s.followUpsPage,
		"/record/entries":          s.entriesPage,
		"/notices":                 noticesPage,
		"/notices/{id}":            noticePage,
		"/record/entries/{number}": s.entryPage,
		"/how":                     func(*http.Request, *frontData) (ui.Page, error) { return ui.HowPage{}, nil },
		"/privacy":                 func(*http.Request, *frontData) (ui.Page, error) { return privacy(), nil },
		"/shares":                  func(*http.Request, *frontData) (ui.Page, error) { return ui.SharesPage{}, nil },
		"/guidelines": func(_ *http.Request, d *frontData) (ui.Page, error) {
			return ui.GuidelinesPage{Policies: d.policies, Rules: d.rules}, nil
		},
		"/about": func(_ *http.Request, d *frontData) (ui.Page, error) {
			return ui.ExchangePage{Policies: d.policies, Rules: d.rules}, nil
		},
	} {
		handle("GET "+pattern, s.page(page))
	}
}

// pageMaker makes a page from the request and the public data.
type pageMaker func(*http.Request, *frontData) (ui.Page, error)

// page answers with what a function makes of the request, rendered once for each language and change.
func (s *server) page(makePage pageMaker) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		d := s.front.Load()
		page, err := makePage(r, d)
		if err != nil {
			return err
		}
		f, err := d.rendered.get(d.pages, ui.Negotiate(r), page)
		if err != nil {
			return err
		}
		if !ui.Localized(r) {
			w.Header().Set("Vary", "Accept-Language")
		}
		w.Header().Set("Content-Security-Policy", ui.PolicyFor(page))
		w.Header().Set("Permissions-Policy", ui.PermissionsFor(page))
		f.Serve(w, r, []string{"no-cache"}, nil)
		return nil
	}
}

// pageCache keeps rendered pages. There are as many addresses as requests and filters, so it is emptied when it is full.
type pageCache struct {
	mu    sync.Mutex // guards files
	files map[string]*feed.File
}

const maxCached = 1000

func (c *pageCache) get(pages *ui.Pages, lang uitext.Lang, page ui.Page) (*feed.File, error) {
	key := string(lang) + ui.Address(page)
	c.mu.Lock()
	f := c.files[key]
	c.mu.Unlock()
	if f != nil {
		return f, nil
	}
	var out bytes.Buffer
	if err := pages.Render(&out, lang, page); err != nil {
		return nil, err
	}
	f, err := feed.NewFile("text/html; charset=utf-8", out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("compress page: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files == nil || len(c.files) >= maxCached {
		c.files = map[string]*feed.File{}
	}
	c.files[key] = f
	return f, nil
}

// frontPage reads the filters. One that can match nothing is an address that does not exist: else each spelling of nonsense
// would be a page of its own.
func (s *server) frontPage(r *http.Request, d *frontData) (ui.Page, error) {
	q := r.URL.Query()
	page := ui.FrontPage{Requests: d.open, Agency: footage.AgencyID(q.Get("agency")), Offence: q.Get("offence"), Closed: q.Get("closed") == "yes", Number: pageNumber(r)}
	if _, known := d.agency(page.Agency); page.Agency != "" && !known {
		return nil, noAgency()
	}
	if _, known := footage.OffenceByCode(page.Offence); page.Offence != "" && !known {
		return nil, footage.E(footage.NotFound, "There is no such kind of incident on the list.")
	}
	var err error
	switch {
	case page.Closed && page.Agency != "":
		page.Requests, err = d.of(r.Context(), s.x, page.Agency)
	case page.Closed:
		page.Requests, page.Older = d.closed, !d.whole
	}
	return page, err
}

// pageNumber reads which page of a list is wanted; nonsense means the first.
func pageNumber(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		return 1
	}
	return n
}

func (s *server) requestPage(r *http.Request, d *frontData) (ui.Page, error) {
	id := footage.RequestID(strings.ToLower(r.PathValue("id")))
	request, err := d.request(r.Context(), s.x, id)
	if err != nil {
		return nil, err
	}
	if request.Withheld != nil {
		page := ui.WithheldPage{Request: request}
		if page.Life, err = s.life(r.Context(), d, id); err != nil {
			return nil, err
		}
		page.Duties, err = s.dutiesAfter(r.Context(), d, request)
		return page, err
	}
	page := ui.RequestPage{Request: request}
	place := request.Record.Document.Area
	for _, p := range d.open {
		if p.ID != id && near(place, p.Record.Document.Area) {
			page.Nearby = append(page.Nearby, p.Record.Document.Area)
		}
	}
	page.Agency, _ = d.agency(page.Request.Record.Document.Agency)
	for _, a := range request.Record.Assertions {
		if a.Agency != "" {
			page.Lender, _ = d.agency(a.Agency)
		}
	}
	if page.Life, err = s.life(r.Context(), d, id); err != nil {
		return nil, err
	}
	if page.Duties, err = s.dutiesAfter(r.Context(), d, request); err != nil {
		return nil, err
	}
	page.Complaints, err = s.complaintsAbout(r.Context(), d, request)
	return page, err
}

// near reports whether two areas are a map's width apart at most, some fifteen kilometres, by their first corners.
func near(a, b footage.Area) bool {
	const degrees = 0.15
	p, q := a.Rings[0][0], b.Rings[0][0]
	return math.Abs(p.Lat-q.Lat) < degrees && math.Abs(p.Lon-q.Lon)*math.Cos(p.Lat*math.Pi/180) < degrees
}

// agency finds an agency in the register, which is sorted by ID.
func (d *frontData) agency(id footage.AgencyID) (footage.Standing, bool) {
	i := sort.Search(len(d.agencies), func(i int) bool { return d.agencies[i].Agency.ID >= id })
	if i == len(d.agencies) || d.agencies[i].Agency.ID != id {
		return footage.Standing{}, false
	}
	return d.agencies[i], true
}

func noAgency() error {
	return footage.E(footage.NotFound, "There is no such agency in the register.")
}

func agenciesPage(r *http.Request, d *frontData) (ui.Page, error) {
	return ui.AgenciesPage{Standings: d.agencies, Number: pageNumber(r)}, nil
}

func (s *server) agencyPage(r *http.Request, d *frontData) (ui.Page, error) {
	id := footage.AgencyID(r.PathValue("id"))
	standing, ok := d.agency(id)
	if !ok {
		return nil, noAgency()
	}
	requests, err := d.of(r.Context(), s.x, id)
	if err != nil {
		return nil, err
	}
	page := ui.AgencyPage{Standing: standing, Epoch: d.epochs[id], Requests: requests, Verifications: verifications(standing), Lapse: standing.Verification.Lapse}
	if page.Complaints, err = s.complaintsOf(r.Context(), d, id); err != nil {
		return nil, err
	}
	if page.Duties, err = s.dutiesOf(r.Context(), d, id); err != nil {
		return nil, err
	}
	err = s.agencyHistory(r.Context(), d, &page)
	return page, err
}
