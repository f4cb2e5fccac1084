package desk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/seal"
)

// recoveryHolder names the wrapping for the offline recovery sheet.
const recoveryHolder = "recovery"

// Sheet is the recovery sheet of a new epoch. Text is a secret that opens everything sealed to the epoch; the desk hands it
// over once and keeps nothing of it.
type Sheet struct {
	Epoch       int
	Fingerprint string // of the epoch's recipient, also in the public record
	Text        string
}

// Keep takes a recovery sheet into safety. The epoch is opened only after it returned nil: no epoch exists without its sheet.
type Keep func(Sheet) error

// KeepIn returns a Keep that writes the sheet durably into a new file, readable by its owner alone, to be printed and removed.
func KeepIn(path string) Keep {
	return func(s Sheet) error { return newFile(path, []byte(s.Text)) }
}

// Device is a custodian's device as the exchange tells of it.
type Device struct {
	api.CustodianDevice
	Fingerprint string `json:"fingerprint"`
	This        bool   `json:"this_device"`
	Compared    bool   `json:"compared"` // somebody at this desk has compared the fingerprint
}

// EpochKey is one of the agency's epochs, from the public record.
type EpochKey struct {
	footage.Epoch
	Fingerprint string `json:"fingerprint"`
	Openable    bool   `json:"openable"` // by this device; the unwrapped key was compared with the record
}

// KeyList is the state of an agency's keys.
type KeyList struct {
	Epochs  []EpochKey `json:"epochs"`
	Devices []Device   `json:"devices"`
	// Waiting are changes that do not count yet.
	Waiting  []api.KeyChange `json:"waiting"`
	Warnings []string        `json:"warnings"`
}

// NewKey makes the agency's first epoch: this device's keys, and a sealing key wrapped for the device and the recovery sheet.
// It is a Conflict if the agency has an epoch already.
func (d *Desk) NewKey(ctx context.Context, keep Keep) (footage.Epoch, error) {
	r, err := d.Record(ctx)
	if err != nil {
		return footage.Epoch{}, err
	}
	if n := len(r.Epochs); n > 0 {
		return footage.Epoch{}, footage.E(footage.Conflict, fmt.Sprintf("Your agency has a sealing key already (epoch %d). Add this device with 'desk key add', or start a new epoch with 'desk key rotate'.", n))
	}
	v, err := d.ownDevice(ctx)
	if err != nil {
		return footage.Epoch{}, err
	}
	return d.openEpoch(ctx, r, 1, map[string]string{string(v.ID): v.Identity.Recipient()}, keep)
}

// openEpoch makes an epoch and wraps it for holders, by custodian ID to recipient, and for the recovery sheet.
func (d *Desk) openEpoch(ctx context.Context, r Record, number int, holders map[string]string, keep Keep) (footage.Epoch, error) {
	var epoch footage.Epoch
	id, err := seal.GenerateIdentity()
	if err != nil {
		return epoch, err
	}
	holders[recoveryHolder] = id.Recipient() // the sheet holds the epoch key itself, and so opens what is sealed to it
	open := api.OpenEpoch{Number: number, Recipient: id.Recipient()}
	for holder, to := range holders {
		wrapped, err := seal.Wrap(id, to)
		if err != nil {
			return epoch, fmt.Errorf("wrap the epoch key for %s: %w", holder, err)
		}
		open.Wrapped = append(open.Wrapped, api.WrappedKey{Epoch: number, Holder: holder, Wrapped: api.Encode(wrapped)})
	}
	if err := keep(Sheet{Epoch: number, Fingerprint: seal.Fingerprint(id.Recipient()), Text: seal.RecoverySheet(r.Agency.Name, number, id)}); err != nil {
		return epoch, fmt.Errorf("keep the recovery sheet: %w", err)
	}
	if err := d.call(ctx, http.MethodPost, "/v1/agency/epochs", open, &epoch); err != nil {
		return epoch, fmt.Errorf("open epoch %d: %w", number, err)
	}
	if epoch.Opened.IsZero() {
		return epoch, nil // it waits: the record announces it, and does not name it yet
	}
	return epoch, d.logged(ctx, number, id.Recipient())
}

