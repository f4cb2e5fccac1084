package ui_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
	"porchlight.example/ui/storybook/story"
	"porchlight.example/ui/text"
	"porchlight.example/ui/townmap"
	"porchlight.example/ui/uitest"
)

// newPages returns the stories' exchange; change may be nil.
func newPages(t *testing.T, change func(*ui.Site)) *ui.Pages {
	t.Helper()
	site, err := story.Site(true)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&site)
	}
	pages, err := ui.New(site)
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func render(t *testing.T, pages *ui.Pages, lang text.Lang, page ui.Page) string {
	t.Helper()
	var out bytes.Buffer
	if err := pages.Render(&out, lang, page); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// stories calls do for every story in every language.
func stories(t *testing.T, do func(lang text.Lang, s story.Story)) {
	t.Helper()
	for _, lang := range text.Languages() {
		all, err := story.Stories(string(lang))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			do(lang, s)
		}
	}
}

func packed(t *testing.T, page string) int {
	t.Helper()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(page)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return z.Len()
}

// forScripts finds the messages that a script fills in.
var forScripts = regexp.MustCompile(`data-texts="[^"]*"`)

// TestEveryPage: markup, names, references and size of every page in every language, with and without a basemap.
func TestEveryPage(t *testing.T) {
	const limit = 60_000 // goals.md, P7
	withMap, bare := newPages(t, nil), newPages(t, func(s *ui.Site) { *s = ui.Site{} })
	seen := map[string]bool{}
	stories(t, func(lang text.Lang, s story.Story) {
		seen[fmt.Sprintf("%T", s.Page)] = true
		for kind, pages := range map[string]*ui.Pages{"": withMap, " of a bare exchange": bare} {
			page := render(t, pages, lang, s.Page)
			for _, complaint := range uitest.Check([]byte(page)) {
				t.Errorf("%s in %s%s: %s", s.Name, lang, kind, complaint)
			}
			if missing := regexp.MustCompile(`\[[a-z]+\.[a-z0-9._]+\]|\{[a-z]+\}`).FindString(forScripts.ReplaceAllString(page, "")); missing != "" {
				t.Errorf("%s in %s%s: the message %s is missing or not filled in", s.Name, lang, kind, missing)
			}
			if n := packed(t, page); n > limit {
				t.Errorf("%s in %s%s: %d bytes compressed, more than %d", s.Name, lang, kind, n, limit)
			}
		}
	})
	folders, err := fs.ReadDir(os.DirFS("."), "page")
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) != len(seen) {
		t.Errorf("there are %d pages and stories of %d: %v", len(folders), len(seen), seen)
	}
}

// TestTitles: the title says which page this is before it says which exchange, no two pages have the same, and the
// language of the page is the language that was asked for.
func TestTitles(t *testing.T) {
	pages := newPages(t, nil)
	titles := map[string]string{}
	stories(t, func(lang text.Lang, s story.Story) {
		root, err := uitest.Parse([]byte(render(t, pages, lang, s.Page)))
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		title := root.All("title")[0].Words()
		if !strings.HasSuffix(title, " · Lantern County Footage Exchange") || strings.HasPrefix(title, " ·") {
			t.Errorf("%s is titled %q", s.Name, title)
		}
		if got := root.All("html")[0].Attr["lang"]; got != string(lang) {
			t.Errorf("%s in %s says that it is in %s", s.Name, lang, got)
		}
		if _, failed := s.Page.(ui.ErrorPage); !failed && !strings.Contains(s.Name, "empty") && !strings.Contains(s.Name, "filtered") && !strings.Contains(s.Name, "STATE") {
			if other := titles[string(lang)+title]; other != "" {
				t.Errorf("%s and %s are both titled %q", s.Name, other, title)
			}
			titles[string(lang)+title] = s.Name
		}
	})
}

// requestPage returns the town's first request as a page; change may be nil.
func requestPage(t *testing.T, change func(*ui.RequestPage)) ui.RequestPage {
	t.Helper()
	requests, err := story.Requests("en")
	if err != nil {
		t.Fatal(err)
	}
	page := ui.RequestPage{Request: requests[0], Agency: story.Standings()[0]}
	if change != nil {
		change(&page)
	}
	return page
}

