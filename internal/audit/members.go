package audit

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// members are those of a JSON object as they are written, in their order. Nearly every entry has few and short ones, so that to
// cut them out is many times faster than to decode them.
type members []member

type member struct {
	name  string
	value []byte
}

// membersOf takes an object in canonical JSON apart, as an entry's data is known to be; what is none has no members.
func membersOf(raw []byte) members {
	if len(raw) < 2 || raw[0] != '{' {
		return nil
	}
	all := make(members, 0, 8)
	for raw = raw[1:]; len(raw) > 0 && raw[0] == '"'; {
		end := valueEnd(raw)
		name := textOf(raw[:end])
		raw = raw[min(end+1, len(raw)):] // behind the colon
		end = valueEnd(raw)
		all = append(all, member{name, raw[:end]})
		raw = raw[min(end+1, len(raw)):] // behind the comma
	}
	return all
}

// valueEnd returns where the value that raw begins with ends: at the comma, colon or bracket behind it.
func valueEnd(raw []byte) int {
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i += textEnd(raw[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',', ':':
			if depth == 0 {
				return i
			}
		}
	}
	return len(raw)
}

// textEnd returns the length of the string that raw begins with.
func textEnd(raw []byte) int {
	for i := 1; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}

// textOf returns what a string says, or "" for another value.
func textOf(raw []byte) (s string) {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// raw returns a member as it is written, or nil.
func (in members) raw(name string) []byte {
	for _, m := range in {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// text returns a member that is a string, or "".
func (in members) text(name string) string { return textOf(in.raw(name)) }

// inside returns a member's own members, or nil.
func (in members) inside(name string) members { return membersOf(in.raw(name)) }

// subject returns what else the entry names.
func (in members) subject() string {
	for _, name := range []string{"request", "person", "complaint", "notice", "demand", "document", "statement", "attestor", "sha256", "root"} {
		if s := in.text(name); s != "" {
			return s
		}
	}
	return ""
}

// first returns the first of some members that is a short code, or "".
func (in members) first(names ...string) string {
	for _, name := range names {
		if s := in.text(name); isCode(s) {
			return s
		}
	}
	return ""
}

// reasons returns the short codes that say why, each once.
func (in members) reasons() []string {
	for _, name := range []string{"reasons", "reason", "code"} {
		list := slices.DeleteFunc(in.codes(name), func(s string) bool { return !isCode(s) })
		if len(list) > 0 {
			slices.Sort(list)
			return slices.Compact(list)
		}
	}
	return nil
}

// codes returns a member that is a string, or a list of strings or of objects with a code.
func (in members) codes(name string) (all []string) {
	if s := in.text(name); s != "" {
		return []string{s}
	}
	var list []json.RawMessage
	if json.Unmarshal(in.raw(name), &list) != nil {
		return nil
	}
	for _, raw := range list {
		one := members{{"code", raw}}
		if raw[0] == '{' {
			one = membersOf(raw)
		}
		all = append(all, one.text("code"))
	}
	return all
}

// isCode reports whether s is a stable code such as "area_too_large".
func isCode(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-") == ""
}
