// Command storybook shows every page with canned data from the fictional town, in each language.
//
//	go run ./ui/storybook -listen 127.0.0.1:8090
package main

import (
	"flag"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"os"

	"porchlight.example/ui"
	"porchlight.example/ui/storybook/story"
	"porchlight.example/ui/text"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8090", "address to listen on")
	noMap := flag.Bool("nomap", false, "show the pages as they are without a basemap")
	flag.Parse()
	if err := run(*listen, !*noMap); err != nil {
		fmt.Fprintln(os.Stderr, "storybook: error:", err)
		os.Exit(1)
	}
}

func run(listen string, withMap bool) error {
	site, err := story.Site(withMap)
	if err != nil {
		return err
	}
	pages, err := ui.New(site)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle(ui.AssetRoot, pages.Assets())
	mux.HandleFunc("/storybook", index)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { show(pages, w, r) })
	fmt.Printf("every page is listed at http://%s/storybook\n", listen)
	return http.ListenAndServe(listen, ui.Localize(mux))
}

// show renders the story at the path.
func show(pages *ui.Pages, w http.ResponseWriter, r *http.Request) {
	lang := ui.Negotiate(r)
	stories, err := story.Stories(string(lang))
	if err != nil {
		slog.Error("make the stories", "err", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	page := ui.Page(ui.ErrorPage{Status: http.StatusNotFound})
	for _, s := range stories {
		if s.Path == r.URL.RequestURI() {
			page = s.Page
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", ui.PolicyFor(page))
	if err := pages.Render(w, lang, page); err != nil {
		slog.Error("render", "path", r.URL.Path, "err", err)
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// index lists the stories.
func index(w http.ResponseWriter, _ *http.Request) {
	stories, err := story.Stories(string(text.English))
	if err != nil {
		slog.Error("make the stories", "err", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	fmt.Fprint(w, "<!DOCTYPE html><html lang=\"en\"><title>Storybook</title><h1>Storybook</h1><ul>")
	for _, s := range stories {
		fmt.Fprintf(w, `<li>%s: <a href="/en%s">en</a> <a href="/es%s">es</a></li>`, html.EscapeString(s.Name), s.Path, s.Path)
	}
	fmt.Fprint(w, "</ul>")
}
