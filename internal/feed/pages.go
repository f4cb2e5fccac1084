package feed

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"

	"porchlight.example/internal/footage"
)

// page is one of the pages of the feeds for people (RFC 5005, section 3; next_url of JSON Feed). The first holds the newest
// requests; each further one holds those of one day that are older, so that a new request leaves all but two pages as they are.
// Paths are without an ending; empty where there is no such page.
type page struct {
	path, first, previous, next string
	region                      string // token of the cell whose feed it is; empty for the whole exchange's
	items                       []Item
}

const firstPage = "/feed/requests"

// feed is the path of the feed that the page belongs to.
func (p page) feed() string {
	if p.region != "" {
		return p.path
	}
	return firstPage
}

func (p page) title(site Site) string {
	if p.region != "" {
		return title(site) + ", region " + p.region
	}
	return title(site)
}

// pagesOf cuts the requests, the newest first, into pages.
func pagesOf(items []Item) []page {
	pages := []page{{path: firstPage, items: items[:min(len(items), MaxListed)]}}
	for _, item := range items[len(pages[0].items):] {
		path := firstPage + "-" + item.Request.PublishedAt.UTC().Format("2006-01-02")
		if last := &pages[len(pages)-1]; last.path == path {
			last.items = append(last.items, item)
			continue
		}
		pages = append(pages, page{path: path, items: []Item{item}})
	}
	for i := range pages {
		if len(pages) > 1 {
			pages[i].first = firstPage
		}
		if i > 0 {
			pages[i].previous = pages[i-1].path
		}
		if i+1 < len(pages) {
			pages[i].next = pages[i+1].path
		}
	}
	return pages
}

// renderPages adds the pages in both forms; those that tell the same as before are not made again.
func (r *Renderer) renderPages(s Set, pages []page) error {
	made := map[string]rendered{}
	for _, p := range pages {
		var all strings.Builder
		fmt.Fprintln(&all, r.Site, p.first, p.previous, p.next)
		for _, item := range p.items {
			all.WriteString(item.Key + "\n")
		}
		keys := footage.Hash([]byte(all.String()))
		for ending, encode := range map[string]func(Site, page) ([]byte, error){".json": encodeJSONFeed, ".atom": encodeAtom} {
			path := p.path + ending
			old := r.pages[path]
			if old.file == nil || old.keys != keys {
				body, err := encode(r.Site, p)
				if err != nil {
					return fmt.Errorf("render %s: %w", path, err)
				}
				if old.file, err = NewFile(mediaType(ending), body); err != nil {
					return fmt.Errorf("render %s: %w", path, err)
				}
				old.keys = keys
			}
			made[path], s[path] = old, old.file
		}
	}
	r.pages = made
	return nil
}

func mediaType(ending string) string {
	if ending == ".atom" {
		return "application/atom+xml"
	}
	return "application/feed+json"
}

func encodeJSONFeed(site Site, p page) ([]byte, error) {
	return json.Marshal(jsonFeed(site, p.items, p))
}

func encodeAtom(site Site, p page) ([]byte, error) {
	body, err := xml.MarshalIndent(atom(site, p.items, p), "", " ")
	return append([]byte(xml.Header), body...), err
}
