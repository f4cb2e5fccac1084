package feed

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

func TestServe(t *testing.T) {
	f, err := NewFile("text/plain", []byte(strings.Repeat("lamp ", 100)))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		method, accept, have string
		status               int
		zipped               bool
	}{
		"plain":                    {"GET", "", "", 200, false},
		"zipped":                   {"GET", "gzip", "", 200, true},
		"zipped among others":      {"GET", "br;q=1.0, GZIP ; q=0.5, *;q=0", "", 200, true},
		"anything":                 {"GET", "*", "", 200, true},
		"no gzip":                  {"GET", "gzip;q=0, br", "", 200, false},
		"anything but gzip":        {"GET", "*, gzip;q=0.000", "", 200, false},
		"nonsense":                 {"GET", "gzip;q=lots", "", 200, false},
		"another that looks alike": {"GET", "gzipped", "", 200, false},
		"head":                     {"HEAD", "", "", 200, false},
		"head zipped":              {"HEAD", "gzip", "", 200, true},
		"have it":                  {"GET", "", f.ETag, 304, false},
		"have it zipped":           {"GET", "gzip", f.GzipETag, 304, true},
		"have it, head":            {"HEAD", "gzip", f.GzipETag, 304, true},
		"have it weakly":           {"GET", "", `"a", W/` + f.ETag, 304, false},
		"have anything":            {"GET", "", "*", 304, false},
		"have the other coding":    {"GET", "gzip", f.ETag, 200, true},
		"have another":             {"GET", "", `"a", "b"`, 200, false},
		"have a part":              {"GET", "", f.ETag[:10] + `"`, 200, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, "/x", nil)
			for name, value := range map[string]string{"Accept-Encoding": c.accept, "If-None-Match": c.have} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			w := httptest.NewRecorder()
			f.Serve(w, r, []string{"no-cache"}, func(h http.Header) { h.Set("X-Content-Type-Options", "nosniff") })
			h := w.Header()
			etag, body := f.ETag, f.Body
			if c.zipped {
				etag, body = f.GzipETag, f.Gzip
			}
			if w.Code != c.status || h.Get("Etag") != etag || h.Get("Vary") != "Accept-Encoding" || h.Get("Cache-Control") != "no-cache" {
				t.Errorf("%d, %v", w.Code, h)
			}
			if c.status == http.StatusNotModified {
				if w.Body.Len() != 0 || h.Get("Content-Length") != "" || h.Get("Content-Encoding") != "" || h.Get("X-Content-Type-Options") != "" {
					t.Errorf("304 with %d bytes, %v", w.Body.Len(), h)
				}
				return
			}
			if (h.Get("Content-Encoding") == "gzip") != c.zipped || h.Get("Content-Type") != "text/plain" || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%v", h)
			}
			want := string(body)
			if c.method == "HEAD" {
				want = ""
			}
			if w.Body.String() != want || h.Get("Content-Length") != strconv.Itoa(len(body)) {
				t.Errorf("%d bytes, %v", w.Body.Len(), h)
			}
		})
	}
	if len(varyEncoding) != 1 || cap(varyEncoding) != 1 {
		t.Error("a shared header value has room, so that adding to it would change it for all")
	}
}
