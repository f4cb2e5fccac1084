package exchange_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/softkey"
	"porchlight.example/ledger"
)

// waiting is a world in which changed keys wait as on a real exchange.
func waiting() options { return options{keyDelay: footage.KeyDelay} }

// newPasskey enrols a second authenticator of a person, whom somebody invited, and does not confirm it.
func (w *world) newPasskey(by, id footage.PersonID) *softkey.Key {
	w.t.Helper()
	token, err := w.x.RenewInvitation(context.Background(), by, id)
	must(w.t, err)
	fresh, err := softkey.New(w.rp.ID, w.rp.Origin)
	must(w.t, err)
	must(w.t, w.accept(token, fresh))
	return fresh
}

// onlyChange returns the one change of keys that somebody sees.
func (w *world) onlyChange(who footage.PersonID) exchange.KeyWait {
	w.t.Helper()
	all, err := w.x.KeyWaits(context.Background(), who)
	must(w.t, err)
	if len(all) != 1 {
		w.t.Fatalf("%s sees %d changes of keys; want one", who, len(all))
	}
	return all[0]
}

// TestPasskeyWaits (A9, security.md "key change needs two persons and 72 h delay"): the passkey that replaces another counts 72
// hours after two people agreed to it, not a second sooner; the old one does until then, everybody else of the agency is told,
// and the record says from when.
func TestPasskeyWaits(t *testing.T) {
	each(t, waiting(), func(t *testing.T, w *world) {
		ctx := context.Background()
		admin := w.enrol(w.police.ID, footage.AgencyAdmin)
		officer, supervisor := w.police.officer, w.police.supervisor
		for _, p := range []person{officer, supervisor, admin} {
			must(t, w.x.SetMailAddress(ctx, p.id, string(p.id)+"@police.example"))
		}
		fresh := w.newPasskey(admin.id, officer.id)
		must(t, w.x.ConfirmDevice(ctx, w.operator.id, officer.id))
		agreed := w.now()
		wantCode(t, "confirming it again", w.x.ConfirmDevice(ctx, w.operator.id, officer.id), "key_waits")

		p := &post{}
		must(t, w.x.SendLetters(ctx, p))
		var told []string
		for _, l := range p.letters {
			told = append(told, l.To)
		}
		slices.Sort(told)
		want := []string{string(officer.id) + "@police.example", string(supervisor.id) + "@police.example"}
		if slices.Sort(want); !slices.Equal(told, want) {
			t.Errorf("told %v; want %v: everybody but the two", told, want)
		}
		k := w.onlyChange(supervisor.id)
		if k.Who.ID != officer.id || !k.Counts.Equal(agreed.Add(72*time.Hour)) || k.MayStop || k.MayAgree {
			t.Errorf("a colleague sees %+v", k)
		}
		if f := lastFact[ledger.KeyAnnounced](t, w); f.Person != officer.id || !f.Counts.Equal(k.Counts) || !slices.Equal(f.Agreed, []footage.PersonID{admin.id, w.operator.id}) {
			t.Errorf("the record announces %+v", f)
		}
		if all, err := w.x.DevicesToConfirm(ctx, w.operator.id); err != nil || len(all) != 0 {
			t.Errorf("what waits for its time is still to be confirmed: %v, %v", all, err)
		}

		w.advance(72*time.Hour - time.Microsecond)
		must(t, w.x.CountKeys(ctx))
		wantCode(t, "the new passkey too early", w.login(fresh), "device_pending")
		must(t, w.login(officer.key))
		w.advance(time.Microsecond)
		must(t, w.x.CountKeys(ctx))
		must(t, w.login(fresh))
		wantCode(t, "the old passkey", w.login(officer.key), "login_refused")
		if f := lastFact[ledger.PersonEnrolled](t, w); f.Credential != fresh.CredentialID() || f.Confirmed != w.operator.id {
			t.Errorf("the record says %+v", f)
		}
		if all, err := w.x.KeyWaits(ctx, officer.id); err != nil || len(all) != 0 {
			t.Errorf("what counts still waits: %v, %v", all, err)
		}
	})
}

