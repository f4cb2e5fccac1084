package footage

import (
	"regexp"
	"slices"
	"testing"
)

// TestP1OffencesAreListed pins the codes that domain reference 5.3 wants in the picker.
func TestP1OffencesAreListed(t *testing.T) {
	want := []string{"09A", "100", "11A", "13A", "120", "200", "220", "23H", "240", "520", "90D", "90J", "90Z",
		"X-MISSING", "X-CHILD", "X-CRASH-INJURY", "X-CRASH-FATAL", "X-HIT-RUN", "X-DEATH", "X-FIRE", "X-SEARCH", "X-DISASTER", "X-DEMENTIA", "X-OFFICER"}
	for _, code := range want {
		o, ok := OffenceByCode(code)
		if !ok || o.Code != code {
			t.Errorf("OffenceByCode(%q) = %+v, %v", code, o, ok)
		}
		if o.Local() != (o.Against == "") {
			t.Errorf("%s: local %v, against %q", code, o.Local(), o.Against)
		}
	}
}

// TestP2FederalAndImmigrationCodesCannotBeSaid proves that no request can express such a case.
func TestP2FederalAndImmigrationCodesCannotBeSaid(t *testing.T) {
	out := []string{"30A", "30B", "30C", "30D", "49A", "49B", "49C", "101", "103", "26H", "521", "522", "526", "58A", "58B",
		"61A", "61B", "620", "360", "90K", "90L", "90M", "09C", "90I", "", " 220", "220 ", "x-missing", "09a"}
	for _, code := range out {
		if o, ok := OffenceByCode(code); ok {
			t.Errorf("OffenceByCode(%q) = %+v, want none", code, o)
		}
	}
}

func TestOffencesAreWellFormed(t *testing.T) {
	form := regexp.MustCompile(`^([0-9]{2}[0-9A-Z]|X-[A-Z]+(-[A-Z]+)?)$`)
	seen, names := map[string]bool{}, map[string]bool{}
	for _, o := range Offences() {
		if !form.MatchString(o.Code) || seen[o.Code] {
			t.Errorf("code %q is malformed or stands twice", o.Code)
		}
		seen[o.Code] = true
		if o.En == "" || o.Es == "" || names[o.En] || names[o.Es] {
			t.Errorf("%s: names %q and %q", o.Code, o.En, o.Es)
		}
		names[o.En], names[o.Es] = true, true
		if !slices.Contains([]Seriousness{Petty, Minor, Serious, Gravest}, o.Seriousness) || o.Independent != (o.Code == "X-OFFICER") {
			t.Errorf("%s: seriousness %q, independent %v", o.Code, o.Seriousness, o.Independent)
		}
		if o.Name("es") != o.Es || o.Name("en") != o.En || o.Name("fr") != o.En {
			t.Errorf("%s: Name picks the wrong language", o.Code)
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d offences", len(seen))
	}
}

func TestOffencesMayBeChangedByTheCaller(t *testing.T) {
	Offences()[0].En = "changed"
	if Offences()[0].En == "changed" {
		t.Error("a caller changed the list for all")
	}
}

func TestVictimGuard(t *testing.T) {
	for _, code := range []string{"11A", "11D", "13B", "36B", "64A", "90F"} {
		if o, _ := OffenceByCode(code); !o.VictimGuard {
			t.Errorf("%s does not guard the victim", code)
		}
	}
	for _, code := range []string{"90J", "90Z"} {
		if o, _ := OffenceByCode(code); !o.SecondReviewer {
			t.Errorf("%s asks for no second reviewer", code)
		}
	}
}

// TestP6Seriousness pins the rungs that a floor stands on.
func TestP6Seriousness(t *testing.T) {
	for code, want := range map[string]Seriousness{"90E": Petty, "90C": Petty, "23H": Minor, "90D": Minor, "220": Serious, "X-HIT-RUN": Serious,
		"09A": Gravest, "X-CHILD": Gravest} {
		if o, _ := OffenceByCode(code); o.Seriousness != want {
			t.Errorf("%s is %q, want %q", code, o.Seriousness, want)
		}
	}
}
