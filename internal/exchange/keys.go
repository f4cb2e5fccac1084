package exchange

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// recoveryHolder names the wrapping for the offline recovery sheet.
const recoveryHolder = "recovery"

// maxWrapped bounds a wrapped identity: an age header for a few recipients and a line of text.
const maxWrapped = 64 << 10

// AddCustodian registers a custodian's device. It can open nothing until somebody who can wraps the epoch for it.
func (x *Exchange) AddCustodian(ctx context.Context, caller footage.PersonID, in api.NewCustodian) (api.CustodianDevice, error) {
	var out api.CustodianDevice
	if key, err := decode(in.SignKey); err != nil || len(key) != ed25519.PublicKeySize {
		return out, footage.E(footage.Invalid, "The signing key must be an Ed25519 public key, 32 bytes as base64url.")
	}
	if err := checkRecipient(in.Recipient); err != nil {
		return out, err
	}
	err := x.db.Write(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Custodian)
		if err != nil {
			return err
		}
		out = api.CustodianDevice{ID: footage.CustodianID(footage.NewID(x.random("custodian", in.SignKey), "k")), Person: p.ID, SignKey: in.SignKey, Recipient: in.Recipient}
		return tx.InsertCustodian(store.Custodian{Agency: p.Agency, Recipient: in.Recipient,
			Key: footage.CustodianKey{ID: out.ID, Person: p.ID, Key: in.SignKey}}, x.now())
	})
	return out, err
}

// DisableCustodian disables a device that was lost or whose owner leaves: it signs no custody event and gets no key any more.
// What it could open before it still can, until a new epoch has begun. Disabling it again changes nothing.
func (x *Exchange) DisableCustodian(ctx context.Context, caller footage.PersonID, id footage.CustodianID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Custodian, footage.AgencyAdmin)
		if err != nil {
			return err
		}
		if c, err := tx.Custodian(id); err != nil || c.Agency != p.Agency {
			return footage.E(footage.NotFound, "There is no such custodian in your agency.")
		}
		if err := x.stopKeys(tx, letsIn(id)); err != nil {
			return err
		}
		return tx.DisableCustodian(id)
	})
}

// checkRecipient refuses what is not a post-quantum hybrid age recipient, as far as its form tells. The exchange cannot
// do more with it, on purpose.
func checkRecipient(s string) error {
	const prefix, length, bech32 = "age1pq1", 1959, "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	if len(s) != length || s[:len(prefix)] != prefix || strings.Trim(s[len(prefix):], bech32) != "" {
		return footage.Coded(footage.Invalid, "recipient", "The key must be a post-quantum hybrid age recipient (age1pq1…).")
	}
	return nil
}

// OpenEpoch starts a new sealing key of the caller's agency. From the commit on, new shares are sealed to it; the ones
// before stay openable with their own. An epoch that a device can open which could not open the one before waits for a second
// person and its time ([footage.KeyDelay]); until then its time of opening is nought.
func (x *Exchange) OpenEpoch(ctx context.Context, caller footage.PersonID, in api.OpenEpoch) (footage.Epoch, error) {
	var epoch footage.Epoch
	if err := checkRecipient(in.Recipient); err != nil {
		return epoch, err
	}
	err := x.write(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Custodian)
		if err != nil {
			return err
		}
		var added []footage.CustodianKey
		if epoch, added, err = x.nextEpoch(tx, p.Agency, in); err != nil {
			return err
		}
		if len(added) == 0 {
			return x.openEpoch(tx, &epoch, in.Wrapped)
		}
		hash, err := ledger.EpochHash(epoch)
		if err != nil {
			return err
		}
		_, err = x.askKey(tx, store.KeyChange{Agency: p.Agency, Use: footage.KeyEpoch, Person: p.ID, Subject: strconv.Itoa(in.Number), Hash: hash, Asked: p.ID}, in)
		return err
	})
	return epoch, err
}

