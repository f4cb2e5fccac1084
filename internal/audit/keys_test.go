package audit

import (
	"crypto/rand"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// TestHurriedKeys: on a real exchange a key waits 72 hours, whatever its entry says; on a fictional one less is no fault.
func TestHurriedKeys(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)
	admin := footage.PersonID(footage.NewID(rand.Reader, "p"))
	for name, test := range map[string]struct {
		wait      time.Duration
		fictional bool
		want      int
	}{"a second short": {footage.KeyDelay - time.Second, false, 1}, "a second short in a fiction": {footage.KeyDelay - time.Second, true, 0}, "72 hours": {72 * time.Hour, false, 0}} {
		a := &Auditor{world: newWorld(), cfg: Config{Now: func() time.Time { return noon }}}
		a.world.created = &ledger.ExchangeCreated{Fictional: test.fictional}
		a.world.staff[admin] = &person{PersonEnrolled: ledger.PersonEnrolled{Person: admin, Agency: "town-pd"}}
		a.keyEntry(noted{at: noon, subject: name, fact: ledger.KeyAnnounced{Change: footage.KeyChangeID(footage.NewID(rand.Reader, "n")), Use: footage.KeyPasskey, Agency: "town-pd",
			Person: footage.PersonID(footage.NewID(rand.Reader, "p")), Counts: noon.Add(test.wait), Agreed: []footage.PersonID{admin}}})
		if got := len(a.memory.Findings); got != test.want {
			t.Errorf("%s: %d findings; want %d", name, got, test.want)
		}
	}
}
