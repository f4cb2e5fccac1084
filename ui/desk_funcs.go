package ui

import (
	"fmt"
	"html/template"
	"maps"
	"slices"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// Shortcut is a key that the pages of the desk listen to, and what it does.
type Shortcut struct {
	Key  string
	Does text.Key
}

// Shortcuts lists the keys. None of them signs anything by itself: each goes to the button or field that does.
func Shortcuts() []Shortcut {
	return []Shortcut{{"j", "desk.key.next"}, {"k", "desk.key.before"}, {"u", "desk.key.inbox"}, {"o", "desk.key.open"}, {"v", "desk.key.verify"},
		{"a", "desk.key.accept"}, {"d", "desk.key.decline"}, {"q", "desk.key.ask"}, {"e", "desk.key.export"}, {"c", "desk.key.confirm"}, {"?", "desk.key.help"}}
}

// deskTable are the functions of the desk's pages.
func (f funcs) deskTable() template.FuncMap {
	named := func(family string) func(any) string {
		return func(code any) string { return f.words.T(text.Key(fmt.Sprint(family, code))) }
	}
	return template.FuncMap{
		"bytes":         f.bytes,
		"plus":          func(a, b int) int { return a + b },
		"short":         func(id footage.ShareID) string { return string(id)[:min(len(id), 8)] },
		"deskkeys":      Shortcuts,
		"deskstate":     named("desk.state."),
		"capturesource": named("desk.capture."),
		"edit":          named("desk.edit."),
		"editcodes":     editCodes,
		"level":         named("desk.level."),
		"party":         named("desk.party."),
		"rungname":      named("desk.rung."),
		"rungstate":     f.rungState,
		"rung":          f.rung,
		"custodyevent":  named("desk.event."),
		"custodydetail": f.custodyDetail,
		"deskconsent":   agreed(evidence.ConsentText),
		"deskterms":     f.terms,
	}
}

// bytes writes a size as people read it, in powers of ten.
func (f funcs) bytes(n int64) string {
	units := []string{"kB", "MB", "GB", "TB"}
	if n < 1000 {
		return f.words.Int(n) + " B"
	}
	size, unit := float64(n)/1000, 0
	for size >= 1000 && unit < len(units)-1 {
		size, unit = size/1000, unit+1
	}
	return f.words.Number(size, 1) + " " + units[unit]
}

// editCodes lists the sorts of changes that were made to a clip, each once.
func editCodes(c evidence.Clip) (out []evidence.EditCode) {
	for _, e := range c.Edits {
		if !slices.Contains(out, e.Code) {
			out = append(out, e.Code)
		}
	}
	return out
}

// rung says what is known of a rung: in the words of the report in the package, or in their translation.
func (f funcs) rung(r evidence.Rung) string {
	return f.words.T(text.Key("desk.rung." + r.Code + "." + string(r.State)))
}

// rungState names a rung's state in a word. The last rung is no check: that it holds is no good news.
func (f funcs) rungState(r evidence.Rung) string {
	if r.Code == "origin_unknown" {
		return f.words.T(text.Key("desk.origin." + string(r.State)))
	}
	return f.words.T(text.Key("desk.rungstate." + string(r.State)))
}

// custodyDetail says what an event of the custody chain holds besides its kind.
func (f funcs) custodyDetail(e footage.Event) string {
	switch e.Kind {
	case footage.EventVerified:
		var ok, warn, fail int
		if _, err := fmt.Sscanf(e.Detail[evidence.DetailFindings], "ok=%d warn=%d fail=%d", &ok, &warn, &fail); err == nil {
			return f.words.T("desk.findings.text", "ok", ok, "warn", warn, "fail", fail)
		}
	case footage.EventExported:
		return f.words.T("desk.custody.package", "hash", e.Detail[evidence.DetailPackage])
	case footage.EventDeclined:
		if d, err := evidence.ParseDecline(maps.Clone(e.Detail)); err == nil {
			return f.withNote(f.words.T("desk.custody.declined", "reason", f.words.T(text.Key("desk.decline.reason."+string(d.Reason))), "helps", f.words.T(text.Key("desk.decline.helps."+string(d.Exculpatory)))), d.Note)
		}
	case footage.EventAnswered:
		if r, err := evidence.ParseRecall(maps.Clone(e.Detail)); err == nil {
			return f.withNote(f.words.T(text.Key("desk.recall."+string(r.Answer))), r.Note)
		}
	}
	return ""
}

func (f funcs) withNote(said, note string) string {
	if note == "" {
		return said
	}
	return said + " “" + note + "”"
}

// wording is a text with its language.
type wording struct{ Lang, Text string }

// agreed gives the text that a resident read, in the language in which it was read.
func agreed(lookup func(version, language string) (string, evidence.TextRef, error)) func(evidence.Manifest) wording {
	return func(m evidence.Manifest) wording {
		words, ref, err := lookup(m.Consent.Version, m.Consent.Language)
		if err != nil {
			return wording{"en", err.Error()}
		}
		return wording{ref.Language, words}
	}
}

// terms gives the terms of use in the reader's language.
func (f funcs) terms(m evidence.Manifest) wording {
	words, ref, err := evidence.TermsText(m.Terms.Version, string(f.words.Lang))
	if err != nil {
		return wording{"en", err.Error()}
	}
	return wording{ref.Language, words}
}
