package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"porchlight.example/internal/footage"
)

// Dir keeps the objects of a log as files under a folder: for exports, audits, evidence packages and tests. Keys are
// slash-separated paths; one that would leave the folder is refused.
type Dir string

// Get reads a file. A missing one is of kind [footage.NotFound].
func (d Dir) Get(_ context.Context, key string) ([]byte, error) {
	name, err := d.file(key)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, footage.E(footage.NotFound, "The record has no object "+key+".")
	}
	if err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	return readAll(f, key, info.Size())
}

// Put writes a file under a temporary name, syncs it, renames it into place and syncs every folder that changed.
func (d Dir) Put(_ context.Context, key string, data []byte) error {
	name, err := d.file(key)
	if err != nil {
		return err
	}
	folder := filepath.Dir(name)
	if err := makeFolder(folder); err != nil {
		return fmt.Errorf("write object %s: %w", key, err)
	}
	if err := writeFile(folder, name, data); err != nil {
		return fmt.Errorf("write object %s: %w", key, err)
	}
	return nil
}

func (d Dir) file(key string) (string, error) {
	if key == "." || !fs.ValidPath(key) || !filepath.IsLocal(filepath.FromSlash(key)) {
		return "", footage.E(footage.Invalid, fmt.Sprintf("%q is no key of an object.", key))
	}
	return filepath.Join(string(d), filepath.FromSlash(key)), nil
}

func writeFile(folder, name string, data []byte) error {
	f, err := os.CreateTemp(folder, ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed, as it should
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	return syncFolder(folder)
}

// makeFolder makes a folder and those above it, and syncs each parent of a new one: without that a loss of power could
// take away the folder of a durable file.
func makeFolder(folder string) error {
	err := os.Mkdir(folder, 0o755)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		if err := makeFolder(filepath.Dir(folder)); err != nil {
			return err
		}
		return makeFolder(folder)
	case err != nil:
		return err
	}
	return syncFolder(filepath.Dir(folder))
}

func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
