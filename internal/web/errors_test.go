package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
	"porchlight.example/ui/uitest"
)

// bare returns a server that can answer and nothing else, and what it logs.
func bare(t *testing.T) (*server, *bytes.Buffer) {
	t.Helper()
	pages, err := ui.New(ui.Site{Name: "Exchange"})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	return &server{pages: pages, log: slog.New(slog.NewTextHandler(&log, nil))}, &log
}

// fail answers a request with an error behind everything that stands in front of a handler.
func fail(s *server, method, path string, err error) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, nil)
	r.RemoteAddr = "203.0.113.77:4711"
	s.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, err) })).ServeHTTP(w, r)
	return w
}

// TestAnswer: one function makes problem details (RFC 9457) for programs and a page for people, with the same status.
func TestAnswer(t *testing.T) {
	reasons := []footage.Reason{{Code: "a", Msg: "The area is too large."}, {Code: "b", Msg: "The hours are too many."}}
	for name, c := range map[string]struct {
		err    error
		status int
		kind   footage.Kind
		detail string
	}{
		"of a kind with words":   {footage.Coded(footage.Invalid, "rules", "Six rules are broken."), 422, footage.Invalid, "Six rules are broken."},
		"wrapped":                {fmt.Errorf("open request: %w", footage.E(footage.Gone, "It is erased.")), 410, footage.Gone, "It is erased."},
		"with reasons":           {&footage.Error{Kind: footage.Invalid, Msg: "Two rules are broken.", Reasons: reasons}, 422, footage.Invalid, "Two rules are broken."},
		"of a kind alone":        {fmt.Errorf("read row 17: %w", footage.NotFound), 404, footage.NotFound, "There is no such thing here. Check the address."},
		"conflict alone":         {footage.Conflict, 409, footage.Conflict, "Somebody changed this meanwhile."},
		"unauthorized":           {footage.E(footage.Unauthorized, "Sign in."), 401, footage.Unauthorized, "Sign in."},
		"forbidden":              {footage.E(footage.Forbidden, "Not yours."), 403, footage.Forbidden, "Not yours."},
		"refused":                {footage.E(footage.Refused, "Not now."), 403, footage.Refused, "Not now."},
		"too large":              {footage.E(footage.TooLarge, "Too large."), 413, footage.TooLarge, "Too large."},
		"too many":               {footage.E(footage.TooMany, "Too many."), 429, footage.TooMany, "Too many."},
		"full":                   {footage.Full, 507, footage.Full, "The exchange has no room left"},
		"unavailable":            {fmt.Errorf("%w: dial 10.0.0.1:5432", footage.Unavailable), 503, footage.Unavailable, "A part of the exchange does not answer."},
		"untrusted":              {footage.E(footage.Untrusted, "It does not fit."), 422, footage.Untrusted, "It does not fit."},
		"unsupported":            {footage.Unsupported, 415, footage.Unsupported, "This cannot be done: unsupported."},
		"interrupted":            {footage.Interrupted, 400, footage.Interrupted, "This cannot be done: interrupted."},
		"internal":               {errors.New("open /var/lib/porchlight/secret: no such file"), 500, "internal", "Something went wrong on our side."},
		"of a kind that is new":  {footage.E("brand_new", "New words."), 500, "brand_new", "New words."},
		"of a wrong method":      {wrongMethod{[]string{"GET", "HEAD"}}, 405, footage.Unsupported, "This address knows the methods GET, HEAD only."},
		"wrapped twice in words": {footage.E(footage.Conflict, "Outer."), 409, footage.Conflict, "Outer."},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := bare(t)
			w := fail(s, "GET", "/v1/x", c.err)
			var p api.Problem
			dec := json.NewDecoder(w.Body)
			dec.DisallowUnknownFields()
			if err := dec.Decode(&p); err != nil {
				t.Fatal(err)
			}
			if w.Code != c.status || p.Status != c.status || p.Kind != c.kind || !strings.HasPrefix(p.Detail, c.detail) || p.Type != "about:blank" || p.Title != http.StatusText(c.status) {
				t.Errorf("%d, %+v", w.Code, p)
			}
			if w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%v", w.Header())
			}
			var own *footage.Error
			if errors.As(c.err, &own) && (p.Code != own.Code || !cmp.Equal(p.Reasons, own.Reasons, cmpopts.EquateEmpty())) {
				t.Errorf("%+v in place of %+v", p, own)
			}
			if (p.Request != "") != (c.status >= 500) {
				t.Errorf("the request ID is %q", p.Request)
			}
			page := fail(s, "GET", "/es/x", c.err)
			if page.Code != c.status || page.Header().Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(page.Body.String(), fmt.Sprintf("Error %d", c.status)) {
				t.Errorf("the page: %d, %v", page.Code, page.Header())
			}
			for _, complaint := range uitest.Check(page.Body.Bytes()) {
				t.Errorf("the page: %s", complaint)
			}
			for _, r := range p.Reasons {
				if !strings.Contains(page.Body.String(), r.Msg) {
					t.Errorf("the page does not give the reason %q", r.Msg)
				}
			}
		})
	}
}

// TestInternalError: of what went wrong inside, the caller learns a request ID and nothing else; the log has it under that
// ID, once, without anything that tells of a person.
func TestInternalError(t *testing.T) {
	const share, upload = "s-0123456789abcdefghjkmnpqrs", "u-0123456789abcdefghjkmnpqrs"
	inner := fmt.Errorf("copy clip of %s from 203.0.113.77:4711 via [2001:db8::7]:443 to /srv/%s: disk on fire", share, upload)
	for _, path := range []string{"/v1/x", "/x", "/es/x"} {
		s, log := bare(t)
		w := fail(s, "GET", path, inner)
		body, line := w.Body.String(), log.String()
		for _, secret := range []string{"disk on fire", "/srv", share, upload, "203.0.113", "2001:db8", "copy clip"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s tells %q", path, secret)
			}
		}
		for _, secret := range []string{share, upload, "203.0.113", "2001:db8"} {
			if strings.Contains(line, secret) {
				t.Errorf("the log of %s tells %q", path, secret)
			}
		}
		_, after, found := strings.Cut(line, "request=")
		id, _, _ := strings.Cut(after, " ")
		if !found || len(id) != 12 || !strings.Contains(body, id) || strings.Count(line, "\n") != 1 || !strings.Contains(line, "level=ERROR") || !strings.Contains(line, "disk on fire") {
			t.Errorf("%s: log %q and answer do not share one ID", path, line)
		}
	}
}

// TestOwnErrorsAreNotLogged: what a caller did wrong is nobody's to see to.
func TestOwnErrorsAreNotLogged(t *testing.T) {
	s, log := bare(t)
	for _, kind := range []footage.Kind{footage.Invalid, footage.NotFound, footage.Refused, footage.TooMany, footage.Full} {
		fail(s, "GET", "/v1/x", footage.E(kind, "No."))
	}
	if log.Len() != 0 {
		t.Errorf("the log says %q", log)
	}
}

func TestErrorHeaders(t *testing.T) {
	s, _ := bare(t)
	for kind, header := range map[footage.Kind]string{footage.TooMany: "Retry-After", footage.Unavailable: "Retry-After", footage.Unauthorized: "WWW-Authenticate"} {
		if h := fail(s, "GET", "/v1/x", footage.E(kind, "No.")).Header(); h.Get(header) == "" {
			t.Errorf("%s: %v", kind, h)
		}
	}
	if h := fail(s, "POST", "/x", wrongMethod{[]string{"GET", "HEAD"}}).Header(); h.Get("Allow") != "GET, HEAD" {
		t.Errorf("%v", h)
	}
}
