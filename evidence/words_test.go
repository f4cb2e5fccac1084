package evidence

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

func TestSafeName(t *testing.T) {
	for in, want := range map[string]string{
		"clip-01.mp4":                 "clip-01.mp4",
		"Garage Süd.MOV":              "Garage Süd.mov",
		"../../etc/passwd":            "passwd",
		`C:\Users\me\door.mp4`:        "door.mp4",
		"..":                          "clip",
		"":                            "clip",
		"...mp4":                      "clip.mp4",
		".mp4":                        "clip.mp4",
		"a\nb.mp4":                    "a-b.mp4",
		"gpj.\u202e4pm.exe":           "gpj.-4pm.exe",
		"a\x00b\x1b[31m.mp4":          "a-b--31m.mp4",
		"CON":                         "clip",
		"con.mp4":                     "clip.mp4",
		"Com1.tar.gz":                 "clip.gz",
		"LPT9":                        "clip",
		"console.mp4":                 "console.mp4",
		"name. . .":                   "name",
		"a?b*c|d<e>f\"g:h.mp4":        "a-b-c-d-e-f-g-h.mp4",
		"\xff\xfe.mp4":                "clip.mp4",
		"-rf.mp4":                     "rf.mp4",
		"--.mp4":                      "clip.mp4",
		"50% off.mp4":                 "50- off.mp4",
		"日本.mp4":                      "日本.mp4",
		"a\u00a0b\u2028c.mp4":         "a-b-c.mp4",
		"x.<script>":                  "x.-script-",
		strings.Repeat("/", 4000):     "clip",
		"folder/":                     "clip",
		strings.Repeat("\n", 5):       "clip",
		"a." + strings.Repeat("b", 9): "a." + strings.Repeat("b", 9),
	} {
		if got := SafeName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	long := SafeName(strings.Repeat("ü", 4000) + ".mp4")
	if len(long) > maxName || !strings.HasSuffix(long, "ü.mp4") {
		t.Errorf("4,000 characters: %q", long)
	}
	if got := []string{NeutralName(1, ".MP4"), NeutralName(12, ""), NeutralName(3, "../x")}; !cmp.Equal(got, []string{"clip-01.mp4", "clip-12", "clip-03"}) {
		t.Errorf("neutral names: %q", got)
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"", "../x", "con.mp4", "a\u202eb", strings.Repeat("x.", 3000), "\xff", ".a.b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := SafeName(s)
		switch {
		case n == "" || len(n) > maxName || !utf8.ValidString(n):
			t.Errorf("%q: bad length or text %q", s, n)
		case SafeName(n) != n:
			t.Errorf("%q: %q changes again to %q", s, n, SafeName(n))
		case !safePath(n) || strings.ContainsFunc(n, unprintable) || strings.ContainsAny(n, `/\<>:"|?*`) || deviceForm.MatchString(n):
			t.Errorf("%q: unsafe %q", s, n)
		}
	})
}

// TestTextsAreFrozen: a version's words never change; new words are a new version.
func TestTextsAreFrozen(t *testing.T) {
	got := map[string]string{}
	for _, lang := range Languages() {
		_, consent, err := ConsentText("v1", lang)
		if err != nil {
			t.Fatal(err)
		}
		_, terms, err := TermsText("v1", lang)
		if err != nil {
			t.Fatal(err)
		}
		got["consent "+lang], got["terms "+lang] = consent.SHA256, terms.SHA256
	}
	raw, ref, err := TermsJSON("v1")
	if err != nil {
		t.Fatal(err)
	}
	got["terms json"] = ref.SHA256
	want := map[string]string{
		"consent en": "3617646a38665776d39ab2a906fe4dbde185633e6ceadfa43c8c7b5221f0a7d4",
		"consent es": "4784179ac5ff990729db54e683598414b80ec4f8d354cbab758a78857e69badc",
		"terms en":   "58aa414b5bbe7a2030b2473c8756e41aab270c8a78342268fa88d920e675a1cb",
		"terms es":   "3566277deb2fe73daa05cbbb04cd79999253c7af30057012c783669323cd8a60",
		"terms json": "504d8089da6b857d63722d4d2541e7e38b62c64e07c6cb589b85f12860d3e502",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("make a new version instead: %s", diff)
	}
	terms, err := ParseTerms(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"en": got["terms en"], "es": got["terms es"]}, terms.Texts); diff != "" {
		t.Error(diff)
	}
	if terms.Retention.NoCharge != 60 || len(terms.Prohibited) != 6 || !terms.Defence || terms.Version != "v1" {
		t.Errorf("terms: %+v", terms)
	}
}

