package script

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang/geo/s2"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	exchange "porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
	"porchlight.example/ui/text"
	"porchlight.example/ui/townmap"
)

// TestFindInNode: cells, distances, sizes, streets and times are what Go makes of the same.
func TestFindInNode(t *testing.T) {
	base, err := townmap.Parse(town.Basemap())
	if err != nil {
		t.Fatal(err)
	}
	served, err := json.Marshal(base)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{"basemap": string(served), "texts": map[string]any{}}
	rnd := rand.New(rand.NewPCG(5, 1))
	var cells, distances, areas []map[string]any
	for range 2000 {
		p := footage.Point{Lat: rnd.Float64()*180 - 90, Lon: rnd.Float64()*360 - 180}
		cells = append(cells, map[string]any{"point": map[string]float64{"lat": p.Lat, "lon": p.Lon}, "tokens": geo.CellsAround(p, geo.FeedLevel),
			"home": s2.CellIDFromLatLng(s2.LatLngFromDegrees(p.Lat, p.Lon)).Parent(geo.FeedLevel).ToToken()})
	}
	for _, r := range town.Requests() {
		region, err := geo.Compile(r.Area)
		if err != nil {
			t.Fatal(err)
		}
		areas = append(areas, map[string]any{"area": r.Area, "sq_mi": region.SquareMiles(), "streets": base.StreetsIn(r.Area)})
		for _, spread := range []float64{0.01, 0.05, 0.5} {
			for range 30 {
				p := footage.Point{Lat: town.Centre().Lat + (rnd.Float64()-0.5)*spread, Lon: town.Centre().Lon + (rnd.Float64()-0.5)*spread}
				distances = append(distances, map[string]any{"area": r.Area, "point": map[string]float64{"lat": p.Lat, "lon": p.Lon}, "metres": region.DistanceTo(p)})
			}
		}
	}
	out["cells"], out["distances"], out["areas"], out["times"] = cells, distances, areas, times(t, out["texts"].(map[string]any))
	raw, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "find.json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	node(t, filepath.Join(built(t), "find.test.mjs"), "VECTORS="+path)
}

// times are windows as the server writes them, with the lists of names that it takes for that.
func times(t *testing.T, lists map[string]any) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, lang := range text.Languages() {
		c, err := text.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		lists[string(lang)] = map[string]any{"date.months": c.List("date.months"), "date.weekdays": c.List("date.weekdays")}
		for _, zone := range []string{"America/Chicago", "America/Los_Angeles", "UTC"} {
			l, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range [][2]string{{"2026-11-18T14:30:00Z", "2026-11-18T17:30:00Z"}, {"2026-11-21T22:30:00Z", "2026-11-22T06:30:00Z"}, {"2026-11-01T06:30:00Z", "2026-11-01T07:30:00Z"}, {"2026-07-04T17:00:00Z", "2026-07-04T18:05:00Z"}} {
				from, _ := time.Parse(time.RFC3339, w[0])
				to, _ := time.Parse(time.RFC3339, w[1])
				out = append(out, map[string]any{"zone": zone, "from": w[0], "to": w[1], "lang": lang, "span": c.Span(from.In(l), to.In(l)), "moment": c.Moment(to.In(l))})
			}
		}
	}
	return out
}

// region is a town with some open requests, and a reader's browser on its front page.
type region struct {
	*nodetest.Town
	ids    []footage.RequestID
	tab    *testenv.Tab
	forged atomic.Pointer[map[string]func([]byte) []byte] // what is made of answers, by path
	mu     sync.Mutex                                     // guards log
	log    []string                                       // what reached the exchange, from pages and workers, with the answer's status
}

