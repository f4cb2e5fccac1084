package feed

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
)

// FuzzRender renders a request whose texts are anything at all: every file is well formed in its format and says the texts as
// they are, but for characters that XML cannot hold.
func FuzzRender(f *testing.F) {
	f.Add("Maplewood Police", "Hit and run", "Somebody saw it.", "America/Chicago", "en")
	f.Add("</title><script>", "]]>&amp;", "a\x00b\x1b[2J\u202e\ufffe\r\n", "Nowhere/Land", "\"'")
	f.Add("\xff", "\ufeff", "\ud7ff😀", "", "")
	f.Fuzz(func(t *testing.T, agency, title, text, zone, language string) {
		at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		doc := footage.Document{AgencyName: agency, Title: title, Text: text, Zone: zone, Language: language, Window: footage.Window{From: at, To: at.Add(time.Hour)},
			Area: footage.Area{Rings: [][]footage.Point{{{Lon: -87.65, Lat: 41.88}}}}}
		bundle, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		item := Item{Request: footage.PublicRequest{ID: footage.RequestID(footage.Hash(bundle)), Record: footage.Record{Document: doc}, PublishedAt: at}, Key: "k", Load: func(context.Context) ([]byte, error) { return bundle, nil }, Cells: []string{"89c25"}}
		r := Renderer{Site: Site{Name: agency, Origin: "exchange.example/log", Base: "https://exchange.example"}, Level: 10}
		set, err := r.Render(context.Background(), []Item{item})
		if err != nil {
			t.Fatal(err)
		}
		for path, file := range set {
			sameUnzipped(t, path, file)
			if !strings.HasSuffix(path, ".atom") && !json.Valid(file.Body) {
				t.Errorf("%s is no JSON: %s", path, file.Body)
			}
		}
		var people JSONFeed
		if err := json.Unmarshal(set["/feed/requests.json"].Body, &people); err != nil || people.Items[0].Title != string([]rune(headlineOf(agency, title))) {
			t.Errorf("the JSON feed says %q, %v", people.Items[0].Title, err)
		}
		var entries struct {
			Entries []struct {
				Title   string `xml:"title"`
				Content string `xml:"content"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal(set["/feed/requests.atom"].Body, &entries); err != nil || len(entries.Entries) != 1 {
			t.Fatalf("%d entries, %v: %s", len(entries.Entries), err, set["/feed/requests.atom"].Body)
		}
		if e := entries.Entries[0]; e.Title != inXML(headlineOf(agency, title)) || !strings.HasSuffix(e.Content, inXML(text)) {
			t.Errorf("the Atom feed says %q: %q", e.Title, e.Content)
		}
	})
}

func headlineOf(agency, title string) string { return agency + ": " + title }

// inXML puts the replacement character where XML 1.0 (2.2) allows none.
func inXML(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 {
			return r
		}
		return '\ufffd'
	}, s)
}

func sameUnzipped(t *testing.T, path string, file *File) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(file.Gzip))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(z); err != nil || !bytes.Equal(plain, file.Body) || len(plain) == 0 {
		t.Errorf("%s is another file when it is compressed: %v", path, err)
	}
}

// FuzzServe asks with any headers: an answer is compressed only for who takes that, and empty only for who has the file.
func FuzzServe(f *testing.F) {
	file, err := NewFile("text/plain", []byte("the text"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("gzip", file.GzipETag)
	f.Add("", file.ETag)
	f.Add("br;q=1, gzip;q=0", "W/"+file.ETag)
	f.Add("*;q=nan", "*")
	f.Add("gzip;q=0.5;x", `"a", "b`)
	f.Fuzz(func(t *testing.T, accept, have string) {
		res := httptest.NewRecorder()
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		req.Header.Set("Accept-Encoding", accept)
		req.Header.Set("If-None-Match", have)
		file.Serve(res, req, []string{"no-cache"}, nil)
		body, etag := file.Body, file.ETag
		if res.Header().Get("Etag") == file.GzipETag {
			body, etag = file.Gzip, file.GzipETag
			if !strings.Contains(strings.ToLower(accept), "gzip") && !strings.Contains(accept, "*") {
				t.Errorf("compressed for %q", accept)
			}
		}
		switch {
		case res.Code == http.StatusNotModified && res.Body.Len() == 0 && (strings.Contains(have, etag) || strings.Contains(have, "*")):
		case res.Code == http.StatusOK && bytes.Equal(res.Body.Bytes(), body) && (res.Header().Get("Content-Encoding") == "gzip") == (etag == file.GzipETag):
		default:
			t.Errorf("%q, %q: %d, %v, %d bytes", accept, have, res.Code, res.Header(), res.Body.Len())
		}
	})
}
