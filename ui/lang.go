package ui

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"porchlight.example/ui/text"
)

type langKey struct{}

// Localize strips a language from the front of the path, "/es/how" becoming "/how", so that routes need not know about
// languages; [Negotiate] still finds it. A path without one passes as it is.
func Localize(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lang, rest, ok := splitLang(r.URL.Path)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		inner := r.Clone(context.WithValue(r.Context(), langKey{}, lang))
		inner.URL.Path, inner.URL.RawPath = rest, ""
		next.ServeHTTP(w, inner)
	})
}

func splitLang(path string) (lang text.Lang, rest string, ok bool) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if l := text.Lang(first); l.Known() {
		return l, "/" + rest, true
	}
	return "", path, false
}

// Localized reports whether the path names a language.
func Localized(r *http.Request) bool {
	_, ok := r.Context().Value(langKey{}).(text.Lang)
	return ok
}

// Negotiate returns the language to answer in: the path's, else that of ?lang=, else the reader's favourite by
// Accept-Language (RFC 9110, 12.5.4), else English. When the path names none, the answer must vary by Accept-Language.
func Negotiate(r *http.Request) text.Lang {
	if lang, ok := r.Context().Value(langKey{}).(text.Lang); ok {
		return lang
	}
	if lang, _, ok := splitLang(r.URL.Path); ok {
		return lang
	}
	if lang := text.Lang(r.URL.Query().Get("lang")); lang.Known() {
		return lang
	}
	return preferred(r.Header.Get("Accept-Language"))
}

func preferred(header string) text.Lang {
	best, weight := text.Languages()[0], 0.0
	for _, item := range strings.Split(header, ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(item), ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			parsed, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			q = parsed
		}
		if l := text.Lang(primary); l.Known() && q > weight {
			best, weight = l, q
		}
	}
	return best
}