// TestConsentSays looks for each thing that a person must be told, in both languages (C5).
func TestConsentSays(t *testing.T) {
	for lang, phrases := range map[string][]string{
		"en": {"may say no", "Nobody learns", "may keep", "may share", "public record", "against you", "Other people are in them", "where your camera is", "accused", "until the agency has picked them up", "ask for them back", "60 days", "face recognition"},
		"es": {"decir que no", "Nadie se enterará", "puede conservar", "compartirlos", "registro público", "en contra de usted", "otras personas", "dónde está su cámara", "acusado", "hasta que la agencia los recoja", "que se los devuelvan", "60 días", "reconocimiento facial"},
	} {
		text, ref, err := ConsentText(CurrentVersion, lang)
		if err != nil || ref.Language != lang {
			t.Fatalf("%s: %+v, %v", lang, ref, err)
		}
		for _, p := range phrases {
			if !strings.Contains(text, p) {
				t.Errorf("%s: %q is not said", lang, p)
			}
		}
	}
	for lang, want := range map[string]string{"es-MX": "es", "fr": "en", "": "en", "../v1.en": "en"} {
		if _, ref, err := ConsentText("v1", lang); err != nil || ref.Language != want {
			t.Errorf("%q: %+v, %v", lang, ref, err)
		}
	}
	if _, _, err := ConsentText("v999", "en"); footage.KindOf(err) != footage.NotFound {
		t.Errorf("unknown version: %v", err)
	}
	if _, _, err := TermsJSON("../consent/v1.en"); footage.KindOf(err) != footage.NotFound {
		t.Errorf("unknown terms: %v", err)
	}
}

// TestDecline: nobody declines without a reason and a word on whether the clips may help the defence (D3, D9).
func TestDecline(t *testing.T) {
	for _, reason := range DeclineReasons() {
		d := Decline{Reason: reason, Exculpatory: Possibly, Note: "dark"}
		detail, err := d.Detail()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ParseDecline(detail); err != nil || back != d {
			t.Errorf("%s: %+v, %v", reason, back, err)
		}
	}
	for _, d := range []Decline{{}, {Reason: NotRelevant}, {Exculpatory: NoneSeen}, {Reason: OtherReason, Exculpatory: NoneSeen, Note: " "}, {Reason: Duplicate, Exculpatory: NoneSeen, Note: "a\nb"}} {
		if _, err := d.Detail(); footage.KindOf(err) != footage.Invalid {
			t.Errorf("%+v: %v", d, err)
		}
	}
	if _, err := ParseDecline(map[string]string{"reason": "duplicate", "exculpatory": "none_seen", "more": "x"}); err == nil {
		t.Error("an unknown field was read")
	}
}

func TestRecall(t *testing.T) {
	for _, r := range []Recall{{Answer: RecallDestroyed}, {Answer: RecallReturned, Note: "not used"}, {Answer: RecallKeptByLaw, Note: "725 ILCS 5/103"}} {
		detail, err := r.Detail()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ParseRecall(detail); err != nil || back != r {
			t.Errorf("%+v: %+v, %v", r, back, err)
		}
	}
	for _, r := range []Recall{{}, {Answer: "no"}, {Answer: RecallKeptByLaw}} {
		if _, err := r.Detail(); footage.KindOf(err) != footage.Invalid {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func TestLadder(t *testing.T) {
	plain := Ladder(Known{Sending: Holds})
	if len(plain) != 5 || plain[3].State != Holds || plain[4].State != Holds || plain[0].State != NotChecked || !strings.Contains(plain[4].Text, "Unverified origin") {
		t.Errorf("%+v", plain)
	}
	if r := Ladder(Known{Maker: Holds, Sending: Holds}); r[4].State != Absent || r[0].level() != OK {
		t.Errorf("%+v", r)
	}
	for _, k := range []Known{{Maker: Broken}, {Cloud: Broken}, {Capture: Broken}, {Sending: Broken}} {
		failed := 0
		for _, r := range Ladder(k) {
			if r.level() == Fail {
				failed++
			}
		}
		if failed != 1 {
			t.Errorf("%+v: %d failing rungs", k, failed)
		}
	}
	for _, s := range []State{Holds, Broken, Absent, NotChecked} {
		var found Findings
		for _, r := range Ladder(Known{s, s, s, s}) {
			found.add(r.level(), "rung_"+r.Code, "data/clips/a.mp4", "%s", r.Text)
		}
		if again := found.Rungs("a.mp4"); !slices.Equal(again, Ladder(Known{s, s, s, s})) || found.Rungs("b.mp4") != nil {
			t.Errorf("the findings give back the ladder %+v", again)
		}
		for _, r := range Ladder(Known{s, s, s, s}) {
			if r.Text == "" || strings.Contains(strings.ToLower(r.Text), "authentic") {
				t.Errorf("rung %d, %s: %q", r.Number, s, r.Text)
			}
		}
	}
}
