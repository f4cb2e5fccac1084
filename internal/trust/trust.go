// Package trust remembers which exchange is which: the verifier key of each exchange's public record, pinned by whoever uses
// this device. A key that was fetched from the exchange itself proves nothing, so a pin comes from somewhere else, such as
// the town's paper or its council; what was never pinned is used with a warning (decision 9).
package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// Pins are the pinned exchanges of this device, one file in the configuration folder. It is for one process at a time.
type Pins struct {
	path string
	keys map[string]string // address of the exchange, without a slash at the end, to verifier key string
}

// fileName is the file in the configuration folder. It tells which exchanges somebody uses, and is therefore private.
const fileName = "trust.json"

// Open reads the pins in a configuration folder; a folder or file that is not there holds none.
func Open(dir string) (*Pins, error) {
	p := &Pins{path: filepath.Join(dir, fileName), keys: map[string]string{}}
	raw, err := os.ReadFile(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read pinned exchanges: %w", err)
	}
	if err := footage.DecodeStrict(raw, &p.keys); err != nil {
		return nil, footage.E(footage.Invalid, "The file "+p.path+" with the pinned exchanges is damaged. Move it away and pin them again with 'porchlight trust'.")
	}
	return p, nil
}

// Of returns the verifier key that is pinned for an exchange, or "" if none is.
func (p *Pins) Of(base string) string { return p.keys[clean(base)] }

// All returns every pin by address.
func (p *Pins) All() map[string]string {
	all := make(map[string]string, len(p.keys))
	for base, key := range p.keys {
		all[base] = key
	}
	return all
}

// Pin pins an exchange's verifier key. It is Invalid if the key is none, and Untrusted if another one is pinned: that is
// either an attack or a new record, and a person has to decide, by [Pins.Forget].
func (p *Pins) Pin(base, verifier string) error {
	if _, err := ledger.NewVerifier(verifier); err != nil {
		return footage.E(footage.Invalid, "This is not a verifier key. It has the form name+hash+key.")
	}
	if old := p.Of(base); old != "" && old != verifier {
		return footage.Coded(footage.Untrusted, "pinned_another", "Another key is pinned for "+clean(base)+
			". Ask the exchange's oversight body why it changed; 'porchlight trust --forget' removes the old pin.")
	}
	p.keys[clean(base)] = verifier
	return p.save()
}

// Forget removes a pin.
func (p *Pins) Forget(base string) error {
	delete(p.keys, clean(base))
	return p.save()
}

func clean(base string) string { return strings.TrimRight(base, "/") }

func (p *Pins) save() error {
	raw, err := json.MarshalIndent(p.keys, "", "  ")
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
