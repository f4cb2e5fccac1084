package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
)

func keyCommand() command {
	return command{name: "key", summary: "the keys that open what residents send", help: `Clips are sealed to your agency's key of the present epoch. Each custodian's device holds a wrapping of it and a signing key
of its own, in device.json of the desk's folder, or in device.age under a passphrase if --passphrase-file is given when it
is made (unlocking it takes half a second and 128 MB each time). Losing that file costs nothing while
another custodian can open the key: add a new device and rotate without the old one. When every device is lost, only the
recovery sheet opens the epoch; when that is lost too, nobody can open what was sealed. Whoever copies the file can open
your agency's footage and sign as you: rotate at once.`, sub: []command{
		{name: "new", summary: "make your agency's first key", run: runKeyNew,
			help: "Makes this device's keys and the first epoch, wrapped for this device. The recovery sheet goes to --sheet FILE, or to standard output for -. It is kept nowhere else."},
		{name: "add", summary: "register this device, or let another one in", run: runKeyAdd,
			help: `Without --for: makes this device's keys, registers them, and shows ID and fingerprint. Bring both to a custodian in person
or by telephone. With --for ID: wraps every key that this device can open for that device, after comparing the
fingerprint that its owner gives you. The exchange could show you another device; the fingerprint tells. The device can
open them 72 hours later, unless somebody stops it before then.`},
		{name: "rotate", summary: "start a new key, for a leaver or a lost device", run: runKeyRotate,
			help: `Starts a new epoch for this device and the remaining custodians, with a new recovery sheet. Leave devices out with
--without ID,ID: they are disabled and sign nothing any more. New clips are sealed to the new key; older ones stay openable with theirs, also by those left out, so
fetch and confirm what is waiting. It counts at once; only if a device gets in that could not open the key before (this one,
perhaps), it waits for a second person and 72 hours.`},
		{name: "recover", args: "SHEETFILE", summary: "let this device in by the recovery sheet", run: runKeyRecover,
			help: `Reads the typed or scanned sheet, compares it with the public record, and wraps its epoch for this device. A second person must
agree ('desk key agree'), and 72 hours pass before it counts. Remove the file afterwards.`},
		{name: "agree", args: "CHANGE", summary: "be the second person for a change of keys", run: runKeyAgree,
			help: `Two people agree to a change of keys: whoever asks, and another custodian or an administrator of your agency. Ask the
first one, in person or by telephone, whether the change is theirs. 'desk key list' shows what waits. It counts after 72
hours; everybody of your agency is told and can stop it before, or have it stopped.`},
		{name: "stop", args: "CHANGE", summary: "end a change of keys before it counts", run: runKeyStop,
			help: "Ends a change that waits, at once. Those who agreed to it, custodians and administrators of your agency can. The record shows that it was stopped."},
		{name: "list", summary: "list epochs, devices and what waits", run: runKeyList, help: "Lists epochs from the public record, devices with their fingerprints, changes that wait, and what is wrong with them."},
	}}
}

// keepSheet returns where a recovery sheet goes.
func (f *deskFlags) keepSheet(e env, to string) (desk.Keep, error) {
	switch {
	case to == "":
		return nil, usagef("--sheet is needed: a new file for the recovery sheet, or - to print it. It is made once and kept nowhere else")
	case to == "-" && f.json:
		return nil, usagef("--json and the sheet cannot both go to standard output; name a file with --sheet")
	case to == "-":
		return func(s desk.Sheet) error {
			_, err := fmt.Fprintln(e.stdout, s.Text)
			return err
		}, nil
	}
	return desk.KeepIn(to), nil
}

func runKeyNew(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("key new")
	sheet := fs.String("sheet", "", "new `file` for the recovery sheet, or - for standard output")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	keep, err := f.keepSheet(e, *sheet)
	if err != nil {
		return err
	}
	epoch, err := d.NewKey(ctx, keep)
	if err != nil {
		return err
	}
	return f.epoch(e, epoch, *sheet)
}

// epoch prints that an epoch has begun, and what to do with its sheet.
func (f *deskFlags) epoch(e env, epoch footage.Epoch, sheet string) error {
	return f.print(e, epoch, func(w io.Writer) {
		if epoch.Opened.IsZero() {
			fmt.Fprintf(w, "Epoch %d waits for a second person, because a device can open it that could not open the one before.\n'porchlight desk key list' shows the change; a colleague runs 'porchlight desk key agree' with its ID.\n", epoch.Number)
			return
		}
		fmt.Fprintf(w, "Epoch %d is open: clips are sealed to its key from now on. %s can open it, and the recovery sheet.\n", epoch.Number, count(len(epoch.Custodians), "device"))
		if sheet != "-" {
			fmt.Fprintf(w, "Print %s, check it, lock the paper away, and remove the file.\n", sheet)
		}
	})
}

func runKeyAdd(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("key add")
	other := fs.String("for", "", "`ID` of another device, to let it in")
	fingerprint := fs.String("fingerprint", "", "the `fingerprint` that the other desk shows; empty: asks")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	if *other != "" {
		return addFor(ctx, e, f, d, footage.CustodianID(*other), *fingerprint)
	}
	v, err := d.AddDevice(ctx)
	if err != nil {
		return err
	}
	return f.print(e, v, func(w io.Writer) {
		fmt.Fprintf(w, "This device is registered.\nID           %s\nFingerprint  %s\n", v.ID, v.Fingerprint)
		fmt.Fprintf(w, "A custodian who can open the key now runs:\n  porchlight desk key add --for %s\nand compares the fingerprint with this one.\n", v.ID)
	})
}

