package ui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"sync"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

//go:embed page part image dist
var sources embed.FS

// Pages renders the pages of one exchange. It is safe for concurrent use.
type Pages struct {
	site   Site
	bundle *bundle
	words  map[text.Lang]*text.Catalogue
	sets   map[text.Lang]map[string]set // by folder
}

// set is a page's template with all that it needs, parsed when the page is first asked for: a start waits for none, and most
// programs render few. The tests render each.
type set func() (*template.Template, error)

// New reads the words and styles that are built into the program. An error means that they are broken.
func New(site Site) (*Pages, error) {
	if site.Limits == (Limits{}) {
		site.Limits = DefaultLimits()
	}
	p := &Pages{site: site, words: map[text.Lang]*text.Catalogue{}, sets: map[text.Lang]map[string]set{}}
	var err error
	for _, lang := range text.Languages() {
		if p.words[lang], err = text.Load(lang); err != nil {
			return nil, err
		}
	}
	if p.bundle, err = newBundle(sources, p.words, site.Basemap); err != nil {
		return nil, err
	}
	for _, lang := range text.Languages() {
		if p.sets[lang], err = sets(sources, funcs{words: p.words[lang], site: site, bundle: p.bundle}); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// With returns the same pages with other limits, as when a policy is adopted, and with the notices of incidents.
func (p *Pages) With(l Limits, notices []footage.Notice) *Pages {
	other := *p
	other.site.Limits, other.site.Notices = l, notices
	return &other
}

// sets returns the set of each page: the layout, all parts and the page's own template, with functions that speak the
// language.
func sets(files fs.FS, f funcs) (map[string]set, error) {
	common := sync.OnceValues(func() (*template.Template, error) {
		return template.New("").Option("missingkey=error").Funcs(f.table()).Funcs(f.deskTable()).ParseFS(files, "part/*/*.tmpl")
	})
	folders, err := fs.ReadDir(files, "page")
	if err != nil {
		return nil, fmt.Errorf("list pages: %w", err)
	}
	all := map[string]set{}
	for _, folder := range folders {
		all[folder.Name()] = sync.OnceValues(func() (*template.Template, error) {
			parts, err := common()
			if err != nil {
				return nil, fmt.Errorf("parse parts: %w", err)
			}
			page, err := parts.Clone()
			if err == nil {
				page, err = page.ParseFS(files, "page/"+folder.Name()+"/*.tmpl")
			}
			if err != nil {
				return nil, fmt.Errorf("parse page %s: %w", folder.Name(), err)
			}
			return page, nil
		})
	}
	return all, nil
}

// frame is what every template is given.
type frame struct {
	Site    Site
	Lang    text.Lang
	Title   string
	Here    string   // the page's path without the language; empty when it has none
	Page    any      // one of the page structs
	Scripts []string // files of dist that the page loads
}

// Reason says why something was refused, as the pages do.
func (p *Pages) Reason(lang text.Lang, r footage.Reason) string {
	return funcs{words: p.words[lang]}.reason(r)
}

// Render writes the page in the language. It writes nothing at all unless the whole page could be made.
func (p *Pages) Render(w io.Writer, lang text.Lang, page Page) error {
	if !lang.Known() {
		lang = text.Languages()[0]
	}
	fr := frame{Site: p.site, Lang: lang, Title: page.title(p.words[lang]), Here: page.address(), Page: page, Scripts: Scripts(page)}
	parse, ok := p.sets[lang][page.folder()]
	if !ok {
		return fmt.Errorf("render page %s: it has no template", page.folder())
	}
	set, err := parse()
	if err != nil {
		return err
	}
	layout := "layout"
	if l, ok := page.(laid); ok {
		layout = l.layout()
	}
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, layout, fr); err != nil {
		return fmt.Errorf("render page %s: %w", page.folder(), err)
	}
	_, err = w.Write(out.Bytes())
	return err
}
