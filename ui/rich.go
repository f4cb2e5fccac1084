package ui

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

var richMark = regexp.MustCompile("\\*\\*([^*]+)\\*\\*|`([^`]+)`|\\[([^\\]]+)\\]\\((/[^)\\s]*|#[^)\\s]*)\\)")

// rich turns the few marks that our own sentences use into HTML: **strong**, `code` and [label](/path). Everything else
// is escaped; a link can only lead to this exchange.
func (f funcs) rich(s string) template.HTML {
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
	return template.HTML(out + html.EscapeString(s[at:]))
}

// breakable escapes a mail address and lets it break after the at sign and not in the middle of a word.
func breakable(address string) template.HTML {
	return template.HTML(strings.ReplaceAll(html.EscapeString(address), "@", "@<wbr>"))
}