// logged checks that the public record names the epoch's key as this desk made it.
func (d *Desk) logged(ctx context.Context, number int, recipient string) error {
	r, err := d.Record(ctx)
	if err != nil {
		return err
	}
	if e, ok := r.Epoch(number); !ok || e.Recipient != recipient {
		return footage.Coded(footage.Untrusted, CodeForeignEpoch, fmt.Sprintf("The public record does not name the key of epoch %d as this desk made it. Tell the oversight body; do not ask for footage until it is cleared up.", number))
	}
	return nil
}

// AddDevice makes this device's keys and registers them. It can open nothing until a custodian who can runs
// [Desk.AddCustodian] for it, or the recovery sheet is read in by [Desk.Recover].
func (d *Desk) AddDevice(ctx context.Context) (Device, error) {
	v, err := d.ownDevice(ctx)
	if err != nil {
		return Device{}, err
	}
	return Device{CustodianDevice: api.CustodianDevice{ID: v.ID, Person: d.Person().ID, SignKey: v.signKey(), Recipient: v.Identity.Recipient()},
		Fingerprint: DeviceFingerprint(v.Identity.Recipient(), v.signKey()), This: true, Compared: true}, nil
}

// AddCustodian lets another device open every epoch that this one can open, and returns what comes of each: it counts only after
// a second person's word, which the other device's owner gave by registering it, and the exchange's delay. The fingerprint
// is the one that the other desk shows, brought over by its owner: if it is not that of the device that the exchange tells
// of, nothing is wrapped.
func (d *Desk) AddCustodian(ctx context.Context, id footage.CustodianID, fingerprint string) ([]api.KeyChange, error) {
	keys, err := d.keys(ctx)
	if err != nil {
		return nil, err
	}
	other, err := keys.device(id)
	if err != nil {
		return nil, err
	}
	if other.Fingerprint != fingerprint {
		return nil, footage.Coded(footage.Untrusted, CodeUnconfirmed, "The fingerprint that you give is not that of the device that the exchange tells of, "+other.Fingerprint+
			". Compare it once more with what the other desk shows; if it differs, tell the oversight body.")
	}
	if err := d.remember(other); err != nil {
		return nil, err
	}
	changes := []api.KeyChange{}
	for _, number := range slices.Sorted(maps.Keys(keys.open)) {
		switch change, err := d.wrapFor(ctx, keys.open[number], number, other.CustodianDevice); {
		case err == nil:
			changes = append(changes, change)
		case !errors.Is(err, footage.Conflict): // a Conflict: it can open that epoch already, or will
			return changes, err
		}
	}
	if len(keys.open) == 0 {
		return nil, notWrapped()
	}
	return changes, nil
}

func notWrapped() error {
	return footage.Coded(footage.Forbidden, CodeNotWrapped, "This device cannot open your agency's key. A custodian who can must run 'desk key add --for' with this device's ID, or read the recovery sheet in with 'desk key recover'.")
}

func (d *Desk) wrapFor(ctx context.Context, epoch *seal.Identity, number int, to api.CustodianDevice) (change api.KeyChange, err error) {
	wrapped, err := seal.Wrap(epoch, to.Recipient)
	if err != nil {
		return change, fmt.Errorf("wrap epoch %d: %w", number, err)
	}
	err = d.call(ctx, http.MethodPost, "/v1/agency/wrapped", api.WrappedKey{Epoch: number, Holder: string(to.ID), Wrapped: api.Encode(wrapped)}, &change)
	return change, err
}

// AgreeKey is the second person's word on a change of the agency's keys that waits for one.
func (d *Desk) AgreeKey(ctx context.Context, change footage.KeyChangeID) (out api.KeyChange, err error) {
	err = d.call(ctx, http.MethodPost, "/v1/agency/keychanges/"+url.PathEscape(string(change))+"/agree", struct{}{}, &out)
	return out, err
}

// StopKey ends a change of the agency's keys before it counts.
func (d *Desk) StopKey(ctx context.Context, change footage.KeyChangeID) error {
	return d.call(ctx, http.MethodPost, "/v1/agency/keychanges/"+url.PathEscape(string(change))+"/stop", struct{}{}, nil)
}

// Rotation says for whom a new epoch is made.
type Rotation struct {
	Without []footage.CustodianID      // leavers and lost devices
	Compare func(Device) (bool, error) // asks a person to compare the fingerprint of a device that nobody here has compared
	Keep    Keep
}

