package ledger

import (
	"slices"
	"time"

	"porchlight.example/internal/footage"
)

// Kinds of entry about changes of keys, which wait before they count.
const (
	KindKeyAnnounced Kind = "key.announced"
	KindKeyCancelled Kind = "key.cancelled"
)

// KeyAnnounced says that a key is to count from a time on: two people have agreed to it. Until an entry of the key's own kind
// ([PersonEnrolled], [CustodianAdded] or [EpochOpened]) bears it, it does not.
type KeyAnnounced struct {
	Change footage.KeyChangeID `json:"change"`
	Use    footage.KeyUse      `json:"use"`
	Agency footage.AgencyID    `json:"agency,omitempty"` // empty for the exchange's own staff
	Person footage.PersonID    `json:"person"`           // whose passkey or device it is; who opens the epoch
	Key    string              `json:"key_sha256"`       // PasskeyHash, CustodianHash or EpochHash
	Counts time.Time           `json:"counts_from"`
	// Agreed are the two people; the office at the exchange's own machine, which may be one of them for a passkey, is not named.
	Agreed []footage.PersonID `json:"agreed_by"`
}

// KeyCancelled says that a key which was announced will not count.
type KeyCancelled struct {
	Change footage.KeyChangeID `json:"change"`
	Agency footage.AgencyID    `json:"agency,omitempty"`
	Person footage.PersonID    `json:"person"`
}

// PasskeyHash returns what [KeyAnnounced] calls a person's public key.
func PasskeyHash(f PersonEnrolled) string { return footage.Hash([]byte(f.PublicKey)) }

// CustodianHash returns what [KeyAnnounced] calls a device that is let in to an epoch.
func CustodianHash(f CustodianAdded) (string, error) { return HashJSON(f) }

// EpochHash returns what [KeyAnnounced] calls an epoch: all of it but when it begins.
func EpochHash(e footage.Epoch) (string, error) {
	e.Opened = time.Time{}
	return HashJSON(e)
}

// Newcomers returns the devices of an epoch that could not open the one before.
func Newcomers(e footage.Epoch, before []footage.CustodianKey) (added []footage.CustodianKey) {
	for _, k := range e.Custodians {
		if !slices.Contains(before, k) {
			added = append(added, k)
		}
	}
	return added
}

// Kind is described at [Fact]; so is the one below.
func (KeyAnnounced) Kind() Kind { return KindKeyAnnounced }
func (KeyCancelled) Kind() Kind { return KindKeyCancelled }

func (x KeyAnnounced) check() error {
	var f faults
	f.need(footage.ValidID(string(x.Change), "n"), "change")
	f.need(x.Use.Known(), "use")
	f.need(x.Agency.Valid() || x.Agency == "" && x.Use == footage.KeyPasskey, "agency")
	f.need(footage.ValidID(string(x.Person), "p"), "person")
	f.need(isHash(x.Key), "key_sha256")
	f.need(isUTC(x.Counts), "counts_from")
	people := x.Use == footage.KeyPasskey && len(x.Agreed) < 2 || len(x.Agreed) == 2 && x.Agreed[0] != x.Agreed[1]
	for _, p := range x.Agreed {
		people = people && footage.ValidID(string(p), "p") && (x.Use != footage.KeyPasskey || p != x.Person)
	}
	f.need(people && x.Agreed != nil, "agreed_by")
	return f.err()
}

func (x KeyCancelled) check() error {
	var f faults
	f.need(footage.ValidID(string(x.Change), "n"), "change")
	f.need(x.Agency == "" || x.Agency.Valid(), "agency")
	f.need(footage.ValidID(string(x.Person), "p"), "person")
	return f.err()
}
