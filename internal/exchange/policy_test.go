package exchange_test

import (
	"encoding/json"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
)

// town is a small policy of one rule.
func townPolicy(t *testing.T, name string, days int) []byte {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"type": policy.FileType, "name": name, "about": map[string]string{"en": "Town.", "es": "Pueblo."},
		"rules": []any{map[string]any{"kind": "look_back_days", "limit": days, "en": "At most {limit} back.", "es": "Hasta {limit}."}}})
	must(t, err)
	return raw
}

// lookBack returns how far back one may ask now, and by whose rule.
func (w *world) lookBack() (float64, string) {
	w.t.Helper()
	set, err := w.x.Policies(w.t.Context())
	must(w.t, err)
	r, _ := set.Rule("look_back_days")
	return r.Value, r.Policy
}

func wantDays(t *testing.T, w *world, when string, days float64) {
	t.Helper()
	if got, _ := w.lookBack(); got != days {
		t.Errorf("%s: %v days back, want %v", when, got, days)
	}
}

// TestF7PolicyFromAStatedTime: a policy counts from the time stated, never before it was adopted; a newer word about the same
// name takes the place of one that has not come into force yet; and none may leave the exchange without rules, then or later.
func TestF7PolicyFromAStatedTime(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx, start := t.Context(), w.now()
		in := func(d time.Duration) time.Time { return start.Add(d) }
		wantCode(t, "from yesterday", w.x.AdoptPolicyFrom(ctx, townPolicy(t, "town", 20), in(-24*time.Hour)), "policy_backdated")
		wantCode(t, "from a microsecond ago", w.x.AdoptPolicyFrom(ctx, townPolicy(t, "town", 20), in(-time.Microsecond)), "policy_backdated")
		wantCode(t, "in two years", w.x.AdoptPolicyFrom(ctx, townPolicy(t, "town", 20), in(2*366*24*time.Hour)), "policy_far")
		must(t, w.x.AdoptPolicyFrom(ctx, townPolicy(t, "town", 20), in(10*time.Hour)))
		wantDays(t, w, "before its time", 45)
		w.advance(10*time.Hour - time.Microsecond)
		wantDays(t, w, "a microsecond before", 45)
		w.advance(time.Microsecond)
		wantDays(t, w, "at its time", 20)

		must(t, w.x.AdoptPolicyFrom(ctx, townPolicy(t, "town", 15), in(20*time.Hour)))
		must(t, w.x.AdoptPolicyFrom(ctx, townPolicy(t, "town", 10), in(15*time.Hour))) // instead of that one
		w.advance(5 * time.Hour)
		wantDays(t, w, "the newer word", 10)
		w.advance(5 * time.Hour)
		wantDays(t, w, "at the time of the one that was replaced", 10)

		must(t, w.x.AdoptPolicyFrom(ctx, townPolicy(t, "town", 5), in(40*time.Hour)))
		must(t, w.x.AdoptPolicyFrom(ctx, townPolicy(t, "town", 10), in(30*time.Hour))) // stay as it is
		wantDays(t, w, "going on", 10)
		w.advance(25 * time.Hour)
		wantDays(t, w, "the change that was called off", 10)

		incomplete := []byte(`{"type":"porchlight/policy/v1","name":"default","about":{"en":"A","es":"B"},"rules":[{"kind":"look_back_days","limit":9,"en":"{limit}.","es":"{limit}."}]}`)
		wantCode(t, "rules that will be missing", w.x.AdoptPolicyFrom(ctx, incomplete, in(50*time.Hour)), "policies_refused")
		w.checkRecord()
		all, err := w.x.AdoptedPolicies(ctx)
		must(t, err)
		if len(all) != 5 {
			t.Errorf("adopted: %+v", all)
		}
	})
}

