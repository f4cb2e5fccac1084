package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// A key that is to count waits (decisions 6 and 7): a passkey in the place of another or of somebody who was disabled, a device
// that is let in to an epoch, an epoch that a device can open which could not open the one before. Two people agree to it, the
// record announces it, everybody else of the body is told, and it counts [footage.KeyDelay] later unless somebody stops it.
// What takes a key away waits for nothing: disabling a person or a device, an epoch for fewer devices than before.

// delay is how long a key waits before it counts.
func (x *Exchange) delay() time.Duration {
	if x.info.Fictional {
		return x.keyDelay
	}
	return footage.KeyDelay
}

// askKey notes that somebody asks for a key to count.
func (x *Exchange) askKey(tx *store.Tx, k store.KeyChange, do any) (store.KeyChange, error) {
	body, err := json.Marshal(do)
	if err != nil {
		return k, err
	}
	k.ID, k.Body = footage.KeyChangeID(footage.NewID(x.random("key", string(k.Agency)+"/"+string(k.Use)+"/"+k.Subject), "n")), string(body)
	err = tx.InsertKeyChange(k)
	if errors.Is(err, footage.Conflict) {
		return k, footage.Coded(footage.Conflict, "key_waits", "This change waits already. 'porchlight desk key list' and the page 'Keys that wait' show since when, and who can stop it.")
	}
	return k, err
}

// announceKey puts into the record that two people have agreed to a key, and tells the others of the body. What need not wait
// counts at once.
func (x *Exchange) announceKey(tx *store.Tx, k store.KeyChange, agreed footage.PersonID) (store.KeyChange, error) {
	k.Agreed = agreed
	f := ledger.KeyAnnounced{Change: k.ID, Use: k.Use, Agency: k.Agency, Person: k.Person, Key: k.Hash, Agreed: []footage.PersonID{}}
	for _, p := range []footage.PersonID{k.Asked, k.Agreed} {
		if p != "" {
			f.Agreed = append(f.Agreed, p)
		}
	}
	var err error
	k.Index, k.Counts, err = tx.AppendLog(x.now(), string(f.Kind()), Subject(f), func(at time.Time) ([]byte, error) {
		f.Counts = at.Add(x.delay())
		return ledger.EncodeFact(at, f)
	})
	if err != nil {
		return k, err
	}
	k.Counts = f.Counts
	if err := tx.AnnounceKeyChange(k); err != nil {
		return k, err
	}
	if x.delay() == 0 {
		return k, x.countKey(tx, k)
	}
	return k, x.tellOfKey(tx, k)
}

