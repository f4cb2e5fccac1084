package policy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"porchlight.example/internal/footage"
)

func (d *decision) investigation() {
	value := units("request", "requests", "solicitud", "solicitudes").text(float64(d.in.Earlier + 1))
	if d.over("requests_per_investigation", float64(d.in.Earlier+1)) {
		d.refuse("requests_per_investigation", "too_many_requests", value)
	}
	if d.in.Earlier > 0 && strings.TrimSpace(d.in.Document.Changed) == "" {
		d.refuseWith("requests_per_investigation", "change_missing", value, Words{
			"A further request of the same investigation must say what has changed since the first.",
			"Otra solicitud de la misma investigación debe decir qué ha cambiado desde la primera."})
	}
}

func (d *decision) agency() {
	doc, agency := d.in.Document, d.in.Agency
	if !slices.Contains(footage.AgencyTypes(), agency.Type) || FederalORI(agency.ORI) {
		d.refuse("local_agency", "agency_not_local", Words{})
	}
	if !doc.OwnCase {
		d.refuse("own_case", "not_own_case", Words{})
	}
	if doc.Agency != agency.ID || doc.AgencyName != agency.Name {
		d.refuseWith("own_case", "agency_mismatch", Words{}, Words{
			"The request must name the agency that makes it, as the register does.",
			"La solicitud debe nombrar a la agencia que la hace, tal como aparece en el registro."})
	}
	if NormaliseCase(d.in.Private.CaseNumber) == "" {
		d.refuseWith("own_case", "case_number_missing", Words{}, Words{
			"Give the agency's own case number; it is not published.",
			"Indique el número de caso de la agencia; no se publica."})
	}
	if doc.Federal != "none" {
		d.refuse("no_federal_involvement", "federal_involvement", quoted(doc.Federal))
	}
	if agency.ImmigrationAgreement {
		d.refuse("no_immigration_agreement", "immigration_agreement", Words{})
	}
}

func (d *decision) offence() {
	code := d.in.Document.Offence
	o, ok := footage.OffenceByCode(code)
	if !ok {
		d.refuse("offence_listed", "offence_unknown", quoted(code))
		return
	}
	named := offenceCodes.text(code)
	if rule, ok := d.Listing("offences_prohibited", code); ok {
		d.reasons = append(d.reasons, rule.Reason("offence_prohibited", named, Words{}, d.in.Language))
	}
	if floor, ok := d.rules["seriousness_floor"]; ok && !seriousnessCodes.reaches(string(o.Seriousness), floor.Codes[0]) {
		d.refuse("seriousness_floor", "offence_not_serious", seriousnessCodes.text(string(o.Seriousness)))
	}
	if o.Independent && d.in.Agency.Type != footage.LocalProsecutor && d.in.Agency.Type != footage.MedicalExaminer {
		d.refuseWith("local_agency", "investigator_not_independent", named, Words{
			"Only a local prosecutor or medical examiner may ask about an officer-involved incident.",
			"Solo la fiscalía local o la medicina forense puede pedir por un incidente con participación de un oficial."})
	}
}

// oriForm is the form of an originating agency identifier, as the FBI's CJIS division gives them. A register ID of another
// form says nothing about who gave it.
var oriForm = regexp.MustCompile(`^[A-Z]{2}[A-Z0-9]{7}$`)

// stateLines are the first two letters of the identifiers of states, territories and the District of Columbia; Nebraska is
// NB there. Every other line, such as FB, TC or DN, is federal or foreign.
const stateLines = "AL AK AS AZ AR CA CO CT DE DC FL GA GM GU HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT MP NB NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA VI WA WV WI WY"

// FederalORI reports whether an identifier has the form of an ORI and does not belong to a state, territory or the District
// of Columbia.
func FederalORI(ori string) bool {
	return oriForm.MatchString(ori) && !slices.Contains(strings.Fields(stateLines), ori[:2])
}

// codeForm is what a public investigation code looks like: 4 to 24 of A-Z, 0-9 and hyphen, no hyphen at an end.
var codeForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{2,22}[A-Z0-9]$`)

// form checks the fields whose form is fixed.
func (d *decision) form() {
	doc := d.in.Document
	if !codeForm.MatchString(doc.Code) {
		d.refuse("code_form", "code_malformed", quoted(doc.Code))
	}
	if !slices.Contains(d.rules["languages"].Codes, doc.Language) {
		d.refuse("languages", "language_unknown", quoted(doc.Language))
	}
	if !knownZone(doc.Zone) {
		d.refuse("zone_known", "zone_unknown", quoted(doc.Zone))
	}
}

// quoted makes foreign text fit to be shown: short, and without control or format characters.
func quoted(s string) Words {
	if runes := []rune(s); len(runes) > 40 {
		s = string(runes[:40]) + "…"
	}
	q := strconv.Quote(s)
	return Words{q, q}
}
