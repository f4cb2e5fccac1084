package screen

import (
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	if a, b := utf8.RuneCountInString(looks), len(like); a != b {
		t.Fatalf("%d letters look like %d", a, b)
	}
	for in, want := range map[string]string{
		"Manifestación  en\tla PLAZA": "Manifestacion en la PLAZA",
		"рrоtеst":                     "protest", // р, о and е are Cyrillic
		"ρrοtest":                     "protest", // ρ and ο are Greek
		"ｐｒｏｔｅｓｔ":                     "protest",
		"𝐩𝐫𝐨𝐭𝐞𝐬𝐭":                     "protest",
		"ⓟⓡⓞⓣⓔⓢⓣ":                     "protest",
		"pro\u200btest\u0301":         "protest",
		"Ñandú “güe” — don’t":         `Nandu "gue" - don't`,
		"":                            "",
	} {
		if got := fold(in); got != want {
			t.Errorf("fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUndisguised(t *testing.T) {
	for in, want := range map[string]string{
		"p r o t e s t now": "protest now", "pro-test": "protest", "pr0te5t": "protest", "prot@st": "protast", "p.r.o.t.e.s.t": "protest",
		"at 9:41 pm": "at 9:41 pm", "a b c": "a b c", "a 10-year-old": "a 10yearold", "plain words": "plain words",
	} {
		if got := undisguised(in); got != want {
			t.Errorf("undisguised(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestDisguisesAreFound: the same purpose in letters that look alike, in pieces, and in capitals.
func TestDisguisesAreFound(t *testing.T) {
	for _, s := range []string{"the protest", "THE PROTEST", "the рrоtеst", "the p r o t e s t", "the pr0test", "the pro-test", "the ｐｒｏｔｅｓｔ", "la manifestacio\u0301n", "la manifestación"} {
		got := Check(Input{Title: "Footage of Saturday", Text: "We ask for footage of " + s + "."})
		if len(got) != 1 || got[0].Code != "purpose_protest" {
			t.Errorf("%q: %+v", s, got)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, l := range labelledSet(f) {
		f.Add(l.Text)
	}
	f.Add("\xff\xfe" + "𝐩")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range Check(Input{Text: s}) {
			if r.Code == "" || r.Msg == r.Code || utf8.RuneCountInString(r.Value) > 81 {
				t.Errorf("%q: %+v", s, r)
			}
		}
	})
}