func startFinding(t testing.TB, requests int) *region {
	t.Helper()
	basemap := filepath.Join(t.TempDir(), "town.geojson")
	if err := os.WriteFile(basemap, town.Basemap(), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &region{Town: nodetest.Start(t, func(o *exchange.Options) { o.Basemap = basemap })}
	for i := range requests {
		w.ids = append(w.ids, w.Publish(w.Draft(i)))
	}
	w.Refresh()
	honest := w.Server.Config.Handler
	w.Server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		change := w.forged.Load()
		if change == nil || (*change)[r.URL.Path] == nil {
			noted := &noting{rw, http.StatusOK}
			honest.ServeHTTP(noted, r)
			w.mu.Lock()
			defer w.mu.Unlock()
			w.log = append(w.log, fmt.Sprint(r.Method, " ", r.URL, " ", noted.status))
			return
		}
		r.Header.Del("Accept-Encoding")
		r.Header.Del("If-None-Match")
		answer := httptest.NewRecorder()
		honest.ServeHTTP(answer, r)
		_, _ = rw.Write((*change)[r.URL.Path](answer.Body.Bytes()))
	})
	w.tab = w.reader(t)
	return w
}

type noting struct {
	http.ResponseWriter
	status int
}

func (n *noting) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

// asked returns what reached the exchange since the last call.
func (w *region) asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.log
	w.log = nil
	return out
}

// byHand keeps timers of a minute and more, so that the test lets the page look for new requests when it wants.
const byHand = `window.ticks = []; { const real = window.setTimeout; window.setTimeout = (run, wait, ...rest) => wait >= 60000 ? window.ticks.push({run, wait}) : real(run, wait, ...rest) }`

// reader opens a tab whose reader may be shown notices, which it keeps.
func (w *region) reader(t testing.TB) *testenv.Tab {
	t.Helper()
	tab := testenv.Chromium(t).Tab(1280, 900)
	tab.Do("Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": byHand + `
		window.notices = []; window.Notification = class { static permission = "granted"; static async requestPermission() { return "granted" } constructor(title, more) { window.notices.push(title + ": " + more.body) } }`}, nil)
	return tab
}

const checked = `document.querySelector("[data-near=says]").textContent.includes("checked against the public record")`

func (w *region) open(tab *testenv.Tab) {
	tab.Open(w.Server.URL + "/en/")
	tab.Until(checked)
}

// look types a place into the form.
func look(tab *testenv.Tab, place string) {
	tab.Eval(fmt.Sprintf(`(document.querySelector("#near-place").value = %q, document.querySelector("[data-near=form]").requestSubmit(), 1)`, place), nil)
}

// choose changes a field of the form as a person does.
func choose(tab *testenv.Tab, selector, property, value string) {
	tab.Eval(fmt.Sprintf(`(e => { e.%s = %s; e.dispatchEvent(new Event("change", {bubbles: true})); return 1 })(document.querySelector(%q))`, property, value, selector), nil)
}

// titles are the requests of the list, in order.
func titles(tab *testenv.Tab) (out []string) {
	tab.Eval(`[...document.querySelectorAll("[data-near=list] h3")].map(h => h.textContent)`, &out)
	return out
}