func withUpdate(kind footage.UpdateKind, status footage.RequestStatus, words string) func(*ui.RequestPage) {
	return func(p *ui.RequestPage) {
		p.Request.Status = status
		p.Request.Updates = append(p.Request.Updates, footage.UpdateRecord{Update: footage.Update{Kind: kind, Text: words, At: p.Request.PublishedAt.Add(time.Hour)}})
	}
}

// TestRequestStates: what a resident must be told in each state, and what must not be offered.
func TestRequestStates(t *testing.T) {
	const share, closed = "porchlight share https://", "This request takes no more footage."
	for name, c := range map[string]struct {
		change  func(*ui.RequestPage)
		has     []string
		hasNone []string
	}{
		"open": {nil, []string{share, "Do nothing", "What the agency learns", "Open until", ">Open<"}, []string{closed, "suspended"}},
		"amended": {withUpdate(footage.Amended, footage.Published, "It was a red bag."),
			[]string{share, "It was a red bag.", "More was added"}, []string{closed}},
		"second": {func(p *ui.RequestPage) { p.Request.Record.Document.Changed = "Other hours." }, []string{share, "Other hours.", "What is different"}, nil},
		"resolved": {withUpdate(footage.Resolved, footage.StatusResolved, "Found."),
			[]string{closed, "Found.", ">Resolved<", "Resolved: no more footage is needed", "Closing time"}, []string{share, "Do nothing", "Open until"}},
		"withdrawn": {withUpdate(footage.Withdrawn, footage.StatusWithdrawn, "Wrong day."),
			[]string{closed, "Wrong day.", ">Withdrawn<"}, []string{share, "Do nothing"}},
		"expired": {func(p *ui.RequestPage) { p.Request.Status = footage.StatusExpired },
			[]string{closed, ">Expired<", "Expired: the closing time came"}, []string{share}},
		"suspended": {func(p *ui.RequestPage) { p.Agency.Suspended = true },
			[]string{"This agency is suspended on this exchange. Its request takes no footage.", ">Paused<"}, []string{share, "Do nothing", ">Open<", "Open until"}},
		"suspended and withdrawn": {func(p *ui.RequestPage) {
			withUpdate(footage.Withdrawn, footage.StatusWithdrawn, "")(p)
			p.Agency.Suspended = true
		}, []string{closed, ">Withdrawn<"}, []string{share, ">Paused<"}},
		"other language": {func(p *ui.RequestPage) { p.Request.Record.Document.Language = "es" },
			[]string{share, "The agency wrote this in: Spanish.", `lang="es"`}, nil},
		"unknown language and zone": {func(p *ui.RequestPage) {
			p.Request.Record.Document.Language, p.Request.Record.Document.Zone = "vi", "Nowhere/Land"
		}, []string{share, "The agency wrote this in: vi.", " UTC"}, nil},
		"unknown offence": {func(p *ui.RequestPage) { p.Request.Record.Document.Offence = "X-NEW" }, []string{">X-NEW<"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			page := strings.ReplaceAll(render(t, newPages(t, nil), text.English, requestPage(t, c.change)), "\u00a0", " ")
			for _, complaint := range uitest.Check([]byte(page)) {
				t.Error(complaint)
			}
			for _, want := range c.has {
				if !strings.Contains(page, want) {
					t.Errorf("the page does not say %q", want)
				}
			}
			for _, not := range c.hasNone {
				if strings.Contains(page, not) {
					t.Errorf("the page says %q", not)
				}
			}
		})
	}
}

// TestAgencyFirst: on every channel the agency stands before all else of a request (A1).
func TestAgencyFirst(t *testing.T) {
	page := requestPage(t, nil)
	d := page.Document()
	pages := newPages(t, nil)
	request := render(t, pages, text.English, page)
	order := []string{d.AgencyName, d.Title, d.Text, `id="where"`, `id="when"`, d.Contact.Email, `id="history"`}
	at := strings.Index(request, "<main")
	for _, want := range order {
		next := strings.Index(request[at:], want)
		if next < 0 {
			t.Fatalf("%q does not come after what should stand before it", want)
		}
		at += next
	}
	if root, err := uitest.Parse([]byte(request)); err != nil || !strings.HasPrefix(root.All("h1")[0].Words(), d.AgencyName+" asks for footage ") ||
		!strings.HasPrefix(root.All("title")[0].Words(), d.AgencyName+": ") {
		t.Errorf("heading or title do not begin with the agency: %v", err)
	}
	front := render(t, pages, text.English, ui.FrontPage{Requests: []footage.PublicRequest{page.Request}})
	card := front[strings.Index(front, `<li class="request`):]
	if a, b := strings.Index(card, d.AgencyName), strings.Index(card, d.Title); a < 0 || b < a {
		t.Errorf("the list names the agency at %d and the request at %d", a, b)
	}
}

