package feed

import (
	"net/http"
	"strconv"
	"strings"
)

// Header values that do not change are set without the canonicalising and copying of Header.Set: this is the hot path.
// Nobody changes them in place; whoever adds to one copies it first, since it has no room.
var (
	varyEncoding = []string{"Accept-Encoding"}
	gzipCoding   = []string{"gzip"}
)

// Serve answers GET and HEAD with the file, compressed if the client wants that, or with 304 when the client has it. cache
// is the value of Cache-Control. What varies beside the coding is the caller's to set in Vary before.
func (f *File) Serve(w http.ResponseWriter, r *http.Request, cache string) {
	h := w.Header()
	body, etag := f.Body, f.ETag
	if _, more := h["Vary"]; more {
		h.Add("Vary", varyEncoding[0])
	} else {
		h["Vary"] = varyEncoding
	}
	h["Cache-Control"] = []string{cache}
	zipped := AcceptsGzip(r.Header.Get("Accept-Encoding"))
	if zipped {
		body, etag = f.Gzip, f.GzipETag
	}
	h["Etag"] = []string{etag}
	if matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if zipped {
		h["Content-Encoding"] = gzipCoding
	}
	h["Content-Type"] = []string{f.Type}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the caller is gone if this fails
	}
}

// matches reads If-None-Match (RFC 9110, 13.1.2) with weak comparison.
func matches(header, etag string) bool {
	if header == "" || header == etag {
		return header != ""
	}
	for item := range strings.SplitSeq(header, ",") {
		if item = strings.TrimPrefix(strings.TrimSpace(item), "W/"); item == etag || item == "*" {
			return true
		}
	}
	return false
}

// AcceptsGzip reads Accept-Encoding (RFC 9110, 12.5.3) as far as one coding needs it.
func AcceptsGzip(header string) bool {
	if header == "gzip" || !strings.Contains(header, "gzip") && !strings.Contains(header, "*") {
		return header == "gzip"
	}
	named, any := -1.0, -1.0
	for item := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(item, ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			parsed, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			q = parsed
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			named = q
		case "*":
			any = q
		}
	}
	return named > 0 || named < 0 && any > 0
}