// tellOfKey writes to everybody of the body but the two who have agreed.
func (x *Exchange) tellOfKey(tx *store.Tx, k store.KeyChange) error {
	people, err := tx.People(k.Agency)
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.Disabled || p.ID == k.Asked || p.ID == k.Agreed {
			continue
		}
		address, err := tx.MailAddress(p.ID)
		if err == nil && address != "" {
			err = x.letter(tx, p.ID, x.now(), false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// CountKeys lets the keys count whose time has come.
func (x *Exchange) CountKeys(ctx context.Context) error {
	return x.write(ctx, func(tx *store.Tx) error {
		due, err := tx.DueKeyChanges(x.now())
		if err != nil {
			return err
		}
		for _, k := range due {
			if err := x.countKey(tx, k); err != nil {
				return fmt.Errorf("let a key of %s count: %w", k.Person, err)
			}
		}
		return nil
	})
}

// countKey lets a key count, or stops it if what it was agreed for is no more.
func (x *Exchange) countKey(tx *store.Tx, k store.KeyChange) error {
	err := map[footage.KeyUse]func(*store.Tx, store.KeyChange) error{
		footage.KeyPasskey: x.countPasskey, footage.KeyCustodian: x.countCustodian, footage.KeyEpoch: x.countEpoch,
	}[k.Use](tx, k)
	switch footage.KindOf(err) {
	case footage.NotFound, footage.Conflict, footage.Invalid:
		return x.stopKey(tx, k)
	}
	if err != nil {
		return err
	}
	return tx.DropKeyChange(k.ID)
}

func (x *Exchange) countPasskey(tx *store.Tx, k store.KeyChange) error {
	waiting, err := x.accounts.Waiting(tx, k.Person)
	if err != nil {
		return err
	}
	if waiting.ID != k.Subject {
		return footage.E(footage.Conflict, "Another device waits by now.")
	}
	p, err := tx.Person(k.Person)
	if err != nil {
		return err
	}
	cred, err := x.accounts.Confirm(tx, k.Person)
	if err == nil && p.Disabled {
		err = tx.EnablePerson(k.Person)
	}
	if err == nil {
		err = tx.SetPersonSeen(k.Person, x.now())
	}
	if err != nil {
		return err
	}
	return x.recordKey(tx, cred, k.Agreed)
}

func (x *Exchange) countCustodian(tx *store.Tx, k store.KeyChange) error {
	var w api.WrappedKey
	if err := json.Unmarshal([]byte(k.Body), &w); err != nil {
		return err
	}
	c, err := ownDevice(tx, k.Agency, w.Holder)
	if err != nil {
		return err
	}
	if err := mayWrap(tx, k.Agency, w); err != nil {
		return err
	}
	if err := x.insertWrapped(tx, k.Agency, w); err != nil {
		return err
	}
	_, err = x.record(tx, ledger.CustodianAdded{Agency: k.Agency, Epoch: w.Epoch, Custodian: c.Key})
	return err
}

func (x *Exchange) countEpoch(tx *store.Tx, k store.KeyChange) error {
	var in api.OpenEpoch
	if err := json.Unmarshal([]byte(k.Body), &in); err != nil {
		return err
	}
	epoch, _, err := x.nextEpoch(tx, k.Agency, in)
	if err != nil {
		return err
	}
	return x.openEpoch(tx, &epoch, in.Wrapped)
}

// stopKey ends a change that waits; the record says so if it was announced.
func (x *Exchange) stopKey(tx *store.Tx, k store.KeyChange) error {
	if k.Use == footage.KeyPasskey {
		if waiting, err := x.accounts.Waiting(tx, k.Person); err == nil && waiting.ID == k.Subject {
			if err := x.accounts.Refuse(tx, k.Person); err != nil {
				return err
			}
		} else if err != nil && !errors.Is(err, footage.NotFound) {
			return err
		}
	}
	if err := tx.DropKeyChange(k.ID); err != nil || k.Counts.IsZero() {
		return err
	}
	_, err := x.record(tx, ledger.KeyCancelled{Change: k.ID, Agency: k.Agency, Person: k.Person})
	return err
}

// stopKeys ends the changes of which a condition holds.
func (x *Exchange) stopKeys(tx *store.Tx, of func(store.KeyChange) bool) error {
	all, err := tx.KeyChanges()
	if err != nil {
		return err
	}
	for _, k := range all {
		if !of(k) {
			continue
		}
		if err := x.stopKey(tx, k); err != nil {
			return err
		}
	}
	return nil
}

// passkeyOf is for [Exchange.stopKeys]: the passkeys that wait for a person, but for one credential.
func passkeyOf(id footage.PersonID, but string) func(store.KeyChange) bool {
	return func(k store.KeyChange) bool { return k.Use == footage.KeyPasskey && k.Person == id && k.Subject != but }
}

// concerns is for [Exchange.stopKeys]: what a person who is disabled has to do with. Whoever took their account over is
// perhaps who asked.
func concerns(id footage.PersonID) func(store.KeyChange) bool {
	return func(k store.KeyChange) bool { return k.Person == id || k.Asked == id || k.Agreed == id }
}

// letsIn is for [Exchange.stopKeys]: the changes that let a device in.
func letsIn(id footage.CustodianID) func(store.KeyChange) bool {
	return func(k store.KeyChange) bool {
		return k.Use == footage.KeyCustodian && strings.HasSuffix(k.Subject, "/"+string(id))
	}
}

// AgreeKey is the second person's word on a change of an agency's sealing keys: another custodian or an administrator of the
// agency, or an operator of the exchange. The second word on a passkey is [Exchange.ConfirmDevice].
func (x *Exchange) AgreeKey(ctx context.Context, caller footage.PersonID, id footage.KeyChangeID) (out api.KeyChange, err error) {
	err = x.write(ctx, func(tx *store.Tx) error {
		c, k, err := x.keyChange(tx, caller, id, footage.Custodian, footage.AgencyAdmin, footage.Operator)
		switch {
		case err != nil:
			return err
		case !k.Counts.IsZero():
			return footage.E(footage.Conflict, "Two people have agreed to this change already.")
		case k.Asked == c.ID:
			return footage.Coded(footage.Forbidden, "second_person", "You asked for this change, so somebody else must agree to it: another custodian or an administrator of your agency, or an operator of the exchange.")
		}
		k, err = x.announceKey(tx, k, c.ID)
		out = x.keyChangeOf(k)
		return err
	})
	return out, err
}

// mayAgree reports whether somebody may be the second person for a sealing key.
func mayAgree(c footage.Person, k store.KeyChange) bool {
	return k.Counts.IsZero() && c.ID != k.Asked && (c.Has(footage.Operator) || c.Agency == k.Agency && (c.Has(footage.Custodian) || c.Has(footage.AgencyAdmin)))
}

// mayStop reports whether somebody may end a change: each of the two, the person whose key it is, an administrator of the body,
// a custodian where a sealing key is to change, and an operator.
func mayStop(c footage.Person, k store.KeyChange) bool {
	return concerns(c.ID)(k) || c.Has(footage.Operator) || c.Agency == k.Agency && (c.Has(footage.AgencyAdmin) || k.Use != footage.KeyPasskey && c.Has(footage.Custodian))
}

// keyChange returns a change that a caller with one of the roles may see: one of their own body, or any for an operator.
func (x *Exchange) keyChange(tx *store.Tx, caller footage.PersonID, id footage.KeyChangeID, roles ...footage.Role) (c footage.Person, k store.KeyChange, err error) {
	if c, err = x.staff(tx, caller, roles...); err != nil {
		return c, k, err
	}
	k, err = tx.KeyChange(id)
	if errors.Is(err, footage.NotFound) || err == nil && c.Agency != k.Agency && !c.Has(footage.Operator) {
		return c, k, footage.E(footage.NotFound, "No such change of keys waits. It counts already, or was stopped.")
	}
	return c, k, err
}

// StopKey ends a change of keys before it counts.
func (x *Exchange) StopKey(ctx context.Context, caller footage.PersonID, id footage.KeyChangeID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		c, k, err := x.keyChange(tx, caller, id, footage.Roles()...)
		if err != nil {
			return err
		}
		if !mayStop(c, k) {
			return footage.E(footage.Forbidden, "Only those whom it concerns and your administrators can stop this change. Tell one of them.")
		}
		return x.stopKey(tx, k)
	})
}

// KeyWait is a change of keys that waits, as one who sees it.
type KeyWait struct {
	api.KeyChange
	Agency          footage.AgencyID // empty: the exchange's own staff
	Who             footage.Person   // whose key it is
	AskedBy, Second string           // names; empty: the office at the machine, or nobody yet
	MayAgree        bool
	MayStop         bool
}

// KeyWaits returns what waits at the caller's agency or among the exchange's own people; for an operator everywhere.
func (x *Exchange) KeyWaits(ctx context.Context, caller footage.PersonID) (all []KeyWait, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		all = nil
		c, err := x.staff(tx, caller, footage.Roles()...)
		if err != nil {
			return err
		}
		rows, err := tx.KeyChanges()
		if err != nil {
			return err
		}
		for _, k := range rows {
			if c.Agency != k.Agency && !c.Has(footage.Operator) {
				continue
			}
			w, err := x.keyWait(tx, c, k)
			if err != nil {
				return err
			}
			all = append(all, w)
		}
		return nil
	})
	return all, err
}

