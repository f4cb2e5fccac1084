// Package screen reads the text of a request before a person does, and finds wording that a moderator must look at:
// prohibited purposes, pressure, descriptions by race alone, who the victim is, announcements, accusations.
//
// It holds with a reason code; it never approves, and finding nothing means nothing: a moderator reads every request. It
// knows wording alone, in English and Spanish. doc/performance.md gives how much of a labelled set it finds, doc/security.md
// what it misses.
package screen

import (
	"slices"
	"strings"

	"porchlight.example/internal/footage"
)

// Input is what is read.
type Input struct {
	Title   string
	Text    string
	Changed string // what is different from an earlier request, or the text of an update
	Offence string // its code; a missing person must be named, so that naming is not held
	// Purposes are the prohibited purposes of the policies in force, as package policy names them; nil means all.
	Purposes []string
	Language string // of the sentences: "en", the default, or "es"
}

// The codes of what is held beside prohibited purposes, whose codes are "purpose_" and the purpose.
const (
	Pressure     = "pressure_wording"      // threats, orders, shame, rewards
	RaceOnly     = "race_only_description" // a person described by race and nothing else
	Victim       = "victim_identity"       // a victim's name, address, work or family
	Announcement = "general_announcement"  // no request for footage of an incident
	Accusation   = "accusation"            // a named person is said to have done it
)

// Codes lists every code that [Check] can give.
func Codes() []string {
	var out []string
	for _, r := range rules() {
		if !slices.Contains(out, r.code) {
			out = append(out, r.code)
		}
	}
	return out
}

// Check returns why a text must be looked at, each code once, in a fixed order; or nothing, which is no approval. The value
// of a reason is the wording that was found.
func Check(in Input) []footage.Reason {
	t := read(in.Title + ". " + in.Text + "\n" + in.Changed)
	var out []footage.Reason
	for _, r := range rules() {
		purpose, isPurpose := strings.CutPrefix(r.code, "purpose_")
		if isPurpose && in.Purposes != nil && !slices.Contains(in.Purposes, purpose) {
			continue
		}
		if slices.ContainsFunc(out, func(f footage.Reason) bool { return f.Code == r.code }) || r.excused(in.Offence) || r.alone && len(out) > 0 {
			continue
		}
		if found := r.find(t); found != "" {
			out = append(out, footage.Reason{Code: r.code, Msg: sentence(r.code, in.Language), Value: short(found)})
		}
	}
	return out
}

// short bounds what is quoted.
func short(s string) string {
	s = strings.TrimSpace(s)
	if runes := []rune(s); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return s
}

// text is what was read, in the forms that wording is looked for in.
type text struct {
	cased string // plain letters, capitals kept
	low   string // small letters
	bare  string // small letters, disguises taken off; empty when there were none
}

func read(s string) text {
	t := text{cased: fold(s)}
	t.low = strings.ToLower(t.cased)
	if bare := undisguised(t.low); bare != t.low {
		t.bare = bare
	}
	return t
}

// sentence says to the moderator, and to the officer, what was found.
func sentence(code, language string) string {
	s, ok := map[string][2]string{
		"purpose_protest":           {"The text speaks of a protest or another lawful gathering.", "El texto habla de una protesta u otra reunión lícita."},
		"purpose_worship":           {"The text speaks of people at worship.", "El texto habla de personas en un culto religioso."},
		"purpose_assembly":          {"The text speaks of a union or political meeting.", "El texto habla de una reunión sindical o política."},
		"purpose_press":             {"The text speaks of the press at work.", "El texto habla de la prensa en su trabajo."},
		"purpose_immigration":       {"The text speaks of immigration status or enforcement.", "El texto habla de situación o control migratorio."},
		"purpose_reproductive_care": {"The text speaks of reproductive care.", "El texto habla de atención reproductiva."},
		"purpose_gender_care":       {"The text speaks of gender-affirming care or of transgender people.", "El texto habla de atención de afirmación de género o de personas trans."},
		"purpose_curfew":            {"The text speaks of a curfew or of what only minors can be charged with.", "El texto habla de un toque de queda o de faltas que solo cometen menores."},
		Pressure:                    {"The text presses people to share: sharing is a choice.", "El texto presiona para compartir: compartir es una decisión libre."},
		RaceOnly:                    {"A person is described by race alone.", "Se describe a una persona solo por su raza."},
		Victim:                      {"The text may tell who the victim is.", "El texto puede revelar quién es la víctima."},
		Announcement:                {"The text is an announcement, not a request about one incident.", "El texto es un anuncio, no una solicitud por un incidente."},
		Accusation:                  {"The text says of a named person that they did it.", "El texto acusa a una persona con su nombre."},
	}[code]
	if !ok {
		return code
	}
	if language == "es" {
		return s[1]
	}
	return s[0]
}
