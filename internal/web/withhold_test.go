package web_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// TestWhoMayWithhold tries every call about withheld texts as everybody.
func TestWhoMayWithhold(t *testing.T) {
	w := nodetest.Start(t, nil)
	id := string(w.Publish(w.Draft(0)))
	auditor := w.Enrol("", footage.Auditor)
	bodies := map[string]string{"draft": `{"authority":"court_order","reference":"Order"}`, "propose": encoded(t, api.SignedWithholding{Withholding: footage.Withholding{Request: footage.RequestID(id)}}),
		"agree": encoded(t, api.Signature{}), "drop": "{}"}
	tried := 0
	for _, pattern := range patterns(t, w) {
		method, path, _ := strings.Cut(pattern, " ")
		if !strings.HasPrefix(path, "/v1/withholdings") {
			continue
		}
		path = strings.ReplaceAll(path, "{id}", id)
		body := bodies[path[strings.LastIndex(path, "/")+1:]]
		for name, bearer := range map[string]string{"officer": w.Police.Officer.Client.Bearer, "supervisor": w.Police.Supervisor.Client.Bearer, "custodian": w.Police.Custodian.Client.Bearer,
			"operator": w.Operator.Client.Bearer, "moderator": w.Moderator.Client.Bearer, "auditor": auditor.Client.Bearer, "nobody": ""} {
			want := http.StatusForbidden
			switch {
			case name == "nobody":
				want = http.StatusUnauthorized
			case method == http.MethodGet && (name == "auditor" || name == "operator" || name == "moderator"), strings.HasSuffix(path, "/draft") && (name == "operator" || name == "moderator"):
				want = http.StatusOK
			case name == "operator" || name == "moderator":
				want = http.StatusNotFound // nothing waits
				if strings.HasSuffix(path, "/propose") {
					want = http.StatusUnprocessableEntity
				}
			}
			header := []string{}
			if bearer != "" {
				header = append(header, "Authorization", "Bearer "+bearer)
			}
			tried++
			if res, said := fetch(t, w, method, path, body, header...); res.StatusCode != want {
				t.Errorf("%s by %s: %s, not %d: %s", pattern, name, res.Status, want, said)
			}
		}
	}
	if tried < 30 {
		t.Errorf("only %d calls were tried", tried)
	}
}

// TestWithheldIsGoneFromPages: after a withholding no page, table or file of the feed holds a word of the text, and the page of
// the request says on whose authority.
func TestWithheldIsGoneFromPages(t *testing.T) {
	w := nodetest.Start(t, nil)
	in := w.Draft(0)
	id := w.Publish(in)
	w.Update(w.Police, id, footage.Amended, "The bag was blue.")
	w.Publish(w.Draft(3))
	w.Refresh()
	paths := []string{"/en/requests/" + string(id), "/v1/requests/" + string(id), "/en/", "/en/?closed=yes", "/en/agencies/" + string(w.Police.ID), "/feed/all.json", "/feed/requests.json", "/feed/requests.atom",
		"/feed/requests.geojson", "/feed/index.json", "/data/requests.csv", "/data/requests.json", "/data/requests.geojson", "/data/agencies/" + string(w.Police.ID) + "/requests.csv", "/en/record", "/en/record/entries"}
	secrets := []string{in.Document.Title, in.Document.Nonce, in.Document.Code, in.Document.Text, "The bag was blue."}
	before := 0
	for _, path := range paths {
		_, body := fetch(t, w, "GET", path, "")
		before += strings.Count(string(body), in.Document.Code)
	}
	if before < 8 {
		t.Fatalf("the code stood only %d times in what was public before", before)
	}
	w.Withhold(id)
	w.Refresh()
	for _, path := range paths {
		res, body := fetch(t, w, "GET", path, "")
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, res.Status)
		}
		for _, s := range secrets {
			if strings.Contains(string(body), s) {
				t.Errorf("%s holds %q", path, s)
			}
		}
	}
	for path, want := range map[string]string{"/en/requests/" + string(id): "By order of a court", "/es/requests/" + string(id): "Por orden de un tribunal", "/en/?closed=yes": "Text withheld",
		"/data/requests.csv": "court_order", "/en/agencies/" + string(w.Police.ID): "Text withheld"} {
		if _, body := fetch(t, w, "GET", path, ""); !strings.Contains(string(body), want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	if _, err := w.Node.Exchange.Bundle(context.Background(), id); !errors.Is(err, footage.Gone) {
		t.Errorf("the bundle: %v", err)
	}
}
