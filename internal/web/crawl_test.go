package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/ui"
	"porchlight.example/ui/text"
	"porchlight.example/ui/uitest"
)

// started is a town with a map, two agencies, open, amended, resolved and withdrawn requests, and a suspended agency.
func started(t *testing.T) *nodetest.Town {
	t.Helper()
	w := nodetest.Start(t, func(o *node.Options) {
		o.Operator, o.Contact = "Lantern County Clerk", footage.Contact{Name: "Clerk", Email: "clerk@lantern.example"}
		o.Basemap = filepath.Join(t.TempDir(), "town.geojson")
		if err := os.WriteFile(o.Basemap, town.Basemap(), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	w.Publish(w.Draft(0))
	w.Update(w.Police, w.Publish(w.Draft(1)), footage.Amended, "The car was gray.")
	w.Update(w.Police, w.Publish(w.Draft(2)), footage.Resolved, "She is home.")
	w.Update(w.Police, w.Publish(w.Draft(3)), footage.Withdrawn, "")
	w.Join(town.Agencies()[1])
	harbor := town.Agencies()[1]
	harbor.ID, harbor.Name = "harbor-police", "Harbor Police"
	w.Join(harbor)
	if err := w.Node.Exchange.SuspendAgency(context.Background(), harbor.ID, "Asked for another body."); err != nil {
		t.Fatal(err)
	}
	w.Refresh()
	return w
}

// fetch asks the town's server and follows nothing.
func fetch(t *testing.T, w *nodetest.Town, method, path, body string, header ...string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, w.Server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, raw
}

var transport = &http.Transport{DisableCompression: true}

// TestCrawl follows every link and every asset of the site from the front page on, in both languages: each is there, each
// page is whole, keeps our promise that it runs and loads nothing foreign, and is light.
func TestCrawl(t *testing.T) {
	w := started(t)
	seen := map[string]bool{}
	queue := []string{"/", "/en/", "/es/"}
	pages := 0
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		res, body := fetch(t, w, "GET", path, "")
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, res.Status)
			continue
		}
		secure(t, path, res.Header)
		if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			continue
		}
		pages++
		for _, complaint := range uitest.Check(body) {
			t.Errorf("%s: %s", path, complaint)
		}
		cached(t, w, path, body)
		root, err := uitest.Parse(body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if lang := root.All("html")[0].Attr["lang"]; path != "/" && !strings.HasPrefix(path, "/"+lang+"/") {
			t.Errorf("%s is in %s", path, lang)
		}
		for _, n := range root.All("a", "link", "img", "form") {
			for _, attr := range []string{"href", "src", "action"} {
				u, err := url.Parse(n.Attr[attr])
				if err != nil {
					t.Errorf("%s: %v", path, err)
				} else if u.Scheme == "" && u.Path != "" {
					queue = append(queue, u.RequestURI())
				}
			}
		}
	}
	// Per language: the front page with its lists and filters, 4 requests, 3 agencies, and 6 other pages.
	if pages < 2*25 {
		t.Errorf("only %d pages were found", pages)
	}
	for _, want := range []string{"/en/record", "/es/privacy", "/en/agencies/harbor-police", "/es/?closed=yes", "/feed/requests.atom", "/feed/index.json"} {
		if !seen[want] {
			t.Errorf("no page leads to %s", want)
		}
	}
}

// secure checks the headers that every answer bears, and those that all do but the feed's files of data.
func secure(t *testing.T, path string, h http.Header) {
	t.Helper()
	csp := h.Get("Content-Security-Policy")
	if !strings.HasPrefix(csp, "default-src 'none';") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
		t.Errorf("%s: policy %q", path, csp)
	}
	if !strings.HasPrefix(path, ui.AssetRoot) && (!strings.Contains(csp, "require-trusted-types-for 'script'") || !strings.Contains(csp, "frame-ancestors 'none'")) {
		t.Errorf("%s: policy %q", path, csp)
	}
	referrer := "no-referrer"
	if h.Get("Referrer-Policy") == "same-origin" && strings.Contains(path, ui.StaffRoot) {
		referrer = "same-origin" // or browsers would not say where a form comes from
	}
	data := strings.HasPrefix(path, "/feed/") && h.Get("Etag") != "" && !strings.HasPrefix(h.Get("Content-Type"), "text/html")
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": referrer, "Cross-Origin-Opener-Policy": "same-origin"} {
		if h.Get(name) != want && !(data && name != "X-Content-Type-Options") {
			t.Errorf("%s: %s is %q", path, name, h.Get(name))
		}
	}
	if h.Get("Set-Cookie") != "" || h.Get("Server") != "" {
		t.Errorf("%s: %v", path, h)
	}
}