// TestFindInBrowser: a place that is typed sorts the list by distance; list and map say the same, filters work, axe finds
// nothing, and fifty requests are opened and closed without one call over the network.
func TestFindInBrowser(t *testing.T) {
	w := startFinding(t, 4)
	tab := w.tab
	w.open(tab)
	tab.Requests()
	w.asked()
	served := titles(tab)
	for i := range 50 {
		id := w.ids[i%len(w.ids)]
		tab.Eval(fmt.Sprintf(`[...document.querySelectorAll("[data-near=list] h3 a")].find(a => a.href.endsWith(%q)).click()`, id), nil)
		tab.Until(fmt.Sprintf(`document.querySelector("article .request-text")?.textContent === %q && document.querySelector(".front").hidden`, w.Draft(i%len(w.ids)).Document.Text))
		if i == 0 {
			judge(t, tab, axe(t), "an opened request")
		}
		if i%2 == 0 {
			tab.Eval(`document.querySelector("article .link-button").click()`, nil)
		} else {
			tab.Eval(`history.back()`, nil)
		}
		tab.Until(`!document.querySelector(".front").hidden`)
	}
	look(tab, "Miller Road")
	tab.Until(`document.querySelector(".chip-near")`)
	if got := titles(tab); len(got) != 4 || got[0] != w.Draft(1).Document.Title || slices.Equal(got, served) {
		t.Errorf("near Miller Road the list is %q", got)
	}
	w.sameOnMap(t)
	choose(tab, "#near-within", "value", `"1"`)
	if got := titles(tab); len(got) == 0 || len(got) > 3 {
		t.Errorf("within a mile the list is %q", got)
	}
	w.sameOnMap(t)
	choose(tab, "#near-offence", "value", `"220"`)
	choose(tab, "#near-within", "value", `"0"`)
	if got := titles(tab); !slices.Equal(got, []string{w.Draft(0).Document.Title}) {
		t.Errorf("break-ins are %q", got)
	}
	tab.Eval(`document.querySelector(".near-choices").open = true`, nil)
	judge(t, tab, axe(t), "the form")
	w.pointing(t)
	if page, asked := tab.Requests(), w.asked(); len(page)+len(asked) > 0 {
		t.Errorf("the page asked for %v, the exchange was asked for %v", page, asked)
	}
	if said := tab.Complaints(); len(said) > 0 {
		t.Errorf("the browser says %s", said)
	}
}

// sameOnMap: the map's areas are those of the list, with its numbers.
func (w *region) sameOnMap(t *testing.T) {
	t.Helper()
	var onMap []string
	w.tab.Eval(`[...document.querySelectorAll("[data-map] .m-shape")].map(g => g.getAttribute("aria-label") + "|" + g.querySelector("text").textContent)`, &onMap)
	list := titles(w.tab)
	if len(onMap) != len(list) {
		t.Fatalf("the map has %q, the list %q", onMap, list)
	}
	for i, label := range onMap {
		if !strings.HasPrefix(label, fmt.Sprintf("%d. ", i+1)) || !strings.Contains(label, list[i]) || !strings.HasSuffix(label, fmt.Sprintf("|%d", i+1)) {
			t.Errorf("area %d of the map is %q, the list has %q", i+1, label, list[i])
		}
	}
}

// pointing says a place with the keyboard alone, on the map, and opens an area of it.
func (w *region) pointing(t *testing.T) {
	t.Helper()
	w.tab.Eval(`document.querySelector("[data-near=point]").click()`, nil)
	w.tab.Until(`document.activeElement?.tagName === "svg" && document.querySelector(".m-cross")`)
	for range 3 {
		w.key("ArrowRight", "ArrowRight", 39)
	}
	w.key("Enter", "Enter", 13)
	w.tab.Until(`/^44\.\d{4}, -8\d\.\d{4}$/.test(document.querySelector("#near-place").value) && !document.querySelector(".m-cross")`)
	w.tab.Eval(`document.querySelector("[data-map] .m-shape").focus()`, nil)
	w.key("Enter", "Enter", 13)
	w.tab.Until(`document.querySelector("article .request-text")`)
}

