package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
)

// TestAdoptPolicyOnPage: an operator sees what a policy file says and what it changes against the one in force, signs it with a
// passkey, and it stands in the record from the stated time on; what cannot be adopted is told before anything is signed.
func TestAdoptPolicyOnPage(t *testing.T) {
	o := openOffice(t)
	ctx, x := t.Context(), o.node.Exchange
	o.tab.Authenticator()
	_, link := o.invite("", "Nora Lind", footage.Operator)
	o.enter(link)
	o.press("Rules")
	o.until("Policies")
	o.press("See what it says and changes")
	o.says("Choose a policy file, or paste one.")
	o.write("text", `{"type":"porchlight/policy/v1"}`)
	o.press("See what it says and changes")
	o.gone("Choose a policy file, or paste one.")
	o.says("This cannot be done yet:")
	o.tab.Complaints() // the refusals are answers that the browser notes

	raw := strings.Replace(string(policy.DefaultFile()), `"area_max_sq_mi", "limit": 0.5`, `"area_max_sq_mi", "limit": 0.25`, 1)
	if raw == string(policy.DefaultFile()) {
		t.Fatal("the default policy has no such rule in these words")
	}
	path := filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(path, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	from := time.Now().UTC().Add(48 * time.Hour).Truncate(time.Minute)
	o.tab.Choose("#field-file", path)
	o.set("from", "2026-01-01T09:00")
	o.press("See what it says and changes")
	o.says("A policy cannot be in force from a time that is over.")
	o.tab.Complaints()
	o.tab.Choose("#field-file", path)
	o.set("from", from.Format("2006-01-02T15:04"))
	o.write("zone", "Etc/UTC")
	o.press("See what it says and changes")
	o.until("Adopt the policy default")
	o.says("Stricter")
	o.says("0.25")
	if all, err := x.AdoptedPolicies(ctx); err != nil || len(all) != 1 {
		t.Fatalf("looking has adopted something: %v %v", all, err)
	}
	o.press("Adopt it with your passkey")
	o.says("The policy is adopted, in public.")
	o.says("Not yet in force")
	o.quiet()
	all, err := x.AdoptedPolicies(ctx)
	if err != nil || len(all) != 2 || !all[1].InForce.Equal(from) {
		t.Errorf("adopted %+v, %v", all, err)
	}
	set, err := x.Policies(ctx)
	if rule, _ := set.Rule("area_max_sq_mi"); err != nil || rule.Value != 0.5 {
		t.Errorf("the rule in force is %v, %v", rule.Value, err)
	}
}
