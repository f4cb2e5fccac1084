package ui

import (
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// RecordPage is the front of the public record: the figures that people ask for, and how to check them.
type RecordPage struct {
	Size       int64  // entries in the log
	Root       string // the tree's root hash, as the checkpoint has it
	Checkpoint string // the signed note itself
	Base       string // path under which checkpoint and tiles are served, such as "/log/"

	Requests, Open      int64
	CameraHours         float64
	Agencies, Suspended int64
	Complaints          int64
	Months              []RecordMonth // oldest first
	Kinds               []RecordKind  // every kind of entry that there is
	Refusals            []RecordCount // what was refused or held, by agency and reason
}

// RecordMonth is what was published in one month.
type RecordMonth struct {
	Month       string // 2026-11, UTC
	Requests    int64
	CameraHours float64
}

// RecordKind is how many entries there are of a kind.
type RecordKind struct {
	Kind  string
	Count int64
}

// Href is the path of the list of them.
func (k RecordKind) Href() string { return EntriesPage{Kind: k.Kind}.at(1) }

// RecordCount is how many entries of a kind about an agency give a state and a reason.
type RecordCount struct {
	Agency     footage.AgencyID
	AgencyName string
	Kind       string
	State      string // what became of something; may be empty
	Reason     string // why; may be empty
	Count      int64
}

func (RecordPage) folder() string                 { return "record" }
func (RecordPage) title(c *text.Catalogue) string { return c.T("record.title") }
func (RecordPage) address() string                { return "/record" }

// shownMonths is how many months the charts hold; the tables for download hold all.
const shownMonths = 12

// Recent returns the newest months.
func (p RecordPage) Recent() []RecordMonth { return p.Months[max(0, len(p.Months)-shownMonths):] }

// RequestBars are the requests of the newest months as a chart.
func (p RecordPage) RequestBars() []Bar {
	var out []Bar
	for _, m := range p.Recent() {
		out = append(out, Bar{Label: m.Month, Value: float64(m.Requests)})
	}
	return out
}

// HourBars are the camera-hours of the newest months as a chart.
func (p RecordPage) HourBars() []Bar {
	var out []Bar
	for _, m := range p.Recent() {
		out = append(out, Bar{Label: m.Month, Value: m.CameraHours})
	}
	return out
}

// RecordEntry is one entry of the record.
type RecordEntry struct {
	Index      int64
	At         time.Time
	Kind       string
	Agency     footage.AgencyID // empty: it is about none
	AgencyName string
	Subject    string   // request, person or hash that it names
	State      string   // what became of something, as a short code; may be empty
	Reasons    []string // why, as short codes
	Leaf       string   // its hash in the tree, hexadecimal
}

// Href is the path of the entry's own page.
func (e RecordEntry) Href() string { return "/record/entries/" + strconv.FormatInt(e.Index, 10) }

// LeafShort is as much of the hash as people compare at a glance.
func (e RecordEntry) LeafShort() string { return e.Leaf[:min(16, len(e.Leaf))] }

// Request is the request that the entry names, or "".
func (e RecordEntry) Request() footage.RequestID {
	if id := footage.RequestID(e.Subject); id.Valid() && (strings.HasPrefix(e.Kind, "request.") || e.Kind == "document.withheld") {
		return id
	}
	return ""
}

// EntriesPage lists entries of the record, the newest first.
type EntriesPage struct {
	Entries    []RecordEntry // those of this page
	Total      int64         // how many pass the filters
	Kind       string        // of this kind only
	Agency     footage.AgencyID
	AgencyName string
	Kinds      []RecordKind // to choose from
	Number     int          // which page of the list, from 1
	Pages      int
}

func (EntriesPage) folder() string { return "entries" }

func (p EntriesPage) title(c *text.Catalogue) string {
	if p.Number > 1 {
		return c.T("record.entries.title.page", "page", p.Number)
	}
	return c.T("record.entries.title")
}

func (p EntriesPage) address() string { return p.at(p.Number) }

func (p EntriesPage) at(number int) string {
	q := url.Values{}
	if p.Agency != "" {
		q.Set("agency", string(p.Agency))
	}
	if p.Kind != "" {
		q.Set("kind", p.Kind)
	}
	if number > 1 {
		q.Set("page", strconv.Itoa(number))
	}
	if len(q) == 0 {
		return "/record/entries"
	}
	return "/record/entries?" + q.Encode()
}

// EntriesPerPage is how many entries one page lists.
const EntriesPerPage = 50

// Pager tells where this page of the list stands.
func (p EntriesPage) Pager() Pager {
	pager := Pager{Number: max(1, p.Number), Pages: max(1, p.Pages)}
	if pager.Number > 1 {
		pager.Previous = p.at(pager.Number - 1)
	}
	if pager.Number < pager.Pages {
		pager.Next = p.at(pager.Number + 1)
	}
	return pager
}

// Filtered reports whether a filter is set.
func (p EntriesPage) Filtered() bool { return p.Kind != "" || p.Agency != "" }

// All is the path without filters.
func (EntriesPage) All() string { return EntriesPage{}.at(1) }

// AnyKind is the path without the filter of kinds.
func (p EntriesPage) AnyKind() string { return EntriesPage{Agency: p.Agency}.at(1) }

// ByKind returns a link for each kind.
func (p EntriesPage) ByKind() []Choice {
	var out []Choice
	for _, k := range p.Kinds {
		out = append(out, Choice{Value: k.Kind, Href: EntriesPage{Agency: p.Agency, Kind: k.Kind}.at(1), Current: k.Kind == p.Kind})
	}
	return out
}

// EntryPage shows one entry whole, with its proof.
type EntryPage struct {
	Entry RecordEntry
	JSON  string // the entry, indented for people
	Size  int64  // entries in the record
}

func (EntryPage) folder() string { return "entry" }

func (p EntryPage) title(c *text.Catalogue) string {
	return c.T("record.entry.title", "number", p.Entry.Index)
}

func (p EntryPage) address() string { return p.Entry.Href() }

// Proof is the path of the entry with its proof.
func (p EntryPage) Proof() string {
	return "/data/entry/" + strconv.FormatInt(p.Entry.Index, 10) + ".json"
}

// Before is the path of the entry in front of it, or "".
func (p EntryPage) Before() string {
	if p.Entry.Index == 0 {
		return ""
	}
	return RecordEntry{Index: p.Entry.Index - 1}.Href()
}

// After is the path of the entry behind it, or "".
func (p EntryPage) After() string {
	if p.Entry.Index+1 >= p.Size {
		return ""
	}
	return RecordEntry{Index: p.Entry.Index + 1}.Href()
}

// DataPage lists the tables of the open data.
type DataPage struct {
	License string
	Tables  []DataTable
	More    int // tables that are only in the index
}

// DataTable is one table: its name and where it is.
type DataTable struct {
	Name  string
	Files []string // paths
}

// Formats returns a link for each of the table's files, named by its format.
func (t DataTable) Formats() []Choice {
	names := map[string]string{".csv": "CSV", ".json": "JSON", ".geojson": "GeoJSON"}
	var out []Choice
	for _, file := range t.Files {
		out = append(out, Choice{Href: file, Label: names[path.Ext(file)]})
	}
	return out
}

func (DataPage) folder() string                 { return "data" }
func (DataPage) title(c *text.Catalogue) string { return c.T("record.data.title") }
func (DataPage) address() string                { return "/record/data" }