func (w *region) key(key, code string, number int) {
	for _, kind := range []string{"rawKeyDown", "keyUp"} {
		w.tab.Do("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number}, nil)
	}
}

// TestFollowInBrowser: whoever leaves all requests out and whoever is shown a match ask for the same files; the match is said
// and shown as a notice, what is left out is not, and choices outlast the page. (N1, N8, N9)
func TestFollowInBrowser(t *testing.T) {
	w := startFinding(t, 1)
	curious, silent := w.tab, w.reader(t)
	w.open(curious)
	w.open(silent)
	look(curious, "44.3000, -87.0000")
	choose(curious, "[data-near=notify]", "checked", "true")
	choose(silent, "[data-near=none]", "checked", "true")
	silent.Until(`document.querySelector("[data-near=list]").textContent === "You chose to be shown no requests. Nobody knows of it."`)
	w.asked()
	for i := 1; i <= 2; i++ {
		w.Publish(w.Draft(i))
		w.Refresh()
		w.asked()
		var asked [2][]string
		for n, tab := range []*testenv.Tab{curious, silent} {
			tick(t, tab)
			tab.Until(fmt.Sprintf(`document.querySelector("[data-near=says]").textContent.startsWith("%d open")`, i+1))
			asked[n] = w.asked()
		}
		if !slices.Equal(asked[0], asked[1]) || len(asked[0]) != 3 {
			t.Errorf("one asked for %q, the other for %q", asked[0], asked[1])
		}
	}
	news := "New: " + w.Draft(1).Document.AgencyName + ": " + w.Draft(1).Document.Title
	curious.Until(fmt.Sprintf(`[...document.querySelectorAll("[role=status] p")].some(p => p.textContent === %q)`, news))
	var shown, none []string
	curious.Eval(`window.notices`, &shown)
	silent.Eval(`window.notices`, &none)
	if len(shown) != 2 || !strings.Contains(shown[0], w.Draft(1).Document.Title) || len(none) != 0 || len(titles(silent)) != 0 {
		t.Errorf("notices: %q and %q", shown, none)
	}
	w.open(silent)
	silent.Until(`document.querySelector("[data-near=none]").checked`)
	if got := titles(silent); len(got) != 0 {
		t.Errorf("after opening the page again it shows %q", got)
	}
	choose(silent, "[data-near=none]", "checked", "false")
	choose(silent, "[data-near=agencies] input", "checked", "true")
	silent.Until(`document.querySelector("[data-near=says]").textContent.includes("3 are left out by your choice")`)
	var kept string
	silent.Eval(`localStorage.getItem("porchlight.find")`, &kept)
	if !strings.Contains(kept, string(w.Police.Agency.ID)) {
		t.Errorf("this browser keeps %s", kept)
	}
}

// tick lets the page's clock come to its next look for new requests, which lies within a fifth of ten minutes.
func tick(t *testing.T, tab *testenv.Tab) {
	t.Helper()
	var wait float64
	tab.Eval(`(next => { next.run(); return next.wait })(window.ticks.shift())`, &wait)
	if wait < 480_000 || wait > 720_000 {
		t.Errorf("the page looks again after %v ms", wait)
	}
}

// TestForgedFeedInBrowser: a request that does not hold is left out and said; a state of the record that does not hold takes
// everything with it.
func TestForgedFeedInBrowser(t *testing.T) {
	w := startFinding(t, 2)
	title := w.Draft(0).Document.Title
	w.forged.Store(&map[string]func([]byte) []byte{"/feed/all.json": func(b []byte) []byte {
		return []byte(strings.Replace(string(b), title, "A more harmless title", 1))
	}})
	w.open(w.tab)
	w.tab.Until(`document.querySelector("[data-near=warning]").textContent.startsWith("1 request of this exchange does not hold what it claims")`)
	look(w.tab, "44.3, -87")
	if got := titles(w.tab); !slices.Equal(got, []string{w.Draft(1).Document.Title}) {
		t.Errorf("the list is %q", got)
	}
	w.forged.Store(&map[string]func([]byte) []byte{"/log/head.json": func(b []byte) []byte {
		var head map[string]any
		if err := json.Unmarshal(b, &head); err != nil {
			t.Error(err)
		}
		head["checkpoint"] = strings.Replace(head["checkpoint"].(string), "\n— ", "\n\n— x", 1)
		forged, _ := json.Marshal(head)
		return forged
	}})
	w.tab.Open(w.Server.URL + "/en/")
	w.tab.Until(`document.querySelector("[data-near=warning]").textContent.startsWith("What the exchange gave does not agree with its public record")`)
	if got := titles(w.tab); len(got) != 0 {
		t.Errorf("the list is %q", got)
	}
}

// TestFindInALargeExchange: where there are too many requests for one file a place is asked for, and only the coarse cells about
// it are fetched, the same for any place in the cell.
func TestFindInALargeExchange(t *testing.T) {
	w := startFinding(t, 1)
	w.forged.Store(&map[string]func([]byte) []byte{"/feed/index.json": func(b []byte) []byte {
		return []byte(strings.Replace(string(b), `"whole":"/feed/all.json",`, "", 1))
	}})
	w.tab.Open(w.Server.URL + "/en/")
	w.tab.Until(`document.querySelector("[data-near=says]").textContent.startsWith("This exchange has too many requests")`)
	w.asked()
	var first []string
	for i, place := range []string{"44.3000, -87.0000", "44.2000, -87.1000"} {
		look(w.tab, place)
		w.tab.Until(fmt.Sprintf(`/^\d/.test(document.querySelector(".chip-near")?.textContent) && document.querySelector(".chip-near").textContent.startsWith("0.") === %t`, i == 0))
		var asked []string
		for _, line := range w.asked() {
			if path := strings.Fields(line)[1]; strings.HasPrefix(path, "/feed/") {
				asked = append(asked, path)
			}
		}
		if i == 0 {
			first = asked
		}
		if len(asked) == 0 || !strings.HasPrefix(asked[0], "/feed/cell/") || !slices.Equal(asked, first) {
			t.Errorf("about %s the page asked for %q, before for %q", place, asked, first)
		}
	}
}

// TestFindWithoutStorage: a browser that keeps nothing finds and leaves out as any other, until the page is closed.
func TestFindWithoutStorage(t *testing.T) {
	w := startFinding(t, 1)
	w.tab.Do("Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": `Object.defineProperty(window, "localStorage", {get() { throw new DOMException("denied", "SecurityError") }})`}, nil)
	w.open(w.tab)
	choose(w.tab, "[data-near=none]", "checked", "true")
	w.tab.Until(`document.querySelector("[data-near=warning]").textContent.startsWith("This browser keeps nothing")`)
	if got := titles(w.tab); len(got) != 0 {
		t.Errorf("the list is %q", got)
	}
}

