package policy

import (
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

func TestA5NoFederalBody(t *testing.T) {
	try(t, []test{
		{"a federal body takes part", func(in *Input) { in.Document.Federal = "joint task force" }, []string{"federal_involvement"}},
		{"nothing declared", func(in *Input) { in.Document.Federal = "" }, []string{"federal_involvement"}},
		{"other spelling of none", func(in *Input) { in.Document.Federal = "None" }, []string{"federal_involvement"}},
		{"immigration agreement", func(in *Input) { in.Agency.ImmigrationAgreement = true }, []string{"immigration_agreement"}},
		{"FBI line", func(in *Input) { in.Agency.ORI = "FBI000000" }, []string{"agency_not_local"}},
		{"Treasury line", func(in *Input) { in.Agency.ORI = "TC0000001" }, []string{"agency_not_local"}},
		{"Nebraska's line", func(in *Input) { in.Agency.ORI = "NB0280000" }, nil},
		{"fire department without one", func(in *Input) { in.Agency.Type, in.Agency.ORI = footage.FireService, "" }, nil},
		{"local register ID", func(in *Input) { in.Agency.ORI = "FDID-12345" }, nil},
	})
}

func TestA6OnlyListedTypes(t *testing.T) {
	for _, kind := range []footage.AgencyType{"", "federal", "state_police", "private_security", "insurer", "hoa"} {
		try(t, []test{{"type " + string(kind), func(in *Input) { in.Agency.Type = kind }, []string{"agency_not_local"}}})
	}
}

func TestA7OwnCase(t *testing.T) {
	try(t, []test{
		{"not its own", func(in *Input) { in.Document.OwnCase = false }, []string{"not_own_case"}},
		{"another agency", func(in *Input) { in.Document.Agency = "elmwood-pd" }, []string{"agency_mismatch"}},
		{"another name", func(in *Input) { in.Document.AgencyName = "Community Helpers" }, []string{"agency_mismatch"}},
		{"no case number", func(in *Input) { in.Private.CaseNumber = " - " }, []string{"case_number_missing"}},
	})
}

func TestA8InsideJurisdiction(t *testing.T) {
	try(t, []test{
		{"none", func(in *Input) { in.Jurisdiction = nil }, []string{"outside_jurisdiction"}},
		{"elsewhere", func(in *Input) {
			in.Jurisdiction = []*geo.Region{region(t, geo.Square(footage.Point{Lon: -80, Lat: 41}, 100*sqMi))}
		}, []string{"outside_jurisdiction"}},
		{"half inside", func(in *Input) {
			at := footage.Point{Lon: center.Lon + 0.1, Lat: center.Lat}
			in.Jurisdiction = []*geo.Region{region(t, geo.Square(at, 108*sqMi))}
		}, []string{"outside_jurisdiction"}},
		{"smaller than the area", func(in *Input) {
			in.Jurisdiction = []*geo.Region{region(t, geo.Square(center, 0.24*sqMi))}
		}, []string{"outside_jurisdiction"}},
	})
}

func TestP1OffenceFromTheList(t *testing.T) {
	offence := func(code string) func(*Input) { return func(in *Input) { in.Document.Offence = code } }
	try(t, []test{
		{"free text", offence("suspicious activity"), []string{"offence_unknown"}},
		{"none", offence(""), []string{"offence_unknown"}},
		{"immigration", offence("30A"), []string{"offence_unknown"}},
		{"curfew", offence("90B"), []string{"offence_prohibited", "offence_not_serious"}},
		{"disorderly conduct", offence("90C"), []string{"offence_prohibited", "offence_not_serious"}},
		{"drunkenness, below the floor", offence("90E"), []string{"offence_not_serious"}},
		{"missing person", offence("X-MISSING"), nil},
		{"officer-involved, by the police", offence("X-OFFICER"), []string{"investigator_not_independent"}},
		{"officer-involved, by the prosecutor", func(in *Input) {
			in.Document.Offence, in.Agency.Type = "X-OFFICER", footage.LocalProsecutor
		}, nil},
	})
}

func TestForms(t *testing.T) {
	code := func(s string) func(*Input) { return func(in *Input) { in.Document.Code = s } }
	zone := func(s string) func(*Input) { return func(in *Input) { in.Document.Zone = s } }
	language := func(s string) func(*Input) { return func(in *Input) { in.Document.Language = s } }
	try(t, []test{
		{"four characters", code("A-12"), nil},
		{"24 characters", code("ABCDEFGHIJKLMNOPQRSTUV12"), nil},
		{"25 characters", code("ABCDEFGHIJKLMNOPQRSTUV123"), []string{"code_malformed"}},
		{"three characters", code("A12"), []string{"code_malformed"}},
		{"small letters", code("mw-24-0012"), []string{"code_malformed"}},
		{"hyphen first", code("-2400"), []string{"code_malformed"}},
		{"line break", code("MW-24\n"), []string{"code_malformed"}},
		{"Spanish", language("es"), nil},
		{"French", language("fr"), []string{"language_unknown"}},
		{"UTC", zone("Etc/UTC"), nil},
		{"no zone", zone(""), []string{"zone_unknown"}},
		{"the machine's zone", zone("Local"), []string{"zone_unknown"}},
		{"a path", zone("../etc/passwd"), []string{"zone_unknown"}},
	})
}
