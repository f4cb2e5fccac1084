package testenv

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestChromium: what the other tests conclude from the browser's silence is worth something only if it speaks.
func TestChromium(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		fmt.Fprint(w, `<!DOCTYPE html><title>Lamp</title><body style="color: red"><img src="/lamp.png" alt="">`)
	}))
	defer srv.Close()
	tab := Chromium(t).Tab(320, 600)
	tab.Open(srv.URL)
	var title string
	if tab.Eval("document.title", &title); title != "Lamp" {
		t.Errorf("the title is %q", title)
	}
	var width int
	if tab.Eval("innerWidth", &width); width != 320 {
		t.Errorf("the window is %d wide", width)
	}
	if asked := strings.Join(tab.Requests(), " "); !strings.Contains(asked, srv.URL) {
		t.Errorf("the page asked for %q", asked)
	}
	said := strings.Join(tab.Complaints(), "\n")
	for _, want := range []string{"inline style", "lamp.png"} {
		if !strings.Contains(said, want) {
			t.Errorf("the browser did not complain of %s:\n%s", want, said)
		}
	}
	if again := tab.Complaints(); len(again) != 0 {
		t.Errorf("the same complaints again: %v", again)
	}
	if !bytes.HasPrefix(tab.PNG(true), []byte("\x89PNG")) || !bytes.HasPrefix(tab.PDF(), []byte("%PDF")) {
		t.Error("no picture or no print")
	}
}
