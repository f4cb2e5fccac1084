package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/node/nodetest"
)

// cookie signs a person in as a browser does and returns the session's cookie.
func cookie(t *testing.T, w *nodetest.Town, p nodetest.Person) string {
	t.Helper()
	_, raw := fetch(t, w, "POST", "/en/staff/signin/begin", "", "Origin", w.Node.Exchange.Info().RP.Origin)
	var options struct {
		PublicKey struct {
			Challenge string `json:"challenge"`
		} `json:"publicKey"`
	}
	if err := json.Unmarshal(raw, &options); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	challenge, err := api.Decode(options.PublicKey.Challenge)
	if err != nil {
		t.Fatal(err)
	}
	response, err := p.Key.GetJSON(challenge)
	if err != nil {
		t.Fatal(err)
	}
	res, body := submit(t, w, "/en/staff/signin", "", url.Values{"credential": {string(response)}})
	for _, c := range res.Cookies() {
		if strings.HasSuffix(c.Name, "porchlight-session") {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatalf("no session: %s %s", res.Status, body)
	return ""
}

// submit sends a form as a browser does.
func submit(t *testing.T, w *nodetest.Town, path, cookie string, form url.Values, header ...string) (*http.Response, []byte) {
	t.Helper()
	header = append(header, "Origin", w.Node.Exchange.Info().RP.Origin, "Content-Type", "application/x-www-form-urlencoded", "Cookie", cookie)
	return fetch(t, w, "POST", path, form.Encode(), header...)
}

// filled is the form of a request that keeps every rule, as somebody without a script fills it in: typed coordinates.
func filled(w *nodetest.Town, code string) url.Values {
	clock := func(d time.Duration) string { return w.Now().Add(d).UTC().Format("2006-01-02T15:04") }
	return url.Values{"title": {"Break-in at a bakery on Elm Street"}, "text": {"Somebody forced the back door of a bakery and took the till. We ask for footage of the lane."},
		"language": {"en"}, "offence": {"220"}, "code": {code}, "case": {code}, "from": {clock(-26 * time.Hour)}, "to": {clock(-24 * time.Hour)}, "closes": {clock(96 * time.Hour)},
		"zone": {"Etc/UTC"}, "place": {"44.3, -87.0"}, "size": {"0.2"}, "contact": {"Burglary unit"}, "email": {"unit@police.maplewood.example"}, "own": {"yes"}, "federal": {"yes"}}
}

// TestDraftWithoutScript: the form works without a script, by typed corners or by a square around the place; what cannot be
// read and what breaks a rule is said at once, beside its field, in the reader's language, and what was typed stays.
func TestDraftWithoutScript(t *testing.T) {
	w := nodetest.Start(t, nil)
	officer := cookie(t, w, w.Police.Officer)
	res, body := submit(t, w, "/en/staff/requests/new", officer, filled(w, "MLPD-26-0801"))
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/en/staff/requests/") {
		t.Fatalf("%s %s", res.Status, body)
	}
	form := filled(w, "MLPD-26-0802")
	form.Set("corners", "44.298, -87.002\r\n44.298 -86.998\r\n44.302, -86.998; 44.302, -87.002\r\n")
	if res, body = submit(t, w, "/en/staff/requests/new", officer, form); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("by corners: %s %s", res.Status, body)
	}
	form = filled(w, "MLPD-26-0803")
	form.Set("title", "Short")
	form.Set("from", "yesterday")
	form.Set("corners", "44.298, -87.002\n44.298, nowhere\n1, 2")
	for lang, want := range map[string][]string{
		"en": {"The title must have at least 8 characters.", "Write the date and time from which footage is asked for.", "Draw the area, or write at least three corners"},
		"es": {"El título debe tener al menos 8 caracteres.", "Escriba la fecha y la hora desde las que se piden grabaciones.", "Dibuje el área o escriba al menos tres esquinas"},
	} {
		res, body = submit(t, w, "/"+lang+"/staff/requests/new", officer, form)
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(body), "44.298, nowhere") {
			t.Errorf("%s: %s %s", lang, res.Status, body)
		}
		for _, words := range want {
			if strings.Count(string(body), words) != 2 { // above all, and beside the field
				t.Errorf("%s: %q stands %d times", lang, words, strings.Count(string(body), words))
			}
		}
		if strings.Contains(string(body), "area_") || strings.Contains(string(body), "commitment") {
			t.Errorf("%s: the page speaks of what was not read: %s", lang, body)
		}
	}
}