// TestHostileWords: what agencies write is text and nothing else, in whatever letters and at whatever length.
func TestHostileWords(t *testing.T) {
	const evil = `<script>alert(1)</script>"'>&<img src=x onerror=y> {{.}} [x](/y) **z**`
	rtl := "\u202eمرحبا بالعالم\u202c שלום"
	long := strings.Repeat("Llanfairpwllgwyngyll", 12)
	for name, words := range map[string]string{"markup": evil, "right to left": rtl, "long": long, "line breaks": "one\ntwo\r\n\n\nthree", "controls": "a\u200bb\ufeffc"} {
		page := requestPage(t, func(p *ui.RequestPage) {
			d := &p.Request.Record.Document
			d.AgencyName, d.Title, d.Text, d.Code, d.Changed = words, words, words, words, words
			d.Contact = footage.Contact{Name: words, Email: words, Phone: words}
			d.Offence, d.Language, d.Zone = words, words, words
			p.Agency.Agency.Name = words
		})
		withUpdate(footage.Amended, footage.Published, words)(&page)
		a := page.Agency.Agency
		a.County, a.State, a.ORI, a.Contact, a.Policies, a.Subsidies, a.TaskForces = words, words, words, page.Document().Contact, words, words, words
		standing := footage.Standing{Agency: a, Suspended: true, Reason: words}
		requests := []footage.PublicRequest{page.Request}
		pages := newPages(t, func(s *ui.Site) {
			s.Name, s.Operator, s.Contact, s.VerifierKey = words, words, page.Document().Contact, words
		})
		for _, p := range []ui.Page{page, ui.FrontPage{Requests: requests, Agency: footage.AgencyID(words), Offence: words}, ui.FrontPage{Requests: requests},
			ui.AgencyPage{Standing: standing, Requests: requests, Verifications: []ui.Verification{{Body: words, Role: words, How: words}}},
			ui.AgenciesPage{Standings: []footage.Standing{standing}}, ui.ErrorPage{Status: 404, Msg: words, Reasons: []footage.Reason{{Msg: words}}, Reference: words},
			ui.RecordPage{Root: words, Checkpoint: words, Base: words}, ui.GuidelinesPage{Policies: []footage.PolicyRef{{Name: words, Hash: words}}}, ui.ExchangePage{}} {
			out := render(t, pages, text.English, p)
			for _, complaint := range uitest.Check([]byte(out)) {
				t.Errorf("%s on %T: %s", name, p, complaint)
			}
			if strings.Contains(out, "<script>") || strings.Contains(out, "<img") || strings.Contains(out, `href="/en/y"`) || strings.Contains(out, "<strong>z") {
				t.Errorf("%s on %T: the words became markup", name, p)
			}
		}
	}
}

// TestIncidentPointIsNowhere: the page cannot publish what it is not given; this says that nobody gave it.
func TestIncidentPointIsNowhere(t *testing.T) {
	page := requestPage(t, nil)
	for _, secret := range []string{page.Document().Nonce, page.Document().Case, page.Document().Place} {
		if secret != "" && strings.Contains(render(t, newPages(t, nil), text.English, page), secret) {
			t.Errorf("the page shows %q", secret)
		}
	}
}

// TestRequestsWithoutAMap: an exchange without a basemap still draws the area.
func TestRequestsWithoutAMap(t *testing.T) {
	for name, basemap := range map[string]*townmap.Basemap{"none": nil, "empty": {}} {
		page := render(t, newPages(t, func(s *ui.Site) { s.Basemap = basemap }), text.English, requestPage(t, nil))
		if !strings.Contains(page, `class="m-area"`) || !strings.Contains(page, `class="m-graticule"`) || strings.Contains(page, "Streets in the area") {
			t.Errorf("basemap %s: no area, no lines or streets out of nowhere", name)
		}
	}
}

