package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// Backup is a folder that was found whole.
type Backup struct {
	Manifest
	dir string
}

// Open reads a backup and checks it: that every file is there as it was written, and no other; and the public record. A
// damaged one is of kind [footage.Untrusted], a folder that is no backup, or not a whole one, of [footage.NotFound].
func Open(ctx context.Context, dir string) (*Backup, error) {
	raw, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, footage.E(footage.NotFound, "The folder "+dir+" holds no whole backup: "+manifestFile+", which is written last, is not there.")
	}
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	b := &Backup{dir: dir}
	if err := footage.DecodeStrict(raw, &b.Manifest); err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	if b.Type != ManifestType {
		return nil, footage.E(footage.Unsupported, "This program does not know this kind of backup. A newer one may know it.")
	}
	found, err := describe(dir)
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	delete(found, manifestFile)
	if reasons := compare(b.Files, found); len(reasons) > 0 {
		return nil, &footage.Error{Kind: footage.Untrusted, Code: "backup_damaged", Msg: "The backup is not as it was written. Use another one.", Reasons: reasons}
	}
	if b.Signed == 0 {
		return b, nil
	}
	report, err := ledger.Check(ctx, ledger.Dir(dir), b.Verifier)
	if err == nil && report.Size != b.Signed {
		err = footage.E(footage.Untrusted, "The backup's public record is not the one that it says.")
	}
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	return b, nil
}

// compare returns how two lists of files differ.
func compare(want, got map[string]File) (reasons []footage.Reason) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch file, ok := got[name]; {
		case !ok:
			reasons = append(reasons, footage.Reason{Code: "missing", Msg: name + " is missing."})
		case file != want[name]:
			reasons = append(reasons, footage.Reason{Code: "changed", Msg: name + " has changed."})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			reasons = append(reasons, footage.Reason{Code: "foreign", Msg: name + " does not belong to the backup."})
		}
	}
	return reasons
}

// KeyFolder returns the folder with the exchange's keys, or "" when the backup holds none.
func (b *Backup) KeyFolder() string {
	if !b.Keys {
		return ""
	}
	return filepath.Join(b.dir, keyFolder)
}

// Database opens a copy of the backup's database that lies in a folder of its own below dir, so that the backup stays as it
// is. The caller closes both.
func (b *Backup) Database(ctx context.Context, dir string) (*store.DB, func() error, error) {
	folder, err := os.MkdirTemp(dir, ".restore-")
	if err != nil {
		return nil, nil, fmt.Errorf("copy the backup's database: %w", err)
	}
	remove := func() error { return os.RemoveAll(folder) }
	file := filepath.Join(folder, databaseFile)
	if err := copyFile(filepath.Join(b.dir, databaseFile), file); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("copy the backup's database: %w", err), remove())
	}
	db, err := store.Open(ctx, file, store.Options{})
	if err == nil {
		err = db.IntegrityCheck(ctx)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open the backup's database: %w", err), remove())
	}
	return db, func() error { return errors.Join(db.Close(), remove()) }, nil
}

// describe returns size and hash of every file below a folder.
func describe(dir string) (map[string]File, error) {
	files := map[string]File{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		hash := sha256.New()
		size, err := io.Copy(hash, f)
		files[filepath.ToSlash(name)] = File{Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}
		return err
	})
	return files, err
}

// writeFile writes a new file for this user alone and syncs it.
func writeFile(path string, body []byte) error { return write(path, bytes.NewReader(body)) }

func copyFile(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	return write(to, f)
}

func write(path string, body io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	_, err = io.Copy(f, body)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	return nil
}

// syncFolders makes the names in a folder and those below it durable.
func syncFolders(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return syncFolder(path)
	})
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
