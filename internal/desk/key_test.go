package desk_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/seal"
)

// sheets keeps recovery sheets where a test finds them.
type sheets []desk.Sheet

func (s *sheets) keep(sheet desk.Sheet) error {
	*s = append(*s, sheet)
	return nil
}

// TestLostDevice loses the only device and comes back by the sheet: what was sealed before opens on the new device, and what
// comes after a rotation opens there alone.
func TestLostDevice(t *testing.T) {
	w := nodetest.Start(t, nil)
	must(t, w.Node.Exchange.RegisterAgency(ctx(t), town.Agencies()[1]))
	w.Verify(town.Agencies()[1])
	lost := enrol(t, w, town.Fire, footage.Custodian)
	var kept sheets
	_, err := lost.NewKey(ctx(t), kept.keep)
	must(t, err)
	request := publish(t, w)
	before := w.Send(request, nil, film(1, 1000))

	d := enrol(t, w, town.Fire, footage.Custodian)
	change, err := d.Recover(ctx(t), kept[0].Text)
	must(t, err)
	if change.State != api.KeyNeedsSecond || change.Epoch != 1 {
		t.Errorf("the sheet lets its reader in alone: %+v", change)
	}
	_, err = lost.AgreeKey(ctx(t), change.ID) // its owner is still a custodian
	must(t, err)
	old, err := lost.AddDevice(ctx(t)) // tells the ID of the device that is there
	must(t, err)
	epoch, err := d.Rotate(ctx(t), desk.Rotation{Without: []footage.CustodianID{old.ID}, Keep: kept.keep})
	must(t, err)
	if epoch.Number != 2 || len(epoch.Custodians) != 1 || kept[1].Fingerprint != seal.Fingerprint(epoch.Recipient) {
		t.Errorf("opened epoch %d for %d devices", epoch.Number, len(epoch.Custodians))
	}
	after := w.Send(request, nil, film(2, 1000))
	w.Release()
	for _, sent := range []nodetest.Sent{before, after} {
		if _, err := d.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{Stream: true}); err != nil {
			t.Errorf("the new device does not open epoch %d: %v", sent.Receipt.Epoch, err)
		}
	}
	if _, err := lost.Unseal(ctx(t), before.Receipt.Share, desk.UnsealOptions{Stream: true}); !errors.Is(err, footage.Forbidden) {
		t.Errorf("the lost device signs a pick-up: %v; want forbidden", err)
	}
	if _, err := lost.Unseal(ctx(t), after.Receipt.Share, desk.UnsealOptions{Stream: true}); !errors.Is(err, footage.Forbidden) {
		t.Errorf("the lost device and the new epoch: %v; want forbidden", err)
	}
}

// publish publishes a request of the fire service by the desks of its people.
func publish(t testing.TB, w *nodetest.Town) footage.RequestID {
	t.Helper()
	officer, boss := enrol(t, w, town.Fire, footage.Officer), enrol(t, w, town.Fire, footage.Supervisor)
	in := w.Draft(4)
	q, err := officer.Draft(ctx(t), in)
	must(t, err)
	must(t, officer.Sign(ctx(t), q))
	must(t, boss.Approve(ctx(t), q))
	must(t, boss.Submit(ctx(t), q.ID, false))
	w.Clear(string(q.ID))
	return q.ID
}

// TestForeignWrapping: a key that somebody wraps to this device in place of the epoch's is not used.
func TestForeignWrapping(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := enrol(t, w, w.Police.ID, footage.Custodian)
	v, err := d.AddDevice(ctx(t))
	must(t, err)
	forged, err := seal.GenerateIdentity()
	must(t, err)
	wrapped, err := seal.Wrap(forged, v.Recipient)
	must(t, err)
	must(t, w.Police.Custodian.Client.Call(ctx(t), "POST", "/v1/agency/wrapped", api.WrappedKey{Epoch: 1, Holder: string(v.ID), Wrapped: api.Encode(wrapped)}, nil))
	sent := released(t, w, film(1, 100))
	for what, do := range map[string]func() error{
		"listing": func() error { _, err := d.Keys(ctx(t)); return err },
		"opening": func() error {
			_, err := d.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{Stream: true})
			return err
		},
		"rotating": func() error {
			_, err := d.Rotate(ctx(t), desk.Rotation{Keep: func(desk.Sheet) error { t.Error("a sheet was made"); return nil }})
			return err
		},
	} {
		var own *footage.Error
		if err := do(); !errors.As(err, &own) || own.Code != desk.CodeForeignEpoch {
			t.Errorf("%s with a foreign key: %v; want %s", what, err, desk.CodeForeignEpoch)
		}
	}
}

