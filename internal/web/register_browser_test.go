package web_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
)

// TestApproveAgency: on an exchange that is no demonstration, the operator sees who vouches for an agency and approves it with
// a passkey; its public page then names both verifications.
func TestApproveAgency(t *testing.T) {
	o := openOffice(t)
	ctx, x := t.Context(), o.node.Exchange
	a := town.Agencies()[0]
	a.State, a.LocalID, a.ORI = "WI", "", "WI0420100"
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	league := town.Attestors()[0]
	league.Key = api.Encode(public)
	for _, err := range []error{x.NameOperator(ctx, town.Operator()), x.RegisterAttestor(ctx, league), x.RegisterAgency(ctx, a)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	o.tab.Authenticator()
	_, link := o.invite("", "Nora Lind", footage.Operator)
	o.enter(link)
	o.open("/staff/register/" + string(a.ID))
	o.until(a.Name)
	o.says("Nobody has vouched for this agency yet.")
	statement, err := town.Statement(town.League, x.Info().Origin, a, time.Now().UTC())
	if err != nil {
		t.Fatal(err)
	}
	if err := statement.Sign(private); err != nil {
		t.Fatal(err)
	}
	raw, err := footage.Canonical(statement)
	if err != nil {
		t.Fatal(err)
	}
	o.write("statement", strings.Replace(string(raw), "a", "b", 1))
	o.press("File the statement")
	o.says("This is not an attestor’s statement")
	o.tab.Complaints() // the refusal is an answer that the browser notes
	o.write("statement", string(raw))
	o.press("File the statement")
	o.says("The statement is filed, in public.")
	o.open("/staff/")
	o.until("Your work")
	o.press("1 agency waits for your approval")
	o.until("Register of agencies")
	o.press(a.Name)
	o.until(a.Name)
	o.says("The operator has not approved it yet.")
	o.press("Sign the approval with your passkey")
	o.says("The agency is approved.")
	o.says("Verified twice, until")
	o.quiet()
	standing, err := x.Agency(ctx, a.ID)
	if err != nil || !standing.Verification.InForce(time.Now()) || standing.Verification.Approval == nil {
		t.Fatalf("the agency's standing: %+v, %v", standing.Verification, err)
	}
	o.open("/agencies/" + string(a.ID))
	o.says(league.Name)
	o.says("Approved with a passkey")
}
