package ui

import (
	"net/url"
	"sort"
	"strconv"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// FrontPage says what the exchange is and lists the open requests.
type FrontPage struct {
	Requests []footage.PublicRequest // everything public, newest first; the page picks what it shows
	Agency   footage.AgencyID        // show this agency's requests only
	Offence  string                  // show requests of this offence code only
	Closed   bool                    // show the closed requests in place of the open ones
	Older    bool                    // there are closed requests that Requests does not hold
	Number   int                     // which page of the list, from 1; 0 is the first
}

// Choice is one link of a filter.
type Choice struct {
	Value   string // shown as it is, or an offence code; empty for "all"
	Label   string
	Href    string
	Current bool
}

func (FrontPage) folder() string { return "front" }

func (p FrontPage) title(c *text.Catalogue) string {
	if p.Closed {
		return c.T("front.title.closed")
	}
	return c.T("front.title")
}

func (p FrontPage) address() string { return p.at(p.Pager().Number) }

// Finds reports whether the page lets a reader look for open requests by place: not where it shows closed ones.
func (p FrontPage) Finds() bool { return !p.Closed }

// scripts loads the island that finds and follows requests where there are some to find.
func (p FrontPage) scripts() []string {
	if p.Finds() {
		return []string{"find.js"}
	}
	return nil
}

// Miles are the distances that a reader may choose; a large exchange's cells hold what lies within 50 km.
func (FrontPage) Miles() []int { return []int{1, 2, 5, 10, 25} }

// Days are the spans of time that a reader may choose.
func (FrontPage) Days() []int { return []int{1, 3, 7, 14, 30} }

// with is the path of the first page with these filters; requests for it tell nothing about where the reader is.
func (p FrontPage) with(agency footage.AgencyID, offence string, closed bool) string {
	p.Agency, p.Offence, p.Closed = agency, offence, closed
	return p.at(1)
}

func (p FrontPage) at(number int) string {
	q := url.Values{}
	if p.Agency != "" {
		q.Set("agency", string(p.Agency))
	}
	if p.Offence != "" {
		q.Set("offence", p.Offence)
	}
	if p.Closed {
		q.Set("closed", "yes")
	}
	if number > 1 {
		q.Set("page", strconv.Itoa(number))
	}
	if len(q) == 0 {
		return "/"
	}
	return "/?" + q.Encode()
}

// Shown returns the requests that pass the filters.
func (p FrontPage) Shown() []footage.PublicRequest {
	var out []footage.PublicRequest
	for _, r := range p.Requests {
		d := r.Record.Document
		if p.onThisSide(r) && (p.Agency == "" || d.Agency == p.Agency) && (p.Offence == "" || d.Offence == p.Offence) {
			out = append(out, r)
		}
	}
	return out
}

func (p FrontPage) onThisSide(r footage.PublicRequest) bool {
	return (r.Status != footage.Published) == p.Closed
}

// Listed returns those of the requests that pass that stand on this page of the list.
func (p FrontPage) Listed() []footage.PublicRequest {
	list, _ := cut(p.Shown(), requestsPerPage, p.Number, p.at)
	return list
}

// Pager tells where this page of the list stands.
func (p FrontPage) Pager() Pager {
	_, pager := cut(p.Shown(), requestsPerPage, p.Number, p.at)
	return pager
}

// Filtered reports whether a filter is set.
func (p FrontPage) Filtered() bool { return p.Agency != "" || p.Offence != "" }

// All is the path without filters.
func (p FrontPage) All() string { return p.with("", "", p.Closed) }

// Other is the path that shows closed requests in place of open ones, or the other way round.
func (p FrontPage) Other() string { return p.with(p.Agency, p.Offence, !p.Closed) }

// Areas returns the areas of the requests listed, for the map.
func (p FrontPage) Areas() []footage.Area {
	var out []footage.Area
	for _, r := range p.Listed() {
		if r.Withheld == nil {
			out = append(out, r.Record.Document.Area)
		}
	}
	return out
}

// ByAgency returns a link for each agency that asks, in order of names; none when they are too many to choose from here.
func (p FrontPage) ByAgency() []Choice {
	names := map[footage.AgencyID]string{}
	for _, r := range p.Requests {
		if p.onThisSide(r) {
			names[r.Record.Document.Agency] = r.Record.Document.AgencyName
		}
	}
	if len(names) > maxChoices {
		return nil
	}
	var out []Choice
	for id, name := range names {
		out = append(out, Choice{Value: string(id), Label: name, Href: p.with(id, p.Offence, p.Closed), Current: id == p.Agency})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Label < out[j].Label })
	return out
}

// ByOffence returns a link for each offence that is being investigated, in order of codes; the template names them.
func (p FrontPage) ByOffence() []Choice {
	codes := map[string]bool{}
	for _, r := range p.Requests {
		if p.onThisSide(r) && r.Withheld == nil {
			codes[r.Record.Document.Offence] = true
		}
	}
	var out []Choice
	for code := range codes {
		out = append(out, Choice{Value: code, Href: p.with(p.Agency, code, p.Closed), Current: code == p.Offence})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Value < out[j].Value })
	return out
}