// Rotate starts a new epoch for this device and the custodians of the newest one, but for those left out, which are disabled
// first: they sign nothing any more. What was sealed before stays openable with its own epoch, also by them.
func (d *Desk) Rotate(ctx context.Context, in Rotation) (footage.Epoch, error) {
	keys, err := d.keys(ctx)
	if err != nil {
		return footage.Epoch{}, err
	}
	v, err := d.device()
	if err != nil {
		return footage.Epoch{}, err
	}
	for _, out := range in.Without {
		if out == v.ID || !slices.ContainsFunc(keys.devices, func(other Device) bool { return other.ID == out }) {
			return footage.Epoch{}, footage.E(footage.Invalid, string(out)+" is not another device of your agency. 'desk key list' shows them.")
		}
	}
	holders := map[string]string{string(v.ID): v.Identity.Recipient()}
	for _, other := range keys.remaining(in.Without) {
		if err := d.compared(other, in.Compare); err != nil {
			return footage.Epoch{}, err
		}
		holders[string(other.ID)] = other.Recipient
	}
	for _, out := range in.Without {
		if err := d.call(ctx, http.MethodPost, "/v1/agency/custodians/"+string(out)+"/disable", struct{}{}, nil); err != nil {
			return footage.Epoch{}, fmt.Errorf("disable %s: %w", out, err)
		}
	}
	return d.openEpoch(ctx, keys.record, len(keys.record.Epochs)+1, holders, in.Keep)
}

// compared makes sure that a person has compared the device's fingerprint, now or before.
func (d *Desk) compared(other Device, compare func(Device) (bool, error)) error {
	if other.Compared {
		return nil
	}
	ok := false
	if compare != nil {
		var err error
		if ok, err = compare(other); err != nil {
			return err
		}
	}
	if !ok {
		return footage.Coded(footage.Forbidden, CodeUnconfirmed, "Nobody at this desk has compared the fingerprint of "+string(other.ID)+", "+other.Fingerprint+
			", with what that device shows. Compare it, or leave the device out with --without.")
	}
	return d.remember(other)
}

// Recover reads a recovery sheet, checks it against the public record and lets this device open the sheet's epoch, once a
// second person has agreed and the exchange's delay is over. The device is registered if it was not.
func (d *Desk) Recover(ctx context.Context, sheet string) (api.KeyChange, error) {
	var change api.KeyChange
	epoch, err := seal.ParseRecoverySheet(sheet)
	if err != nil {
		return change, err
	}
	r, err := d.Record(ctx)
	if err != nil {
		return change, err
	}
	i := slices.IndexFunc(r.Epochs, func(e footage.Epoch) bool { return e.Recipient == epoch.Recipient() })
	if i < 0 {
		return change, footage.Coded(footage.Untrusted, CodeForeignEpoch, "The public record names no epoch of your agency with the fingerprint "+seal.Fingerprint(epoch.Recipient())+". It is the sheet of another agency or exchange.")
	}
	v, err := d.ownDevice(ctx)
	if err != nil {
		return change, err
	}
	number := r.Epochs[i].Number
	change, err = d.wrapFor(ctx, epoch, number, api.CustodianDevice{ID: v.ID, Recipient: v.Identity.Recipient()})
	if own := (*footage.Error)(nil); errors.As(err, &own) && own.Kind == footage.Conflict && own.Code == "" {
		return api.KeyChange{Use: footage.KeyCustodian, Epoch: number, Device: v.ID, State: api.KeyCounts}, nil // it could open the epoch before
	}
	return change, err
}

// Keys returns the state of the agency's keys, checked against the public record.
func (d *Desk) Keys(ctx context.Context) (KeyList, error) {
	keys, err := d.keys(ctx)
	if err != nil {
		return KeyList{}, err
	}
	out := KeyList{Devices: keys.devices, Waiting: keys.waiting, Warnings: []string{}}
	for i, e := range keys.record.Epochs {
		_, mine := keys.open[e.Number]
		out.Epochs = append(out.Epochs, EpochKey{Epoch: e, Fingerprint: seal.Fingerprint(e.Recipient), Openable: mine})
		if newest := i == len(keys.record.Epochs)-1; newest && !mine {
			out.Warnings = append(out.Warnings, fmt.Sprintf("This device cannot open the newest epoch, %d, opened on %s. If no colleague of yours opened it, tell the oversight body at once: clips are sealed to it.",
				e.Number, e.Opened.UTC().Format("2 Jan 2006, 15:04 UTC")))
		}
	}
	return out, nil
}

// keyring is everything about the agency's keys, checked.
type keyring struct {
	record  Record
	devices []Device
	waiting []api.KeyChange
	open    map[int]*seal.Identity // the epochs that this device can open
}

