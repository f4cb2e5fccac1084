package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

// write makes a policy file of rules given as JSON members, each with the sentences that it needs.
func write(name string, rules ...string) []byte {
	var out []string
	for _, r := range rules {
		limit := ""
		if strings.Contains(r, "limit") || strings.Contains(r, "codes") {
			limit = " {limit}"
		}
		out = append(out, `{`+r+`,"en":"Rule`+limit+`.","es":"Regla`+limit+`."}`)
	}
	return []byte(`{"type":"porchlight/policy/v1","name":"` + name + `","about":{"en":"A","es":"B"},"rules":[` + strings.Join(out, ",") + `]}`)
}

func parse(t *testing.T, raw []byte) *Policy {
	t.Helper()
	p, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func refusal(t *testing.T, err error) []string {
	t.Helper()
	var e *footage.Error
	if !errors.As(err, &e) || e.Kind != footage.Invalid {
		t.Fatalf("the error %v is not of kind Invalid", err)
	}
	return codesOf(e.Reasons)
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		name string
		raw  []byte
		want []string
	}{
		{"unknown kind", write("city", `"kind":"area_shape","limit":1`), []string{"policy_kind_unknown"}},
		{"limit of nought", write("city", `"kind":"look_back_days","limit":0`), []string{"policy_limit_range"}},
		{"negative limit", write("city", `"kind":"look_back_days","limit":-1`), []string{"policy_limit_range"}},
		{"limit over the hard one", write("city", `"kind":"open_days_max","limit":31`), []string{"policy_limit_range"}},
		{"no limit", write("city", `"kind":"look_back_days"`), []string{"policy_limit_missing", "policy_sentence_limit"}},
		{"limit that is not whole", write("city", `"kind":"requests_per_investigation","limit":1.5`), []string{"policy_limit_whole"}},
		{"limit where none is", write("city", `"kind":"own_case","limit":1`), []string{"policy_limit_unexpected", "policy_sentence_limit"}},
		{"codes where none are", write("city", `"kind":"own_case","codes":["220"]`), []string{"policy_codes_unexpected", "policy_sentence_limit"}},
		{"no codes", write("city", `"kind":"offences_prohibited","codes":[]`), []string{"policy_codes_missing"}},
		{"unknown code", write("city", `"kind":"offences_prohibited","codes":["30A"]`), []string{"policy_code_unknown"}},
		{"code twice", write("city", `"kind":"offences_prohibited","codes":["35A","35A"]`), []string{"policy_code_unknown"}},
		{"language that we do not speak", write("city", `"kind":"languages","codes":["en","fr"]`), []string{"policy_code_unknown"}},
		{"kind twice", write("city", `"kind":"look_back_days","limit":5`, `"kind":"look_back_days","limit":6`), []string{"policy_kind_twice"}},
		{"contradiction", write("city", `"kind":"area_max_sq_mi","limit":0.1`, `"kind":"area_min_sq_mi","limit":0.2`), []string{"policy_contradiction"}},
		{"contradiction of hours", write("city", `"kind":"window_min_minutes","limit":90`, `"kind":"window_max_hours","limit":1`), []string{"policy_contradiction"}},
		{"bad name and no rules", write("City Hall"), []string{"policy_name", "policy_empty"}},
		{"all at once", write("x", `"kind":"nothing"`, `"kind":"look_back_days","limit":0`),
			[]string{"policy_name", "policy_kind_unknown", "policy_limit_range"}},
		{"no sentence", []byte(`{"type":"porchlight/policy/v2","name":"city","about":{"en":"","es":""},"rules":[{"kind":"own_case","en":"A.","es":" "}]}`),
			[]string{"policy_type", "policy_sentence_missing", "policy_sentence_missing"}},
		{"unknown member", []byte(`{"type":"porchlight/policy/v1","name":"city","script":"rm"}`), nil},
		{"member twice", []byte(`{"type":"porchlight/policy/v1","type":"porchlight/policy/v1"}`), nil},
		{"not JSON", []byte(`rules:`), nil},
		{"empty", nil, nil},
		{"trailing data", append(write("city", `"kind":"own_case"`), "{}"...), nil},
	}
	for _, tt := range tests {
		_, err := Parse(tt.raw)
		if err == nil {
			t.Errorf("%s: accepted", tt.name)
			continue
		}
		if diff := cmp.Diff(tt.want, refusal(t, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestDefaultHoldsThePromise pins mission promise 3 and the handling limits.
func TestDefaultHoldsThePromise(t *testing.T) {
	want := map[string]float64{"area_max_sq_mi": 0.5, "area_min_sq_mi": 0.025, "window_min_minutes": 15, "window_max_hours": 12,
		"look_back_days": 45, "open_days_max": 14, "requests_per_investigation": 2}
	for _, r := range Default().Explain() {
		if limit, ok := want[r.Kind]; ok && limit != r.Value {
			t.Errorf("%s = %v, want %v", r.Kind, r.Value, limit)
		}
		delete(want, r.Kind)
		if strings.Contains(r.Sentence.En+r.Sentence.Es, "{") || r.Sentence.In("es") == r.Sentence.In("en") {
			t.Errorf("%s reads %+v", r.Kind, r.Sentence)
		}
	}
	if len(want) > 0 {
		t.Errorf("the default lacks %v", want)
	}
	limits := set(t, Default()).Limits()
	wantLimits := Limits{Retention: 7 * 24 * time.Hour, Declined: 14 * 24 * time.Hour, Abandoned: 24 * time.Hour, LateCommit: 24 * time.Hour,
		Release: 15 * time.Minute, FileBytes: 2e9, ShareBytes: 10e9, RequestQuotaBytes: 500e9, Files: 25, SharesPerClientHour: 20, ProofOfWorkBits: 16}
	if diff := cmp.Diff(wantLimits, limits); diff != "" {
		t.Error(diff)
	}
}

// TestRefIsOverTheMeaning gives one hash for one text however it is laid out, and another for any change.
func TestRefIsOverTheMeaning(t *testing.T) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, DefaultFile()); err != nil {
		t.Fatal(err)
	}
	if got, want := parse(t, compact.Bytes()).Ref(), Default().Ref(); got != want || want.Name != "default" || len(want.Hash) != 64 {
		t.Errorf("Ref = %v and %v", got, want)
	}
	changed := bytes.Replace(DefaultFile(), []byte(`"limit": 45`), []byte(`"limit": 44`), 1)
	if parse(t, changed).Ref() == Default().Ref() {
		t.Error("another limit has the same hash")
	}
}

// TestStrictestWins joins a city's file to the default; the reason names the policy that holds the rule.
func TestStrictestWins(t *testing.T) {
	city := parse(t, write("city", `"kind":"look_back_days","limit":10`, `"kind":"area_max_sq_mi","limit":0.9`,
		`"kind":"offences_prohibited","codes":["35A","90B"]`, `"kind":"languages","codes":["es"]`, `"kind":"retention_days","limit":3`,
		`"kind":"declined_days","limit":30`, `"kind":"area_span_max_mi","limit":1`))
	for _, s := range []Set{set(t, Default(), city), set(t, city, Default())} {
		in := good(t)
		withArea(t, 41, 0.6)(&in)
		in.Document.Offence = "35A"
		in.Document.Window.From = now.Add(-11 * 24 * time.Hour)
		in.Document.Window.To = in.Document.Window.From.Add(time.Hour)
		policies := map[string]string{}
		for _, r := range s.Decide(in) {
			policies[r.Code] = r.Policy
		}
		want := map[string]string{"area_too_large": "default", "area_too_long": "city", "window_too_old": "city", "offence_prohibited": "city"}
		delete(policies, "language_unknown") // the good request is in English
		if diff := cmp.Diff(want, policies); diff != "" {
			t.Errorf("%v (-want +got):\n%s", s, diff)
		}
		if l := s.Limits(); l.Retention != 3*24*time.Hour || l.Declined != 30*24*time.Hour || l.Files != 25 {
			t.Errorf("limits %+v", l)
		}
		if len(s.Refs()) != 2 {
			t.Errorf("refs %v", s.Refs())
		}
		for _, r := range s.Explain() {
			list := "Drug offense (35A); Curfew, loitering or vagrancy (90B); Disorderly conduct (90C)"
			if r.Kind == "offences_prohibited" && (!cmp.Equal(r.Codes, []string{"35A", "90B", "90C"}) || r.Limit.En != list || !strings.Contains(r.Sentence.En, list)) {
				t.Errorf("joined list reads %+v", r)
			}
		}
	}
}

func TestNewSetRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		policies []*Policy
		want     []string
	}{
		"none":                {nil, []string{"policy_incomplete"}},
		"a part of the rules": {[]*Policy{parse(t, write("city", `"kind":"own_case"`))}, []string{"policy_incomplete"}},
		"the same twice":      {[]*Policy{Default(), Default()}, []string{"policy_twice"}},
		"contradiction between two": {[]*Policy{Default(), parse(t, write("city", `"kind":"area_min_sq_mi","limit":0.4`)),
			parse(t, write("state", `"kind":"area_max_sq_mi","limit":0.3`))}, []string{"policy_contradiction"}},
		"no common language": {[]*Policy{Default(), parse(t, write("city", `"kind":"languages","codes":["en"]`)),
			parse(t, write("state", `"kind":"languages","codes":["es"]`))}, []string{"policy_contradiction"}},
	} {
		s, err := NewSet(tt.policies...)
		if diff := cmp.Diff(tt.want, refusal(t, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if len(s.Decide(good(t))) == 0 {
			t.Errorf("%s: the refused set allows a request", name)
		}
	}
}

// TestDocumentShowsEveryKind: the tables of doc/policy.md are those of the code. "go generate ./doc" writes them.
func TestDocumentShowsEveryKind(t *testing.T) {
	raw, err := os.ReadFile("../../doc/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Document(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(raw)); diff != "" {
		t.Errorf("doc/policy.md is not what the code says; run go generate ./doc (-code +document):\n%s", diff)
	}
	for _, k := range kinds() {
		if !strings.Contains(want, "| `"+k.name+"` | "+k.about+" |") || k.about == "" {
			t.Errorf("the document does not explain %s", k.name)
		}
	}
	if _, err := Document("no marks"); err == nil {
		t.Error("a text without marks was written to")
	}
}

func TestLimitTexts(t *testing.T) {
	for _, tt := range []struct {
		kind   string
		n      float64
		en, es string
	}{
		{"look_back_days", 1, "1 day", "1 día"}, {"look_back_days", 45, "45 days", "45 días"},
		{"area_max_sq_mi", 0.025, "0.025 sq mi", "0.025 mi²"}, {"file_bytes", 2e9, "2 GB", "2 GB"},
		{"file_bytes", 1500e6, "1500 MB", "1500 MB"}, {"file_bytes", 1e6 + 1, "1000001 bytes", "1000001 bytes"},
	} {
		k, ok := kindByName(tt.kind)
		if got := k.text(tt.n); !ok || got != (Words{tt.en, tt.es}) {
			t.Errorf("%s %v reads %+v", tt.kind, tt.n, got)
		}
	}
	if got := elapsed(46*24*time.Hour + time.Second); got.En != "46 days 0 h 0 min 1 s" || got.Es != "46 días 0 h 0 min 1 s" {
		t.Errorf("elapsed reads %+v", got)
	}
}

// FuzzParse reads foreign policy files; what is accepted must have the same hash and rules when read again in canonical form.
func FuzzParse(f *testing.F) {
	seeds, err := filepath.Glob("testdata/policy/*.json")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds in testdata/policy: %v", err)
	}
	for _, seed := range seeds {
		raw, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add(DefaultFile())
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Parse(raw)
		if err != nil {
			if footage.KindOf(err) != footage.Invalid {
				t.Errorf("the refusal %v has no kind", err)
			}
			return
		}
		canonical, err := footage.Canonicalize(raw)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(canonical)
		if err != nil || again.Ref() != p.Ref() || !cmp.Equal(again.Explain(), p.Explain()) {
			t.Errorf("read again: %v, %v", again, err)
		}
		_, _ = NewSet(Default(), p) // must not panic
	})
}
