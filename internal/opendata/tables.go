package opendata

import (
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// RequestColumns are those of the requests' tables.
func RequestColumns() []Column {
	return []Column{
		{"request", "ID: SHA-256 of the canonical document"},
		{"agency", "register ID of the agency that asks"},
		{"agency_name", "its name when it asked"},
		{"code", "public investigation code"},
		{"offence", "NIBRS code or local extension"},
		{"title", "one line, in the language of the request"},
		{"language", "BCP 47"},
		{"status", "published (open), resolved, expired, withdrawn, or withheld (it was open when its text was withheld)"},
		{"published_at", "UTC"},
		{"closes", "UTC; when it expires"},
		{"ended_at", "UTC; when it was resolved or withdrawn; empty if it was not"},
		{"window_from", "UTC; the hours asked about"},
		{"window_to", "UTC"},
		{"hours", "length of the window"},
		{"area_sq_mi", "geodesic area in square miles"},
		{"camera_hours", "area_sq_mi times hours"},
		{"updates", "how many updates were published"},
		{"entry", "index of its request.published entry"},
		{"url", "the request's page"},
		{"withheld", "court_order or victim_protection, if the text is withheld: then only agency, times of entries, sizes and the ID are left"},
	}
}

// Requests returns a table of requests, oldest first. base is the exchange's address.
func Requests(list []footage.PublicRequest, base string) Table {
	t := Table{Name: "requests", Columns: RequestColumns(), Rows: []Row{}}
	for _, r := range list {
		d := r.Record.Document
		hours, areas, withheld := r.Hours(), []footage.Area{d.Area}, ""
		if r.Withheld != nil {
			areas, withheld = nil, string(r.Withheld.Withholding.Authority)
		}
		t.Rows = append(t.Rows, Row{ID: string(r.ID), Areas: areas, Cells: []any{
			string(r.ID), string(d.Agency), d.AgencyName, d.Code, d.Offence, d.Title, d.Language, string(r.Status), r.PublishedAt, d.Closes, ended(r),
			d.Window.From, d.Window.To, round(hours), r.SquareMiles, round(r.SquareMiles * hours), int64(len(r.Updates)), r.LogIndex, base + "/requests/" + string(r.ID), withheld,
		}})
	}
	slices.SortFunc(t.Rows, func(a, b Row) int {
		if c := a.Cells[8].(time.Time).Compare(b.Cells[8].(time.Time)); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return t
}

func ended(r footage.PublicRequest) time.Time {
	for _, u := range r.Updates {
		if u.Update.Kind == footage.Resolved || u.Update.Kind == footage.Withdrawn {
			return u.Update.At
		}
	}
	return time.Time{}
}

// round keeps four decimals: sums of camera-hours are compared by people.
func round(f float64) float64 { return float64(int64(f*1e4+0.5)) / 1e4 }

// AgencyColumns are those of the agencies' table.
func AgencyColumns() []Column {
	columns := []Column{
		{"agency", "register ID"},
		{"name", ""},
		{"type", "municipal_police, sheriff, tribal_police, special_police, fire, emergency_management, local_prosecutor or medical_examiner"},
		{"ori", "originating agency identifier or local register ID"},
		{"state", "two letters"},
		{"county", ""},
		{"since", "UTC; when it was registered"},
		{"suspended", "true or false"},
		{"reason", "why it is suspended"},
		{"immigration_agreement", "whether it has a standing immigration-enforcement agreement, by its own declaration"},
		{"policies", "its own rules for footage, by its own declaration"},
		{"subsidies", "cameras or discounts that it gives, by its own declaration"},
		{"task_forces", "by its own declaration"},
		{"requests", "how many it has published"},
		{"open", "of them, how many are open"},
		{"camera_hours", "sum over its requests of square miles times hours"},
		{"entries", "entries of the record about it"},
	}
	for _, r := range agencyRoles() {
		columns = append(columns, Column{"people_" + string(r), "people who hold this role now"})
	}
	return append(columns, Column{"url", "its page"})
}

func agencyRoles() []footage.Role {
	return []footage.Role{footage.Officer, footage.Supervisor, footage.Custodian, footage.AgencyAdmin}
}

// Sums are what an agency's requests come to.
type Sums struct {
	Requests, Open int64
	CameraHours    float64
}

// Add counts a request in.
func (s *Sums) Add(open bool, cameraHours float64) {
	s.Requests++
	if open {
		s.Open++
	}
	s.CameraHours += round(cameraHours)
}

// Agencies returns the register with the sums of each agency's requests.
func (b *Book) Agencies(list []footage.Standing, sums map[footage.AgencyID]Sums, base string) Table {
	t := Table{Name: "agencies", Columns: AgencyColumns(), Rows: []Row{}}
	for _, s := range list {
		a, n := s.Agency, sums[s.Agency.ID]
		cells := []any{string(a.ID), a.Name, string(a.Type), a.ORI, a.State, a.County, s.Since, s.Suspended, s.Reason, a.ImmigrationAgreement,
			a.Policies, a.Subsidies, a.TaskForces, n.Requests, n.Open, round(n.CameraHours), int64(len(b.agencies[a.ID]))}
		roles := b.Roles(a.ID)
		for _, r := range agencyRoles() {
			cells = append(cells, int64(roles[r]))
		}
		t.Rows = append(t.Rows, Row{ID: string(a.ID), Areas: a.Jurisdiction, Cells: append(cells, base+"/agencies/"+string(a.ID))})
	}
	return t
}

// CountColumns are those of the table of figures.
func CountColumns() []Column {
	return []Column{
		{"month", "UTC, YYYY-MM"},
		{"agency", "register ID; empty for acts of the exchange alone"},
		{"kind", "kind of entry"},
		{"state", "what became of something, as the entries say it"},
		{"reason", "why, as the entries say it; an entry with several counts in each"},
		{"count", "entries"},
	}
}

// Figures returns the sums of an agency, or of all, as a table.
func (b *Book) Figures(agency footage.AgencyID) Table {
	t := Table{Name: "figures", Columns: CountColumns(), Rows: []Row{}}
	for _, c := range b.Counts(agency) {
		t.Rows = append(t.Rows, Row{Cells: []any{c.Month, string(c.Agency), c.Kind, c.State, c.Reason, c.Count}})
	}
	return t
}

// LineColumns are those of the tables of entries.
func LineColumns() []Column {
	return []Column{
		{"index", "place in the record, from 0"},
		{"at", "UTC"},
		{"kind", ""},
		{"agency", "whom it is about; empty for none"},
		{"subject", "request, person or hash that it names"},
		{"state", "what became of something"},
		{"reasons", "why, separated by blanks"},
		{"leaf_sha256", "its hash in the tree (RFC 6962): SHA-256 of a zero byte and the entry"},
		{"bytes", "its length"},
		{"data", "its own data, canonical JSON"},
	}
}

// Lines returns entries as a table.
func Lines(list []Line) Table {
	t := Table{Name: "entries", Columns: LineColumns(), Rows: []Row{}}
	for _, l := range list {
		t.Rows = append(t.Rows, Row{Cells: []any{l.Index, l.At, l.Kind, string(l.Agency), l.Subject, l.State, strings.Join(l.Reasons, " "), l.Leaf, int64(l.Bytes), string(l.Data)}})
	}
	return t
}
