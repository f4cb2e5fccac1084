package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/opendata"
	"porchlight.example/ledger"
	"porchlight.example/ui"
)

// recordPage makes the front of the record (T1, T4).
func (s *server) recordPage(r *http.Request, d *frontData) (page ui.Page, err error) {
	err = s.with(r.Context(), d, func(l *library) error {
		page, err = kept(l, "record", func() (ui.Page, error) { return l.recordPage(d), nil })
		return err
	})
	return page, err
}

func (l *library) recordPage(d *frontData) ui.RecordPage {
	p := d.record
	t := l.total()
	p.Requests, p.Open, p.CameraHours, p.Agencies = t.Requests, t.Open, t.CameraHours, int64(len(d.agencies))
	for _, a := range d.agencies {
		if a.Suspended {
			p.Suspended++
		}
	}
	for _, m := range l.months {
		p.Months = append(p.Months, ui.RecordMonth{Month: m.name, Requests: m.Requests, CameraHours: m.CameraHours})
	}
	p.Complaints = int64(len(l.book.Indexes(string(ledger.KindComplaintReceived), "")))
	p.Kinds = l.kinds()
	for _, c := range l.counts(d, "") {
		if refusal(c) {
			p.Refusals = append(p.Refusals, c)
		}
	}
	return p
}

// refusal reports whether entries like these say that something was not allowed to go on: by their kind or state, or since they give a reason, so that
// kinds which come later are found.
func refusal(c ui.RecordCount) bool {
	if c.Reason != "" {
		return true
	}
	for _, word := range []string{"refus", "held", "hold", "suspend", "withdr", "withheld", "paused", "unattested", "unapproved", "appeal", "rejected", "denied", "complaint", "demand"} {
		if strings.Contains(c.Kind, word) || strings.Contains(c.State, word) {
			return true
		}
	}
	return false
}

func (l *library) kinds() []ui.RecordKind {
	var out []ui.RecordKind
	for kind, n := range l.book.Kinds() {
		out = append(out, ui.RecordKind{Kind: kind, Count: n})
	}
	slices.SortFunc(out, func(a, b ui.RecordKind) int { return strings.Compare(a.Kind, b.Kind) })
	return out
}

// counts sums the months up: by agency, kind, state and reason.
func (l *library) counts(d *frontData, agency footage.AgencyID) []ui.RecordCount {
	type group struct {
		agency              footage.AgencyID
		kind, state, reason string
	}
	sums := map[group]int64{}
	for _, c := range l.book.Counts(agency) {
		sums[group{c.Agency, c.Kind, c.State, c.Reason}] += c.Count
	}
	var out []ui.RecordCount
	for g, n := range sums {
		out = append(out, ui.RecordCount{Agency: g.agency, AgencyName: d.nameOf(g.agency), Kind: g.kind, State: g.state, Reason: g.reason, Count: n})
	}
	slices.SortFunc(out, func(a, b ui.RecordCount) int {
		return slices.Compare([]string{a.AgencyName, string(a.Agency), a.Kind, a.State, a.Reason}, []string{b.AgencyName, string(b.Agency), b.Kind, b.State, b.Reason})
	})
	return out
}

func (d *frontData) nameOf(id footage.AgencyID) string {
	a, _ := d.agency(id)
	return a.Agency.Name
}

// entriesPage makes a page of the log browser. Filters that can match nothing are addresses that do not exist.
func (s *server) entriesPage(r *http.Request, d *frontData) (page ui.Page, err error) {
	q := r.URL.Query()
	p := ui.EntriesPage{Kind: q.Get("kind"), Agency: footage.AgencyID(q.Get("agency")), Number: max(1, pageNumber(r))}
	if _, known := d.agency(p.Agency); p.Agency != "" && !known {
		return nil, noAgency()
	}
	p.AgencyName = d.nameOf(p.Agency)
	err = s.with(r.Context(), d, func(l *library) error {
		if p.Kind != "" && l.book.Indexes(p.Kind, "") == nil {
			return footage.E(footage.NotFound, "The record holds no entry of this kind.")
		}
		page, err = kept(l, ui.Address(p), func() (ui.Page, error) { return s.fillEntries(r.Context(), d, l, p) })
		return err
	})
	return page, err
}

func (s *server) fillEntries(ctx context.Context, d *frontData, l *library, p ui.EntriesPage) (ui.Page, error) {
	indexes := l.book.Indexes(p.Kind, p.Agency)
	p.Total = int64(len(indexes))
	if !p.Filtered() {
		p.Total = d.record.Size
	}
	p.Pages = max(1, int((p.Total+ui.EntriesPerPage-1)/ui.EntriesPerPage))
	p.Number = min(p.Number, p.Pages)
	p.Kinds = l.kinds()
	to := p.Total - int64(p.Number-1)*ui.EntriesPerPage
	from := max(0, to-ui.EntriesPerPage)
	var err error
	if p.Filtered() {
		p.Entries, err = s.entries(ctx, d, l, indexes[from:to])
	} else {
		p.Entries, err = s.between(ctx, d, l, from, to)
	}
	slices.Reverse(p.Entries)
	return p, err
}