// TestFindWithoutScript: without JavaScript the list is whole, each request has its own page, and nothing is offered that
// would not work.
func TestFindWithoutScript(t *testing.T) {
	w := startFinding(t, 1)
	w.tab.Do("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
	w.tab.Open(w.Server.URL + "/en/")
	var shown struct{ Near, Said, Link bool }
	w.tab.Eval(fmt.Sprintf(`({Near: getComputedStyle(document.querySelector(".near")).display !== "none", Said: getComputedStyle(document.querySelector(".near-without")).display !== "none",
		Link: document.querySelector("[data-near=list] h3 a").href.endsWith(%q)})`, w.ids[0]), &shown)
	if shown.Near || !shown.Said || !shown.Link {
		t.Errorf("without scripts the page shows %+v", shown)
	}
}

// TestFindPictures writes the pictures of the front page: as it comes, with a place and a distance, and with a request opened:
//
//	go test ./ui/script -run TestFindPictures -pictures ../../doc/images
func TestFindPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("no folder is given with -pictures")
	}
	w := startFinding(t, 4)
	found := func() {
		look(w.tab, "Oak Street & 5th Avenue")
		choose(w.tab, "#near-within", "value", `"1"`)
		w.tab.Eval(`scrollTo(0, document.querySelector(".near").getBoundingClientRect().top + scrollY - 16)`, nil)
	}
	opened := func() {
		w.tab.Eval(`document.querySelector("[data-near=list] h3 a").click()`, nil)
		w.tab.Until(`document.querySelector("article .request-text")`)
	}
	sizes := map[string][2]int{"desktop": {1280, 800}, "phone": {390, 844}}
	acts := map[string]func(){"front": func() {}, "found": found, "opened": opened}
	for _, picture := range []string{"front-light-desktop", "front-dark-desktop", "front-light-phone", "front-dark-phone", "found-dark-phone", "opened-dark-desktop", "opened-light-phone"} {
		part := strings.Split(picture, "-")
		w.tab.Prefer("screen", map[string]string{"prefers-color-scheme": part[1]})
		w.tab.Resize(sizes[part[2]][0], sizes[part[2]][1])
		w.open(w.tab)
		acts[part[0]]()
		w.tab.Keep(*pictures, picture)
	}
}
