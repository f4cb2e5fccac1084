package policy

import (
	"math"
	"slices"
	"strconv"
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

// kind is one sort of rule that a policy may hold. The set is closed: a rule that these cannot say needs code, and so a
// review, not a cleverer file.
type kind struct {
	name     string
	min, max float64  // what the limit may be; both nought when the rule has no limit
	unit     unit     // of the limit
	low      bool     // the lower limit is the stricter one
	fraction bool     // the limit need not be whole
	codes    codeList // what a list holds, when the rule has one
	optional bool     // a set of policies may do without it
}

func (k kind) limited() bool { return k.max > 0 }

// codeList says what the codes of a rule are.
type codeList string

const (
	offenceCodes  codeList = "offence"
	languageCodes codeList = "language"
)

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

// kinds lists every kind of rule, in the order in which pages show them.
func kinds() []kind { return slices.Concat(decidingKinds(), handlingKinds()) }

// decidingKinds are the rules that a request must keep.
func decidingKinds() []kind {
	sqMi, mi := same("sq mi", "mi²"), units("mile", "miles", "milla", "millas")
	minutes, hours := units("minute", "minutes", "minuto", "minutos"), units("hour", "hours", "hora", "horas")
	days, runes := units("day", "days", "día", "días"), units("character", "characters", "carácter", "caracteres")
	requests := units("request", "requests", "solicitud", "solicitudes")
	return []kind{
		{name: "area_max_sq_mi", min: 0.025, max: 1, unit: sqMi, low: true, fraction: true},
		{name: "area_min_sq_mi", min: 0.01, max: 0.5, unit: sqMi, fraction: true},
		{name: "area_span_max_mi", min: 0.25, max: 10, unit: mi, low: true, fraction: true, optional: true},
		{name: "inside_jurisdiction"},
		{name: "around_incident"},
		{name: "window_min_minutes", min: 1, max: 720, unit: minutes},
		{name: "window_max_hours", min: 1, max: 24, unit: hours, low: true},
		{name: "look_back_days", min: 1, max: 180, unit: days, low: true},
		{name: "not_in_future"},
		{name: "open_days_max", min: 1, max: 30, unit: days, low: true},
		{name: "requests_per_investigation", min: 1, max: 5, unit: requests, low: true},
		{name: "local_agency"},
		{name: "own_case"},
		{name: "no_federal_involvement", optional: true},
		{name: "no_immigration_agreement", optional: true},
		{name: "offence_listed"},
		{name: "offences_prohibited", codes: offenceCodes},
		{name: "code_form"},
		{name: "title_min_characters", min: 1, max: 40, unit: runes},
		{name: "title_max_characters", min: 20, max: 200, unit: runes, low: true},
		{name: "text_min_characters", min: 1, max: 400, unit: runes},
		{name: "text_max_characters", min: 100, max: 8000, unit: runes, low: true},
		{name: "plain_text"},
		{name: "contact_required"},
		{name: "languages", codes: languageCodes},
		{name: "zone_known"},
	}
}

// handlingKinds are the limits that the exchange keeps when it handles what is shared.
func handlingKinds() []kind {
	days, hours := units("day", "days", "día", "días"), units("hour", "hours", "hora", "horas")
	return []kind{
		{name: "retention_days", min: 1, max: 30, unit: days, low: true},
		{name: "declined_days", min: 1, max: 90, unit: days}, // longer is stricter: the clip may clear somebody
		{name: "abandoned_hours", min: 1, max: 72, unit: hours, low: true},
		{name: "late_commit_hours", min: 1, max: 72, unit: hours, low: true},
		{name: "release_minutes", min: 1, max: 1440, unit: units("minute", "minutes", "minuto", "minutos")},
		{name: "file_bytes", min: 1e6, max: 60e9, unit: bytesUnit(), low: true},
		{name: "share_bytes", min: 1e6, max: 200e9, unit: bytesUnit(), low: true},
		{name: "request_quota_bytes", min: 1e9, max: 10e12, unit: bytesUnit(), low: true},
		{name: "files_per_share", min: 1, max: 100, unit: units("file", "files", "archivo", "archivos"), low: true},
		{name: "shares_per_client_hour", min: 1, max: 1000, low: true,
			unit: units("share an hour", "shares an hour", "envío por hora", "envíos por hora")},
		{name: "proof_of_work_bits", min: 1, max: 32, unit: same("bits", "bits")},
	}
}

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
		{"title_min_characters", "title_max_characters"},
		{"text_min_characters", "text_max_characters"},
		{"file_bytes", "share_bytes"},
		{"share_bytes", "request_quota_bytes"},
	}
}