// between reads the entries in [from, to) for a page.
func (s *server) between(ctx context.Context, d *frontData, l *library, from, to int64) ([]ui.RecordEntry, error) {
	lines, err := s.lines(ctx, d, l, from, to)
	var out []ui.RecordEntry
	for _, line := range lines {
		out = append(out, d.entry(line))
	}
	return out, err
}

// entries reads some entries for a page.
func (s *server) entries(ctx context.Context, d *frontData, l *library, indexes []int64) ([]ui.RecordEntry, error) {
	var out []ui.RecordEntry
	for _, i := range indexes {
		one, err := s.between(ctx, d, l, i, i+1)
		if err != nil {
			return nil, err
		}
		out = append(out, one...)
	}
	return out, nil
}

func (d *frontData) entry(l opendata.Line) ui.RecordEntry {
	return ui.RecordEntry{Index: l.Index, At: l.At, Kind: l.Kind, Agency: l.Agency, AgencyName: d.nameOf(l.Agency), Subject: l.Subject, State: l.State, Reasons: l.Reasons, Leaf: l.Leaf}
}

// entryPage shows one entry.
func (s *server) entryPage(r *http.Request, d *frontData) (page ui.Page, err error) {
	number := r.PathValue("number")
	index, err := strconv.ParseInt(number, 10, 64)
	if err != nil || index < 0 || index >= d.record.Size || number != strconv.FormatInt(index, 10) {
		return nil, noEntry()
	}
	err = s.with(r.Context(), d, func(l *library) error {
		page, err = kept(l, "entry "+number, func() (ui.Page, error) {
			raws, err := s.x.ReadEntries(r.Context(), d.record.Checkpoint, index, index+1)
			if err != nil {
				return nil, err
			}
			line, err := l.book.Read(index, raws[0])
			if err != nil {
				return nil, err
			}
			var pretty bytes.Buffer
			err = json.Indent(&pretty, raws[0], "", "  ")
			return ui.EntryPage{Entry: d.entry(line), JSON: pretty.String(), Size: d.record.Size}, err
		})
		return err
	})
	return page, err
}

// shownTables is how many tables the page of open data lists; the index has all.
const shownTables = 60

// dataPage lists the tables.
func (s *server) dataPage(r *http.Request, d *frontData) (page ui.Page, err error) {
	err = s.with(r.Context(), d, func(l *library) error {
		page, err = kept(l, "data", func() (ui.Page, error) {
			raw, err := s.dataIndex(d, l)
			if err != nil {
				return nil, err
			}
			var index opendata.Catalog
			if err := json.Unmarshal(raw, &index); err != nil {
				return nil, err
			}
			p := ui.DataPage{License: index.License}
			for _, t := range index.Tables[:min(len(index.Tables), shownTables)] {
				p.Tables = append(p.Tables, ui.DataTable{Name: t.Name, Files: t.Files})
			}
			p.More = len(index.Tables) - len(p.Tables)
			return p, nil
		})
		return err
	})
	return page, err
}

// life returns the entries about a request, in order (T1).
func (s *server) life(ctx context.Context, d *frontData, id footage.RequestID) (out []ui.RecordEntry, err error) {
	err = s.with(ctx, d, func(l *library) error {
		out, err = kept(l, "life "+string(id), func() ([]ui.RecordEntry, error) {
			return s.entries(ctx, d, l, l.book.About(string(id)))
		})
		return err
	})
	return out, err
}

// shownHistory is how many entries an agency's page lists.
const shownHistory = 20

// agencyHistory adds to an agency's page what the record says of it (T4).
func (s *server) agencyHistory(ctx context.Context, d *frontData, p *ui.AgencyPage) error {
	id := p.Standing.Agency.ID
	return s.with(ctx, d, func(l *library) error {
		full, err := kept(l, "agency "+string(id), func() (ui.AgencyPage, error) {
			full := *p
			indexes := l.book.Indexes("", id)
			full.Entries = int64(len(indexes))
			var err error
			full.History, err = s.entries(ctx, d, l, indexes[max(0, len(indexes)-shownHistory):])
			slices.Reverse(full.History)
			roles := l.book.Roles(id)
			for _, role := range footage.Roles() {
				if n := roles[role]; n > 0 {
					full.People = append(full.People, ui.RoleCount{Role: role, Count: int64(n)})
				}
			}
			full.Counts = l.counts(d, id)
			return full, err
		})
		*p = full
		return err
	})
}
