package web_test

import (
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
)

// TestOfficeOfTwo: by keyboard and passkey an operator proposes to withhold a text and answers a legal demand, and a moderator
// agrees to both; the operator alone cannot.
func TestOfficeOfTwo(t *testing.T) {
	w := nodetest.Start(t, nil)
	j := &journey{office: &office{t: t, node: w.Node, base: w.Server.URL, lang: "en", tab: testenv.Chromium(t).Tab(390, 844)}}
	in := w.Draft(0)
	id := w.Publish(in)
	w.Refresh()
	_, link := j.invite("", "Nora Lind", footage.Operator)
	j.sit(link)
	j.open("/staff/withhold")
	j.until("Withheld texts")
	j.write("request", "1234")
	j.press("Look at it")
	j.says("Paste the whole address of the request")
	j.write("request", w.Server.URL+"/en/requests/"+string(id))
	j.press("Look at it")
	j.until("Withhold the text of a request")
	j.says(in.Document.Title)
	j.press("Sign the proposal with your passkey")
	j.says("Choose one of the two")
	j.choose("court_order")
	j.write("reference", "Town Court, 2026-17")
	j.press("Sign the proposal with your passkey")
	j.says("The proposal waits for a second person.")
	j.says("A second person must agree who holds the other role.")
	j.open("/staff/demands")
	j.until("Legal demands")
	j.press("Enter it")
	j.says("Choose from the list who demanded it.")
	j.set("received", w.Now().Format(time.DateOnly))
	j.choose("police")
	j.choose("warrant")
	j.write("asked", "Who sent it.")
	j.press("Enter it")
	j.until("A legal demand")
	j.choose("nothing_held")
	j.press("Hand it to a second person")
	j.says("The answer waits for a second person.")
	j.rise()

	_, link = j.invite("", "Noor Haddad", footage.Moderator)
	j.sit(link)
	j.press("1 answer to a legal demand waits for a second person")
	j.until("Legal demands")
	j.open("/staff/demands")
	all, err := w.Node.Exchange.Demands(t.Context(), w.Operator.ID)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d demands, %v", len(all), err)
	}
	j.open("/staff/demands/" + string(all[0].ID))
	j.until("A legal demand")
	j.press("Agree to this answer")
	j.says("Two people have agreed on this answer.")
	j.open("/staff/withhold/" + string(id))
	j.until("Withhold the text of a request")
	j.says("Town Court, 2026-17")
	j.press("Sign with your passkey and withhold it")
	j.says("The text is withheld.")
	j.tab.Complaints() // the refusals are answers that the browser notes
	if p, err := w.Node.Exchange.PublicRequest(t.Context(), id); err != nil || p.Withheld == nil || p.Record.Document.Title != "" {
		t.Errorf("the request: %+v, %v", p.Withheld, err)
	}
	j.open("/requests/" + string(id))
	j.says("By order of a court")
}
