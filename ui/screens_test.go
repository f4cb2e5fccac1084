package ui_test

import (
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"porchlight.example/internal/testenv"
	"porchlight.example/ui"
	"porchlight.example/ui/storybook/story"
	"porchlight.example/ui/text"
)

var (
	screens  = flag.String("screens", "", "write a picture of every story into this folder")
	pictures = flag.String("pictures", "", "write the pictures of the README into this folder")
	only     = flag.String("only", "", "of stories whose file names match this regular expression alone")
)

// serve serves every story in every language as the exchange would serve the pages.
func serve(t *testing.T, withMap bool) string {
	t.Helper()
	site, err := story.Site(withMap)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := ui.New(site)
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string]ui.Page{}
	for _, lang := range text.Languages() {
		stories, err := story.Stories(string(lang))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range stories {
			byPath[string(lang)+s.Path] = s.Page
		}
	}
	mux := http.NewServeMux()
	mux.Handle(ui.AssetRoot, pages.Assets())
	for path, empty := range map[string]string{"/feed/index.json": `{"s2_level": 7, "cells": [], "whole": "/feed/all.json"}`, "/feed/all.json": `{"requests": []}`} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, empty) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		lang := ui.Negotiate(r)
		page, ok := byPath[string(lang)+r.URL.RequestURI()]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", ui.PolicyFor(page))
		if err := pages.Render(w, lang, page); err != nil {
			t.Errorf("render %s: %v", r.URL.Path, err)
		}
	})
	srv := httptest.NewServer(ui.Localize(mux))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestScreens writes pictures to look at, and prints:
//
//	go test ./ui -run TestScreens -screens DIR -only 'request-.*-es-dark-320'
func TestScreens(t *testing.T) {
	if *screens == "" {
		t.Skip("no folder is given with -screens")
	}
	wanted := regexp.MustCompile(*only)
	base := serve(t, true)
	tab := testenv.Chromium(t).Tab(390, 844)
	for _, lang := range text.Languages() {
		stories, err := story.Stories(string(lang))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range stories {
			for _, look := range []string{"light-320", "light-390", "light-1280", "dark-320", "dark-390", "dark-1280", "print"} {
				name := strings.NewReplacer(" ", "-", ",", "").Replace(s.Name) + "-" + string(lang) + "-" + look
				if wanted.MatchString(name) {
					shoot(t, tab, base+"/"+string(lang)+s.Path, look, filepath.Join(*screens, name))
				}
			}
		}
	}
}

// shoot writes one picture: look is "print", or a colour scheme and a width.
func shoot(t *testing.T, tab *testenv.Tab, url, look, path string) {
	t.Helper()
	scheme, width, screen := strings.Cut(look, "-")
	medium := "screen"
	if !screen {
		medium, width = "print", "720" // the width of letter paper between its margins
	}
	tab.Prefer(medium, map[string]string{"prefers-color-scheme": scheme})
	n, err := strconv.Atoi(width)
	if err != nil {
		t.Fatal(err)
	}
	tab.Resize(n, 844)
	tab.Open(url)
	if err := os.WriteFile(path+".png", tab.PNG(true), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestPictures writes the pictures of a request for the README, each as much of a page as a window shows (those of the front
// page are TestFindPictures of ui/script):
//
//	go test ./ui -run TestPictures -pictures ../doc/images
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("no folder is given with -pictures")
	}
	base := serve(t, true)
	requests, err := story.Requests("en")
	if err != nil {
		t.Fatal(err)
	}
	tab := testenv.Chromium(t).Tab(1280, 900)
	for page, path := range map[string]string{"request": "/en/requests/" + string(requests[0].ID)} {
		for _, scheme := range []string{"light", "dark"} {
			for device, size := range map[string][2]int{"desktop": {1280, 800}, "phone": {390, 844}} {
				tab.Prefer("screen", map[string]string{"prefers-color-scheme": scheme})
				tab.Resize(size[0], size[1])
				tab.Open(base + path)
				tab.Keep(*pictures, page+"-"+scheme+"-"+device)
			}
		}
	}
}
