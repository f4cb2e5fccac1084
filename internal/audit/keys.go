package audit

import (
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// keyWaits is what the entries come to about changes of keys.
type keyWaits struct {
	announced map[footage.KeyChangeID]ledger.KeyAnnounced // those that wait, by the change's ID
	holders   map[footage.AgencyID][]footage.CustodianKey // who can open an agency's newest epoch
}

func newKeyWaits() keyWaits {
	return keyWaits{announced: map[footage.KeyChangeID]ledger.KeyAnnounced{}, holders: map[footage.AgencyID][]footage.CustodianKey{}}
}

// keyEntry checks that no key counts that was not announced by two people, nor before its time. It sees an entry before people
// and epochs take it in.
func (a *Auditor) keyEntry(e noted) {
	w := &a.world
	switch f := e.fact.(type) {
	case ledger.KeyAnnounced:
		a.keyAnnounced(e, f)
	case ledger.KeyCancelled:
		delete(w.announced, f.Change)
	case ledger.PersonEnrolled:
		before := w.staff[f.Person]
		if before != nil && before.PublicKey != "" && (before.PublicKey != f.PublicKey || before.disabled) {
			a.keyCounts(e, footage.KeyPasskey, f.Person, ledger.PasskeyHash(f))
		}
	case ledger.CustodianAdded:
		hash, err := ledger.CustodianHash(f)
		if err == nil {
			a.keyCounts(e, footage.KeyCustodian, f.Custodian.Person, hash)
		}
		if f.Epoch == w.of(f.Agency).epochs {
			w.holders[f.Agency] = append(w.holders[f.Agency], f.Custodian)
		}
	case ledger.EpochOpened:
		before, some := w.holders[f.Epoch.Agency]
		w.holders[f.Epoch.Agency] = f.Epoch.Custodians
		if !some || len(ledger.Newcomers(f.Epoch, before)) == 0 {
			return
		}
		if hash, err := ledger.EpochHash(f.Epoch); err == nil {
			a.keyCounts(e, footage.KeyEpoch, "", hash)
		}
	}
}

// keyAnnounced checks that a key waits as long as it must, and that those who agreed to it could.
func (a *Auditor) keyAnnounced(e noted, f ledger.KeyAnnounced) {
	w := &a.world
	least := footage.KeyDelay
	if w.created != nil && w.created.Fictional {
		least = 0
	}
	if f.Counts.Before(e.at.Add(least)) {
		a.find("key_hurried", e.subject, "A key of %s is to count from %s, before its %s are over.", f.Person, f.Counts.Format(time.RFC1123), least)
	}
	for _, id := range f.Agreed {
		who := w.staff[id]
		if who == nil || who.Agency != f.Agency && !w.acts(id, "", footage.Operator) {
			a.find("key_agreed_by_stranger", e.subject, "A key of %s was agreed to by %s, who is neither of that body nor an operator.", f.Person, id)
		}
	}
	w.announced[f.Change] = f
}

// keyCounts checks that a key which counts from an entry on was announced, and that its time has come.
func (a *Auditor) keyCounts(e noted, use footage.KeyUse, person footage.PersonID, hash string) {
	for id, k := range a.world.announced {
		if k.Use != use || k.Key != hash || person != "" && k.Person != person {
			continue
		}
		if e.at.Before(k.Counts) {
			a.find("key_too_early", e.subject, "A key of %s counts, although it was announced for %s.", k.Person, k.Counts.Format(time.RFC1123))
		}
		delete(a.world.announced, id)
		return
	}
	a.find("key_unannounced", e.subject, "A %s key counts in the place of another, or beside it, that nobody announced: those whom it concerns could not stop it.", use)
}
