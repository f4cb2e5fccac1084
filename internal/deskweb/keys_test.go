package deskweb_test

import (
	"html"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// fireDesk makes a desk for a new custodian of the fire service, which has no key yet, and opens it in a browser of its own.
func fireDesk(t *testing.T, w *nodetest.Town) *face {
	t.Helper()
	d, err := desk.Enrol(t.Context(), desk.Options{Dir: filepath.Join(t.TempDir(), "desk"), Verifier: w.Node.Exchange.Info().LogVerifier, Now: w.Now}, w.Server.URL, w.Invite(town.Fire, "Ruth Adeyemi", footage.Custodian))
	must(t, err)
	f := openDesk(t, w, d)
	f.come()
	return f
}

// shown reads this machine's number and fingerprint off its page.
func (f *face) shown() (id, fingerprint string) {
	f.t.Helper()
	page := f.get("/en/keys")
	m := regexp.MustCompile(`<code>(k-[0-9a-z]+)</code>(?s:.*?)<code class="fingerprint">([0-9a-z-]+)</code>`).FindStringSubmatch(page)
	if m == nil {
		f.t.Fatalf("the page shows no machine: %s", page)
	}
	return m[1], m[2]
}

// sheet reads the recovery sheet off its page and removes it as printed.
func (f *face) sheet(page string) string {
	f.t.Helper()
	text := regexp.MustCompile(`(?s)<pre class="sheet" lang="en">(.*?)</pre>`).FindStringSubmatch(page)
	action := regexp.MustCompile(`action="(/en/keys/sheets/[^"]+/remove)"`).FindStringSubmatch(page)
	if text == nil || action == nil {
		f.t.Fatalf("no sheet is shown: %s", page)
	}
	if left := f.get("/en/keys"); !strings.Contains(left, "waits to be printed") {
		f.t.Error("the page of keys does not say that a sheet waits to be printed")
	}
	if after := f.post(action[1]); strings.Contains(after, "waits to be printed") || !strings.Contains(after, "The sheet is removed") {
		f.t.Errorf("after printing: %s", after)
	}
	if left, _ := filepath.Glob(filepath.Join(f.d.Dir(), "recovery-*")); len(left) > 0 {
		f.t.Errorf("left behind: %v", left)
	}
	return html.UnescapeString(text[1])
}

// TestKeysInPages makes an agency's first key, lets a second machine in by its fingerprint and by nothing else, replaces the key
// without it, and comes back by the sheet when the machines are lost; decisions 6 and 7.
func TestKeysInPages(t *testing.T) {
	w := nodetest.Start(t, nil)
	must(t, w.Node.Exchange.RegisterAgency(t.Context(), town.Agencies()[1]))
	w.Verify(town.Agencies()[1])
	first := fireDesk(t, w)
	if page := first.get("/en/keys"); !strings.Contains(page, "Your agency has no key yet") {
		t.Errorf("without a key the page says %s", page)
	}
	sheet := first.sheet(first.post("/en/keys/new"))

	second := fireDesk(t, w)
	second.post("/en/keys/add")
	id, fingerprint := second.shown()
	wrong := "zzzz" + fingerprint[4:]
	res, body := first.ask("POST", "/en/keys/let", url.Values{"device": {id}, "fingerprint": {wrong}})
	if res.StatusCode == http.StatusSeeOther || !strings.Contains(body, `href="#field-fingerprint"`) {
		t.Errorf("a wrong fingerprint: %d %s", res.StatusCode, body)
	}
	if strings.Contains(body, fingerprint) {
		t.Error("the page shows the fingerprint that is to be asked for")
	}
	if page := second.get("/en/keys"); !strings.Contains(page, "cannot open the newest key yet") {
		t.Errorf("by a wrong fingerprint the machine was let in: %s", page)
	}
	if res, _ := first.ask("POST", "/en/keys/let", url.Values{"fingerprint": {fingerprint}}); res.StatusCode == http.StatusSeeOther {
		t.Error("no machine was chosen, and something was done")
	}
	first.post("/en/keys/let", "device", id, "fingerprint", " "+strings.ToUpper(fingerprint))
	if page := second.get("/en/keys"); !strings.Contains(page, "It can open your agency’s key.") {
		t.Errorf("after it was let in: %s", page)
	}

	own, _ := first.shown()
	if res, body := second.ask("POST", "/en/keys/rotate", nil); res.StatusCode == http.StatusSeeOther || !strings.Contains(body, "nobody has compared it") {
		t.Errorf("a new key for a machine that nobody compared: %d %s", res.StatusCode, body)
	}
	second.sheet(second.post("/en/keys/rotate", "without", own))
	if page := first.get("/en/keys"); !strings.Contains(page, "cannot open the newest key yet") || !strings.Contains(page, "Left out") {
		t.Errorf("the machine that was left out: %s", page)
	}
	third := fireDesk(t, w)
	if res, body := third.ask("POST", "/en/keys/recover", url.Values{"sheet": {mistyped(sheet)}}); res.StatusCode == http.StatusSeeOther || strings.Contains(body, keyLine(sheet)) {
		t.Errorf("a mistyped sheet: %d %s", res.StatusCode, body)
	}
	page := third.post("/en/keys/recover", "sheet", sheet)
	if !strings.Contains(page, "once a second person has agreed") || !strings.Contains(page, "Needs a second person") || strings.Contains(page, "It can open your agency’s key.") {
		t.Errorf("the sheet lets its reader in alone: %s", page)
	}
}

// keyLine is the first line of the key on a sheet.
func keyLine(sheet string) string {
	return regexp.MustCompile(`(?m)^ +1\. +(\S+ \S+ \S+ \S+)`).FindStringSubmatch(sheet)[1]
}

// mistyped is a sheet with two letters of its key in the wrong order.
func mistyped(sheet string) string {
	line := []byte(keyLine(sheet))
	for i := len(line) / 2; ; i++ {
		if a, b := line[i], line[i+1]; a != b && a > ' ' && b > ' ' {
			line[i], line[i+1] = b, a
			return strings.Replace(sheet, keyLine(sheet), string(line), 1)
		}
	}
}
