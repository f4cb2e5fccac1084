// Package story makes canned pages from the fictional town, for the storybook and for the tests of the pages. The same
// call gives the same pages.
package story

import (
	"fmt"
	"time"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/web"
	"porchlight.example/ui"
	"porchlight.example/ui/townmap"
)

// Story is one page with canned data.
type Story struct {
	Path string // where the page would be, without the language
	Name string
	Page ui.Page
}

// Now is the moment at which all stories play.
func Now() time.Time { return time.Date(2026, 11, 21, 18, 40, 0, 0, time.UTC) }

// Site returns the exchange of the stories, with the town's map or without any.
func Site(withMap bool) (ui.Site, error) {
	s := ui.Site{
		Name: "Lantern County Footage Exchange", Operator: "Lantern County Council, Office of the Clerk",
		Contact:     footage.Contact{Name: "Clerk’s office", Email: "exchange@lantern-county.example", Phone: "+1 555 0140"},
		Origin:      "https://exchange.lantern-county.example",
		Fictional:   true,
		VerifierKey: "exchange.lantern-county.example/log+4f1c9d27+AU3x0m9yPfqQ2s5g1Hq4Yb7mJc0n8oZl6vWkTtR1uXeD",
		Feeds:       ui.Feeds{Atom: "/feed/requests.atom", JSONFeed: "/feed/requests.json", GeoJSON: "/feed/requests.geojson", JSON: "/feed/index.json"},
	}
	if !withMap {
		return s, nil
	}
	var err error
	s.Basemap, err = townmap.Parse(town.Basemap())
	return s, err
}

// Requests returns the town's requests as published in a language, the newest first.
func Requests(lang string) ([]footage.PublicRequest, error) {
	squareMiles := []float64{0.113, 0.2336, 0.3306, 0.0596, 0.1518, 0.0989}
	var out []footage.PublicRequest
	for i, r := range town.Requests() {
		d := r.Document(Now(), lang)
		d.Nonce = fmt.Sprintf("c3Rvcnkgbm9uY2Ug%06d", i)
		id, err := d.ID()
		if err != nil {
			return nil, err
		}
		published := d.Window.To.Add(20 * time.Hour).Truncate(time.Minute)
		p := footage.PublicRequest{
			ID: id, Status: footage.Published, PublishedAt: published, LogIndex: int64(41 + 13*i), SquareMiles: squareMiles[i%len(squareMiles)],
			Record: footage.Record{Document: d, Assertions: []footage.Assertion{
				{Role: footage.Officer, Person: "p-3v8k1m5t9x2c7f0g4h6j1n8q2r"},
				{Role: footage.Supervisor, Person: "p-7d2w6s0a4b8e1y5z9c3p7k0m6t"},
			}},
		}
		if r.End != "" {
			p.Status = footage.StatusResolved
			p.Updates = updates(id, published, r.EndText[lang])
		}
		out = append(out, p)
	}
	return out, nil
}

func updates(id footage.RequestID, published time.Time, end string) []footage.UpdateRecord {
	return []footage.UpdateRecord{
		{Update: footage.Update{Request: id, Kind: footage.Amended, At: published.Add(30 * time.Hour), Text: "The van’s registration ends in 47."}},
		{Update: footage.Update{Request: id, Kind: footage.Resolved, At: published.Add(96 * time.Hour), Text: end}},
	}
}

// Standings returns the town's agencies and a suspended one.
func Standings() []footage.Standing {
	var out []footage.Standing
	for i, a := range town.Agencies() {
		out = append(out, footage.Standing{Agency: a, Since: Now().AddDate(0, -7, -3*i)})
	}
	suspended := footage.Agency{
		ID: "harbor-district-police", Name: "Harbor District Police", Type: footage.TransitPolice, State: "ZZ", County: "Lantern",
		Contact: footage.Contact{Name: "Duty desk", Phone: "+1 555 0155"}, ImmigrationAgreement: true,
	}
	return append(out, footage.Standing{
		Agency: suspended, Since: Now().AddDate(0, -9, 0), Suspended: true,
		Reason: "Asked on behalf of another body. See entry 212 of the record.",
	})
}

// Stories returns every page; requests are in the page's language, as a bilingual agency would write them.
func Stories(lang string) ([]Story, error) {
	requests, err := Requests(lang)
	if err != nil {
		return nil, err
	}
	standings := Standings()
	pages := []Story{
		{"/", "front", ui.FrontPage{Requests: requests}},
		{"/?agency=maplewood-fire", "front, filtered", ui.FrontPage{Requests: requests, Agency: town.Fire}},
		{"/?closed=yes", "front, closed requests", ui.FrontPage{Requests: requests, Closed: true}},
		{"/front-empty", "front, empty", ui.FrontPage{}},
		{"/agencies", "agencies", ui.AgenciesPage{Standings: standings}},
		{"/agencies-empty", "agencies, empty", ui.AgenciesPage{}},
		{"/how", "how it works", ui.HowPage{}},
		{"/shares", "my shares", ui.SharesPage{}},
		{"/guidelines", "guidelines", ui.GuidelinesPage{Policies: policies(), Rules: rules()}},
		{"/privacy", "privacy", ui.PrivacyPage{Stored: web.Stored()}},
		{"/about", "exchange", ui.ExchangePage{Policies: policies(), Rules: rules()}},
	}
	pages = append(pages, requestStories(requests, standings)...)
	states, err := States(lang)
	if err != nil {
		return nil, err
	}
	pages = append(pages, requestStories(states, standings)...)
	pages = append(pages, agencyStories(requests, standings)...)
	pages = append(pages, recordStories(requests)...)
	pages = append(pages, reportStories()...)
	pages = append(pages, followUpStories(requests[0])...)
	pages = append(pages, noticeStories()...)
	pages = append(pages, applyStories()...)
	pages = append(pages, staffStories()...)
	pages = append(append(pages, complaintStories(requests[0])...), staffComplaintStories(requests[0])...)
	return append(pages, errorStories()...), nil
}

