package screen

import (
	"bufio"
	"bytes"
	_ "embed" // the labelled set
	"slices"
	"strings"
	"testing"

	"porchlight.example/internal/footage"
)

//go:embed testdata/labelled.jsonl
var labelledFile []byte

// labelled is a text with the codes that a careful moderator would hold it for. What was missed of the set
// "held" was not looked at while the wording was tuned, though the same hand wrote both.
type labelled struct {
	Set     string   `json:"set"`
	Lang    string   `json:"lang"`
	Offence string   `json:"offence,omitempty"`
	Codes   []string `json:"codes"`
	Text    string   `json:"text"`
}

func labelledSet(t testing.TB) []labelled {
	t.Helper()
	var out []labelled
	lines := bufio.NewScanner(bytes.NewReader(labelledFile))
	for lines.Scan() {
		var l labelled
		if err := footage.DecodeStrict(lines.Bytes(), &l); err != nil {
			t.Fatalf("line %d: %v", len(out)+1, err)
		}
		out = append(out, l)
	}
	return out
}

func codesOf(l labelled) []string {
	var out []string
	for _, r := range Check(Input{Text: l.Text, Offence: l.Offence}) {
		out = append(out, r.Code)
	}
	return out
}

// tally counts how the codes found compare with those that should have been.
type tally struct{ right, wrong, missed int }

func (t tally) precision() float64 { return share(t.right, t.right+t.wrong) }
func (t tally) recall() float64    { return share(t.right, t.right+t.missed) }

func share(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

func (t *tally) add(code string, found, want []string) {
	switch f, w := slices.Contains(found, code), slices.Contains(want, code); {
	case f && w:
		t.right++
	case f:
		t.wrong++
	case w:
		t.missed++
	}
}

// measure returns the tally of each code over the texts of a set, and one over all codes under "all".
func measure(t testing.TB, set string) map[string]*tally {
	out := map[string]*tally{"all": {}}
	for _, code := range Codes() {
		out[code] = &tally{}
	}
	for _, l := range labelledSet(t) {
		if l.Set != set {
			continue
		}
		found := codesOf(l)
		for _, code := range Codes() {
			out[code].add(code, found, l.Codes)
			out["all"].add(code, found, l.Codes)
		}
		if set == "tune" && !slices.Equal(found, l.Codes) { // the others are not to be looked at
			t.Logf("found %v, want %v: %s", found, l.Codes, l.Text)
		}
	}
	return out
}

// TestLabelledSet measures precision and recall by code, and holds the floors that doc/performance.md promises (P4, P5).
func TestLabelledSet(t *testing.T) {
	for _, tt := range []struct {
		set               string
		precision, recall float64
	}{{"tune", 0.97, 0.98}, {"held", 0.8, 0.9}} {
		got := measure(t, tt.set)
		for _, code := range append(Codes(), "all") {
			c := got[code]
			t.Logf("%s %-26s texts %3d  precision %.2f  recall %.2f", tt.set, code, c.right+c.missed, c.precision(), c.recall())
		}
		if all := got["all"]; all.precision() < tt.precision || all.recall() < tt.recall {
			t.Errorf("%s: precision %.2f, recall %.2f", tt.set, all.precision(), all.recall())
		}
	}
}

// TestLabelledSetIsFit: the set is as large and as mixed as the issue asks.
func TestLabelledSetIsFit(t *testing.T) {
	count := map[string]int{}
	seen := map[string]bool{}
	for _, l := range labelledSet(t) {
		count[l.Set]++
		count[l.Lang]++
		if len(l.Codes) == 0 {
			count["harmless"]++
		}
		for _, code := range l.Codes {
			count[l.Lang+" "+code]++
			if !slices.Contains(Codes(), code) {
				t.Errorf("the label %q is no code", code)
			}
		}
		if seen[l.Text] || len(strings.Fields(l.Text)) < 8 {
			t.Errorf("twice or too short: %s", l.Text)
		}
		seen[l.Text] = true
	}
	for what, least := range map[string]int{"tune": 300, "held": 70, "en": 140, "es": 140, "harmless": 130} {
		if count[what] < least {
			t.Errorf("only %d texts are %s", count[what], what)
		}
	}
	for _, code := range Codes() {
		for _, lang := range []string{"en", "es"} {
			if count[lang+" "+code] < 4 {
				t.Errorf("only %d texts in %s for %s", count[lang+" "+code], lang, code)
			}
		}
	}
}

// TestP2PurposesOfThePolicy: only what the policies in force prohibit is held; everything is when they are not known.
func TestP2PurposesOfThePolicy(t *testing.T) {
	in := Input{Text: "We ask for footage of the protest and of teenagers who broke the curfew."}
	for _, tt := range []struct {
		purposes []string
		want     []string
	}{
		{nil, []string{"purpose_protest", "purpose_curfew"}},
		{[]string{"curfew"}, []string{"purpose_curfew"}},
		{[]string{}, nil},
	} {
		in.Purposes = tt.purposes
		var got []string
		for _, r := range Check(in) {
			got = append(got, r.Code)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("prohibited %v: %v", tt.purposes, got)
		}
	}
}

// TestP4MissingPeopleAreNamed: who looks for a missing child must say its name; a robbed one's must not be said.
func TestP4MissingPeopleAreNamed(t *testing.T) {
	in := Input{Text: "The victim, Maria Lopez, was last seen at the bus stop in a green coat.", Offence: "X-MISSING"}
	if got := Check(in); len(got) != 0 {
		t.Errorf("a missing person: %+v", got)
	}
	in.Offence = "120"
	if got := Check(in); len(got) != 1 || got[0].Code != Victim {
		t.Errorf("a robbed person: %+v", got)
	}
}

func TestSentences(t *testing.T) {
	for _, code := range append(Codes(), Pressure) {
		if en, es := sentence(code, "en"), sentence(code, "es"); en == code || es == en {
			t.Errorf("%s reads %q and %q", code, en, es)
		}
	}
	in := Input{Title: "Protest", Text: "x", Changed: "La protesta", Language: "es"}
	if got := Check(in); len(got) != 1 || got[0].Msg != "El texto habla de una protesta u otra reunión lícita." || got[0].Value != "protest" {
		t.Errorf("in Spanish: %+v", got)
	}
}

// BenchmarkCheck reads one text of the set after another.
func BenchmarkCheck(b *testing.B) {
	set := labelledSet(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Check(Input{Text: set[i%len(set)].Text})
	}
}