// TestShippedPolicies: each of the worked examples can be adopted beside the default.
func TestShippedPolicies(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		for _, name := range []string{"san-francisco", "illinois"} {
			file, _ := policy.ShippedFile(name)
			if err := w.x.AdoptPolicyFrom(t.Context(), file, w.now()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestPolicyContradictionLater: two files that could never be kept together are refused although the first is not in force yet.
func TestPolicyContradictionLater(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	file := func(name, kind string, limit float64) []byte {
		raw, err := json.Marshal(map[string]any{"type": policy.FileType, "name": name, "about": map[string]string{"en": "A", "es": "B"},
			"rules": []any{map[string]any{"kind": kind, "limit": limit, "en": "{limit}.", "es": "{limit}."}}})
		must(t, err)
		return raw
	}
	must(t, w.x.AdoptPolicyFrom(ctx, file("state", "area_max_sq_mi", 0.3), w.now().Add(time.Hour)))
	wantCode(t, "a floor above the ceiling to come", w.x.AdoptPolicy(ctx, file("city", "area_min_sq_mi", 0.4)), "policies_refused")
	must(t, w.x.AdoptPolicy(ctx, file("city", "area_min_sq_mi", 0.2)))
}

// TestAdoptSigned: the operator's passkey signs file, exchange and time; both stand in the record and verify from it alone.
func TestAdoptSigned(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		operator := w.enrol("", footage.Operator)
		from := w.now().Add(time.Hour).Truncate(time.Second)
		file := townPolicy(t, "town", 20)
		p, err := policy.Parse(file)
		must(t, err)
		good := footage.Adoption{Type: footage.AdoptionType, Exchange: w.x.Info().Origin, Name: "town", SHA256: p.Ref().Hash,
			Signed: w.now().Truncate(time.Second), InForce: &from}
		signed := func(change func(*footage.Adoption)) api.AdoptPolicy {
			a := good
			if change != nil {
				change(&a)
			}
			return api.AdoptPolicy{File: string(file), Adoption: a, Assertion: assert(operator, footage.Operator, canonical(t, a))}
		}
		yesterday := from.Add(-25 * time.Hour)
		for name, change := range map[string]func(*footage.Adoption){
			"another exchange": func(a *footage.Adoption) { a.Exchange = "elsewhere.example/log" },
			"another file":     func(a *footage.Adoption) { a.SHA256 = footage.Hash([]byte("x")) },
			"another name":     func(a *footage.Adoption) { a.Name = "city" },
			"half a second":    func(a *footage.Adoption) { a.Signed = a.Signed.Add(time.Millisecond) },
		} {
			wantCode(t, name, w.x.AdoptSigned(ctx, operator.id, signed(change)), "adoption")
		}
		wantCode(t, "from yesterday", w.x.AdoptSigned(ctx, operator.id, signed(func(a *footage.Adoption) { a.InForce = &yesterday })), "policy_backdated")
		if err := w.x.AdoptSigned(ctx, operator.id, signed(func(a *footage.Adoption) { a.Signed = yesterday })); err == nil {
			t.Error("an old signature counts")
		}
		other := signed(nil)
		other.Adoption.InForce = nil // not what was signed
		wantKind(t, "another time than signed", w.x.AdoptSigned(ctx, operator.id, other), footage.Untrusted)
		wantKind(t, "by an officer", w.x.AdoptSigned(ctx, w.police.officer.id, signed(nil)), footage.Forbidden)
		wantDays(t, w, "after refusals", 45)

		must(t, w.x.AdoptSigned(ctx, operator.id, signed(nil)))
		var last *ledger.PolicyAdopted
		for _, e := range w.checkRecord() {
			if f, err := e.Fact(); err == nil && e.Kind == ledger.KindPolicyAdopted {
				adopted := f.(ledger.PolicyAdopted)
				last = &adopted
			}
		}
		if last == nil || last.Adoption == nil || !last.InForce.Equal(from) {
			t.Fatalf("the record holds %+v", last)
		}
		must(t, last.Assertion.Verify(operator.key.PublicKey(), w.x.Info().RP, canonical(t, *last.Adoption)))
		w.advance(2 * time.Hour)
		wantDays(t, w, "from the stated time", 20)
	})
}
