package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
)

// TestComplaintPages (T12): the public sees that there was a complaint, about whom, why, and how it was answered; nobody but
// the moderators and whoever has the code reads the words, and HTML in them is text.
func TestComplaintPages(t *testing.T) {
	w := nodetest.Start(t, nil)
	id := w.Publish(w.Draft(0))
	complaint, code := w.Complain(id, "<script>alert(1)</script> It asks the whole town.")
	if _, page := fetch(t, w, "GET", "/en/requests/"+string(id), ""); !strings.Contains(string(page), `href="/en/requests/`+string(id)+`/complain"`) || !strings.Contains(string(page), "Answer owed by") {
		t.Error("the request's page has no button, or does not tell of the complaint")
	}
	answer := api.AnswerComplaint{Outcome: footage.ComplaintUpheld, LedTo: []footage.ComplaintResult{footage.ResultAgencyTold}, Answer: "<b>It</b> will ask for less.", Reply: "Thank you."}
	other := w.Enrol("", footage.Moderator)
	if err := other.Client.Call(t.Context(), "POST", "/v1/moderation/complaints/"+string(complaint.ID)+"/answer", answer, nil); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/en/requests/" + string(id), "/en/agencies/" + string(w.Police.ID), "/en/complaints", "/en/record", "/data/complaints.csv", "/data/complaints.json",
		"/data/agencies/" + string(w.Police.ID) + "/complaints.json", "/en/record/entries", "/data/entries-0.json", "/data/index.json"} {
		res, body := fetch(t, w, "GET", path, "")
		if page := string(body); res.StatusCode != http.StatusOK || strings.Contains(page, "whole town") || strings.Contains(page, "Thank you") || strings.HasPrefix(path, "/en/") && strings.Contains(page, "<b>It") {
			t.Errorf("%s: %s, or it tells the words", path, res.Status)
		}
		shows := !strings.Contains(path, "record") && !strings.HasPrefix(path, "/data/index") && !strings.Contains(path, "entries")
		if shows && !strings.Contains(string(body), "will ask for less") {
			t.Errorf("%s does not show the answer", path)
		}
	}
	read := func(code string) (*http.Response, string) {
		res, body := fetch(t, w, "POST", "/en/complaints", url.Values{"code": {code}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		if res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the answer for %q may be kept: %v", code, res.Header)
		}
		return res, string(body)
	}
	if res, page := read(" " + strings.ToUpper(code)); res.StatusCode != http.StatusOK || !strings.Contains(page, "&lt;script&gt;alert(1)&lt;/script&gt; It asks the whole town.") || !strings.Contains(page, "Thank you.") {
		t.Errorf("with the code: %s %s", res.Status, page)
	}
	guess := "0" + code[1:]
	if guess == code {
		guess = "1" + code[1:]
	}
	for _, wrong := range []string{guess, "", "<b>", string(complaint.ID)} {
		if res, page := read(wrong); res.StatusCode != http.StatusForbidden || strings.Contains(page, "whole town") || !strings.Contains(page, "No complaint has this code") {
			t.Errorf("with %q: %s", wrong, res.Status)
		}
	}
	for path, want := range map[string]int{"/en/requests/" + strings.Repeat("0", 64) + "/complain": 404, "/en/agencies/nobody/complain": 404, "/en/agencies/" + string(w.Police.ID) + "/complain": 200, "/data/complaints-2026-13.csv": 404} {
		if res, _ := fetch(t, w, "GET", path, ""); res.StatusCode != want {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

// TestComplaintFlood: one network cannot fill the moderators' table, and is told when to come again.
func TestComplaintFlood(t *testing.T) {
	w := nodetest.Start(t, nil)
	for range 200 {
		res, _ := fetch(t, w, "POST", "/v1/complaints", "{}", "Content-Type", "application/json")
		if res.StatusCode == http.StatusTooManyRequests {
			if res.Header.Get("Retry-After") == "" {
				t.Error("nobody says when to try again")
			}
			return
		}
	}
	t.Error("nothing stops a flood")
}

// TestComplainInABrowser: a resident complains from a request's page by keyboard, a moderator who did not clear the request
// answers on theirs, and the resident reads the answer with the code, with scripts turned off.
func TestComplainInABrowser(t *testing.T) {
	w := nodetest.Start(t, nil)
	id := w.Publish(w.Draft(0))
	browser := testenv.Chromium(t)
	resident := &office{t: t, node: w.Node, base: w.Server.URL, lang: "en", tab: browser.Tab(390, 844)}
	resident.open("/requests/" + string(id))
	resident.press("Complain about this request")
	resident.until("Complain about " + w.Police.Name)
	resident.press("Send the complaint")
	resident.says("Choose what is wrong, and say it in your own words.")
	resident.choose("too_wide")
	resident.fill("words", "Twelve hours for a bicycle?\nThey ask the whole street.")
	resident.picture()
	resident.press("Send the complaint")
	resident.says("Your complaint is in")
	resident.picture()
	var code string
	resident.tab.Eval(`document.querySelector(".complaint-code").textContent`, &code)
	resident.quiet()

	moderator := &office{t: t, node: w.Node, base: w.Server.URL, lang: "en", tab: browser.Tab(1280, 900)}
	moderator.tab.Authenticator()
	_, link := moderator.invite("", "Noor Haddad", footage.Moderator)
	moderator.open(link)
	moderator.until("Make your passkey")
	moderator.press("Make the passkey")
	moderator.until("Sign in")
	moderator.press("Sign in with your passkey")
	moderator.until("Your work")
	moderator.press("1 complaint waits for an answer")
	moderator.until("Complaints to answer")
	moderator.press(w.Police.Name + ": " + w.Draft(0).Document.Title)
	moderator.until("Complaint about " + w.Police.Name)
	moderator.says("They ask the whole street.")
	moderator.choose("upheld")
	moderator.choose("request_withdrawn")
	moderator.fill("answer", "Two hours will do.\nThe agency has been told.")
	moderator.press("Answer in public")
	moderator.says("The public record does not show that it led to this.")
	moderator.choose("request_withdrawn")
	moderator.choose("agency_told")
	moderator.press("Answer in public")
	moderator.until("Complaints to answer")
	moderator.says("The complaint is answered.")

	resident.tab.Do("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
	resident.open("/complaints")
	resident.fill("code", strings.ReplaceAll(code, "-", ""))
	resident.press("Show the answer")
	resident.until("Your complaint")
	resident.says("Two hours will do.")
	resident.picture()
	resident.open("/requests/" + string(id) + "/complain")
	resident.says("porchlight complain send " + w.Server.URL)
	resident.says("This form needs scripts.")
}
