package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/opendata"
	"porchlight.example/ledger"
)

// maxTable is up to how many requests one table holds all of them; beyond, there is one for each month and each agency.
const maxTable = 5000

// entriesPerFile is how many entries one table of entries holds.
const entriesPerFile = 1000

// dataFile serves the tables of the open data: T9 of the requirements. Each is made once after a change of the record.
func (s *server) dataFile(w http.ResponseWriter, r *http.Request) error {
	d := s.front.Load()
	path := strings.TrimPrefix(r.URL.Path, "/data/")
	return s.with(r.Context(), d, func(l *library) error {
		f, ok := l.files[path]
		if !ok {
			mediaType, body, err := s.dataBody(r.Context(), d, l, path)
			if err != nil {
				return err
			}
			if f, err = l.file(path, mediaType, func() ([]byte, error) { return body, nil }); err != nil {
				return err
			}
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*") // open data: no cookie and no login is ever looked at here
		h.Set("Link", `<https://creativecommons.org/publicdomain/zero/1.0/>; rel="license"`)
		f.Serve(w, r, []string{"public, max-age=60"}, nil)
		return nil
	})
}

// dataBody makes the file at a path below /data/.
func (s *server) dataBody(ctx context.Context, d *frontData, l *library, path string) (mediaType string, body []byte, err error) {
	if path == "index.json" {
		body, err = s.dataIndex(d, l)
		return "application/json", body, err
	}
	name, ending, _ := strings.Cut(path, ".")
	if number, ok := strings.CutPrefix(name, "entry/"); ok && ending == "json" {
		body, err = s.provenEntry(ctx, d, number)
		return "application/json", body, err
	}
	t, err := s.table(ctx, d, l, name)
	if err != nil {
		return "", nil, err
	}
	switch ending {
	case "csv":
		body, err = t.CSV()
		return "text/csv; charset=utf-8; header=present", body, err
	case "json":
		body, err = t.JSON()
		return "application/json", body, err
	case "geojson":
		if t.Name == "agencies" || t.Name == "requests" {
			body, err = t.GeoJSON()
			return "application/geo+json", body, err
		}
	}
	return "", nil, noData()
}

func noEntry() error {
	return footage.E(footage.NotFound, "The record has no such entry. Entries are named by their numbers, from 0.")
}

func noData() error {
	return footage.E(footage.NotFound, "There is no such table. /data/index.json lists all of them.")
}

// table makes the table with a name, such as "agencies", "requests-2026-11" or "agencies/maplewood-police/requests".
func (s *server) table(ctx context.Context, d *frontData, l *library, name string) (opendata.Table, error) {
	switch name {
	case "agencies":
		return l.book.Agencies(d.agencies, l.sums, s.cfg.Base), nil
	case "figures":
		return l.book.Figures(""), nil
	case "decisions":
		return l.book.DecisionTable(), nil
	case "urgent":
		return l.book.ClockTable(), nil
	case "legal-demands":
		reports, err := s.demandReports(ctx, d, l)
		return opendata.Demands(reports), err
	case "erasures":
		totals, err := s.erasureTotals(ctx, d, l)
		return opendata.Erasures(totals), err
	case "notices":
		return opendata.Notices(d.notices), nil
	case "complaints":
		list, err := s.x.NewestComplaints(ctx, maxTable+1)
		if len(list) > maxTable {
			return opendata.Table{}, footage.E(footage.NotFound, "There are too many complaints for one table. Take those of a month or of an agency: /data/index.json lists them.")
		}
		return s.complaintTable(list, err)
	case "followups":
		return s.everyDuty(ctx, l)
	case "requests":
		if l.total().Requests > maxTable {
			return opendata.Table{}, footage.E(footage.NotFound, "There are too many requests for one table. Take those of a month or of an agency: /data/index.json lists them.")
		}
		return s.requestTable(d.all(func() ([]footage.PublicRequest, error) { return s.x.PublicRequests(ctx, false) }))
	}
	if month, ok := strings.CutPrefix(name, "requests-"); ok {
		from, err := time.Parse("2006-01", month)
		if err != nil {
			return opendata.Table{}, noData()
		}
		to := from.AddDate(0, 1, 0)
		list, err := d.all(func() ([]footage.PublicRequest, error) { return s.x.RequestsBetween(ctx, from, to) })
		list = slices.DeleteFunc(list, func(p footage.PublicRequest) bool { return p.PublishedAt.Before(from) || !p.PublishedAt.Before(to) })
		return s.requestTable(list, err)
	}
	if month, ok := strings.CutPrefix(name, "complaints-"); ok {
		from, err := time.Parse("2006-01", month)
		if err != nil {
			return opendata.Table{}, noData()
		}
		return s.complaintTable(s.x.ComplaintsBetween(ctx, from, from.AddDate(0, 1, 0)))
	}
	if month, ok := strings.CutPrefix(name, "followups-"); ok {
		from, err := time.Parse("2006-01", month)
		if err != nil {
			return opendata.Table{}, noData()
		}
		return s.dutyTable(s.x.DutiesBetween(ctx, from, from.AddDate(0, 1, 0)))
	}
	if number, ok := strings.CutPrefix(name, "entries-"); ok {
		return s.entryTable(ctx, d, l, number)
	}
	if of, ok := strings.CutPrefix(name, "agencies/"); ok {
		return s.agencyTable(ctx, d, l, of)
	}
	return opendata.Table{}, noData()
}

// all returns every public request: those at hand if there are no others, else what read gives.
func (d *frontData) all(read func() ([]footage.PublicRequest, error)) ([]footage.PublicRequest, error) {
	if d.whole {
		return slices.Concat(d.open, d.closed), nil
	}
	return read()
}

func (s *server) requestTable(list []footage.PublicRequest, err error) (opendata.Table, error) {
	if err != nil {
		return opendata.Table{}, err
	}
	return opendata.Requests(list, s.cfg.Base), nil
}

func (s *server) complaintTable(list []footage.Complaint, err error) (opendata.Table, error) {
	if err != nil {
		return opendata.Table{}, err
	}
	return opendata.Complaints(list, s.cfg.Now()), nil
}

func (s *server) agencyTable(ctx context.Context, d *frontData, l *library, of string) (opendata.Table, error) {
	id, what, _ := strings.Cut(of, "/")
	if _, known := d.agency(footage.AgencyID(id)); !known {
		return opendata.Table{}, noAgency()
	}
	switch what {
	case "requests":
		return s.requestTable(d.of(ctx, s.x, footage.AgencyID(id)))
	case "figures":
		return l.book.Figures(footage.AgencyID(id)), nil
	case "complaints":
		return s.complaintTable(s.x.ComplaintsOf(ctx, footage.AgencyID(id)))
	case "followups":
		return s.dutyTable(s.x.DutiesOf(ctx, footage.AgencyID(id)))
	}
	return opendata.Table{}, noData()
}

// entryTable is a thousand entries: those of number 7 begin with 7,000.
func (s *server) entryTable(ctx context.Context, d *frontData, l *library, number string) (opendata.Table, error) {
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil || n < 0 || n*entriesPerFile >= d.record.Size || number != strconv.FormatInt(n, 10) {
		return opendata.Table{}, noData()
	}
	lines, err := s.lines(ctx, d, l, n*entriesPerFile, min((n+1)*entriesPerFile, d.record.Size))
	return opendata.Lines(lines), err
}

// lines reads the entries in [from, to).
func (s *server) lines(ctx context.Context, d *frontData, l *library, from, to int64) ([]opendata.Line, error) {
	raws, err := s.x.ReadEntries(ctx, d.record.Checkpoint, from, to)
	if err != nil {
		return nil, err
	}
	out := make([]opendata.Line, 0, len(raws))
	for i, raw := range raws {
		line, err := l.book.Read(from+int64(i), raw)
		if err != nil {
			return nil, err
		}
		out = append(out, line)
	}
	return out, nil
}

func (s *server) provenEntry(ctx context.Context, d *frontData, number string) ([]byte, error) {
	index, err := strconv.ParseInt(number, 10, 64)
	if err != nil || number != strconv.FormatInt(index, 10) || index < 0 || index >= d.record.Size {
		return nil, noEntry()
	}
	raw, proof, err := s.x.ProveEntry(ctx, d.record.Checkpoint, index)
	if err != nil {
		return nil, err
	}
	entry, err := ledger.DecodeEntry(raw)
	if err != nil {
		return nil, fmt.Errorf("decode entry %d: %w", index, err)
	}
	body, err := json.Marshal(opendata.EntryProof{Entry: entry, Proof: proof})
	return append(body, '\n'), err
}

func (s *server) dataIndex(d *frontData, l *library) ([]byte, error) {
	index := opendata.Catalog{Exchange: s.x.Info().Origin, License: opendata.License, Entries: l.book.Size(), Tables: []opendata.CatalogTable{}}
	add := func(name string, columns []opendata.Column, endings ...string) {
		t := opendata.CatalogTable{Name: name, Columns: columns}
		for _, e := range endings {
			t.Files = append(t.Files, "/data/"+name+e)
		}
		index.Tables = append(index.Tables, t)
	}
	add("agencies", opendata.AgencyColumns(), ".csv", ".json", ".geojson")
	add("figures", opendata.CountColumns(), ".csv", ".json")
	add("decisions", opendata.DecisionColumns(), ".csv", ".json")
	add("urgent", opendata.ClockColumns(), ".csv", ".json")
	add("legal-demands", opendata.DemandColumns(), ".csv", ".json")
	add("erasures", opendata.ErasureColumns(), ".csv", ".json")
	add("notices", opendata.NoticeColumns(), ".csv", ".json")
	if l.total().Requests <= maxTable {
		add("requests", opendata.RequestColumns(), ".csv", ".json", ".geojson")
	}
	for _, m := range l.months {
		add("requests-"+m.name, opendata.RequestColumns(), ".csv", ".json", ".geojson")
	}
	for _, name := range l.complaintTables() {
		add(name, opendata.ComplaintColumns(), ".csv", ".json")
	}
	for _, name := range l.dutyTables() {
		add(name, opendata.FollowUpColumns(), ".csv", ".json")
	}
	for n := int64(0); n*entriesPerFile < l.book.Size(); n++ {
		add(fmt.Sprintf("entries-%d", n), opendata.LineColumns(), ".csv", ".json")
	}
	for _, a := range d.agencies {
		add("agencies/"+string(a.Agency.ID)+"/requests", opendata.RequestColumns(), ".csv", ".json", ".geojson")
		add("agencies/"+string(a.Agency.ID)+"/figures", opendata.CountColumns(), ".csv", ".json")
		add("agencies/"+string(a.Agency.ID)+"/complaints", opendata.ComplaintColumns(), ".csv", ".json")
		add("agencies/"+string(a.Agency.ID)+"/followups", opendata.FollowUpColumns(), ".csv", ".json")
	}
	body, err := json.Marshal(index)
	return append(body, '\n'), err
}
