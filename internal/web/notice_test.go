package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// TestWhoMayTell tries every call about notices of incidents as everybody (S5): what waits is for the office and its auditors,
// what is public for all.
func TestWhoMayTell(t *testing.T) {
	w := nodetest.Start(t, nil)
	auditor := w.Enrol("", footage.Auditor)
	tried := 0
	for _, pattern := range patterns(t, w) {
		method, path, _ := strings.Cut(pattern, " ")
		if !strings.HasPrefix(path, "/v1/notices/") {
			continue
		}
		for name, bearer := range map[string]string{"officer": w.Police.Officer.Client.Bearer, "supervisor": w.Police.Supervisor.Client.Bearer, "custodian": w.Police.Custodian.Client.Bearer,
			"operator": w.Operator.Client.Bearer, "moderator": w.Moderator.Client.Bearer, "auditor": auditor.Client.Bearer, "nobody": ""} {
			want, header := http.StatusForbidden, []string{"Authorization", "Bearer " + bearer}
			office := name == "operator" || name == "moderator"
			switch {
			case name == "nobody":
				want, header = http.StatusUnauthorized, nil
			case method == http.MethodGet && (office || name == "auditor"):
				want = http.StatusOK
			case office && strings.Contains(path, "{id}"):
				want = http.StatusNotFound // nothing waits
			case strings.HasSuffix(path, "/steps"):
				want = http.StatusUnprocessableEntity // an empty notice is refused before anybody is looked at
				if !office {
					want = http.StatusForbidden
				}
			}
			body := `{"sort":"page_changed","found":"2026-01-02","touched":["pages"],"advice":["nothing"]}`
			if office && want == http.StatusUnprocessableEntity || strings.Contains(path, "{id}") {
				body = "{}"
			}
			tried++
			if res, said := fetch(t, w, method, strings.ReplaceAll(path, "{id}", "n-00000000000000000000000000"), body, header...); res.StatusCode != want {
				t.Errorf("%s by %s: %s, not %d: %s", pattern, name, res.Status, want, said)
			}
		}
	}
	if tried < 28 {
		t.Errorf("only %d calls were tried", tried)
	}
}

// TestNoticeOnPages (S5): two people publish a notice by the pages of staff; then every public page says so, one that is not there
// too, and the tables; and after its end the pages are as before.
func TestNoticeOnPages(t *testing.T) {
	w := nodetest.Start(t, nil)
	request := w.Publish(w.Draft(0))
	first, second := cookie(t, w, w.Operator), cookie(t, w, w.Moderator)
	post := func(cookie, path string, form url.Values) string {
		t.Helper()
		res, body := fetch(t, w, "POST", path, form.Encode(), "Sec-Fetch-Site", "same-origin", "Origin", w.Node.Exchange.Info().RP.Origin, "Content-Type", "application/x-www-form-urlencoded", "Cookie", cookie)
		if res.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: %s\n%s", path, res.Status, body)
		}
		place, _, _ := strings.Cut(res.Header.Get("Location"), "?")
		return place
	}
	step := post(first, "/en/staff/notices", url.Values{"sort": {"keys_exposed"}, "found": {w.Now().Add(-100*time.Hour - 30*time.Minute).Format("2006-01-02 15:04")}, "touched": {"pages", "agency_key"},
		"advice": {"do_not_send", "rotate_epoch"}, "agencies": {string(w.Police.ID)}, "text": {"A key was copied."}})
	if _, body := fetch(t, w, "GET", step, "", "Cookie", second); !strings.Contains(string(body), "Agree and publish it now") || !strings.Contains(string(body), "A key was copied.") {
		t.Errorf("the second person sees %s", body)
	}
	shows := func(want bool) {
		t.Helper()
		w.Refresh()
		for _, path := range []string{"/en/", "/en/shares", "/en/requests/" + string(request), "/en/agencies", "/en/privacy", "/en/nowhere"} {
			if _, body := fetch(t, w, "GET", path, ""); strings.Contains(string(body), "Keys of the exchange were in strange hands.</strong> Do not send") != want {
				t.Errorf("%s: that it tells of the incident is not %v", path, want)
			}
		}
		if _, body := fetch(t, w, "GET", "/en/requests/"+string(request), ""); strings.Contains(string(body), "data-share=") == want {
			t.Errorf("that sharing is offered is not %v", !want)
		}
	}
	shows(false)
	post(second, step+"/agree", nil)
	shows(true)
	id := step[strings.LastIndex(step, "/")+1:]
	for path, want := range map[string]string{"/en/notices": "101 <strong>(later than the rule allows)", "/en/notices/" + id: w.Police.Name, "/data/notices.csv": "do_not_send rotate_epoch", "/v1/notices": `"text":"A key was copied."`,
		"/data/index.json": "/data/notices.csv", "/es/notices/" + id: "Claves del sitio estuvieron en manos ajenas"} {
		if _, body := fetch(t, w, "GET", path, ""); !strings.Contains(string(body), want) {
			t.Errorf("%s does not hold %q:\n%s", path, want, body)
		}
	}
	post(first, post(second, step+"/update", url.Values{"end": {"1"}, "text": {"It is mended."}})+"/agree", nil)
	shows(false)
	if _, body := fetch(t, w, "GET", "/en/notices/"+id, ""); !strings.Contains(string(body), "This incident is over.") {
		t.Errorf("the notice says %s", body)
	}
}
