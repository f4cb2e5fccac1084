package ui

import (
	"html"
	"html/template"
	"regexp"
	"strings"

	"porchlight.example/ui/text"
)

var richMark = regexp.MustCompile("\\*\\*([^*]+)\\*\\*|`([^`]+)`|\\[([^\\]]+)\\]\\((/[^)\\s]*|#[^)\\s]*)\\)")

// rich is the sentence for a key with the few marks that our own sentences use turned into HTML: **strong**, `code` and
// [label](/path). Everything else is escaped; a link can only lead to this exchange. Marks in what is filled in mean
// nothing: an agency's name is a name.
func (f funcs) rich(key text.Key, args ...any) template.HTML {
	return f.marked(f.words.T(key, plain(args)...))
}

// richParas is rich for a list of paragraphs.
func (f funcs) richParas(key text.Key, args ...any) []template.HTML {
	var out []template.HTML
	for _, s := range f.words.List(key, plain(args)...) {
		out = append(out, f.marked(s))
	}
	return out
}

// The characters of marks, and others of Unicode's private use that stand for them while marks are looked for.
const (
	markRunes  = "*`[]()"
	plainRunes = "\ue000\ue001\ue002\ue003\ue004\ue005"
)

// plain disguises the characters of marks in the texts that are to be filled in.
func plain(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a
		if s, ok := a.(string); ok {
			out[i] = swap(s, markRunes, plainRunes)
		}
	}
	return out
}

// swap puts the rune of to that stands where the rune stands in from.
func swap(s, from, to string) string {
	runes := []rune(to)
	return strings.Map(func(r rune) rune {
		for i, f := range []rune(from) {
			if r == f {
				return runes[i]
			}
		}
		return r
	}, s)
}

func (f funcs) marked(s string) template.HTML {
	out, at := "", 0
	for _, m := range richMark.FindAllStringSubmatchIndex(s, -1) {
		out += html.EscapeString(s[at:m[0]])
		group := func(i int) string { return html.EscapeString(s[m[2*i]:m[2*i+1]]) }
		switch {
		case m[2] >= 0:
			out += "<strong>" + group(1) + "</strong>"
		case m[4] >= 0:
			out += "<code>" + group(2) + "</code>"
		default:
			target := group(4)
			if target[0] == '/' {
				target = f.href(target)
			}
			out += `<a href="` + target + `">` + group(3) + "</a>"
		}
		at = m[1]
	}
	return template.HTML(swap(out+html.EscapeString(s[at:]), plainRunes, markRunes))
}

// breakable escapes a mail address and lets it break after the at sign and not in the middle of a word.
func breakable(address string) template.HTML {
	return template.HTML(strings.ReplaceAll(html.EscapeString(address), "@", "@<wbr>"))
}
