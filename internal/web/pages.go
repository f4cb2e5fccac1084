package web

import (
	"bytes"
	"context"
	"net/http"
	"sort"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
	"porchlight.example/ui"
)

// frontData is what the public pages are made from, read once per change: a page asks the database nothing.
type frontData struct {
	agencies []footage.Standing
	epochs   map[footage.AgencyID]*footage.Epoch
	requests []footage.PublicRequest // all public ones, newest first
	policies []footage.PolicyRef
}

func (s *server) readFront(ctx context.Context) (*frontData, error) {
	d := &frontData{epochs: map[footage.AgencyID]*footage.Epoch{}}
	var err error
	if d.agencies, err = s.x.Agencies(ctx); err != nil {
		return nil, err
	}
	for _, a := range d.agencies {
		if d.epochs[a.Agency.ID], err = s.x.AgencyEpoch(ctx, a.Agency.ID); err != nil {
			return nil, err
		}
	}
	if d.requests, err = s.x.PublicRequests(ctx, false); err != nil {
		return nil, err
	}
	set, err := s.x.Policies(ctx)
	d.policies = set.Refs()
	return d, err
}

// pageRoutes adds the public pages. ui.Localize takes the language off their paths before they get here.
func (s *server) pageRoutes(handle func(string, handler)) {
	privacy := ui.PrivacyPage{Stored: Stored()}
	for pattern, page := range map[string]pageMaker{
		"/{$}":           s.frontPage,
		"/requests/{id}": s.requestPage,
		"/agencies":      s.agenciesPage,
		"/agencies/{id}": s.agencyPage,
		"/record":        s.recordPage,
		"/how":           func(*http.Request, *frontData) (ui.Page, error) { return ui.HowPage{}, nil },
		"/privacy":       func(*http.Request, *frontData) (ui.Page, error) { return privacy, nil },
		"/guidelines": func(_ *http.Request, d *frontData) (ui.Page, error) {
			return ui.GuidelinesPage{Policies: d.policies}, nil
		},
		"/about": func(_ *http.Request, d *frontData) (ui.Page, error) {
			return ui.ExchangePage{Policies: d.policies}, nil
		},
	} {
		handle("GET "+pattern, s.page(page))
	}
}

// pageMaker makes a page from the request and the public data.
type pageMaker func(*http.Request, *frontData) (ui.Page, error)

// page renders what a function makes of the request.
func (s *server) page(makePage pageMaker) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		page, err := makePage(r, s.front.Load())
		if err != nil {
			return err
		}
		return s.render(w, r, page)
	}
}

func (s *server) render(w http.ResponseWriter, r *http.Request, page ui.Page) error {
	var out bytes.Buffer
	if err := s.pages.Render(&out, ui.Negotiate(r), page); err != nil {
		return err
	}
	h := w.Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Accept-Language")
	_, _ = w.Write(out.Bytes()) // the caller is gone if this fails
	return nil
}

func (s *server) frontPage(r *http.Request, d *frontData) (ui.Page, error) {
	q := r.URL.Query()
	return ui.FrontPage{Requests: d.requests, Agency: footage.AgencyID(q.Get("agency")), Offence: q.Get("offence"), Closed: q.Get("closed") == "yes"}, nil
}

func (s *server) requestPage(r *http.Request, d *frontData) (ui.Page, error) {
	id := footage.RequestID(strings.ToLower(r.PathValue("id")))
	var page *ui.RequestPage
	var nearby []footage.Area
	for _, p := range d.requests {
		switch {
		case p.ID == id:
			page = &ui.RequestPage{Request: p}
		case p.Status == footage.Published:
			nearby = append(nearby, p.Record.Document.Area)
		}
	}
	if page == nil {
		return nil, footage.E(footage.NotFound, "There is no such request here. Check the link: it must be whole.")
	}
	page.Nearby = nearby
	page.Agency, _ = d.agency(page.Request.Record.Document.Agency)
	return *page, nil
}

// agency finds an agency in the register, which is sorted by ID.
func (d *frontData) agency(id footage.AgencyID) (footage.Standing, bool) {
	i := sort.Search(len(d.agencies), func(i int) bool { return d.agencies[i].Agency.ID >= id })
	if i == len(d.agencies) || d.agencies[i].Agency.ID != id {
		return footage.Standing{}, false
	}
	return d.agencies[i], true
}

func (s *server) agenciesPage(_ *http.Request, d *frontData) (ui.Page, error) {
	return ui.AgenciesPage{Standings: d.agencies}, nil
}

func (s *server) agencyPage(r *http.Request, d *frontData) (ui.Page, error) {
	id := footage.AgencyID(r.PathValue("id"))
	standing, ok := d.agency(id)
	if !ok {
		return nil, footage.E(footage.NotFound, "There is no such agency in the register.")
	}
	page := ui.AgencyPage{Standing: standing, Epoch: d.epochs[id]}
	for _, p := range d.requests {
		if p.Record.Document.Agency == id {
			page.Requests = append(page.Requests, p)
		}
	}
	return page, nil
}

func (s *server) recordPage(r *http.Request, _ *frontData) (ui.Page, error) {
	head, err := s.x.Checkpoint(r.Context())
	if err != nil {
		return nil, err
	}
	page := ui.RecordPage{Size: head.Integrated, Checkpoint: head.Checkpoint, Base: "/log/"}
	if c, err := ledger.OpenCheckpoint([]byte(head.Checkpoint), s.x.Info().LogVerifier); err == nil {
		page.Root = c.Root.String()
	}
	return page, nil
}
