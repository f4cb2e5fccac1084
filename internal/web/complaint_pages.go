package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
	"porchlight.example/ui"
)

// complainAboutRequest makes the page where a resident complains about a request, be it open or closed (T12).
func (s *server) complainAboutRequest(r *http.Request, d *frontData) (ui.Page, error) {
	request, err := d.request(r.Context(), s.x, footage.RequestID(strings.ToLower(r.PathValue("id"))))
	if err != nil {
		return nil, err
	}
	doc := request.Record.Document
	page := ui.ComplainPage{Request: request.ID, Title: doc.Title, Lang: doc.Language}
	page.Agency, _ = d.agency(doc.Agency)
	return ui.NewComplainPage(page), nil
}

func complainAboutAgency(r *http.Request, d *frontData) (ui.Page, error) {
	standing, ok := d.agency(footage.AgencyID(r.PathValue("id")))
	if !ok {
		return nil, noAgency()
	}
	return ui.NewComplainPage(ui.ComplainPage{Agency: standing}), nil
}

// newestComplaints is how many complaints their page lists; the tables for download hold all.
const newestComplaints = 50

// complaintsPage makes the public page of complaints.
func (s *server) complaintsPage(r *http.Request, d *frontData) (ui.Page, error) {
	page, err := s.complaints(r.Context(), d)
	return ui.NewComplaintsPage(page, ui.Sent{}), err
}

func (s *server) complaints(ctx context.Context, d *frontData) (page ui.ComplaintsPage, err error) {
	err = s.with(ctx, d, func(l *library) error {
		page, err = kept(l, "complaints", func() (p ui.ComplaintsPage, err error) {
			for _, c := range l.book.Counts("") {
				switch {
				case c.Kind == string(ledger.KindComplaintReceived):
					p.Received += c.Count
				case c.Kind == string(ledger.KindComplaintAnswered):
					p.Answered += c.Count
				}
				if c.State == string(footage.ComplaintUpheld) {
					p.Upheld += c.Count
				}
			}
			overdue, err := s.x.OverdueComplaints(ctx)
			if err != nil {
				return p, err
			}
			newest, err := s.x.NewestComplaints(ctx, newestComplaints)
			p.Overdue, p.Newest = s.complaintLines(d, overdue), s.complaintLines(d, newest)
			return p, err
		})
		return err
	})
	return page, err
}

func (s *server) complaintLines(d *frontData, list []footage.Complaint) []ui.ComplaintLine {
	return ui.ComplaintLines(list, s.cfg.Now(), d.nameOf)
}

// complaintsAbout returns the complaints about a request, for its page.
func (s *server) complaintsAbout(ctx context.Context, d *frontData, request footage.PublicRequest) ([]ui.ComplaintLine, error) {
	return s.listed(ctx, d, request.Record.Document.Agency, "complaints "+string(request.ID), func() ([]footage.Complaint, error) {
		return s.x.ComplaintsAbout(ctx, request.ID)
	})
}

// complaintsOf returns those about an agency and its requests.
func (s *server) complaintsOf(ctx context.Context, d *frontData, id footage.AgencyID) ([]ui.ComplaintLine, error) {
	return s.listed(ctx, d, id, "complaints "+string(id), func() ([]footage.Complaint, error) { return s.x.ComplaintsOf(ctx, id) })
}

// listed returns complaints about an agency, and asks the database for none if the record tells of none.
func (s *server) listed(ctx context.Context, d *frontData, agency footage.AgencyID, name string, read func() ([]footage.Complaint, error)) (out []ui.ComplaintLine, err error) {
	err = s.with(ctx, d, func(l *library) error {
		if len(l.book.Indexes(string(ledger.KindComplaintReceived), agency)) == 0 {
			return nil
		}
		out, err = kept(l, name, func() ([]ui.ComplaintLine, error) {
			list, err := read()
			return s.complaintLines(d, list), err
		})
		return err
	})
	return out, err
}

// complaintTables names the tables of complaints: one while it has room for all, else one for each month. An entry is written
// when its day is over, so that the first of a month may tell of the month before.
func (l *library) complaintTables() []string {
	if len(l.book.Indexes(string(ledger.KindComplaintReceived), "")) <= maxTable {
		return []string{"complaints"}
	}
	months := map[string]bool{}
	for _, c := range l.book.Counts("") {
		if at, err := time.Parse("2006-01", c.Month); err == nil && c.Kind == string(ledger.KindComplaintReceived) {
			months["complaints-"+c.Month], months["complaints-"+at.AddDate(0, -1, 0).Format("2006-01")] = true, true
		}
	}
	return slices.Sorted(maps.Keys(months))
}

// readComplaint shows a complaint to whoever has its code, with scripts or without. Nothing of it is kept anywhere.
func (s *server) readComplaint(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return footage.E(footage.Invalid, "The form cannot be read. Open the page anew and fill it in again.")
	}
	d := s.front.Load()
	v := &visitor{Request: r, lang: ui.Negotiate(r)}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", ui.ContentSecurityPolicy())
	own, err := s.x.OwnComplaint(r.Context(), r.PostFormValue("code"))
	if footage.KindOf(err) == footage.Forbidden {
		page, failed := s.complaints(r.Context(), d)
		if failed != nil {
			return failed
		}
		return s.render(w, v, http.StatusForbidden, ui.NewComplaintsPage(page, ui.Sent{Err: err}))
	}
	if err != nil {
		return err
	}
	line := s.complaintLines(d, []footage.Complaint{own.Complaint})[0]
	return s.render(w, v, http.StatusOK, ui.OwnComplaintPage{Own: own, Line: line})
}
