package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"porchlight.example/internal/footage"
)

// readJSON reads a file of the desk strictly. A missing one matches fs.ErrNotExist.
func readJSON(path string, v any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := footage.DecodeStrict(raw, v); err != nil {
		return fmt.Errorf("%s is damaged: %w", path, err)
	}
	return nil
}

// replaceJSON writes a file of the desk whole or not at all, readable by its owner alone.
func replaceJSON(path string, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", filepath.Base(path), err)
	}
	return replaceFile(path, append(raw, '\n'))
}

// replaceFile writes a file durably under a temporary name and then gives it its own.
func replaceFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return full(path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return full(path, err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // half a file is of no use
		return full(path, fmt.Errorf("write %s: %w", path, err))
	}
	return syncFolder(filepath.Dir(path))
}

// newFile writes a file that must not exist yet, durably, readable by its owner alone.
func newFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fileExists(path)
	}
	if err != nil {
		return full(path, fmt.Errorf("write %s: %w", path, err))
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(path) // half a file is of no use
		return full(path, fmt.Errorf("write %s: %w", path, err))
	}
	return syncFolder(filepath.Dir(path))
}

func fileExists(path string) error {
	return footage.Coded(footage.Conflict, CodeFileExists, "There is something at "+path+" already. Move it away or choose another name.")
}

// full says in words for people that a disk is full; every other error is left as it is.
func full(path string, err error) error {
	if err == nil || !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) {
		return err
	}
	return fmt.Errorf("%w (%w)", footage.Coded(footage.Full, CodeDiskFull,
		"There is no room left on the disk that holds "+filepath.Dir(path)+". Make room and run the same command again."), err)
}

// syncFolder makes the names in a folder durable. Windows has no such call; some file systems answer EINVAL and need none.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	if err = errors.Join(err, d.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
