package script

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"porchlight.example/internal/testenv"
	"porchlight.example/ui"
	"porchlight.example/ui/storybook/story"
)

// axe is the source of axe-core, which judges pages by the Web Content Accessibility Guidelines.
func axe(t *testing.T) string {
	t.Helper()
	built(t) // fetches the packages
	dir, err := exec.Command("../../tools/web", "modules").Output()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// judge has axe look at the page as it is, and reports what breaks WCAG 2.2 A or AA, or a best practice.
func judge(t *testing.T, tab *testenv.Tab, source, what string) {
	t.Helper()
	tab.Eval(source+"; 1", nil)
	var found []struct {
		ID, Help string
		Targets  []string
	}
	tab.Eval(`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"]})
		.then(r => r.violations.map(v => ({id: v.id, help: v.help, targets: v.nodes.map(n => n.target.join(" "))})))`, &found)
	for _, v := range found {
		t.Errorf("%s: %s (%s) at %s", what, v.Help, v.ID, strings.Join(v.Targets, ", "))
	}
}

// TestAxe: axe finds nothing on any page, and finds what was put there to be found.
func TestAxe(t *testing.T) {
	source := axe(t)
	pages, err := ui.New(ui.Site{Name: "Lantern Exchange", Operator: "Lantern County", Origin: "https://lantern.example", Fictional: true})
	if err != nil {
		t.Fatal(err)
	}
	stories, err := story.Stories("en")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(ui.AssetRoot, pages.Assets())
	mux.HandleFunc("/story/{n}", func(w http.ResponseWriter, r *http.Request) {
		var n int
		_, _ = fmt.Sscan(r.PathValue("n"), &n)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", ui.PolicyFor(stories[n].Page))
		if err := pages.Render(w, "en", stories[n].Page); err != nil {
			t.Error(err)
		}
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	tab := testenv.Chromium(t).Tab(1280, 900)
	seen := map[string]int{}
	for n, s := range stories {
		kind := fmt.Sprintf("%T", s.Page)
		if seen[kind]++; seen[kind] > 2 {
			continue // pages of one kind differ in words
		}
		tab.Open(fmt.Sprint(srv.URL, "/story/", n))
		judge(t, tab, source, s.Name)
	}
	if len(seen) < 10 {
		t.Errorf("only %d kinds of page were judged", len(seen))
	}
	var broken json.RawMessage
	tab.Eval(`document.querySelector("main").append(Object.assign(document.createElement("img"), {src: "data:,"})); axe.run({runOnly: ["wcag2a"]}).then(r => r.violations.length)`, &broken)
	if string(broken) == "0" {
		t.Error("axe did not find a picture without a text")
	}
}