// nextEpoch checks a new epoch of an agency, and returns the devices that it lets in anew. An agency's first one lets nobody
// in: there was nothing to take over.
func (x *Exchange) nextEpoch(tx *store.Tx, agency footage.AgencyID, in api.OpenEpoch) (epoch footage.Epoch, added []footage.CustodianKey, err error) {
	old, err := tx.Epochs(agency)
	if err != nil {
		return epoch, nil, err
	}
	if in.Number != len(old)+1 {
		return epoch, nil, footage.E(footage.Conflict, fmt.Sprintf("The next epoch is number %d; somebody may have opened one meanwhile. Look at 'desk key list'.", len(old)+1))
	}
	holders, err := x.holders(tx, agency, in.Wrapped)
	if err != nil {
		return epoch, nil, err
	}
	epoch = footage.Epoch{Agency: agency, Number: in.Number, Recipient: in.Recipient, Custodians: holders}
	if len(old) == 0 {
		return epoch, nil, nil
	}
	before := slices.Clone(old[0].Custodians)
	wrapped, err := tx.WrappedKeys(agency)
	for _, w := range wrapped {
		if i := slices.IndexFunc(holders, func(k footage.CustodianKey) bool { return string(k.ID) == w.Holder }); i >= 0 && w.Epoch == old[0].Number {
			before = append(before, holders[i])
		}
	}
	return epoch, ledger.Newcomers(epoch, before), err
}

// openEpoch opens an epoch now.
func (x *Exchange) openEpoch(tx *store.Tx, epoch *footage.Epoch, wrapped []api.WrappedKey) error {
	epoch.Opened = x.now()
	index, err := x.record(tx, ledger.EpochOpened{Epoch: *epoch})
	if err != nil {
		return err
	}
	if err := tx.InsertEpoch(store.Epoch{Epoch: *epoch, LogIndex: index}); err != nil {
		return err
	}
	for _, w := range wrapped {
		w.Epoch = epoch.Number
		if err := x.insertWrapped(tx, epoch.Agency, w); err != nil {
			return err
		}
	}
	return nil
}

// holders checks that every wrapping is for an enabled custodian of the agency or for the recovery sheet, which must be
// there, and returns the custodians' keys.
func (x *Exchange) holders(tx *store.Tx, agency footage.AgencyID, wrapped []api.WrappedKey) ([]footage.CustodianKey, error) {
	var keys []footage.CustodianKey
	recovery := false
	for i, w := range wrapped {
		if slices.ContainsFunc(wrapped[:i], func(other api.WrappedKey) bool { return other.Holder == w.Holder }) {
			return nil, footage.E(footage.Invalid, "Two wrapped keys are for "+w.Holder+".")
		}
		if w.Holder == recoveryHolder {
			recovery = true
			continue
		}
		c, err := ownDevice(tx, agency, w.Holder)
		if err != nil {
			return nil, footage.E(footage.Invalid, "A wrapped key is for "+w.Holder+", who is not a custodian of your agency.")
		}
		keys = append(keys, c.Key)
	}
	if !recovery || len(keys) == 0 {
		return nil, footage.E(footage.Invalid, "An epoch must be wrapped for at least one custodian and for the recovery sheet.")
	}
	return keys, nil
}

// ownDevice returns a device of an agency that may hold keys.
func ownDevice(tx *store.Tx, agency footage.AgencyID, holder string) (store.Custodian, error) {
	c, err := tx.Custodian(footage.CustodianID(holder))
	if err != nil || c.Agency != agency || c.Disabled {
		return c, footage.E(footage.NotFound, "There is no such custodian in your agency.")
	}
	return c, nil
}

func (x *Exchange) insertWrapped(tx *store.Tx, agency footage.AgencyID, w api.WrappedKey) error {
	b, err := sealedKey(w)
	if err != nil {
		return err
	}
	return tx.InsertWrappedKey(agency, store.WrappedKey{Epoch: w.Epoch, Holder: w.Holder, Wrapped: b})
}

// sealedKey returns the bytes of a wrapping, of which the exchange can tell no more than their length.
func sealedKey(w api.WrappedKey) ([]byte, error) {
	b, err := decode(w.Wrapped)
	if err != nil {
		return nil, err
	}
	if len(b) == 0 {
		return nil, footage.E(footage.Invalid, "A wrapped key is empty.")
	}
	if len(b) > maxWrapped {
		return nil, footage.E(footage.TooLarge, "A wrapped key is far larger than it can be.")
	}
	return b, nil
}

