package web_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/policy"
)

// wantProblem checks that an answer is a problem that a program can read, of a status.
func wantProblem(t *testing.T, what string, res *http.Response, body []byte, status int) api.Problem {
	t.Helper()
	var p api.Problem
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil || res.StatusCode != status || p.Status != status || p.Detail == "" || res.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: %s, not %d: %s (%v)", what, res.Status, status, body, err)
	}
	secure(t, what, res.Header)
	return p
}

// TestWrongMethods: an address answers another method with what it knows, and does nothing.
func TestWrongMethods(t *testing.T) {
	w := nodetest.Start(t, nil)
	tried := 0
	all := patterns(t, w)
	for _, pattern := range all {
		method, path, found := strings.Cut(pattern, " ")
		if !found { // uploads see to their methods themselves, and everything else is not there
			continue
		}
		both := slices.Contains(all, "GET "+path) && slices.Contains(all, "POST "+path)
		path = strings.NewReplacer("{id}", "x", "{clip}", "y", "{$}", "").Replace(path)
		for _, wrong := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
			if wrong == method || both && (wrong == "GET" || wrong == "POST") {
				continue
			}
			tried++
			res, body := fetch(t, w, wrong, path, "{}", "Content-Type", "application/json")
			if res.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(res.Header.Get("Allow"), method) || strings.Contains(res.Header.Get("Allow"), wrong) {
				t.Errorf("%s %s: %s, Allow %q", wrong, path, res.Status, res.Header.Get("Allow"))
			}
			secure(t, path, res.Header)
			if strings.HasPrefix(path, "/v1/") {
				wantProblem(t, wrong+" "+path, res, body, http.StatusMethodNotAllowed)
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d were tried", tried)
	}
}

// bodies returns every call that takes a JSON body, with a bearer whose call gets as far as the body.
func bodies(t *testing.T, w *nodetest.Town) map[string]string {
	t.Helper()
	out := map[string]string{
		"POST /v1/login": "", "POST /v1/login/device/token": "", "POST /v1/enrol/challenge": "", "POST /v1/enrol": "", "POST /v1/requests/{id}/shares": "",
		"POST /v1/shares/commit": "0", "POST /v1/mailbox/messages": "0", "POST /v1/applications": "", "POST /v1/complaints": "",
		"POST /v1/register/agencies/{id}/attestations": "", "POST /v1/register/agencies/{id}/retractions": "",
		"POST /v1/register/agencies/{id}/approval": w.Operator.Client.Bearer, "POST /v1/register/applications/{id}/answer": w.Operator.Client.Bearer,
	}
	without := map[string]bool{"POST /v1/work": true, "POST /v1/login/challenge": true, "POST /v1/login/device": true, "POST /v1/logout": true, "POST /v1/mailbox/withdraw": true}
	for _, pattern := range patterns(t, w) {
		if strings.HasPrefix(pattern, "POST /v1/agency/") {
			out[pattern] = w.Police.Custodian.Client.Bearer
		}
		if pattern == "POST /v1/policies" {
			out[pattern] = w.Police.Custodian.Client.Bearer
		}
		if strings.HasPrefix(pattern, "POST /v1/moderation/") || strings.HasPrefix(pattern, "POST /v1/withholdings/") || strings.HasPrefix(pattern, "POST /v1/demands") || strings.HasPrefix(pattern, "POST /v1/notices") || pattern == "POST /v1/me/mail" {
			out[pattern] = w.Moderator.Client.Bearer
		}
		if _, known := out[pattern]; !known && !without[pattern] && strings.HasPrefix(pattern, "POST /v1/") {
			t.Errorf("%s is not in the table", pattern)
		}
	}
	return out
}

// TestBadBodies: what is not the JSON that a call takes is refused with what is wrong, before anything is done.
func TestBadBodies(t *testing.T) {
	w := nodetest.Start(t, nil)
	limited := []string{"POST /v1/complaints", "POST /v1/requests/{id}/shares"} // per network and hour
	all := bodies(t, w)
	order := slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(p string) bool { return slices.Contains(limited, p) })
	for _, pattern := range append(order, limited...) { // these come last: each try takes an hour, and sessions end
		bearer := all[pattern]
		path := strings.NewReplacer("POST ", "", "{id}", strings.Repeat("0", 64)).Replace(pattern)
		limit := 256 << 10
		if path == "/v1/shares/commit" {
			limit = 4 << 20
		}
		for name, c := range map[string]struct {
			body, kind string
			status     int
			says       string
		}{
			"nothing":           {"", "application/json", 422, "not JSON"},
			"not JSON":          {"hello", "application/json", 422, "not JSON"},
			"cut off":           {`{"a":`, "application/json", 422, "not JSON"},
			"unknown member":    {`{"surprise":1}`, "application/json", 422, `unknown field "surprise"`},
			"a member twice":    {`{"surprise":1,"surprise":2}`, "application/json", 422, "stands twice"},
			"two values":        {`{} {}`, "application/json", 422, "after the end"},
			"an array":          {`[]`, "application/json", 422, "does not fit"},
			"bad letters":       {"{\"a\":\"\xff\"}", "application/json", 422, "UTF-8"},
			"too deep":          {strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), "application/json", 422, "nested too deeply"},
			"a form":            {"a=1", "application/x-www-form-urlencoded", 415, "application/json"},
			"words":             {"{}", "text/plain", 415, "application/json"},
			"too large":         {`{"a":"` + strings.Repeat("x", limit) + `"}`, "application/json; charset=utf-8", 413, "bytes"},
			"a number too long": {`{"a":1e999}`, "application/json", 422, "out of range"},
		} {
			header := []string{"Content-Type", c.kind}
			if bearer != "" {
				header = append(header, "Authorization", "Bearer "+bearer)
			}
			if slices.Contains(limited, pattern) {
				w.Advance(time.Hour) // so that the limit does not answer first
			}
			res, body := fetch(t, w, "POST", path, c.body, header...)
			if p := wantProblem(t, pattern+" with "+name, res, body, c.status); !strings.Contains(p.Detail, c.says) {
				t.Errorf("%s with %s says %q", pattern, name, p.Detail)
			}
		}
	}
	if public, err := w.Node.Exchange.PublicRequests(t.Context(), false); err != nil || len(public) != 0 {
		t.Errorf("something was done: %v %v", public, err)
	}
}

