package ledger

import (
	"strings"
	"testing"

	"porchlight.example/internal/footage"
)

// TestDeskEntries: two people let clips be opened in pages of the exchange, one ends it.
func TestDeskEntries(t *testing.T) {
	a, b := footage.PersonID("p-"+strings.Repeat("a", 26)), footage.PersonID("p-"+strings.Repeat("b", 26))
	for _, good := range []AgencyDesk{{"town-pd", true, []footage.PersonID{a, b}}, {"town-pd", false, []footage.PersonID{a}}} {
		if err := good.check(); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
	for _, bad := range []AgencyDesk{{"town-pd", true, []footage.PersonID{a}}, {"town-pd", true, []footage.PersonID{a, a}}, {"town-pd", false, []footage.PersonID{a, b}},
		{"town-pd", false, nil}, {"", true, []footage.PersonID{a, b}}, {"town-pd", true, []footage.PersonID{a, "clerk"}}} {
		if bad.check() == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}
