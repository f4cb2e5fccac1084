package opendata

import (
	"encoding/json"
	"slices"
	"strings"

	"porchlight.example/internal/footage"
)

// members are those of an entry's data.
type members map[string]json.RawMessage

// text returns a member that is a string, or "".
func (f members) text(name string) string {
	var s string
	if json.Unmarshal(f[name], &s) != nil {
		return ""
	}
	return s
}

// inside returns a member's own members, or nil.
func (f members) inside(name string) members {
	var in members
	if json.Unmarshal(f[name], &in) != nil {
		return nil
	}
	return in
}

// texts returns a member that is a list of strings, or of objects with a code.
func (f members) texts(name string) []string {
	var list []json.RawMessage
	if json.Unmarshal(f[name], &list) != nil {
		return nil
	}
	var out []string
	for _, raw := range list {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			out = append(out, s)
			continue
		}
		var in members
		if json.Unmarshal(raw, &in) == nil && in.text("code") != "" {
			out = append(out, in.text("code"))
		}
	}
	return out
}

// agency returns whom the entry is about: by ID, as a description, or by what belongs to it.
func (f members) agency() footage.AgencyID {
	for _, id := range []string{f.text("agency"), f.inside("agency").text("id"), f.inside("epoch").text("agency")} {
		if footage.AgencyID(id).Valid() {
			return footage.AgencyID(id)
		}
	}
	return ""
}

// subject returns what else the entry names.
func (f members) subject() string {
	for _, name := range []string{"request", "person", "complaint", "notice", "demand", "document", "statement", "attestor", "sha256", "root"} {
		if s := f.text(name); s != "" {
			return s
		}
	}
	return ""
}

// state returns the short code that says what became of something, or "".
func (f members) state() string {
	for _, name := range []string{"outcome", "status", "kind", "decision", "answer", "change"} {
		if s := f.text(name); isCode(s) {
			return s
		}
	}
	return ""
}

// reasons returns the short codes that say why, each once. Hashes and free text are none.
func (f members) reasons() []string {
	for _, name := range []string{"reasons", "reason", "code"} {
		list := f.texts(name)
		if s := f.text(name); s != "" {
			list = []string{s}
		}
		list = slices.DeleteFunc(list, func(s string) bool { return !isCode(s) })
		if len(list) > 0 {
			slices.Sort(list)
			return slices.Compact(list)
		}
	}
	return nil
}

// isCode reports whether s is a stable code such as "area_too_large".
func isCode(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-") == ""
}