// cached checks that a page is light, and is not sent to those who have it.
func cached(t *testing.T, w *nodetest.Town, path string, body []byte) {
	t.Helper()
	zipped, raw := fetch(t, w, "GET", path, "", "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if plain, err := io.ReadAll(z); err != nil || !bytes.Equal(plain, body) {
		t.Errorf("%s zipped is another page: %v", path, err)
	}
	if len(raw) > 60_000 {
		t.Errorf("%s: %d bytes compressed", path, len(raw))
	}
	again, rest := fetch(t, w, "GET", path, "", "Accept-Encoding", "gzip", "If-None-Match", zipped.Header.Get("Etag"))
	if again.StatusCode != http.StatusNotModified || len(rest) != 0 {
		t.Errorf("%s again: %s", path, again.Status)
	}
	vary := strings.Join(zipped.Header.Values("Vary"), ", ")
	if want := path == "/"; strings.Contains(vary, "Accept-Language") != want || !strings.Contains(vary, "Accept-Encoding") {
		t.Errorf("%s varies by %s", path, vary)
	}
	if zipped.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%s: %s", path, zipped.Header.Get("Cache-Control"))
	}
}

// TestAddresses: what is not there is a page that says so in the reader's language, and a spelling that can match nothing
// is not a page of its own.
func TestAddresses(t *testing.T) {
	w := started(t)
	for _, path := range []string{"/nothing", "/es/nothing", "/requests/", "/requests/" + strings.Repeat("0", 64), "/requests/%00", "/agencies/nobody",
		"/?agency=nobody", "/?offence=NOPE", "/assets/0/porchlight.css", "/es/agencies/%3Cscript%3E"} {
		res, body := fetch(t, w, "GET", path, "", "Accept-Language", "es")
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
		secure(t, path, res.Header)
		if strings.HasPrefix(path, ui.AssetRoot) {
			continue
		}
		if !strings.Contains(string(body), "No hay nada en esta dirección") || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s does not say in Spanish that it is not there: %v", path, res.Header)
		}
		for _, complaint := range uitest.Check(body) {
			t.Errorf("%s: %s", path, complaint)
		}
	}
	for path, same := range map[string]string{"/en/?page=999": "/en/", "/en/?page=x": "/en/", "/en/?page=-1&other=1": "/en/", "/en/agencies?page=2": "/en/agencies", "/en/?closed=maybe": "/en/"} {
		_, a := fetch(t, w, "GET", path, "")
		if _, b := fetch(t, w, "GET", same, ""); !bytes.Equal(a, b) {
			t.Errorf("%s is not %s", path, same)
		}
	}
	public, err := w.Node.Exchange.PublicRequests(context.Background(), true)
	if err != nil || len(public) == 0 {
		t.Fatal(err)
	}
	if res, _ := fetch(t, w, "GET", "/en/requests/"+strings.ToUpper(string(public[0].ID)), ""); res.StatusCode != http.StatusOK {
		t.Errorf("a link in capitals: %s", res.Status)
	}
}

// TestPagesAskTheDatabaseNothing: with the database closed, every public page and file is still served.
func TestPagesAskTheDatabaseNothing(t *testing.T) {
	w := started(t)
	public, err := w.Node.Exchange.PublicRequests(context.Background(), false)
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"/healthz", "/v1/exchange", "/openapi.yaml", "/feed/index.json", "/feed/all.json", "/feed/requests.atom", "/feed/requests.json", "/feed/requests.geojson", "/log/checkpoint"}
	for _, lang := range text.Languages() {
		for _, p := range []string{"/", "/?closed=yes", "/?agency=maplewood-pd", "/agencies", "/agencies/maplewood-pd", "/how", "/privacy", "/guidelines", "/about", "/record"} {
			paths = append(paths, "/"+string(lang)+p)
		}
		for _, r := range public {
			paths = append(paths, "/"+string(lang)+"/requests/"+string(r.ID))
		}
	}
	if err := w.Node.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if res, _ := fetch(t, w, "GET", path, ""); res.StatusCode != http.StatusOK {
			t.Errorf("%s without a database: %s", path, res.Status)
		}
	}
	if res, _ := fetch(t, w, "GET", "/readyz", ""); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("without a database the exchange is ready: %s", res.Status)
	}
	if res, body := fetch(t, w, "GET", "/v1/requests/"+string(public[0].ID), ""); res.StatusCode < 500 || strings.Contains(string(body), "sql") {
		t.Errorf("what needs the database answers %s: %s", res.Status, body)
	}
}