// TestVerdictWhileTyping: the form's script is told every broken rule, what a moderator will look at and which published
// requests count too; nothing is stored.
func TestVerdictWhileTyping(t *testing.T) {
	w := nodetest.Start(t, nil)
	officer := cookie(t, w, w.Police.Officer)
	published := w.Publish(w.Draft(0))
	near := w.Draft(0).Document
	form := filled(w, "MLPD-26-0804")
	form.Set("from", near.Window.From.UTC().Format("2006-01-02T15:04"))
	form.Set("to", near.Window.To.UTC().Format("2006-01-02T15:04"))
	var corners []string
	for _, p := range near.Area.Rings[0] {
		raw, _ := json.Marshal([]float64{p.Lat, p.Lon})
		corners = append(corners, strings.Trim(string(raw), "[]"))
	}
	form.Set("corners", strings.Join(corners, "\n"))
	raw, _ := json.Marshal([]float64{w.Draft(0).Private.Place.Lat, w.Draft(0).Private.Place.Lon})
	form.Set("place", strings.Trim(string(raw), "[]"))
	ask := func() (out struct {
		Refused, Held []string
		Linked        []struct{ Name, Path string }
		Area, Hours   float64
	}) {
		t.Helper()
		res, body := submit(t, w, "/es/staff/requests/new/decide", officer, form, "Accept", "application/json")
		if err := json.Unmarshal(body, &out); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s %v: %s", res.Status, err, body)
		}
		return out
	}
	got := ask()
	if len(got.Refused) != 0 || len(got.Linked) != 1 || got.Linked[0].Path != "/es/requests/"+string(published) || got.Area <= 0 || got.Hours <= got.Area {
		t.Errorf("%+v", got)
	}
	form.Set("title", "")
	form.Del("own")
	if got = ask(); len(got.Refused) != 2 || !slices.Contains(got.Refused, "El título debe tener al menos 8 caracteres.") {
		t.Errorf("%+v", got)
	}
	all, err := w.Node.Exchange.AgencyRequests(context.Background(), w.Police.Officer.ID)
	if err != nil || len(all) != 1 {
		t.Errorf("asking stored something: %d requests, %v", len(all), err)
	}
}

// TestWhoMayDraft: who may open which of the pages, and that nobody of another agency sees a request of ours.
func TestWhoMayDraft(t *testing.T) {
	w := nodetest.Start(t, nil)
	fire := w.Join(town.Agencies()[1])
	cookies := map[string]string{"officer": cookie(t, w, w.Police.Officer), "supervisor": cookie(t, w, w.Police.Supervisor), "custodian": cookie(t, w, w.Police.Custodian),
		"fire": cookie(t, w, fire.Officer), "nobody": ""}
	var draft api.AgencyRequest
	if err := w.Police.Officer.Client.Call(context.Background(), "POST", "/v1/agency/requests", w.Draft(0), &draft); err != nil {
		t.Fatal(err)
	}
	one := "/en/staff/requests/" + string(draft.ID)
	for _, tt := range []struct {
		method, path string
		want         map[string]int
	}{
		{"GET", "/en/staff/requests", map[string]int{"officer": 200, "supervisor": 200, "custodian": 200, "fire": 200, "nobody": 303}},
		{"GET", "/en/staff/requests/new", map[string]int{"officer": 200, "supervisor": 403, "custodian": 403, "fire": 200, "nobody": 303}},
		{"POST", "/en/staff/requests/new", map[string]int{"officer": 422, "supervisor": 403, "custodian": 403, "fire": 422, "nobody": 401}},
		{"POST", "/en/staff/requests/new/decide", map[string]int{"officer": 200, "supervisor": 403, "custodian": 403, "fire": 200, "nobody": 401}},
		{"GET", one, map[string]int{"officer": 200, "supervisor": 200, "custodian": 200, "fire": 404, "nobody": 303}},
		{"POST", one + "/sign/begin", map[string]int{"officer": 200, "supervisor": 200, "custodian": 200, "fire": 404, "nobody": 401}},
		{"POST", one + "/sign", map[string]int{"officer": 422, "supervisor": 403, "custodian": 403, "fire": 404, "nobody": 401}},
		{"POST", one + "/approve", map[string]int{"officer": 403, "supervisor": 422, "custodian": 403, "fire": 403, "nobody": 401}},
	} {
		for who, want := range tt.want {
			var res *http.Response
			var body []byte
			if tt.method == "GET" {
				res, body = fetch(t, w, "GET", tt.path, "", "Cookie", cookies[who])
			} else {
				res, body = submit(t, w, tt.path, cookies[who], url.Values{})
			}
			if res.StatusCode != want {
				t.Errorf("%s %s by %s: %s, want %d", tt.method, tt.path, who, res.Status, want)
			}
			if who == "fire" && strings.Contains(string(body), draft.Document.Title) {
				t.Errorf("%s %s shows another agency's request", tt.method, tt.path)
			}
			secure(t, tt.path, res.Header)
		}
	}
}
