package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// TestDecisionsPage (P7): what moderators decide is public by month, agency and reason, and an urgent request has a public clock
// while nothing of its text is told.
func TestDecisionsPage(t *testing.T) {
	w := nodetest.Start(t, nil)
	ctx := t.Context()
	w.Publish(w.Draft(0))
	held := w.Hold(w.Police, w.Draft(3), footage.ReasonTooWide)
	if err := w.Police.Officer.Client.Call(ctx, "POST", "/v1/agency/cases/"+string(held)+"/appeal", api.Appeal{Words: "The van went on."}, nil); err != nil {
		t.Fatal(err)
	}
	other := w.Enrol("", footage.Moderator)
	if err := other.Client.Call(ctx, "POST", "/v1/moderation/cases/"+string(held)+"/refuse", api.Verdict{Reason: footage.ReasonTooWide}, nil); err != nil {
		t.Fatal(err)
	}
	missing := w.Draft(2)
	missing.Document.Agency, missing.Document.AgencyName = w.Police.ID, w.Police.Name
	urgent := w.SubmitUrgent(w.Police, missing)
	w.Refresh()
	get := func(path string) string {
		t.Helper()
		res, body := fetch(t, w, "GET", path, "")
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %s", path, res.Status, body)
		}
		for _, secret := range []string{string(held), string(urgent), missing.Document.Title, missing.Document.Code, "The van went on"} {
			if strings.Contains(string(body), secret) {
				t.Errorf("%s tells %q", path, secret)
			}
		}
		return string(body)
	}
	page := get("/en/record/decisions")
	for _, want := range []string{"<dt>Cleared</dt><dd>1</dd>", "<dt>Given back</dt><dd>1</dd>", "<dt>Refused</dt><dd>1</dd>", "<dt>Decided again on appeal</dt><dd>1</dd>",
		"1 urgent request waits now", "0 minutes", "Asks for more than the incident needs"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	month := w.Now().Format("2006-01")
	if table := get("/data/decisions.csv"); !strings.Contains(table, month+","+string(w.Police.ID)+",refused,too_wide,false,true,false,1\r\n") ||
		!strings.Contains(table, month+","+string(w.Police.ID)+",cleared,,false,false,false,1\r\n") {
		t.Errorf("the table of decisions:\n%s", table)
	}
	if table := get("/data/urgent.json"); !strings.Contains(table, `"decided":""`) {
		t.Errorf("the clock does not run: %s", table)
	}
	w.Advance(90 * time.Minute)
	w.Moderator.Client = w.Login(w.Moderator.Key)
	w.Clear(string(urgent))
	w.Refresh()
	_, body := fetch(t, w, "GET", "/en/record/decisions", "")
	if page = string(body); !strings.Contains(page, "No urgent request waits.") || !strings.Contains(page, "<strong>90 minutes</strong>") {
		t.Error("the clock does not stop, or does not say how long it ran")
	}
	if table := get("/data/agencies.json"); !strings.Contains(table, string(w.Police.ID)) {
		t.Error("the other tables are gone")
	}
}
