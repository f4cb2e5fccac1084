package web_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// sendForm posts a form with a file as a browser without scripts does.
func sendForm(t *testing.T, w *nodetest.Town, path string, fields map[string]string, file []byte) (*http.Response, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", "outline.geojson")
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	res, out := fetch(t, w, "POST", path, body.String(), "Content-Type", form.FormDataContentType())
	return res, string(out)
}

// outlineFile is a jurisdiction as a map program writes it.
func outlineFile(t *testing.T, a footage.Agency) []byte {
	t.Helper()
	var features []map[string]any
	for _, area := range a.Jurisdiction {
		features = append(features, map[string]any{"type": "Feature", "properties": map[string]string{"NAME": a.Name}, "geometry": area})
	}
	raw, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func applicationForm() map[string]string {
	return map[string]string{"name": "Harbor Fire", "type": "fire", "body": "City of Harbor", "county": "Lantern", "state": "zz", "fdid": "zz108", "website": "https://fire.harbor.example",
		"immigration": "no", "policies": "Erased after sixty days.", "contact": "Marshal", "phone": "+1 555 0108", "words": "We would like to ask."}
}

// TestApplyPage: a body applies with a form that needs no script; it is told every fault at once, sees its outline on a map
// before it sends, and follows what becomes of the application under an address of its own. The office alone reads it.
func TestApplyPage(t *testing.T) {
	w := nodetest.Start(t, nil)
	fire := town.Agencies()[1]

	res, body := sendForm(t, w, "/en/apply", map[string]string{"ori": "FBNYC0000", "email": "marshal", "name": `<script>alert("1")</script>`}, []byte("POLYGON((0 0))"))
	if res.StatusCode != http.StatusUnprocessableEntity || res.Header.Get("Cache-Control") != "no-store" || strings.Contains(body, "<script") {
		t.Fatalf("%s %v", res.Status, res.Header)
	}
	for _, want := range []string{"Choose the kind of agency.", "Name the legal body", "Name the county", "two letters", "federal body", "beginning with https", "not GeoJSON", "such an agreement", "Say who answers", "not an e-mail address"} {
		if n := strings.Count(body, want); n < 2 { // above all, and beside the field
			t.Errorf("%q is said %d times", want, n)
		}
	}
	_, body = sendForm(t, w, "/es/apply", nil, nil)
	if !strings.Contains(body, "Dé el contorno de la jurisdicción") || strings.Contains(body, "The agency needs") {
		t.Errorf("the faults in Spanish: %s", body)
	}

	looked := applicationForm()
	looked["look"] = ""
	res, body = sendForm(t, w, "/en/apply", looked, outlineFile(t, fire))
	if res.StatusCode != http.StatusOK || !strings.Contains(body, "m-bounds") || !strings.Contains(body, "MultiPolygon") || strings.Contains(body, "This cannot be done yet") {
		t.Errorf("the map beforehand: %s %s", res.Status, body)
	}
	_, body = sendForm(t, w, "/en/apply", map[string]string{"look": ""}, nil)
	if !strings.Contains(body, "Give the outline") || strings.Contains(body, "Name the county, in") {
		t.Error("who looks at no outline is told something else")
	}
	if all, err := w.Node.Exchange.Applications(t.Context()); err != nil || len(all) != 0 {
		t.Fatalf("looking has sent: %v %v", all, err)
	}

	res, body = sendForm(t, w, "/en/apply", applicationForm(), outlineFile(t, fire))
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("sent: %s %s", res.Status, body)
	}
	at := res.Header.Get("Location")
	all, err := w.Node.Exchange.Applications(t.Context())
	if err != nil || len(all) != 1 || at != "/en/apply/"+string(all[0].ID) {
		t.Fatalf("there wait %v at %s: %v", all, at, err)
	}
	if in := all[0].Application; in.State != "ZZ" || in.FDID != "ZZ108" || len(in.Jurisdiction) != len(fire.Jurisdiction) || in.ImmigrationAgreement {
		t.Errorf("what came in: %+v", in)
	}
	res, raw := fetch(t, w, "GET", at, "")
	if page := string(raw); res.StatusCode != http.StatusOK || !strings.Contains(page, "waits for the office") || strings.Contains(page, "Harbor") || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("its page: %s %s", res.Status, page)
	}
	if res, _ := fetch(t, w, "GET", "/en/apply/a-00000000000000000000000000", ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("another number: %s", res.Status)
	}
}

// TestApplyIsLimited: one network sends a few applications in an hour, and a form or file beyond the limit is not read.
func TestApplyIsLimited(t *testing.T) {
	w := nodetest.Start(t, nil)
	file := outlineFile(t, town.Agencies()[1])
	sent := 0
	for range 12 {
		res, body := sendForm(t, w, "/en/apply", applicationForm(), file)
		if res.StatusCode == http.StatusSeeOther {
			sent++
		} else if res.StatusCode != http.StatusTooManyRequests || !strings.Contains(body, "your network") || !strings.Contains(body, "City of Harbor") {
			t.Errorf("%s %s", res.Status, body)
		}
	}
	if sent < 5 || sent > 10 {
		t.Errorf("%d were taken in an hour", sent)
	}
	res, _ := sendForm(t, w, "/en/apply", applicationForm(), bytes.Repeat([]byte(" "), 1<<20))
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a large file: %s", res.Status)
	}
	broken := maps.Clone(applicationForm())
	res, _ = sendForm(t, w, "/en/apply", broken, []byte(`{"type":"FeatureCollection","features":[`))
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("half a file: %s", res.Status)
	}
	if res, _ := fetch(t, w, "POST", "/en/apply", "--x", "Content-Type", "multipart/form-data; boundary=y"); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("no form at all: %s", res.Status)
	}
}
