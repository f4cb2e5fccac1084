package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

func TestReview(t *testing.T) {
	n := func(i int) *int { return &i }
	strict := parse(t, write("city", `"kind":"moderators","limit":2`, `"kind":"offences_second_moderator","codes":["220"]`,
		`"kind":"households_min","limit":20`, `"kind":"households_max","limit":500`, `"kind":"offences_urgent","codes":["X-CHILD"]`))
	for name, tt := range map[string]struct {
		set  Set
		in   ReviewInput
		want int
		why  []string
	}{
		"plain":                     {set(t, Default()), ReviewInput{Document: footage.Document{Offence: "220"}}, 1, nil},
		"P1: another offense":       {set(t, Default()), ReviewInput{Document: footage.Document{Offence: "90Z"}}, 2, []string{"offence_second_moderator"}},
		"listed by the city":        {set(t, Default(), strict), ReviewInput{Document: footage.Document{Offence: "220"}}, 3, []string{"offence_second_moderator"}},
		"P3: near a gathering":      {set(t, Default()), ReviewInput{Document: footage.Document{Offence: "220"}, Gathering: true}, 2, []string{"gathering_near"}},
		"both, one person more":     {set(t, Default()), ReviewInput{Document: footage.Document{Offence: "90J"}, Gathering: true}, 2, []string{"offence_second_moderator", "gathering_near"}},
		"B11: many households":      {set(t, Default(), strict), ReviewInput{Document: footage.Document{Offence: "240"}, Households: n(501)}, 3, []string{"households_many"}},
		"as many as may be":         {set(t, Default(), strict), ReviewInput{Document: footage.Document{Offence: "240"}, Households: n(500)}, 2, nil},
		"few households":            {set(t, Default(), strict), ReviewInput{Document: footage.Document{Offence: "240"}, Households: n(0)}, 3, []string{"households_few"}},
		"no census":                 {set(t, Default(), strict), ReviewInput{Document: footage.Document{Offence: "240"}}, 2, nil},
		"no policy, still somebody": {Set{}, ReviewInput{Document: footage.Document{Offence: "90J"}}, 2, []string{"offence_second_moderator"}},
	} {
		got := tt.set.Review(tt.in)
		if got.Moderators != tt.want || !cmp.Equal(codesOf(got.Reasons), tt.why) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	urgent := func(s Set, code string) bool {
		return s.Review(ReviewInput{Document: footage.Document{Offence: code}}).Urgent
	}
	if s := set(t, Default()); !urgent(s, "X-CHILD") || !urgent(s, "X-MISSING") || urgent(s, "220") {
		t.Error("the urgent lane of the default")
	}
	if s := set(t, Default(), strict); !urgent(s, "X-CHILD") || urgent(s, "X-MISSING") || urgent(Set{}, "X-CHILD") {
		t.Error("the strictest list does not bound the urgent lane")
	}
}

// TestRanks: a sergeant asks and a captain approves in San Francisco, whatever the default allows.
func TestRanks(t *testing.T) {
	city := shipped(t, "san-francisco")
	for _, tt := range []struct {
		set              Set
		author, approver footage.Rank
		want             []string
	}{
		{set(t, Default()), "", "", nil},
		{set(t, Default()), "officer", "officer", []string{"approver_rank_low"}},
		{set(t, Default(), city), "", "", []string{"author_rank_low", "approver_rank_low"}},
		{set(t, city, Default()), "sergeant", "lieutenant", []string{"approver_rank_low"}},
		{set(t, city, Default()), "sergeant", "captain", nil},
		{set(t, city, Default()), "lieutenant", "chief", nil},
		{set(t, city, Default()), "janitor", "captain", []string{"author_rank_low"}},
	} {
		got := tt.set.Ranks(tt.author, tt.approver, "en")
		if !cmp.Equal(codesOf(got), tt.want) {
			t.Errorf("%v, %q and %q: %+v", tt.set, tt.author, tt.approver, got)
		}
	}
}

// shipped returns a policy that ships with Porchlight.
func shipped(t testing.TB, name string) *Policy {
	t.Helper()
	file, ok := ShippedFile(name)
	if !ok {
		t.Fatalf("no policy %q is shipped", name)
	}
	p, err := Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestShippedPolicies: each is whole, has two languages, stands beside the default, and only ever makes it stricter.
func TestShippedPolicies(t *testing.T) {
	for _, name := range Shipped() {
		p := shipped(t, name)
		if p.Ref().Name != name || p.About().En == "" || p.About().Es == p.About().En {
			t.Errorf("%s is named %q and says %+v", name, p.Ref().Name, p.About())
		}
		if name == "default" {
			continue
		}
		both := set(t, Default(), p)
		for _, r := range p.Explain() {
			k, _ := kindByName(r.Kind)
			now, _ := both.Rule(r.Kind)
			was, had := Default().rule(r.Kind)
			if had && k.limited() && (k.low && now.Value > was.Value || !k.low && now.Value < was.Value) {
				t.Errorf("%s loosens %s from %v to %v", name, r.Kind, was.Value, now.Value)
			}
			if r.Sentence.En == "" || r.Sentence.En == r.Sentence.Es {
				t.Errorf("%s: %s reads %+v", name, r.Kind, r.Sentence)
			}
		}
	}
	if _, ok := ShippedFile("utah"); ok {
		t.Error("an unknown policy is shipped")
	}
}

// rule returns the rule of a kind.
func (p *Policy) rule(kind string) (Rule, bool) {
	for _, r := range p.rules {
		if r.Kind == kind {
			return r, true
		}
	}
	return Rule{}, false
}

// TestWorkedExamples pins what domain reference 4.9 gives for Illinois and San Francisco: which file decides, and how.
func TestWorkedExamples(t *testing.T) {
	s := set(t, Default(), shipped(t, "illinois"), shipped(t, "san-francisco"))
	for kind, want := range map[string]string{"agency_copy_days": "san-francisco", "approver_rank": "san-francisco", "author_rank": "san-francisco",
		"declined_days": "san-francisco", "gathering_distance_mi": "san-francisco", "look_back_days": "default"} {
		if r, ok := s.Rule(kind); !ok || r.Policy != want || len(r.SHA256) != 64 {
			t.Errorf("%s is of %q (%s), want %q", kind, r.Policy, r.SHA256, want)
		}
	}
	if r, _ := set(t, Default(), shipped(t, "illinois")).Rule("agency_copy_days"); r.Value != 60 {
		t.Errorf("Illinois gives an agency %v days", r.Value)
	}
	in := good(t)
	in.Document.Offence = "90D"
	got := s.Decide(in)
	if len(got) != 1 || got[0].Policy != "san-francisco" || got[0].Rule != "offences_prohibited" || got[0].SHA256 != shipped(t, "san-francisco").Ref().Hash {
		t.Errorf("a DUI in San Francisco: %+v", got)
	}
}