// TestLists: long lists are cut into pages, each within the limit, and their links lead through all of them.
func TestLists(t *testing.T) {
	one := requestPage(t, nil).Request
	var requests []footage.PublicRequest
	for i := range 95 {
		r := one
		r.ID = footage.RequestID(footage.Hash(fmt.Append(nil, i)))
		r.Record.Document.Agency = footage.AgencyID(fmt.Sprintf("agency-%d", i%50))
		if i%2 == 1 {
			r.Status = footage.StatusExpired
		}
		requests = append(requests, r)
	}
	pages := newPages(t, nil)
	seen := map[footage.RequestID]bool{}
	for n := 1; ; n++ {
		front := ui.FrontPage{Requests: requests, Number: n}
		for _, r := range front.Listed() {
			if seen[r.ID] {
				t.Errorf("page %d repeats a request", n)
			}
			seen[r.ID] = true
		}
		out := render(t, pages, text.English, front)
		if packed(t, out) > 60_000 || !strings.Contains(out, fmt.Sprintf("Page %d of 3", n)) || !strings.Contains(out, "48 open requests") {
			t.Errorf("page %d is heavy or does not say where it is", n)
		}
		if !strings.Contains(out, "choose one <a") {
			t.Error("fifty agencies are offered as links")
		}
		if next := front.Pager().Next; next == "" {
			break
		} else if next != fmt.Sprintf("/?page=%d", n+1) {
			t.Fatalf("page %d leads to %s", n, next)
		}
	}
	if len(seen) != 48 {
		t.Errorf("the pages list %d requests, not 48", len(seen))
	}
	for number, want := range map[int]int{-1: 1, 0: 1, 3: 3, 99: 3} {
		if got := (ui.FrontPage{Requests: requests, Number: number}).Pager().Number; got != want {
			t.Errorf("page %d is page %d, not %d", number, got, want)
		}
	}
	agency := ui.AgencyPage{Standing: story.Standings()[0], Requests: requests}
	if !agency.More() || len(agency.Listed()) != 20 || agency.AllOpen() != "/?agency=maplewood-pd" || agency.AllClosed() != "/?agency=maplewood-pd&closed=yes" {
		t.Errorf("the profile lists %d, more %v, all at %s and %s", len(agency.Listed()), agency.More(), agency.AllOpen(), agency.AllClosed())
	}
	for _, complaint := range uitest.Check([]byte(render(t, pages, text.Spanish, agency))) {
		t.Error(complaint)
	}
	many := ui.AgenciesPage{Standings: make([]footage.Standing, 5000), Number: 50}
	for i := range many.Standings {
		many.Standings[i] = story.Standings()[i%2]
	}
	if out := render(t, pages, text.English, many); packed(t, out) > 60_000 || !strings.Contains(out, "Page 50 of 50") || !strings.Contains(out, "5,000 agencies") {
		t.Error("a register of 5,000 is heavy or does not say where it is")
	}
}

// TestFilters: each link of a filter leads to a list that holds what the link says.
func TestFilters(t *testing.T) {
	requests, err := story.Requests("en")
	if err != nil {
		t.Fatal(err)
	}
	page := ui.FrontPage{Requests: requests}
	if len(page.ByAgency()) != 2 || len(page.ByOffence()) != 5 {
		t.Fatalf("%d agencies and %d offences", len(page.ByAgency()), len(page.ByOffence()))
	}
	for _, c := range page.ByAgency() {
		chosen := ui.FrontPage{Requests: requests, Agency: footage.AgencyID(c.Value)}
		if len(chosen.Shown()) == 0 || !chosen.Filtered() || c.Href != "/?agency="+c.Value || chosen.All() != "/" {
			t.Errorf("%+v leads to %d requests", c, len(chosen.Shown()))
		}
		for _, again := range chosen.ByAgency() {
			if again.Current != (again.Value == c.Value) {
				t.Errorf("%s: %+v", c.Value, again)
			}
		}
	}
	closed := ui.FrontPage{Requests: requests, Closed: true, Offence: "240"}
	if len(closed.Shown()) != 1 || closed.Other() != "/?offence=240" {
		t.Errorf("%d closed, other side %s", len(closed.Shown()), closed.Other())
	}
}

