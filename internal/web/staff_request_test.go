package web_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
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

// TestWriteAnew: a saved text is not changed, so its author goes on from its words, with the case number and the place; to
// everybody else these stay unknown. A new form knows whom residents may ask and the time zone.
func TestWriteAnew(t *testing.T) {
	w := nodetest.Start(t, nil)
	officer, stranger := cookie(t, w, w.Police.Officer), cookie(t, w, w.Join(town.Agencies()[1]).Officer)
	form := filled(w, "MLPD-26-0811")
	form.Set("case", "26-4711")
	form.Set("zone", "America/Denver")
	res, body := submit(t, w, "/en/staff/requests/new", officer, form)
	at := res.Header.Get("Location")
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s", res.Status, body)
	}
	anew := "/en/staff/requests/new?from=" + at[strings.LastIndexByte(at, '/')+1:]
	if _, body = fetch(t, w, "GET", at, "", "Cookie", officer); !strings.Contains(string(body), `href="`+anew+`"`) {
		t.Errorf("the author is not led on: %s", body)
	}
	_, body = fetch(t, w, "GET", anew, "", "Cookie", officer)
	for _, want := range []string{form.Get("title"), form.Get("text"), `value="26-4711"`, `value="44.3, -87"`, "America/Denver", `<option value="220" selected="">`, `value="` + form.Get("from") + `"`, "Burglary unit"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the form lacks %q: %s", want, body)
		}
	}
	if strings.Count(string(body), `checked=""`) != 1 { // the language alone
		t.Errorf("something is declared already: %s", body)
	}
	if res, body = fetch(t, w, "GET", anew, "", "Cookie", stranger); res.StatusCode != http.StatusNotFound {
		t.Errorf("another agency: %s %s", res.Status, body)
	}
	_, body = fetch(t, w, "GET", "/en/staff/requests/new", "", "Cookie", officer)
	if !strings.Contains(string(body), "Burglary unit") || !strings.Contains(string(body), "America/Denver") || strings.Contains(string(body), "26-4711") {
		t.Errorf("a new form: %s", body)
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
		Missing, Refused, Held []string
		Linked                 []struct{ Name, Path string }
		Area, Hours            float64
	}) {
		t.Helper()
		res, body := submit(t, w, "/es/staff/requests/new/decide", officer, form, "Accept", "application/json")
		if err := json.Unmarshal(body, &out); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s %v: %s", res.Status, err, body)
		}
		return out
	}
	got := ask()
	if len(got.Missing)+len(got.Refused) != 0 || len(got.Linked) != 1 || got.Linked[0].Path != "/es/requests/"+string(published) || got.Area <= 0 || got.Hours <= got.Area {
		t.Errorf("%+v", got)
	}
	form.Set("title", "Robo")
	form.Del("own")
	if got = ask(); len(got.Missing) != 1 || !slices.Equal(got.Refused, []string{"El título debe tener al menos 8 caracteres."}) {
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

// TestAppealAndTakeBack: an officer takes a request back from the moderators, and appeals once against a refusal, on the page.
func TestAppealAndTakeBack(t *testing.T) {
	w := nodetest.Start(t, nil)
	officer := cookie(t, w, w.Police.Officer)
	see := func(id footage.RequestID) string {
		t.Helper()
		res, body := fetch(t, w, "GET", "/en/staff/requests/"+string(id), "", "Cookie", officer)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s %s", res.Status, body)
		}
		return string(body)
	}
	do := func(id footage.RequestID, act string, form url.Values) (int, string) {
		t.Helper()
		res, body := submit(t, w, "/en/staff/requests/"+string(id)+"/"+act, officer, form)
		return res.StatusCode, string(body)
	}
	id := w.Submit(w.Police, w.Draft(0))
	if page := see(id); !strings.Contains(page, "Take it back from the moderators") || strings.Contains(page, "Appeal to another moderator") {
		t.Error("what waits cannot be taken back")
	}
	if status, body := do(id, "takeback", nil); status != http.StatusSeeOther {
		t.Errorf("taken back: %d %s", status, body)
	}
	if page := see(id); !strings.Contains(page, "Your agency has taken it back.") || strings.Contains(page, "Take it back from") {
		t.Error("what was taken back stands there as before")
	}
	if status, body := do(id, "takeback", nil); status != http.StatusConflict || !strings.Contains(body, "does not wait for a moderator any more") {
		t.Errorf("twice: %d %s", status, body)
	}
	refused := w.Submit(w.Police, w.Draft(1))
	if err := w.Node.Exchange.Refuse(t.Context(), w.Moderator.ID, string(refused), api.Verdict{Reason: "unclear"}); err != nil {
		t.Fatal(err)
	}
	if page := see(refused); !strings.Contains(page, "Appeal to another moderator") {
		t.Error("what was refused cannot be appealed")
	}
	if status, body := do(refused, "appeal", url.Values{"words": {" "}}); status != http.StatusUnprocessableEntity || strings.Count(body, "Say why, in plain words.") < 2 {
		t.Errorf("without words: %d %s", status, body)
	}
	if status, body := do(refused, "appeal", url.Values{"words": {"The lane has no other camera."}}); status != http.StatusSeeOther {
		t.Errorf("appealed: %d %s", status, body)
	}
	if page := see(refused); strings.Contains(page, "Appeal to another moderator") || !strings.Contains(page, "The moderators’ decision: ") {
		t.Error("it can be appealed twice, or the first decision is not shown")
	}
}