func (k keyring) device(id footage.CustodianID) (Device, error) {
	i := slices.IndexFunc(k.devices, func(v Device) bool { return v.ID == id && !v.Disabled })
	if i < 0 {
		return Device{}, footage.Coded(footage.NotFound, CodeNoSuchDevice, "Your agency has no device "+string(id)+". 'desk key list' shows them.")
	}
	return k.devices[i], nil
}

// remaining returns the devices that hold the newest epoch, but for this one and those left out. A device whose signing key
// the record does not name is not one of them.
func (k keyring) remaining(without []footage.CustodianID) []Device {
	if len(k.record.Epochs) == 0 {
		return nil
	}
	var out []Device
	for _, c := range k.record.Epochs[len(k.record.Epochs)-1].Custodians {
		v, err := k.device(c.ID)
		if err == nil && v.SignKey == c.Key && !v.This && !slices.Contains(without, c.ID) {
			out = append(out, v)
		}
	}
	return out
}

// keys fetches the agency's keys, unwraps what is wrapped for this device, and holds each epoch against the public record.
func (d *Desk) keys(ctx context.Context) (keyring, error) {
	k := keyring{open: map[int]*seal.Identity{}}
	var err error
	if k.record, err = d.Record(ctx); err != nil {
		return k, err
	}
	var all api.Keys
	if err := d.call(ctx, http.MethodGet, "/v1/agency/keys", nil, &all); err != nil {
		return k, fmt.Errorf("fetch the agency's keys: %w", err)
	}
	k.waiting = all.Waiting
	v, err := d.device()
	if err != nil && footage.KindOf(err) != footage.NotFound {
		return k, err
	}
	if k.devices, err = d.devices(all.Custodians, v); err != nil || v == nil {
		return k, err
	}
	for _, w := range all.Wrapped {
		if w.Holder != string(v.ID) {
			continue
		}
		id, err := unwrap(w, v, k.record.Epochs)
		if err != nil {
			return k, err
		}
		k.open[w.Epoch] = id
	}
	return k, nil
}

// unwrap opens a wrapped epoch key and compares it with the epoch in the verified public record: anyone can wrap some key.
func unwrap(w api.WrappedKey, v *device, epochs []footage.Epoch) (*seal.Identity, error) {
	raw, err := api.Decode(w.Wrapped)
	if err != nil {
		return nil, err
	}
	id, err := seal.Unwrap(raw, v.Identity)
	if own := (*footage.Error)(nil); errors.As(err, &own) && own.Code == seal.CodeWrongKey {
		return nil, footage.Coded(footage.Untrusted, CodeWrongDevice, fmt.Sprintf("Epoch %d was wrapped for another identity than the one in this device's key file. Put the right file back, or register this device anew with 'desk key add'.", w.Epoch))
	}
	if err != nil {
		return nil, fmt.Errorf("unwrap epoch %d: %w", w.Epoch, err)
	}
	if !slices.ContainsFunc(epochs, func(e footage.Epoch) bool { return e.Number == w.Epoch && e.Recipient == id.Recipient() }) {
		return nil, footage.Coded(footage.Untrusted, CodeForeignEpoch, fmt.Sprintf("The key that was wrapped for this device is not the one that the public record names for epoch %d. It is not used. Tell the oversight body.", w.Epoch))
	}
	return id, nil
}

// devices adds to each device what this desk knows of it.
func (d *Desk) devices(all []api.CustodianDevice, own *device) ([]Device, error) {
	known, err := d.known()
	if err != nil {
		return nil, err
	}
	out := []Device{}
	for _, c := range all {
		v := Device{CustodianDevice: c, Fingerprint: DeviceFingerprint(c.Recipient, c.SignKey)}
		v.This = own != nil && c.ID == own.ID
		v.Compared = v.This || known[c.ID] == v.Fingerprint
		out = append(out, v)
	}
	return out, nil
}

// known returns the fingerprints that somebody at this desk has compared.
func (d *Desk) known() (map[footage.CustodianID]string, error) {
	known := map[footage.CustodianID]string{}
	if err := readJSON(d.path(knownFile), &known); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return known, nil
}

func (d *Desk) remember(v Device) error {
	known, err := d.known()
	if err != nil {
		return err
	}
	known[v.ID] = v.Fingerprint
	return replaceJSON(d.path(knownFile), known)
}