// TestErrorPages: every status has a heading and advice, and an error page marks no section as the one you are in.
func TestErrorPages(t *testing.T) {
	pages := newPages(t, nil)
	for status := 400; status < 600; status++ {
		for _, lang := range text.Languages() {
			out := render(t, pages, lang, ui.ErrorPage{Status: status, Reference: "0a1b2c"})
			if strings.Contains(out, "[error") || !strings.Contains(out, "0a1b2c") || strings.Contains(out, `aria-current="page"`) {
				t.Errorf("status %d in %s", status, lang)
			}
		}
	}
}

// TestRenderNothingHalf: a page that cannot be made whole is not begun.
func TestRenderNothingHalf(t *testing.T) {
	var out bytes.Buffer
	page := requestPage(t, func(p *ui.RequestPage) { p.Request.Updates = nil })
	if err := newPages(t, nil).Render(&out, "xx", page); err != nil || !strings.Contains(out.String(), `lang="en"`) {
		t.Errorf("an unknown language gives %v, not the default", err)
	}
}

func TestAssets(t *testing.T) {
	pages := newPages(t, nil)
	page := render(t, pages, text.English, ui.HowPage{})
	root, hashes := pages.Files()
	if len(hashes) < 5 {
		t.Errorf("%d assets", len(hashes))
	}
	for name, hash := range hashes {
		path := root + name
		if strings.HasSuffix(path, ".css") && !strings.Contains(page, path) {
			t.Errorf("no page uses %s", path)
		}
		for _, coding := range []string{"", "gzip", "br, gzip;q=0.5", "gzip;q=0", "identity"} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				w := httptest.NewRecorder()
				r := httptest.NewRequest(method, path, nil)
				r.Header.Set("Accept-Encoding", coding)
				pages.Assets().ServeHTTP(w, r)
				body := w.Body.Bytes()
				if method == http.MethodHead {
					if len(body) != 0 || w.Header().Get("Content-Length") == "" {
						t.Errorf("HEAD %s: %d bytes", path, len(body))
					}
					continue
				}
				if zipped := w.Header().Get("Content-Encoding") == "gzip"; zipped != (coding == "gzip" || strings.HasPrefix(coding, "br")) {
					t.Errorf("%s for %q: zipped is %v", path, coding, zipped)
				} else if zipped {
					body = unzip(t, body)
				}
				if footage.Hash(body) != hash || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || w.Header().Get("Vary") != "Accept-Encoding" ||
					w.Header().Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s: %v", path, w.Header())
				}
			}
		}
	}
	for _, path := range []string{"/assets/", "/assets/porchlight.css", "/assets/0000000000000000/porchlight.css", "/assets/../ui.go"} {
		w := httptest.NewRecorder()
		pages.Assets().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func unzip(t *testing.T, raw []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestNegotiate(t *testing.T) {
	for _, c := range []struct {
		path, header string
		want         text.Lang
	}{
		{"/", "", text.English}, {"/", "es-MX,es;q=0.9,en;q=0.8", text.Spanish}, {"/", "fr, es;q=0.4", text.Spanish}, {"/", "de", text.English},
		{"/", "es;q=0, en;q=0.1", text.English}, {"/", "en;q=nonsense, es;q=0.1", text.Spanish}, {"/es/how", "en", text.Spanish},
		{"/en", "es", text.English}, {"/how?lang=es", "en", text.Spanish}, {"/how?lang=xx", "es", text.Spanish}, {"/essays", "", text.English},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.Header.Set("Accept-Language", c.header)
		if got := ui.Negotiate(r); got != c.want {
			t.Errorf("%s with %q: %s, not %s", c.path, c.header, got, c.want)
		}
		ui.Localize(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got := ui.Negotiate(r); got != c.want {
				t.Errorf("behind Localize, %s with %q: %s, not %s", c.path, c.header, got, c.want)
			}
			if strings.HasPrefix(r.URL.Path, "/es/") || strings.HasPrefix(r.URL.Path, "/en/") {
				t.Errorf("%s arrives as %s", c.path, r.URL.Path)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
	}
}
