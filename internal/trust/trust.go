// Package trust remembers which exchange is which: the verifier key of each exchange's public record, pinned by whoever uses
// this device. A key that was fetched from the exchange itself proves nothing, so a pin comes from somewhere else, such as
// the town's paper or its council; what was never pinned is used with a warning (decision 9).
package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// Pin is what is pinned for one exchange.
type Pin struct {
	Verifier string `json:"verifier"` // of the log
	// Witnesses are the verifier keys of the witnesses that count, and Quorum how many of them must have cosigned what the
	// exchange shows.
	Witnesses []string `json:"witnesses,omitempty"`
	Quorum    int      `json:"quorum,omitempty"`
	// Unwitnessed says that the user accepts a record that no witness watches.
	Unwitnessed bool `json:"unwitnessed,omitempty"`
	// Newest is the newest checkpoint that this device has verified: the record may only grow from it.
	Newest string `json:"newest,omitempty"`
}

// Pins are the pinned exchanges of this device, one file in the configuration folder. It is for one process at a time.
type Pins struct {
	path string
	pins map[string]Pin // by the exchange's address, without a slash at the end
}

// fileName is the file in the configuration folder. It tells which exchanges somebody uses, and is therefore private.
const fileName = "trust.json"

// Open reads the pins in a configuration folder; a folder or file that is not there holds none.
func Open(dir string) (*Pins, error) {
	p := &Pins{path: filepath.Join(dir, fileName), pins: map[string]Pin{}}
	raw, err := os.ReadFile(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read pinned exchanges: %w", err)
	}
	if p.pins, err = parse(raw); err != nil {
		return nil, footage.E(footage.Invalid, "The file "+p.path+" with the pinned exchanges is damaged. Move it away and pin them again with 'porchlight trust'.")
	}
	return p, nil
}

// parse reads the file, also as the first releases wrote it: addresses with their keys alone.
func parse(raw []byte) (map[string]Pin, error) {
	pins := map[string]Pin{}
	err := footage.DecodeStrict(raw, &pins)
	if err == nil {
		return pins, nil
	}
	keys := map[string]string{}
	if old := footage.DecodeStrict(raw, &keys); old != nil {
		return nil, err
	}
	pins = map[string]Pin{}
	for base, key := range keys {
		pins[base] = Pin{Verifier: key}
	}
	return pins, nil
}

// Of returns what is pinned for an exchange: the zero value if nothing is.
func (p *Pins) Of(base string) Pin { return p.pins[clean(base)] }

// All returns every pin by address.
func (p *Pins) All() map[string]Pin { return maps.Clone(p.pins) }

// Pin pins an exchange's verifier key. It is Invalid if the key is none, and Untrusted if another one is pinned: that is
// either an attack or a new record, and a person has to decide, by [Pins.Forget].
func (p *Pins) Pin(base, verifier string) error {
	if _, err := ledger.NewVerifier(verifier); err != nil {
		return footage.E(footage.Invalid, "This is not a verifier key. It has the form name+hash+key.")
	}
	pin := p.Of(base)
	if pin.Verifier != "" && pin.Verifier != verifier {
		return footage.Coded(footage.Untrusted, "pinned_another", "Another key is pinned for "+clean(base)+
			". Ask the exchange's oversight body why it changed; 'porchlight trust --forget' removes the old pin.")
	}
	pin.Verifier = verifier
	return p.set(base, pin)
}

// Watch pins the witnesses that count for an exchange whose key is pinned, and how many of them must have cosigned.
func (p *Pins) Watch(base string, witnesses []string, quorum int) error {
	pin := p.Of(base)
	if pin.Verifier == "" {
		return footage.E(footage.Invalid, "Pin the exchange's own key first, then its witnesses.")
	}
	for _, w := range witnesses {
		if _, err := ledger.NewWitness(w); err != nil {
			return err
		}
	}
	if quorum < 1 || quorum > len(witnesses) {
		return footage.E(footage.Invalid, fmt.Sprintf("The quorum must be between 1 and the %d witnesses that are named.", len(witnesses)))
	}
	pin.Witnesses, pin.Quorum, pin.Unwitnessed = slices.Clone(witnesses), quorum, false
	return p.set(base, pin)
}

// Unwatched notes that the user accepts an exchange's record that no witness watches.
func (p *Pins) Unwatched(base string) error {
	pin := p.Of(base)
	pin.Witnesses, pin.Quorum, pin.Unwitnessed = nil, 0, true
	return p.set(base, pin)
}

// Forget removes a pin.
func (p *Pins) Forget(base string) error {
	delete(p.pins, clean(base))
	return p.save()
}

// Memory returns what this device remembers of an exchange's record.
func (p *Pins) Memory(base string) Memory { return Memory{p, clean(base)} }

// Memory is the newest checkpoint of one pinned exchange.
type Memory struct {
	pins *Pins
	base string
}

// Seen returns the checkpoint, or "".
func (m Memory) Seen() string { return m.pins.pins[m.base].Newest }

// Saw keeps a checkpoint, if the exchange is pinned.
func (m Memory) Saw(checkpoint string) error {
	pin, ok := m.pins.pins[m.base]
	if !ok || pin.Newest == checkpoint {
		return nil
	}
	pin.Newest = checkpoint
	return m.pins.set(m.base, pin)
}

func clean(base string) string { return strings.TrimRight(base, "/") }

func (p *Pins) set(base string, pin Pin) error {
	p.pins[clean(base)] = pin
	return p.save()
}

func (p *Pins) save() error {
	raw, err := json.MarshalIndent(p.pins, "", "  ")
	if err != nil {
		return fmt.Errorf("write pinned exchanges: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(p.path), 0o700); err != nil {
		return fmt.Errorf("write pinned exchanges: %w", err)
	}
	next := p.path + ".new"
	if err := errors.Join(os.WriteFile(next, append(raw, '\n'), 0o600), os.Rename(next, p.path)); err != nil {
		return fmt.Errorf("write pinned exchanges: %w", err)
	}
	return nil
}