// TestTooManyShares: a network that begins too many shares in an hour is told when to come back, and the others are not.
func TestTooManyShares(t *testing.T) {
	w := nodetest.Start(t, func(*node.Options) {})
	set, err := policy.Parse(policy.DefaultFile())
	if err != nil {
		t.Fatal(err)
	}
	both, err := policy.NewSet(set)
	if err != nil {
		t.Fatal(err)
	}
	path := "/v1/requests/" + strings.Repeat("0", 64) + "/shares"
	limit := both.Limits().SharesPerClientHour
	for i := range limit { // where in the second half it ends is chance
		if res, body := fetch(t, w, "POST", path, "{}"); res.StatusCode == http.StatusTooManyRequests && i < limit/2 {
			t.Fatalf("share %d: %s", i, body)
		}
	}
	res, body := fetch(t, w, "POST", path, "{}")
	p := wantProblem(t, "one too many", res, body, http.StatusTooManyRequests)
	if p.Code != "too_many_shares" || p.Kind != footage.TooMany || res.Header.Get("Retry-After") == "" {
		t.Errorf("%+v, %v", p, res.Header)
	}
	if res, _ := fetch(t, w, "GET", "/en/", ""); res.StatusCode != http.StatusOK {
		t.Errorf("reading is limited too: %s", res.Status)
	}
}

// TestRanges: a download goes on from one offset; no other form of range is served.
func TestRanges(t *testing.T) {
	w := nodetest.Start(t, nil)
	bearer := w.Police.Custodian.Client.Bearer
	for _, header := range []string{"bytes=0-10", "bytes=-5", "bytes=1-2,5-", "bytes=x-", "items=1-", "bytes=-1-", "bytes=99999999999999999999-"} {
		res, body := fetch(t, w, "GET", "/v1/agency/shares/s-x/clips/c-x", "", "Authorization", "Bearer "+bearer, "Range", header)
		if p := wantProblem(t, header, res, body, http.StatusUnprocessableEntity); !strings.Contains(p.Detail, "bytes=N-") {
			t.Errorf("%s: %s", header, p.Detail)
		}
	}
}
