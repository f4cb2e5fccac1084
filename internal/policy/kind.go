package policy

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Words is a text in the languages that Porchlight speaks.
type Words struct {
	En string `json:"en"`
	Es string `json:"es"`
}

// In returns the text in a language, "en" or "es"; every other language gets English.
func (w Words) In(language string) string {
	if language == "es" {
		return w.Es
	}
	return w.En
}

// with puts other words in the place of {limit}.
func (w Words) with(limit Words) Words {
	return Words{strings.ReplaceAll(w.En, "{limit}", limit.En), strings.ReplaceAll(w.Es, "{limit}", limit.Es)}
}

// kind is one sort of rule that a policy may hold. The set is closed: a rule that these cannot say needs code, and so a
// review, not a cleverer file.
type kind struct {
	name     string
	about    string   // what keeping it means, for the table of the documents
	min, max float64  // what the limit may be; both nought when the rule has no limit
	unit     unit     // of the limit
	low      bool     // the lower limit is the stricter one
	fraction bool     // the limit need not be whole
	codes    codeList // what a list holds, when the rule has one
	join     joining  // how the lists of several policies become one
	optional bool     // a set of policies may do without it
}

func (k kind) limited() bool { return k.max > 0 }

// joining says what the codes of several policies come to, so that the strictest wins.
type joining string

const (
	all     joining = "all of them"     // each policy's codes count
	common  joining = "those in common" // only what every policy lists remains
	highest joining = "the highest"     // one code of a ladder; the highest counts
	lower           = "lower"           // for the table of the documents
	higher          = "higher"
)

// stricter says in words which of two rules of the kind wins.
func (k kind) stricter() string {
	switch {
	case k.codes != "":
		return string(k.join)
	case !k.limited():
		return ""
	case k.low:
		return lower
	}
	return higher
}

// together returns what two lists of codes come to, in the order of the list that they are from.
func (k kind) together(a, b []string) []string {
	var out []string
	for _, code := range k.codes.order() {
		inA, inB := slices.Contains(a, code), slices.Contains(b, code)
		switch {
		case k.join == common && inA && inB, k.join == all && (inA || inB):
			out = append(out, code)
		case k.join == highest && (inA || inB):
			out = []string{code}
		}
	}
	return out
}

// codesText names codes for people.
func (k kind) codesText(codes []string) Words {
	var en, es []string
	for _, code := range codes {
		name := k.codes.text(code)
		en, es = append(en, name.En), append(es, name.Es)
	}
	separator := ", "
	if k.codes == offenceCodes {
		separator = "; "
	}
	return Words{strings.Join(en, separator), strings.Join(es, separator)}
}

// unit is the name of a unit for one and for several.
type unit struct{ one, many Words }

func same(en, es string) unit { return unit{Words{en, es}, Words{en, es}} }

func units(one, many, uno, muchos string) unit { return unit{Words{one, uno}, Words{many, muchos}} }

// text returns a number with its unit in both languages.
func (u unit) text(n float64) Words {
	name := u.many
	if n == 1 {
		name = u.one
	}
	number := strconv.FormatFloat(n, 'f', -1, 64)
	return Words{number + " " + name.En, number + " " + name.Es}
}

// bytesText returns a size in the largest decimal unit that it is a whole number of.
func bytesText(n float64) Words {
	for _, u := range []struct {
		size float64
		name string
	}{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if n >= u.size && math.Mod(n, u.size) == 0 {
			return same(u.name, u.name).text(n / u.size)
		}
	}
	return units("byte", "bytes", "byte", "bytes").text(n)
}

func (k kind) text(n float64) Words {
	if k.unit == bytesUnit() {
		return bytesText(n)
	}
	return k.unit.text(n)
}

func bytesUnit() unit { return units("byte", "bytes", "byte", "bytes") }

func kindByName(name string) (kind, bool) {
	for _, k := range kinds() {
		if k.name == name {
			return k, true
		}
	}
	return kind{}, false
}

// bound is a pair of limits of which the first may not pass the second.
type bound struct{ low, high string }

func bounds() []bound {
	return []bound{
		{"area_min_sq_mi", "area_max_sq_mi"},
		{"guarded_area_min_sq_mi", "area_max_sq_mi"},
		{"title_min_characters", "title_max_characters"},
		{"text_min_characters", "text_max_characters"},
		{"text_min_characters", "guarded_text_max_characters"},
		{"households_min", "households_max"},
		{"linked_union_max_sq_mi", "linked_union_ceiling_sq_mi"},
		{"spot_requests_max", "spot_requests_ceiling"},
		{"file_bytes", "share_bytes"},
		{"share_bytes", "request_quota_bytes"},
	}
}
