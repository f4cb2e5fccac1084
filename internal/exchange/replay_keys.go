package exchange

import (
	"encoding/json"
	"errors"
	"fmt"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// announceAgain notes that two people agreed to a change which the backup holds. One that began after the backup is lost: the
// authenticator or the wrapping that it is about is.
func (b *restore) announceAgain(tx *store.Tx, e replayed, f ledger.KeyAnnounced) (lost string, err error) {
	k, err := tx.KeyChange(f.Change)
	if errors.Is(err, footage.NotFound) && f.Use == footage.KeyPasskey {
		k, err = b.pendingAgain(tx, f)
	}
	if errors.Is(err, footage.NotFound) {
		return fmt.Sprintf("The change of a key (%s) of %s that two people agreed to is lost. They begin it anew, and it waits again.", f.Use, f.Person), nil
	}
	if err != nil {
		return "", err
	}
	for _, p := range f.Agreed {
		if p != k.Asked {
			k.Agreed = p
		}
	}
	k.Counts, k.Index = f.Counts, e.index
	return "", tx.AnnounceKeyChange(k)
}

// pendingAgain notes the change that lets an authenticator count which the backup holds.
func (b *restore) pendingAgain(tx *store.Tx, f ledger.KeyAnnounced) (k store.KeyChange, err error) {
	waiting, err := b.accountService().Waiting(tx, f.Person)
	if err != nil {
		return k, err
	}
	if ledger.PasskeyHash(ledger.PersonEnrolled{PublicKey: encode(waiting.PublicKey)}) != f.Key {
		return k, footage.E(footage.NotFound, "Another device waits.")
	}
	k = store.KeyChange{ID: f.Change, Agency: f.Agency, Use: f.Use, Person: f.Person, Subject: waiting.ID, Hash: f.Key, Body: "{}", Asked: waiting.Inviter}
	return k, tx.InsertKeyChange(k)
}

// changed returns the change that an entry carries out, and forgets that it waits; nil if the backup holds none.
func (b *restore) changed(tx *store.Tx, use footage.KeyUse, hash string) (*store.KeyChange, error) {
	all, err := tx.KeyChanges()
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		if k.Use == use && k.Hash == hash {
			return &k, tx.DropKeyChange(k.ID)
		}
	}
	return nil, nil
}

// letInAgain gives a device the wrapping that waited for it in the backup.
func (b *restore) letInAgain(tx *store.Tx, e replayed, f ledger.CustodianAdded) (lost string, err error) {
	hash, err := ledger.CustodianHash(f)
	if err != nil {
		return "", err
	}
	k, err := b.changed(tx, footage.KeyCustodian, hash)
	if err != nil {
		return "", err
	}
	if k == nil {
		return fmt.Sprintf("%s: the wrapping of key %d for a custodian is lost. One who can open the key wraps it anew: 'porchlight desk key add'.", f.Agency, f.Epoch),
			b.addCustodian(tx, e, f.Agency, f.Custodian)
	}
	var w api.WrappedKey
	if err := json.Unmarshal([]byte(k.Body), &w); err != nil {
		return "", err
	}
	return "", wrapAgain(tx, f.Agency, w.Epoch, w)
}

func (b *restore) openAgain(tx *store.Tx, e replayed, f ledger.EpochOpened) (lost string, err error) {
	for _, key := range f.Epoch.Custodians {
		if err := b.addCustodian(tx, e, f.Epoch.Agency, key); err != nil {
			return "", err
		}
	}
	if err := tx.InsertEpoch(store.Epoch{Epoch: f.Epoch, LogIndex: e.index}); err != nil {
		return "", err
	}
	hash, err := ledger.EpochHash(f.Epoch)
	if err != nil {
		return "", err
	}
	k, err := b.changed(tx, footage.KeyEpoch, hash)
	if err != nil {
		return "", err
	}
	if k == nil {
		return fmt.Sprintf("%s opened key %d, whose wrappings are lost. A custodian opens it with the recovery sheet: 'porchlight desk key recover'.", f.Epoch.Agency, f.Epoch.Number), nil
	}
	var in api.OpenEpoch
	if err := json.Unmarshal([]byte(k.Body), &in); err != nil {
		return "", err
	}
	for _, w := range in.Wrapped {
		if err := wrapAgain(tx, f.Epoch.Agency, in.Number, w); err != nil {
			return "", err
		}
	}
	return "", nil
}

func wrapAgain(tx *store.Tx, agency footage.AgencyID, epoch int, w api.WrappedKey) error {
	b, err := sealedKey(w)
	if err != nil {
		return err
	}
	return tx.InsertWrappedKey(agency, store.WrappedKey{Epoch: epoch, Holder: w.Holder, Wrapped: b})
}

// stopAgain ends a change that was stopped after the backup.
func (b *restore) stopAgain(tx *store.Tx, f ledger.KeyCancelled) error {
	k, err := tx.KeyChange(f.Change)
	if errors.Is(err, footage.NotFound) {
		return nil
	}
	if err == nil && k.Use == footage.KeyPasskey {
		err = tx.RevokePending(k.Person)
	}
	if err != nil {
		return err
	}
	return tx.DropKeyChange(k.ID)
}
