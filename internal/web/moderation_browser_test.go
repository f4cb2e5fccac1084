package web_test

import (
	"context"
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
)

// TestModerationByKeyboard: a moderator clears a clean request with a few keys, gives another back with a reason, and is told
// on the page what is missing.
func TestModerationByKeyboard(t *testing.T) {
	w := nodetest.Start(t, nil)
	o := &office{t: t, node: w.Node, base: w.Server.URL, lang: "en", tab: testenv.Chromium(t).Tab(390, 844)}
	clean, unclear := w.Submit(w.Police, w.Draft(0)), w.Submit(w.Police, w.Draft(3))
	o.tab.Authenticator()
	_, link := o.invite("", "Noor Haddad", footage.Moderator)
	o.open(link)
	o.until("Make your passkey")
	o.press("Make the passkey")
	o.until("Sign in")
	o.press("Sign in with your passkey")
	o.until("Your work")
	o.press("2 requests wait for a moderator")
	o.until("Requests that wait")
	o.press(w.Draft(0).Document.Title)
	o.until("Decide: " + w.Draft(0).Document.Title)
	o.press("Clear it: publish, for ever")
	o.until("Requests that wait")
	o.says("It is cleared.")
	if p, err := w.Node.Exchange.PublicRequest(context.Background(), clean); err != nil || p.Status != footage.Published {
		t.Fatalf("the cleared request: %v", err)
	}
	o.lang = "es"
	o.open("/staff/moderation/" + string(unclear))
	o.until("Decidir: " + w.Draft(3).Document.Title)
	o.press("No autorizarla")
	o.says("Elija si devolverla o rechazarla.")
	o.choose("hold")
	o.press("No autorizarla")
	o.says("Elija un motivo.")
	o.choose("hold")
	o.choose("unclear")
	o.press("No autorizarla")
	o.until("Solicitudes en espera")
	o.says("Nada espera.")
	o.tab.Complaints() // the two refusals are answers that the browser notes
	if c, err := w.Node.Exchange.Case(context.Background(), w.Moderator.ID, string(unclear)); err != nil || c.Outcome != footage.OutcomeHeld {
		t.Errorf("the other one is %q, %v", c.Outcome, err)
	}
}