// TestLentApproverOnPages: who is lent to another agency finds its request, is told whose it is, and approves it there; the
// officer sees who can.
func TestLentApproverOnPages(t *testing.T) {
	w := nodetest.Start(t, nil)
	fire, ctx, x := w.Join(town.Agencies()[1]), t.Context(), w.Node.Exchange
	lender, borrower := w.Enrol(w.Police.ID, footage.AgencyAdmin), w.Enrol(fire.ID, footage.AgencyAdmin)
	if err := x.OfferLoan(ctx, lender.ID, w.Police.Supervisor.ID, fire.ID, w.Now().Add(30*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := x.AcceptLoan(ctx, borrower.ID, w.Police.Supervisor.ID); err != nil {
		t.Fatal(err)
	}
	in := w.Draft(slices.IndexFunc(town.Requests(), func(r town.Request) bool { return r.Agency == fire.ID }))
	q, err := x.Draft(ctx, fire.Officer.ID, in)
	if err != nil {
		t.Fatal(err)
	}
	canonical, err := footage.Canonical(in.Document)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Sign(ctx, fire.Officer.ID, q.ID, w.Assert(fire.Officer, footage.Officer, canonical)); err != nil {
		t.Fatal(err)
	}
	at := "/en/staff/requests/" + string(q.ID)
	_, body := fetch(t, w, "GET", at, "", "Cookie", cookie(t, w, fire.Officer))
	if page := string(body); !strings.Contains(page, "Who can approve it") || !strings.Contains(page, "lent by "+w.Police.Name) {
		t.Errorf("the officer is told %s", page)
	}
	supervisor := cookie(t, w, w.Police.Supervisor)
	if _, body = fetch(t, w, "GET", "/en/staff/requests", "", "Cookie", supervisor); !strings.Contains(string(body), at) {
		t.Errorf("the lent supervisor's list: %s", body)
	}
	res, body := fetch(t, w, "GET", at, "", "Cookie", supervisor)
	if page := string(body); res.StatusCode != http.StatusOK || !strings.Contains(page, fire.Name) || !strings.Contains(page, "Approve with your passkey") {
		t.Errorf("the lent supervisor sees %s %s", res.Status, page)
	}
	hash := sha256.Sum256(canonical)
	answer, err := w.Police.Supervisor.Key.GetJSON(hash[:])
	if err != nil {
		t.Fatal(err)
	}
	if res, body = submit(t, w, at+"/approve", supervisor, url.Values{"credential": {string(answer)}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("approve: %s %s", res.Status, body)
	}
	if res, _ = fetch(t, w, "GET", at, "", "Cookie", supervisor); res.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %s", res.Status)
	}
}

// TestLinkedInSpanish: a rule's sentence in Spanish names the requests that count together, as the English one does.
func TestLinkedInSpanish(t *testing.T) {
	w := nodetest.Start(t, nil)
	officer := cookie(t, w, w.Police.Officer)
	first := w.Publish(w.Draft(0))
	form := filled(w, w.Draft(0).Document.Code)
	form.Set("case", w.Draft(0).Private.CaseNumber)
	form.Set("changed", "A second camera was found.")
	form.Set("size", "0.45")
	for lang, words := range map[string]string{"en": "Counted together with: ", "es": "Cuenta junto con: "} {
		_, body := submit(t, w, "/"+lang+"/staff/requests/new/decide", officer, form)
		if !strings.Contains(string(body), words+first.Short()) {
			t.Errorf("%s: %s", lang, body)
		}
	}
}