// TestSwappedDevice: the exchange shows another recipient for a colleague's device. No epoch is wrapped for it, neither when
// the device is let in nor when the key is rotated.
func TestSwappedDevice(t *testing.T) {
	w := nodetest.Start(t, nil)
	ann, bob := custodian(t, w), custodian(t, w)
	theirs, err := bob.AddDevice(ctx(t))
	must(t, err)
	spy, err := seal.GenerateIdentity()
	must(t, err)
	m, client := meddled(t)
	m.after = func(r *http.Request, res *http.Response) error {
		if strings.HasSuffix(r.URL.Path, "/v1/agency/keys") && !rewrite(res, func(s string) string { return strings.ReplaceAll(s, theirs.Recipient, spy.Recipient()) }) {
			return errors.New("nothing was swapped")
		}
		if r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/wrapped") || strings.HasSuffix(r.URL.Path, "/epochs")) {
			t.Errorf("%s: a key left this desk", r.URL.Path)
		}
		return nil
	}
	ann = again(t, w, ann, client)
	if _, err := ann.AddCustodian(ctx(t), theirs.ID, theirs.Fingerprint); !errors.Is(err, footage.Untrusted) {
		t.Errorf("letting in a swapped device: %v; want untrusted", err)
	}
	asked := 0
	_, err = ann.Rotate(ctx(t), desk.Rotation{Keep: func(desk.Sheet) error { return nil }, Compare: func(v desk.Device) (bool, error) {
		asked++
		return v.ID != theirs.ID || v.Fingerprint == theirs.Fingerprint, nil // the person compares with what Bob's screen shows
	}})
	if !errors.Is(err, footage.Forbidden) || asked == 0 {
		t.Errorf("rotating with a swapped device: %v after %d questions; want forbidden", err, asked)
	}
}

// TestRecordIsWatched: the record that the desk has read may only grow.
func TestRecordIsWatched(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	var kept []byte
	m, client := meddled(t)
	m.after = func(r *http.Request, res *http.Response) error {
		if strings.HasSuffix(r.URL.Path, "/log/checkpoint") {
			rewrite(res, func(now string) string {
				if kept == nil {
					kept = []byte(now)
				}
				return string(kept)
			})
		}
		return nil
	}
	first, err := again(t, w, d, client).Record(ctx(t))
	must(t, err)
	w.Publish(w.Draft(0))
	second, err := d.Record(ctx(t))
	must(t, err)
	if len(first.Epochs) != 1 || len(second.Epochs) != 1 || first.Checkpoint == second.Checkpoint {
		t.Errorf("the record named %d epochs, then %d", len(first.Epochs), len(second.Epochs))
	}
	if _, err := again(t, w, d, client).Record(ctx(t)); !errors.Is(err, footage.Conflict) {
		t.Errorf("an older record than was seen: %v; want a conflict", err)
	}
}

// TestSheetFails: an epoch whose sheet cannot be kept is never opened.
func TestSheetFails(t *testing.T) {
	w := nodetest.Start(t, nil)
	must(t, w.Node.Exchange.RegisterAgency(ctx(t), town.Agencies()[1]))
	w.Verify(town.Agencies()[1])
	d := enrol(t, w, town.Fire, footage.Custodian)
	at := filepath.Join(t.TempDir(), "sheet.txt")
	must(t, os.WriteFile(at, []byte("something else"), 0o600))
	if _, err := d.NewKey(ctx(t), desk.KeepIn(at)); !errors.Is(err, footage.Conflict) {
		t.Errorf("a sheet over another file: %v; want a conflict", err)
	}
	if raw, err := os.ReadFile(at); err != nil || string(raw) != "something else" {
		t.Errorf("the other file now holds %q, %v", raw, err)
	}
	r, err := d.Record(ctx(t))
	must(t, err)
	if len(r.Epochs) != 0 {
		t.Errorf("%d epochs were opened without a sheet", len(r.Epochs))
	}
	must(t, os.Remove(at))
	_, err = d.NewKey(ctx(t), desk.KeepIn(at))
	must(t, err)
	if info, err := os.Stat(at); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the sheet's file: %v, %v", info, err)
	}
}
