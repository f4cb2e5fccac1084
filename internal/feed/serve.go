package feed

import (
	"net/http"
	"strconv"
	"strings"
)

// answer is one coding of a file with the values of its headers, which are made once: this is the hot path. Nobody changes
// them in place; whoever adds to one copies it first, since it has no room.
type answer struct {
	body                            []byte
	mediaType, length, etag, coding []string
}

func newAnswer(mediaType string, body []byte, etag string) answer {
	return answer{body: body, mediaType: []string{mediaType}, length: []string{strconv.Itoa(len(body))}, etag: []string{etag}}
}

var varyEncoding = []string{"Accept-Encoding"}

// Serve answers GET and HEAD with the file, compressed if the client wants that, or with 304 when the client has it. cache
// is the one value of Cache-Control. more, if it is not nil, sets what else an answer with the file bears; one with 304 goes
// without, since a client that has the file has that too (RFC 9110, 15.4.5). What varies beside the coding is the caller's
// to set in Vary before.
func (f *File) Serve(w http.ResponseWriter, r *http.Request, cache []string, more func(http.Header)) {
	h := w.Header()
	if _, varies := h["Vary"]; varies {
		h.Add("Vary", varyEncoding[0])
	} else {
		h["Vary"] = varyEncoding
	}
	h["Cache-Control"] = cache
	a := &f.plain
	if AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		a = &f.zipped
	}
	h["Etag"] = a.etag
	if matches(r.Header.Get("If-None-Match"), a.etag[0]) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if a.coding != nil {
		h["Content-Encoding"] = a.coding
	}
	h["Content-Type"], h["Content-Length"] = a.mediaType, a.length
	if more != nil {
		more(h)
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.body) // the caller is gone if this fails
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