// WrapKey lets one more device open an epoch: a person who can open it wrapped its identity for the device. The device's owner,
// who registered it, is the second person; for one's own device, somebody else must agree. Then it waits ([footage.KeyDelay]).
func (x *Exchange) WrapKey(ctx context.Context, caller footage.PersonID, w api.WrappedKey) (out api.KeyChange, err error) {
	err = x.write(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Custodian)
		if err != nil {
			return err
		}
		c, err := ownDevice(tx, p.Agency, w.Holder)
		if err != nil {
			return err
		}
		if err := mayWrap(tx, p.Agency, w); err != nil {
			return err
		}
		hash, err := ledger.CustodianHash(ledger.CustodianAdded{Agency: p.Agency, Epoch: w.Epoch, Custodian: c.Key})
		if err != nil {
			return err
		}
		k, err := x.askKey(tx, store.KeyChange{Agency: p.Agency, Use: footage.KeyCustodian, Person: c.Key.Person, Hash: hash, Asked: p.ID,
			Subject: fmt.Sprintf("%d/%s", w.Epoch, w.Holder)}, w)
		if err == nil && c.Key.Person != p.ID {
			k, err = x.announceKey(tx, k, c.Key.Person)
		}
		out = x.keyChangeOf(k)
		return err
	})
	return out, err
}

// mayWrap checks that there is the epoch, that the device cannot open it yet, and the wrapping's form.
func mayWrap(tx *store.Tx, agency footage.AgencyID, w api.WrappedKey) error {
	epochs, err := tx.Epochs(agency)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(epochs, func(e store.Epoch) bool { return e.Number == w.Epoch }) {
		return footage.E(footage.NotFound, fmt.Sprintf("Your agency has no epoch %d.", w.Epoch))
	}
	wrapped, err := tx.WrappedKeys(agency)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(wrapped, func(other store.WrappedKey) bool { return other.Epoch == w.Epoch && other.Holder == w.Holder }) {
		return footage.E(footage.Conflict, "This custodian can open that epoch already.")
	}
	_, err = sealedKey(w)
	return err
}

// AgencyKeys returns the epochs, devices and wrappings of the caller's agency.
func (x *Exchange) AgencyKeys(ctx context.Context, caller footage.PersonID) (api.Keys, error) {
	var out api.Keys
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Custodian, footage.AgencyAdmin)
		if err != nil {
			return err
		}
		epochs, err := tx.Epochs(p.Agency)
		if err != nil {
			return err
		}
		devices, err := tx.Custodians(p.Agency)
		if err != nil {
			return err
		}
		wrapped, err := tx.WrappedKeys(p.Agency)
		if err != nil {
			return err
		}
		changes, err := tx.KeyChanges()
		out = keysOf(epochs, devices, wrapped)
		for _, k := range changes {
			if k.Agency == p.Agency && k.Use != footage.KeyPasskey {
				out.Waiting = append(out.Waiting, x.keyChangeOf(k))
			}
		}
		return err
	})
	return out, err
}

func keysOf(epochs []store.Epoch, devices []store.Custodian, wrapped []store.WrappedKey) api.Keys {
	out := api.Keys{Epochs: []footage.Epoch{}, Custodians: []api.CustodianDevice{}, Wrapped: []api.WrappedKey{}, Waiting: []api.KeyChange{}}
	for _, e := range epochs {
		out.Epochs = append(out.Epochs, e.Epoch)
	}
	for _, c := range devices {
		out.Custodians = append(out.Custodians, api.CustodianDevice{ID: c.Key.ID, Person: c.Key.Person, SignKey: c.Key.Key, Recipient: c.Recipient, Disabled: c.Disabled})
	}
	for _, w := range wrapped {
		out.Wrapped = append(out.Wrapped, api.WrappedKey{Epoch: w.Epoch, Holder: w.Holder, Wrapped: encode(w.Wrapped)})
	}
	return out
}
