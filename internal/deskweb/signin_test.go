package deskweb_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/node/nodetest"
)

// TestSignInInPages: a desk that is not signed in any more offers it; with a passkey of its own it is done at once, without one by
// the code that a person types on the exchange's own page.
func TestSignInInPages(t *testing.T) {
	w := nodetest.Start(t, nil)
	f := openDesk(t, w, custodian(t, w))
	f.come()
	must(t, f.d.Logout(t.Context()))
	if res, body := f.ask("GET", "/en/", nil); res.StatusCode != http.StatusUnauthorized || !strings.Contains(body, `action="/en/signin"`) {
		t.Errorf("without a sign-in: %d %s", res.StatusCode, body)
	}
	if res, _ := f.ask("POST", "/en/signin", nil); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in: %d", res.StatusCode)
	}
	f.leadsOn("/en/signin")
	f.get("/en/")

	must(t, f.d.Logout(t.Context()))
	must(t, os.Remove(filepath.Join(f.d.Dir(), "passkey.json")))
	page := f.post("/en/signin")
	code := regexp.MustCompile(`<code class="fingerprint">([A-Z]{4}-[A-Z]{4})</code>`).FindStringSubmatch(page)
	if code == nil || !strings.Contains(page, w.Server.URL+"/staff/device") {
		t.Fatalf("no code is shown: %s", page)
	}
	if again := f.post("/en/signin"); !strings.Contains(again, code[1]) {
		t.Error("asked again, the desk shows another code")
	}
	if body := f.get("/en/signin/work"); !strings.Contains(body, `"over":false`) {
		t.Errorf("before the code is typed: %s", body)
	}
	accounts := w.Node.Exchange.Accounts()
	sessions, err := accounts.Sessions(t.Context(), w.Police.Custodian.ID)
	must(t, err)
	must(t, accounts.AllowDevice(t.Context(), sessions[0], code[1]))
	for !strings.Contains(f.get("/en/signin/work"), `"over":true`) {
		<-time.After(10 * time.Millisecond)
	}
	f.leadsOn("/en/signin")
	if page := f.get("/en/"); !strings.Contains(page, "You are signed in at the exchange.") {
		t.Errorf("signed in, the inbox says %s", page)
	}
}

// leadsOn checks that a page leads to the inbox.
func (f *face) leadsOn(path string) {
	f.t.Helper()
	if res, body := f.ask("GET", path, nil); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/en/" {
		f.t.Fatalf("%s answers %d: %s", path, res.StatusCode, body)
	}
}