func (x *Exchange) keyWait(tx *store.Tx, c footage.Person, k store.KeyChange) (w KeyWait, err error) {
	w = KeyWait{KeyChange: x.keyChangeOf(k), Agency: k.Agency, MayAgree: mayAgree(c, k), MayStop: mayStop(c, k)}
	name := func(id footage.PersonID) string {
		if id == "" || err != nil {
			return ""
		}
		var p footage.Person
		p, err = tx.Person(id)
		return p.Name
	}
	w.AskedBy, w.Second = name(k.Asked), name(k.Agreed)
	if err == nil {
		w.Who, err = tx.Person(k.Person)
	}
	return w, err
}

// keyChangeOf is a change as the agency's programs are told of it.
func (x *Exchange) keyChangeOf(k store.KeyChange) api.KeyChange {
	out := api.KeyChange{ID: k.ID, Use: k.Use, Person: k.Person, Asked: k.Asked, Agreed: k.Agreed, Counts: k.Counts, State: api.KeyWaits}
	switch {
	case k.Counts.IsZero():
		out.State = api.KeyNeedsSecond
	case !k.Counts.After(x.now()):
		out.State = api.KeyCounts
	}
	if k.Use != footage.KeyPasskey {
		_, _ = fmt.Sscanf(k.Subject, "%d/%s", &out.Epoch, &out.Device) // an epoch's has no device
	}
	return out
}
