package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// TestBadRequestsOverTheWire sends what cannot be a request as bytes, which no client of ours would. Each is refused with a
// sentence of its own, and nothing is stored.
func TestBadRequestsOverTheWire(t *testing.T) {
	w := nodetest.Start(t, nil)
	good, err := json.Marshal(w.Draft(0))
	if err != nil {
		t.Fatal(err)
	}
	swap := func(old, to string) string {
		if !bytes.Contains(good, []byte(old)) {
			t.Fatalf("the good request does not hold %s, so this would prove nothing", old)
		}
		return strings.Replace(string(good), old, to, 1)
	}
	from := w.Draft(0).Document.Window.From.Format("2006-01-02T15:04:05Z07:00")
	for name, test := range map[string]struct {
		body string
		says string
	}{
		"not JSON":               {`document: yes`, "not JSON"},
		"nothing":                {``, "not JSON"},
		"half of it":             {string(good[:len(good)/2]), "not JSON"},
		"two of them":            {string(good) + string(good), "after the end"},
		"a list":                 {`[]`, "does not fit"},
		"an unknown member":      {swap(`"document":{`, `"moderated":true,"document":{`), "moderated"},
		"an unknown one inside":  {swap(`"own_case":`, `"urgent":true,"own_case":`), "urgent"},
		"a member twice":         {swap(`"own_case":`, `"own_case":true,"own_case":`), "own_case"},
		"a time without a zone":  {swap(from, strings.TrimSuffix(from, "Z")), "time"},
		"a date":                 {swap(from, from[:10]), "time"},
		"a number for a time":    {swap(`"`+from+`"`, `1700000000`), "fit"},
		"a 25th hour":            {swap(from, from[:11]+"25:00:00Z"), "time"},
		"a coordinate NaN":       {swap(`"coordinates":[[[`, `"coordinates":[[[NaN,`), "not JSON"},
		"a coordinate infinite":  {swap(`"coordinates":[[[`, `"coordinates":[[[1e999,`), "out of range"},
		"a position with height": {swap(`"coordinates":[[[`, `"coordinates":[[[12,`), "position"},
		"a position of text":     {swap(`"coordinates":[[[`, `"coordinates":[[["x",`), "position"},
		"several parts":          {swap(`"type":"Polygon"`, `"type":"MultiPolygon"`), "MultiPolygon"},
		"a point":                {swap(`"type":"Polygon"`, `"type":"Point"`), "Point"},
		"broken UTF-8":           {swap(`"title":"`, "\"title\":\"\xff"), "UTF-8"},
	} {
		status, p := post(t, w, "/v1/agency/requests", test.body)
		if status != http.StatusUnprocessableEntity || p.Kind != footage.Invalid || !strings.Contains(p.Detail, test.says) {
			t.Errorf("%s: %d, kind %q: %q; want 422 and a sentence with %q", name, status, p.Kind, p.Detail, test.says)
		}
	}
	if status, _ := post(t, w, "/v1/agency/requests", `{"document":"`+strings.Repeat("x", 300<<10)+`"}`); status != http.StatusRequestEntityTooLarge {
		t.Errorf("300 KiB: %d", status)
	}
	var all []api.AgencyRequest
	if err := w.Police.Officer.Client.Call(t.Context(), "GET", "/v1/agency/requests", nil, &all); err != nil || len(all) != 0 {
		t.Errorf("%d requests are stored, %v", len(all), err)
	}
}

// TestReasonsReachTheClient: all that is wrong comes back with code, sentence, limit and value, as an error of ours.
func TestReasonsReachTheClient(t *testing.T) {
	w := nodetest.Start(t, nil)
	in := w.Draft(0)
	in.Document.Title, in.Document.Offence, in.Document.Zone = "Short", "999", "Mars/Olympus"
	err := w.Police.Officer.Client.Call(t.Context(), "POST", "/v1/agency/decide", in, nil)
	var e *footage.Error
	if !errors.As(err, &e) || e.Kind != footage.Invalid || e.Code != "request_refused" || len(e.Reasons) != 3 {
		t.Fatalf("refused with %+v", err)
	}
	codes := map[string]footage.Reason{}
	for _, r := range e.Reasons {
		codes[r.Code] = r
	}
	if r := codes["title_too_short"]; r.Limit != "8 characters" || r.Value != "5 characters" || r.Msg == "" || r.Policy != "default" {
		t.Errorf("the title's reason: %+v", r)
	}
	for _, code := range []string{"offence_unknown", "zone_unknown"} {
		if codes[code].Value == "" {
			t.Errorf("the reason %s lacks its value: %+v", code, codes[code])
		}
	}
}

// post sends bytes as the officer and returns the problem that comes back.
func post(t *testing.T, w *nodetest.Town, path, body string) (int, api.Problem) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", w.Server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+w.Police.Officer.Client.Bearer)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var p api.Problem
	if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
		t.Errorf("the answer is no problem: %v", err)
	}
	return res.StatusCode, p
}
