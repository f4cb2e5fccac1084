package policy

import (
	"slices"

	"porchlight.example/internal/footage"
)

// codeList is a closed list of codes, of which a rule names some.
type codeList string

const (
	offenceCodes     codeList = "offence"
	languageCodes    codeList = "language"
	purposeCodes     codeList = "purpose"
	rankCodes        codeList = "rank"
	seriousnessCodes codeList = "seriousness"
)

// named is a code and what it is called.
type named struct {
	code string
	name Words
}

// list returns the codes in their order; ladders go from the lowest rung up.
func (l codeList) list() []named {
	switch l {
	case languageCodes:
		return []named{{"en", Words{"English", "inglés"}}, {"es", Words{"Spanish", "español"}}}
	case purposeCodes:
		return purposes()
	case rankCodes:
		return ranks()
	case seriousnessCodes:
		return rungs()
	}
	var out []named
	for _, o := range footage.Offences() {
		out = append(out, named{o.Code, Words{o.En, o.Es}})
	}
	return out
}

func (l codeList) order() []string {
	var out []string
	for _, n := range l.list() {
		out = append(out, n.code)
	}
	return out
}

func (l codeList) name(code string) (Words, bool) {
	if l == offenceCodes {
		o, ok := footage.OffenceByCode(code)
		return Words{o.En, o.Es}, ok
	}
	for _, n := range l.list() {
		if n.code == code {
			return n.name, true
		}
	}
	return Words{}, false
}

// text names one code for people.
func (l codeList) text(code string) Words {
	name, _ := l.name(code)
	if l == offenceCodes {
		return Words{name.En + " (" + code + ")", name.Es + " (" + code + ")"}
	}
	return name
}

// purposes are what no request may be for (domain reference P2). The content check of package screen holds a text that
// speaks of one under the code "purpose_" and this.
func purposes() []named {
	return []named{
		{"protest", Words{"protests and lawful activity", "protestas y actividades lícitas"}},
		{"worship", Words{"worship", "culto religioso"}},
		{"assembly", Words{"union and political meetings", "reuniones sindicales y políticas"}},
		{"press", Words{"the work of the press", "el trabajo de la prensa"}},
		{"immigration", Words{"immigration status", "situación migratoria"}},
		{"reproductive_care", Words{"reproductive care", "atención reproductiva"}},
		{"gender_care", Words{"gender-affirming care", "atención de afirmación de género"}},
		{"curfew", Words{"curfew and offenses that only minors can commit", "toque de queda y faltas que solo cometen menores"}},
	}
}

// ranks are the rungs of a force; fire services, prosecutors and others take the nearest.
func ranks() []named {
	return []named{
		{"officer", Words{"officer", "oficial"}},
		{"sergeant", Words{"sergeant", "sargento"}},
		{"lieutenant", Words{"lieutenant", "teniente"}},
		{"captain", Words{"captain", "capitán"}},
		{"chief", Words{"chief", "jefe"}},
	}
}

// rungs are how grave an incident is.
func rungs() []named {
	return []named{
		{string(footage.Petty), Words{"petty", "leve"}},
		{string(footage.Minor), Words{"minor", "menor"}},
		{string(footage.Serious), Words{"serious", "grave"}},
		{string(footage.Gravest), Words{"grave", "muy grave"}},
	}
}

// reaches reports whether one code of a ladder is at least as high as another; an unknown one is below all.
func (l codeList) reaches(code, floor string) bool {
	order := l.order()
	return slices.Index(order, code) >= slices.Index(order, floor)
}