func requestStories(requests []footage.PublicRequest, standings []footage.Standing) []Story {
	var out []Story
	for _, r := range requests {
		page := ui.RequestPage{Request: r, Life: life(r)}
		if r.Status != footage.Published {
			for _, line := range dutyLines(r)[3:5] {
				line.AgencyName = ""
				page.Duties = append(page.Duties, line)
			}
		}
		if r.ID == requests[0].ID && r.Record.Document.Agency == town.Police {
			for _, line := range complaintLines(r) {
				if line.Request != "" {
					page.Complaints = append(page.Complaints, line)
				}
			}
		}
		for _, s := range standings {
			if s.Agency.ID == r.Record.Document.Agency {
				page.Agency = s
			}
		}
		for _, other := range requests {
			if other.ID != r.ID && other.Status == footage.Published {
				page.Nearby = append(page.Nearby, other.Record.Document.Area)
			}
		}
		out = append(out, Story{"/requests/" + string(r.ID), "request " + r.Record.Document.Code, page})
	}
	return out
}

func agencyStories(requests []footage.PublicRequest, standings []footage.Standing) []Story {
	var out []Story
	for _, s := range standings {
		page := ui.AgencyPage{Standing: s}
		for _, r := range requests {
			if r.Record.Document.Agency == s.Agency.ID {
				page.Requests = append(page.Requests, r)
			}
		}
		if !s.Suspended {
			page.Epoch = &footage.Epoch{
				Agency: s.Agency.ID, Number: 2, Recipient: "age1pq1" + string(s.Agency.ID), Opened: Now().AddDate(0, -2, 0),
				Custodians: []footage.CustodianKey{{ID: "k-1"}, {ID: "k-2"}},
			}
			page.History, page.Entries, page.Counts = history(s.Agency, requests), 131, counts()[:2]
			if s.Agency.ID == town.Police {
				page.Complaints, page.Duties = complaintLines(requests[0]), dutyLines(requests[0])
			}
			page.People = []ui.RoleCount{{Role: footage.Officer, Count: 4}, {Role: footage.Supervisor, Count: 2}, {Role: footage.Custodian, Count: 2}}
			page.Verifications = []ui.Verification{
				{Body: "Lantern County Clerk", Role: "operator", How: "Called back through the county's published number; papers seen in person.", On: s.Since, Expires: s.Since.AddDate(1, 0, 0), Entry: 3},
				{Body: "Lakes Public Safety Registry", Role: "attestor", How: "Listed in its yearly directory.", On: s.Since.AddDate(0, 0, -4), Expires: s.Since.AddDate(1, 0, -4), Entry: 4},
			}
		}
		out = append(out, Story{"/agencies/" + string(s.Agency.ID), "agency " + s.Agency.Name, page})
	}
	return out
}

func errorStories() []Story {
	var out []Story
	for _, status := range []int{400, 403, 404, 410, 413, 418, 429, 500, 502, 503, 507} {
		page := ui.ErrorPage{Status: status}
		if status == 500 {
			page.Reference = "r-7k2m9q4t"
		}
		if status == 400 {
			page.Msg = "The filter names an agency that is not in the register."
			page.Reasons = []footage.Reason{{Code: "agency_unknown", Msg: "No agency has the register number “nobody”."}}
		}
		out = append(out, Story{fmt.Sprintf("/error/%d", status), fmt.Sprintf("error %d", status), page})
	}
	return out
}

func rules() []ui.Rule {
	return []ui.Rule{
		{Sentence: ui.Words{En: "The area may be at most 0.5 sq mi.", Es: "El área puede tener como máximo 0.5 mi²."}, Policy: "default-v1"},
		{Sentence: ui.Words{En: "Footage may be asked for at most 10 days back.", Es: "Solo se pueden pedir grabaciones de los últimos 10 días."}, Policy: "city"},
		{Sentence: ui.Words{En: "An agency destroys its own copy after 30 days when nobody is charged.", Es: "La agencia destruye su propia copia después de 30 días si no se acusa a nadie."}, Policy: "city", Promise: true},
	}
}

func policies() []footage.PolicyRef {
	return []footage.PolicyRef{{Name: "default-v1", Hash: footage.Hash([]byte("default-v1"))}}
}