func addFor(ctx context.Context, e env, f *deskFlags, d *desk.Desk, id footage.CustodianID, fingerprint string) error {
	if fingerprint == "" {
		var err error
		if fingerprint, err = e.ask("Fingerprint that the other desk shows: "); err != nil {
			return err
		}
	}
	changes, err := d.AddCustodian(ctx, id, strings.ToLower(fingerprint))
	if err != nil {
		return err
	}
	return f.print(e, map[string]any{"custodian": id, "epochs": len(changes), "changes": changes}, func(w io.Writer) {
		for _, k := range changes {
			fmt.Fprintln(w, keyChange(k))
		}
		if len(changes) == 0 {
			fmt.Fprintf(w, "%s can open your agency's key already, or waits to.\n", id)
		}
	})
}

func runKeyRotate(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("key rotate")
	sheet := fs.String("sheet", "", "new `file` for the recovery sheet, or - for standard output")
	without := fs.String("without", "", "`IDs` of devices to leave out, separated by commas")
	yes := fs.Bool("yes", false, "do not ask (fingerprints that nobody here has compared are asked all the same)")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	r := desk.Rotation{Compare: e.compareDevice}
	if r.Keep, err = f.keepSheet(e, *sheet); err != nil {
		return err
	}
	for id := range strings.SplitSeq(*without, ",") {
		if id = strings.TrimSpace(id); id != "" {
			r.Without = append(r.Without, footage.CustodianID(id))
		}
	}
	if err := e.agree(*yes, "Start a new epoch? Clips are sealed to its key from then on."); err != nil {
		return err
	}
	epoch, err := d.Rotate(ctx, r)
	if err != nil {
		return err
	}
	return f.epoch(e, epoch, *sheet)
}

// compareDevice asks a person to compare a device's fingerprint.
func (e env) compareDevice(v desk.Device) (bool, error) {
	return e.confirm(fmt.Sprintf("Device %s of %s shows the fingerprint %s. Does its owner's own desk show the same ('desk key list' there)?", v.ID, v.Person, v.Fingerprint))
}

func runKeyRecover(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("key recover")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	text, err := e.secretFrom(rest[0], "")
	if err != nil {
		return err
	}
	change, err := d.Recover(ctx, text)
	if err != nil {
		return err
	}
	return f.print(e, change, func(w io.Writer) {
		fmt.Fprintf(w, "%s\nRemove the file with the sheet's text.\n", keyChange(change))
	})
}

func runKeyAgree(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("key agree")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	change, err := d.AgreeKey(ctx, footage.KeyChangeID(rest[0]))
	if err != nil {
		return err
	}
	return f.print(e, change, func(w io.Writer) { fmt.Fprintln(w, keyChange(change)) })
}

func runKeyStop(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("key stop")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	if err := d.StopKey(ctx, footage.KeyChangeID(rest[0])); err != nil {
		return err
	}
	return f.print(e, map[string]string{"stopped": rest[0]}, func(w io.Writer) { fmt.Fprintln(w, "The change is stopped; the key does not count.") })
}

// keyChange says in a line how far a change of keys is.
func keyChange(k api.KeyChange) string {
	what := fmt.Sprintf("device %s for epoch %d", k.Device, k.Epoch)
	if k.Use == footage.KeyEpoch {
		what = fmt.Sprintf("epoch %d, opened by %s", k.Epoch, k.Person)
	}
	switch k.State {
	case api.KeyNeedsSecond:
		return fmt.Sprintf("change %s  %s  waits for a second person: 'porchlight desk key agree %s', by a colleague", k.ID, what, k.ID)
	case api.KeyWaits:
		return fmt.Sprintf("change %s  %s  counts from %s, unless somebody stops it", k.ID, what, when(k.Counts))
	}
	if k.Use == footage.KeyEpoch {
		return what + ", is open now"
	}
	return what + " can open your agency's key now"
}

func runKeyList(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("key list")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	keys, err := d.Keys(ctx)
	if err != nil {
		return err
	}
	err = f.print(e, keys, func(w io.Writer) {
		for _, k := range keys.Epochs {
			fmt.Fprintf(w, "epoch %-3d %s  opened %s  %-10s openable here: %s\n", k.Number, k.Fingerprint, when(k.Opened), count(len(k.Custodians), "device"), yesNo(k.Openable))
		}
		for _, v := range keys.Devices {
			fmt.Fprintf(w, "device %s  %s  %s  %s\n", v.ID, v.Fingerprint, v.Person, deviceState(v))
		}
		for _, k := range keys.Waiting {
			fmt.Fprintln(w, keyChange(k))
		}
	})
	var warned error
	for _, warning := range keys.Warnings {
		_, err := fmt.Fprintf(e.stderr, "porchlight: warning: %s\n", warning)
		warned = errors.Join(warned, err)
	}
	return errors.Join(err, warned)
}

func deviceState(v desk.Device) string {
	switch {
	case v.Disabled:
		return "disabled"
	case v.This:
		return "this device"
	case v.Compared:
		return "compared"
	}
	return "fingerprint never compared here"
}