// TestStopKey: each of the two, the person and an administrator can stop a passkey that waits; a colleague and another agency
// cannot, and a stopped one never counts.
func TestStopKey(t *testing.T) {
	w := lite(t, waiting())
	ctx := t.Context()
	admin, second := w.enrol(w.police.ID, footage.AgencyAdmin), w.enrol(w.police.ID, footage.AgencyAdmin)
	uninvolved := w.enrol(w.police.ID, footage.AgencyAdmin)
	fire := w.agency(town.Agencies()[1])
	officer := w.police.officer
	for name, stop := range map[string]func() error{
		"the first":        func() error { return w.x.StopKey(ctx, admin.id, w.onlyChange(admin.id).ID) },
		"the second":       func() error { return w.x.StopKey(ctx, second.id, w.onlyChange(second.id).ID) },
		"the person":       func() error { return w.x.StopKey(ctx, officer.id, w.onlyChange(officer.id).ID) },
		"an administrator": func() error { return w.x.StopKey(ctx, uninvolved.id, w.onlyChange(uninvolved.id).ID) },
		"an operator":      func() error { return w.x.RefuseDevice(ctx, w.operator.id, officer.id) },
		"another passkey":  func() error { w.newPasskey(admin.id, officer.id); return nil },
		"a leaver":         func() error { return w.x.DisableStaff(ctx, uninvolved.id, second.id) },
	} {
		fresh := w.newPasskey(admin.id, officer.id)
		must(t, w.x.ConfirmDevice(ctx, second.id, officer.id))
		change := w.onlyChange(officer.id).ID
		wantKind(t, "a colleague", w.x.StopKey(ctx, w.police.supervisor.id, change), footage.Forbidden)
		wantKind(t, "another agency", w.x.StopKey(ctx, fire.officer.id, change), footage.NotFound)
		if err := stop(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if f := lastFact[ledger.KeyCancelled](t, w); f.Change != change {
			t.Errorf("%s: the record ends the change %s; want %s", name, f.Change, change)
		}
		w.advance(73 * time.Hour)
		must(t, w.x.CountKeys(ctx))
		if err := w.login(fresh); err == nil {
			t.Errorf("stopped by %s, and signs in", name)
		}
		must(t, w.login(officer.key))
		if name == "a leaver" {
			must(t, w.reenrolBy(admin.id, &second)) // invited by the office, confirmed by an administrator
			w.advance(73 * time.Hour)
			must(t, w.x.CountKeys(ctx))
		}
	}
}

// TestOwnDeviceNeedsTwo: nobody lets a device of their own in alone, whatever time passes; whoever asked cannot agree, nor can
// an officer or another agency. What two agreed to waits 72 hours, and the device gets its wrapping then.
func TestOwnDeviceNeedsTwo(t *testing.T) {
	each(t, waiting(), func(t *testing.T, w *world) {
		ctx := context.Background()
		fire := w.agency(town.Agencies()[1])
		custodian := w.police.custodian
		device, _ := w.device(custodian)
		change, err := w.x.WrapKey(ctx, custodian.id, api.WrappedKey{Epoch: 1, Holder: string(device.ID), Wrapped: api.Encode([]byte("x"))})
		must(t, err)
		if change.State != api.KeyNeedsSecond || change.Epoch != 1 || change.Device != device.ID {
			t.Errorf("the change is %+v", change)
		}
		w.advance(100 * time.Hour)
		must(t, w.x.CountKeys(ctx))
		wantCode(t, "the one who asked", discard(w.x.AgreeKey(ctx, custodian.id, change.ID)), "second_person")
		wantKind(t, "an officer", discard(w.x.AgreeKey(ctx, w.police.officer.id, change.ID)), footage.Forbidden)
		wantKind(t, "another agency", discard(w.x.AgreeKey(ctx, fire.custodian.id, change.ID)), footage.NotFound)
		colleague := w.enrol(town.Police, footage.Custodian)
		change, err = w.x.AgreeKey(ctx, colleague.id, change.ID)
		must(t, err)
		wantKind(t, "agreeing twice", discard(w.x.AgreeKey(ctx, w.operator.id, change.ID)), footage.Conflict)
		w.advance(72*time.Hour - time.Microsecond)
		must(t, w.x.CountKeys(ctx))
		w.wrappings(2)
		w.advance(time.Microsecond)
		must(t, w.x.CountKeys(ctx))
		w.wrappings(3)
		if f := lastFact[ledger.CustodianAdded](t, w); f.Custodian.ID != device.ID {
			t.Errorf("the record lets %+v in", f)
		}
	})
}

// wrappings fails the test unless the police's keys are wrapped for so many holders.
func (w *world) wrappings(want int) {
	w.t.Helper()
	keys, err := w.x.AgencyKeys(context.Background(), w.police.custodian.id)
	must(w.t, err)
	if len(keys.Wrapped) != want {
		w.t.Errorf("%d wrappings; want %d", len(keys.Wrapped), want)
	}
}

// TestEpochWaitsForNewcomers (decision 6): an epoch for fewer devices than before opens at once, since it takes a key away; one
// that a device can open which could not open the one before waits, also if all the others were disabled first.
func TestEpochWaitsForNewcomers(t *testing.T) {
	w := lite(t, waiting())
	ctx := t.Context()
	custodian := w.police.custodian
	colleague := w.enrol(town.Police, footage.Custodian)
	theirs, _ := w.device(colleague)
	change, err := w.x.WrapKey(ctx, custodian.id, api.WrappedKey{Epoch: 1, Holder: string(theirs.ID), Wrapped: api.Encode([]byte("x"))})
	must(t, err)
	if change.State != api.KeyWaits || change.Agreed != colleague.id {
		t.Errorf("a colleague's device, which they registered: %+v", change)
	}
	early, err := w.x.OpenEpoch(ctx, custodian.id, epochFor(2, w.police.device.ID, theirs.ID))
	must(t, err)
	if !early.Opened.IsZero() {
		t.Error("an epoch lets a device in whose time has not come")
	}
	must(t, w.x.StopKey(ctx, colleague.id, w.epochChange()))
	w.advance(72 * time.Hour)
	must(t, w.x.CountKeys(ctx))

	second, err := w.x.OpenEpoch(ctx, custodian.id, epochFor(2, w.police.device.ID, theirs.ID))
	must(t, err)
	third, err := w.x.OpenEpoch(ctx, colleague.id, epochFor(3, theirs.ID)) // without the first, whose device is lost
	must(t, err)
	if second.Opened.IsZero() || third.Opened.IsZero() {
		t.Errorf("epochs that let nobody in wait: %v, %v", second, third)
	}
	back, err := w.x.OpenEpoch(ctx, custodian.id, epochFor(4, w.police.device.ID))
	must(t, err)
	must(t, w.x.DisableCustodian(ctx, custodian.id, theirs.ID))
	if !back.Opened.IsZero() {
		t.Error("a device that was left out opens an epoch for itself alone")
	}
	_, err = w.x.AgreeKey(ctx, w.operator.id, w.epochChange())
	must(t, err)
	must(t, w.x.CountKeys(ctx))
	w.epochs(3)
	w.advance(72 * time.Hour)
	must(t, w.x.CountKeys(ctx))
	w.epochs(4)
	if f := lastFact[ledger.EpochOpened](t, w); f.Epoch.Number != 4 || !f.Epoch.Opened.Equal(w.now()) {
		t.Errorf("the record opens %+v", f.Epoch)
	}
}

// epochChange returns the ID of the epoch of the police that waits.
func (w *world) epochChange() footage.KeyChangeID {
	w.t.Helper()
	all, err := w.x.KeyWaits(context.Background(), w.police.custodian.id)
	must(w.t, err)
	i := slices.IndexFunc(all, func(k exchange.KeyWait) bool { return k.Use == footage.KeyEpoch })
	if i < 0 {
		w.t.Fatal("no epoch waits")
	}
	return all[i].ID
}

func (w *world) epochs(want int) {
	w.t.Helper()
	keys, err := w.x.AgencyKeys(context.Background(), w.police.custodian.id)
	must(w.t, err)
	if len(keys.Epochs) != want {
		w.t.Errorf("%d epochs; want %d", len(keys.Epochs), want)
	}
}

// TestDisabledDeviceIsNotLetIn: a device that was disabled while it waited, and an epoch whose number is taken, are stopped.
func TestDisabledDeviceIsNotLetIn(t *testing.T) {
	w := lite(t, waiting())
	ctx := t.Context()
	colleague := w.enrol(town.Police, footage.Custodian)
	theirs, _ := w.device(colleague)
	must(t, discard(w.x.WrapKey(ctx, w.police.custodian.id, api.WrappedKey{Epoch: 1, Holder: string(theirs.ID), Wrapped: api.Encode([]byte("x"))})))
	must(t, w.x.DisableCustodian(ctx, w.police.custodian.id, theirs.ID))
	mine, _ := w.device(colleague)
	must(t, discard(w.x.OpenEpoch(ctx, colleague.id, epochFor(2, mine.ID))))
	must(t, discard(w.x.AgreeKey(ctx, w.operator.id, w.epochChange())))
	w.openEpoch(w.police)
	w.advance(73 * time.Hour)
	must(t, w.x.CountKeys(ctx))
	w.wrappings(4)
	w.epochs(2)
	if all, err := w.x.KeyWaits(ctx, w.operator.id); err != nil || len(all) != 0 {
		t.Errorf("still waits: %v, %v", all, err)
	}
}

// TestRealDelay: a real exchange takes no other delay than 72 hours.
func TestRealDelay(t *testing.T) {
	w := lite(t, options{real: true})
	cfg := w.cfg
	cfg.KeyDelay = time.Hour
	_, err := exchange.Open(t.Context(), cfg)
	wantCode(t, "an hour", err, "key_delay")
}
