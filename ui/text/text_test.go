package text

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func load(t *testing.T, lang Lang) *Catalogue {
	t.Helper()
	c, err := Load(lang)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// shape is what two languages must have in common of a message.
func shape(m message) (forms []string, holes []string) {
	switch {
	case m.list != nil:
		for _, s := range m.list {
			forms = append(forms, "paragraph")
			holes = append(holes, strings.Join(sortedHoles(s), " "))
		}
	case m.one != "":
		forms = []string{"one", "other"}
		holes = []string{strings.Join(sortedHoles(m.other), " ")}
	default:
		forms = []string{"other"}
		holes = []string{strings.Join(sortedHoles(m.other), " ")}
	}
	return forms, holes
}

func sortedHoles(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// alike are messages that both languages say the same.
func alike() []Key {
	return []Key{"map.north", "mine.command", "error.kicker", "share.found.value", "share.found.bytes"}
}

// TestSameMessages: both languages have the same messages of the same shape with the same placeholders, and no message was
// left in the other's language.
func TestSameMessages(t *testing.T) {
	en, es := load(t, English), load(t, Spanish)
	if len(en.Keys()) < 150 {
		t.Fatalf("only %d messages", len(en.Keys()))
	}
	for _, k := range slices.Compact(append(en.Keys(), es.Keys()...)) {
		a, b := en.messages[k], es.messages[k]
		if !en.Has(k) || !es.Has(k) {
			t.Errorf("%s is in one language only", k)
			continue
		}
		forms, holes := shape(a)
		otherForms, otherHoles := shape(b)
		if !slices.Equal(forms, otherForms) || !slices.Equal(holes, otherHoles) {
			t.Errorf("%s: %v %q in English, %v %q in Spanish", k, forms, holes, otherForms, otherHoles)
		}
		same := a.other == b.other && a.one == b.one && slices.Equal(a.list, b.list)
		if same != slices.Contains(alike(), k) {
			t.Errorf("%s: the same in both languages is %v", k, same)
		}
	}
}

// TestNoTwice: a member that stands twice in a catalogue hides the first.
func TestNoTwice(t *testing.T) {
	for _, lang := range Languages() {
		names, err := fs.Glob(files, string(lang)+"/*.json")
		if err != nil || len(names) == 0 {
			t.Fatalf("files of %s: %v, %v", lang, names, err)
		}
		seen := map[string]bool{}
		for _, name := range names {
			raw, err := files.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range members(raw) {
				if seen[key] {
					t.Errorf("%s stands twice in %s", key, lang)
				}
				seen[key] = true
			}
		}
		if len(seen) != len(load(t, lang).Keys()) {
			t.Errorf("%s: %d members, %d messages", lang, len(seen), len(load(t, lang).Keys()))
		}
	}
}

// members lists the members of a JSON object in their order, each as often as it stands there.
func members(raw []byte) (keys []string) {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	for depth, key := 0, true; ; {
		token, err := dec.Token()
		if err != nil {
			return keys
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth++
			} else {
				depth--
			}
			key = true
		case string:
			if depth == 1 && key {
				keys = append(keys, v)
				key = false
				continue
			}
			key = true
		}
	}
}

// TestLetters: no straight quotes, three dots, double blanks, blanks at the ends, or marks that are not closed.
func TestLetters(t *testing.T) {
	bad := regexp.MustCompile(`"|\.\.\.|  |^\s|\s$|\p{Cf}`)
	for _, lang := range Languages() {
		c := load(t, lang)
		for k, m := range c.messages {
			for _, s := range append([]string{m.one, m.other}, m.list...) {
				if k == "request.and" {
					s = strings.TrimPrefix(s, " ") // it is joined to what stands before
				}
				if at := bad.FindString(s); at != "" {
					t.Errorf("%s in %s: %q holds %q", k, lang, s, at)
				}
				if strings.Count(s, "**")%2 != 0 || strings.Count(s, "`")%2 != 0 || strings.Count(s, "[") != strings.Count(s, "](") {
					t.Errorf("%s in %s: a mark of %q is not closed", k, lang, s)
				}
			}
		}
	}
}

func TestT(t *testing.T) {
	en, es := load(t, English), load(t, Spanish)
	for _, c := range []struct{ got, want string }{
		{en.T("front.open", "n", 0), "0 open requests"}, {en.T("front.open", "n", 1), "1 open request"}, {en.T("front.open", "n", int64(12345)), "12,345 open requests"},
		{es.T("front.open", "n", 1), "1 solicitud abierta"}, {es.T("front.open", "n", 1234), "1234 solicitudes abiertas"}, {es.T("front.open", "n", 12345), "12\u00a0345 solicitudes abiertas"},
		{en.T("layout.operator", "operator", "{operator}"), "Run by {operator}."}, {en.T("no.such"), "[no.such]"}, {strings.Join(en.List("no.such"), ""), "[no.such]"},
	} {
		if c.got != c.want {
			t.Errorf("%q, not %q", c.got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	en, es := load(t, English), load(t, Spanish)
	for _, c := range []struct {
		f        float64
		decimals int
		en, es   string
	}{
		{0.5, 2, "0.5", "0.5"}, {0.025, 3, "0.025", "0.025"}, {0.025, 2, "0.03", "0.03"}, {12, 2, "12", "12"}, {1234.5, 1, "1,234.5", "1234.5"},
		{-0.25, 2, "-0.25", "-0.25"}, {-1234567, 0, "-1,234,567", "-1\u00a0234\u00a0567"}, {0, 2, "0", "0"}, {999.999, 2, "1,000", "1000"},
	} {
		if got := en.Number(c.f, c.decimals); got != c.en {
			t.Errorf("%v in English is %q, not %q", c.f, got, c.en)
		}
		if got := es.Number(c.f, c.decimals); got != c.es {
			t.Errorf("%v in Spanish is %q, not %q", c.f, got, c.es)
		}
	}
}

func TestTimes(t *testing.T) {
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	en, es := load(t, English), load(t, Spanish)
	at := func(month, day, hour, minute int) time.Time {
		return time.Date(2026, time.Month(month), day, hour, minute, 0, 0, chicago)
	}
	fall := time.Date(2026, 11, 1, 6, 30, 0, 0, time.UTC).In(chicago) // 1:30 CDT, an hour before the clocks go back
	for _, c := range []struct{ got, want string }{
		{en.Date(at(11, 5, 0, 0)), "November 5, 2026"}, {es.Date(at(11, 5, 0, 0)), "5 de noviembre de 2026"},
		{en.Month(at(3, 5, 0, 0)), "Mar 2026"}, {es.Month(at(9, 5, 0, 0)), "sep 2026"},
		{en.Clock(at(1, 1, 0, 5)), "12:05 a.m."}, {en.Clock(at(1, 1, 12, 0)), "12:00 p.m."}, {es.Clock(at(1, 1, 0, 5)), "00:05"},
		{en.Moment(at(7, 4, 21, 30)), "July 4, 2026, 9:30 p.m. CDT"}, {es.Moment(at(7, 4, 21, 30)), "4 de julio de 2026, 21:30 CDT"},
		{en.Span(at(11, 18, 8, 30), at(11, 18, 11, 30)), "Wednesday, November 18, 2026, 8:30 a.m. to 11:30 a.m. CST"},
		{es.Span(at(11, 18, 8, 30), at(11, 18, 11, 30)), "Miércoles 18 de noviembre de 2026, 08:30 a 11:30 CST"},
		{en.Span(at(11, 20, 16, 30), at(11, 21, 0, 30)), "Friday, November 20, 2026, 4:30 p.m. to Saturday, November 21, 2026, 12:30 a.m. CST"},
		{es.Span(at(11, 20, 16, 30), at(11, 21, 0, 30)), "Viernes 20 de noviembre de 2026, 16:30 hasta el sábado 21 de noviembre de 2026, 00:30 CST"},
		{en.Span(fall, fall.Add(time.Hour)), "Sunday, November 1, 2026, 1:30 a.m. CDT to Sunday, November 1, 2026, 1:30 a.m. CST"},
	} {
		if got := strings.ReplaceAll(c.got, "\u00a0", " "); got != c.want {
			t.Errorf("%q, not %q", got, c.want)
		}
	}
}

func TestJoin(t *testing.T) {
	en, es := load(t, English), load(t, Spanish)
	for _, c := range []struct {
		items  []string
		en, es string
	}{
		{nil, "", ""}, {[]string{"Elm"}, "Elm", "Elm"}, {[]string{"Elm", "Oak"}, "Elm and Oak", "Elm y Oak"}, {[]string{"Elm", "Oak", "Ivy"}, "Elm, Oak and Ivy", "Elm, Oak e Ivy"},
		{[]string{"Elm", "Hickory"}, "Elm and Hickory", "Elm e Hickory"},
	} {
		if got := en.Join(c.items); got != c.en {
			t.Errorf("%q, not %q", got, c.en)
		}
		if got := es.Join(c.items); got != c.es {
			t.Errorf("%q, not %q", got, c.es)
		}
	}
}

func TestLanguages(t *testing.T) {
	for _, l := range Languages() {
		if !l.Known() || l.Name() == "" {
			t.Errorf("%s", l)
		}
	}
	if Lang("fr").Known() || English.Name() == Spanish.Name() {
		t.Error("languages are mixed up")
	}
	if _, err := Load("fr"); err == nil {
		t.Error("a language that nobody wrote was loaded")
	}
}
