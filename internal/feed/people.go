package feed

import (
	"encoding/xml"
	"fmt"
	"time"

	"porchlight.example/internal/footage"
)

// JSONFeed is /feed/requests.json, a JSON Feed 1.1.
type JSONFeed struct {
	Version  string         `json:"version"`
	Title    string         `json:"title"`
	Home     string         `json:"home_page_url"`
	Feed     string         `json:"feed_url"`
	Next     string         `json:"next_url,omitempty"` // older requests
	Language string         `json:"language"`
	Items    []JSONFeedItem `json:"items"`
}

// JSONFeedItem is one request in it.
type JSONFeedItem struct {
	ID        string           `json:"id"`
	URL       string           `json:"url"`
	Title     string           `json:"title"`
	Text      string           `json:"content_text"`
	Published time.Time        `json:"date_published"`
	Modified  time.Time        `json:"date_modified"`
	Language  string           `json:"language"`
	Authors   []JSONFeedAuthor `json:"authors"`
}

// JSONFeedAuthor is the agency that asks.
type JSONFeedAuthor struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

func jsonFeed(site Site, items []Item, p page) JSONFeed {
	doc := JSONFeed{Version: "https://jsonfeed.org/version/1.1", Title: p.title(site), Home: site.Base + "/",
		Feed: site.Base + p.path + ".json", Language: "en", Items: []JSONFeedItem{}}
	if p.next != "" {
		doc.Next = site.Base + p.next + ".json"
	}
	for _, item := range items {
		d := item.Request.Record.Document
		doc.Items = append(doc.Items, JSONFeedItem{ID: "urn:sha256:" + string(item.Request.ID), URL: link(site, item.Request), Title: headline(d),
			Text: summary(d), Published: item.Request.PublishedAt, Modified: updated(item.Request), Language: d.Language,
			Authors: []JSONFeedAuthor{{Name: d.AgencyName, URL: site.Base + "/agencies/" + string(d.Agency)}}})
	}
	return doc
}

func title(site Site) string {
	if site.Fictional {
		return site.Name + " (demonstration: no agency here is real)"
	}
	return site.Name
}

func link(site Site, r footage.PublicRequest) string { return site.Base + "/requests/" + string(r.ID) }

// headline puts the agency first, on every channel.
func headline(d footage.Document) string { return d.AgencyName + ": " + d.Title }

func summary(d footage.Document) string {
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		zone = time.UTC
	}
	const form = "2006-01-02 15:04 MST"
	return fmt.Sprintf("%s asks for footage from %s to %s (%s to %s UTC). Investigation code %s. Sharing is voluntary; nobody learns of it if you do not.\n\n%s",
		d.AgencyName, d.Window.From.In(zone).Format(form), d.Window.To.In(zone).Format(form),
		d.Window.From.UTC().Format("15:04"), d.Window.To.UTC().Format("15:04"), d.Code, d.Text)
}

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Author    string   `xml:"author>name"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink `xml:"link"`
	Content   atomText `xml:"content"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Lang string `xml:"xml:lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

func atom(site Site, items []Item, p page) atomFeed {
	f := atomFeed{ID: site.Base + p.feed() + ".atom", Title: p.title(site), Updated: newest(site, items).Format(time.RFC3339),
		Links: []atomLink{{Rel: "self", Href: site.Base + p.path + ".atom"}, {Href: site.Base + "/"}}}
	for _, link := range [][2]string{{"first", p.first}, {"previous", p.previous}, {"next", p.next}} {
		if link[1] != "" {
			f.Links = append(f.Links, atomLink{Rel: link[0], Href: site.Base + link[1] + ".atom"})
		}
	}
	for _, item := range items {
		d := item.Request.Record.Document
		f.Entries = append(f.Entries, atomEntry{ID: "urn:sha256:" + string(item.Request.ID), Title: headline(d), Author: d.AgencyName,
			Published: item.Request.PublishedAt.Format(time.RFC3339), Updated: updated(item.Request).Format(time.RFC3339),
			Link: atomLink{Href: link(site, item.Request)}, Content: atomText{Type: "text", Lang: d.Language, Text: summary(d)}})
	}
	return f
}

// FeatureCollection is /feed/requests.geojson (RFC 7946).
type FeatureCollection struct {
	Type     string    `json:"type"`
	Features []Feature `json:"features"`
}

// Feature is the area of one request.
type Feature struct {
	Type       string            `json:"type"`
	ID         string            `json:"id"`
	Geometry   footage.Area      `json:"geometry"`
	Properties FeatureProperties `json:"properties"`
}

// FeatureProperties is what a map shows of a request.
type FeatureProperties struct {
	Agency      string         `json:"agency"`
	Title       string         `json:"title"`
	Code        string         `json:"code"`
	Offence     string         `json:"offence"`
	Window      footage.Window `json:"window"`
	Closes      time.Time      `json:"closes"`
	SquareMiles float64        `json:"area_sq_mi"`
	URL         string         `json:"url"`
}

func featureOf(site Site, r footage.PublicRequest) Feature {
	d := r.Record.Document
	return Feature{Type: "Feature", ID: string(r.ID), Geometry: d.Area,
		Properties: FeatureProperties{Agency: d.AgencyName, Title: d.Title, Code: d.Code, Offence: d.Offence, Window: d.Window, Closes: d.Closes,
			SquareMiles: r.SquareMiles, URL: link(site, r)}}
}
