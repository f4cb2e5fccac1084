package upload

import (
	"net/http"
	"slices"
	"strings"

	"porchlight.example/internal/footage"
)

// methods returns what can be done with the collection of uploads, or with one of them.
func methods(collection bool) []string {
	if collection {
		return []string{http.MethodPost, http.MethodOptions}
	}
	return []string{http.MethodHead, http.MethodPatch, http.MethodOptions}
}

// notOffered are headers of extensions that we do not speak. tusd would obey or overlook them; a sender must not believe
// that we did what they ask.
func notOffered() []string {
	return []string{"Upload-Metadata", "Upload-Concat", "Upload-Defer-Length", "Upload-Checksum", "X-HTTP-Method-Override",
		"Upload-Complete", "Upload-Incomplete", "Upload-Draft-Interop-Version"}
}

// refused answers a request that goes no further, and reports whether it did.
func refused(w http.ResponseWriter, r *http.Request, collection bool) bool {
	p := refusal(r, collection)
	if p == nil {
		return false
	}
	switch p.Status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", strings.Join(methods(collection), ", "))
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	p.write(w)
	return true
}

// refusal returns why a request goes no further, or nil.
func refusal(r *http.Request, collection bool) *problem {
	because := func(kind footage.Kind, code, msg string) *problem {
		p := problemOf(footage.Coded(kind, code, msg))
		return &p
	}
	if !slices.Contains(methods(collection), r.Method) {
		p := because(footage.Unsupported, "method_not_allowed", "Uploads are opened with POST, asked for with HEAD and continued with PATCH. Nothing else is possible here.")
		p.Status = http.StatusMethodNotAllowed
		return p
	}
	for _, name := range notOffered() {
		if len(r.Header.Values(name)) > 0 {
			return because(footage.Invalid, "header_not_allowed", "The header "+name+" is not accepted here: an upload has a length and bytes, and nothing else.")
		}
	}
	if r.Method == http.MethodPost && ticketOf(r) == "" {
		return because(footage.Unauthorized, "no_ticket", "Send the share's ticket in the header Authorization: Bearer TICKET.")
	}
	if clip := r.Header.Get(ClipHeader); clip != "" && !footage.ValidID(clip, "c") {
		return because(footage.Invalid, "bad_clip", "The header "+ClipHeader+" must hold the ID of a clip of the share.")
	}
	return nil
}

// ticketOf returns the bearer token, or nothing.
func ticketOf(r *http.Request) string {
	ticket, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(ticket)
}
