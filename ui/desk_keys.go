package ui

import (
	"slices"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// DeskKeysPage shows who can open what comes in, and adds, replaces and leaves out machines.
type DeskKeysPage struct {
	DeskVisit
	Epochs   []DeskEpoch // the oldest first
	Devices  []DeskDevice
	Warnings []string        // in English
	Changes  []api.KeyChange // that do not count yet
	Sheets   []DeskSheet

	Let, Rotate, Recover Form
}

// DeskEpoch is one key of the agency's.
type DeskEpoch struct {
	Number      int
	Fingerprint string
	Opened      time.Time
	Devices     int  // that were let in
	Openable    bool // by this machine
}

// DeskSheet is a recovery sheet that lies on this machine: one that waits to be printed, or one of a key that never was opened.
type DeskSheet struct {
	Fingerprint string
	Epoch       int // 0: of none
}

// DeskDevice is a custodian's machine.
type DeskDevice struct {
	ID                              footage.CustodianID
	Fingerprint                     string
	This, Compared, Disabled, Holds bool // holds the newest key
}

// Marks say how a machine stands.
func (d DeskDevice) Marks() (out []text.Key) {
	for _, m := range []struct {
		on  bool
		key text.Key
	}{{d.This, "desk.device.this"}, {d.Disabled, "desk.device.disabled"}, {d.Holds && !d.Disabled, "desk.device.holds"}, {!d.Compared && !d.Disabled, "desk.device.uncompared"}} {
		if m.on {
			out = append(out, m.key)
		}
	}
	return out
}

// Own is this machine, or nil while it is not registered.
func (p DeskKeysPage) Own() *DeskDevice {
	i := slices.IndexFunc(p.Devices, func(d DeskDevice) bool { return d.This })
	if i < 0 {
		return nil
	}
	return &p.Devices[i]
}

// Opens reports whether this machine can open the newest key.
func (p DeskKeysPage) Opens() bool { return len(p.Epochs) > 0 && p.Epochs[len(p.Epochs)-1].Openable }

// Waits reports whether the machine could be let in. Its fingerprint is not shown: whoever lets it in must have it from its owner.
func (d DeskDevice) Waits() bool { return !d.This && !d.Disabled && !d.Holds }

// Waiting are the machines that could be let in.
func (p DeskKeysPage) Waiting() (out []DeskDevice) {
	for _, d := range p.Devices {
		if d.Waits() {
			out = append(out, d)
		}
	}
	return out
}

// NewDeskKeysPage gives the page its forms, with what was sent with one of them, by its name, and what was wrong with it.
func NewDeskKeysPage(p DeskKeysPage, form string, sent Sent) DeskKeysPage {
	of := func(name string) Sent {
		if name == form {
			return sent
		}
		return Sent{}
	}
	var waiting, without, compared []Option
	for _, d := range p.Devices {
		o := Option{Value: string(d.ID), Words: string(d.ID)}
		switch {
		case d.This || d.Disabled:
			continue
		case d.Holds:
			without = append(without, o)
		default:
			waiting = append(waiting, o)
		}
		if d.Holds && !d.Compared {
			compared = append(compared, Option{Value: o.Value, Words: o.Words + ": " + d.Fingerprint})
		}
	}
	p.Let = NewForm(of("let"),
		Field{Name: "device", Label: "desk.keys.let.device", Kind: OneOf, Required: true, Options: waiting, Codes: []string{"device_unknown"}},
		Field{Name: "fingerprint", Label: "desk.keys.let.fingerprint", Hint: "desk.keys.let.fingerprint.hint", Required: true, Codes: []string{"device_unchecked"}})
	var fields []Field
	if len(without) > 0 {
		fields = append(fields, Field{Name: "without", Label: "desk.keys.rotate.without", Hint: "desk.keys.rotate.without.hint", Kind: SomeOf, Options: without})
	}
	if len(compared) > 0 {
		fields = append(fields, Field{Name: "compared", Label: "desk.keys.rotate.compared", Hint: "desk.keys.rotate.compared.hint", Kind: SomeOf, Options: compared, Codes: []string{"device_unchecked"}})
	}
	p.Rotate = NewForm(of("rotate"), fields...)
	again := of("recover")
	again.Values = nil // a secret is not shown again
	p.Recover = NewForm(again, Field{Name: "sheet", Label: "desk.keys.recover.sheet", Hint: "desk.keys.recover.sheet.hint", Kind: Lines, Required: true, Codes: []string{"bad_sheet", "foreign_epoch"}})
	return p
}

func (DeskKeysPage) folder() string                 { return "deskkeys" }
func (DeskKeysPage) title(c *text.Catalogue) string { return c.T("desk.keys.title") }
func (DeskKeysPage) address() string                { return "/keys" }

// DeskSheetPage shows a recovery sheet, to be printed. Its text is a secret.
type DeskSheetPage struct {
	DeskVisit
	Fingerprint, Sheet string
}

func (DeskSheetPage) folder() string                 { return "desksheet" }
func (DeskSheetPage) title(c *text.Catalogue) string { return c.T("desk.sheet.title") }
func (p DeskSheetPage) address() string              { return "/keys/sheets/" + p.Fingerprint }

// Path is the page's own path.
func (p DeskSheetPage) Path() string { return p.address() }
