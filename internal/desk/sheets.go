package desk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"porchlight.example/internal/footage"
)

// A recovery sheet that was made on the desk's pages waits in the desk's folder until somebody has printed it.
const (
	sheetBegin = "recovery-"
	sheetEnd   = ".txt"
)

// KeepHere is a Keep that writes the sheet into the desk's folder, durably and readable by its owner alone. [Desk.Sheets] finds
// it until it was printed and [Desk.RemoveSheet] takes it away.
func (d *Desk) KeepHere(s Sheet) error { return newFile(d.sheetPath(s.Fingerprint), []byte(s.Text)) }

func (d *Desk) sheetPath(fingerprint string) string {
	return d.path(sheetBegin + fingerprint + sheetEnd)
}

// Sheets returns the recovery sheets that wait in the desk's folder to be printed. Their epochs are not told.
func (d *Desk) Sheets() ([]Sheet, error) {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return nil, err
	}
	var out []Sheet
	for _, e := range entries {
		name, ok := strings.CutPrefix(e.Name(), sheetBegin)
		fingerprint, text := strings.CutSuffix(name, sheetEnd)
		if !ok || !text {
			continue
		}
		raw, err := os.ReadFile(d.path(e.Name()))
		if err != nil {
			return nil, err
		}
		out = append(out, Sheet{Fingerprint: fingerprint, Text: string(raw)})
	}
	return out, nil
}

// RemoveSheet deletes a recovery sheet that was printed. Without its paper nobody can open the epoch when all devices are lost.
func (d *Desk) RemoveSheet(fingerprint string) error {
	path := d.sheetPath(fingerprint)
	if filepath.Dir(path) != filepath.Clean(d.dir) {
		return footage.E(footage.NotFound, "There is no such recovery sheet here.")
	}
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return footage.E(footage.NotFound, "There is no such recovery sheet here.")
	}
	if err != nil {
		return err
	}
	return syncFolder(d.dir)
}
