// Package backup copies a running exchange into a folder and reads such a folder back.
//
// A backup holds the database as it was at one moment, as an SQLite file whichever engine the exchange runs on; the public
// record up to the head that the database had signed, checked entry by entry; the policies in force; and the exchange's keys
// only when they are asked for, since whoever has them can speak for the exchange. It never holds clips: they are the
// residents' and the agencies', they are sealed, and a copy would outlive its erasure.
//
// The folder gets its name when everything in it is on the disk, so that half a backup never looks whole. Bringing an
// exchange back is more than copying files the other way: see package exchange.
package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// Source is an exchange that is to be backed up. It may be running.
type Source struct {
	DB     *store.DB
	Bucket blob.Bucket
	Keys   string           // folder of the key files; "" leaves them out
	Now    func() time.Time // nil: time.Now
}

// Manifest is what backup.json says.
type Manifest struct {
	Type     string          `json:"type"` // ManifestType
	Made     time.Time       `json:"made"`
	Name     string          `json:"name"` // of the exchange
	Origin   string          `json:"origin"`
	Verifier string          `json:"verifier"`
	Entries  int64           `json:"entries"` // of the record in the database
	Signed   int64           `json:"signed"`  // of them covered by the checkpoint
	Keys     bool            `json:"keys"`    // the backup holds the exchange's keys
	Files    map[string]File `json:"files"`   // every other file, by its path in the folder
}

// File is one file of a backup.
type File struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// ManifestType is the value of the type member.
const ManifestType = "porchlight/backup/v1"

// The parts of a backup.
const (
	manifestFile = "backup.json"
	databaseFile = "database.db"
	readmeFile   = "README.txt"
	policyFolder = "policies"
	keyFolder    = "keys"
)

// Make writes a backup to a new folder. Until it is whole the folder bears another name, and is removed if that fails; a
// killed one leaves a folder that says ".incomplete" in its name.
func Make(ctx context.Context, src Source, dir string) (m Manifest, err error) {
	if _, err := os.Lstat(dir); err == nil {
		return m, footage.E(footage.Conflict, "There is something at "+dir+" already; name a new folder for the backup.")
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return m, err
	}
	part, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".incomplete-")
	if errors.Is(err, fs.ErrNotExist) {
		return m, footage.E(footage.NotFound, "There is no folder "+filepath.Dir(dir)+"; make it, or name another place for the backup.")
	}
	if err != nil {
		return m, fmt.Errorf("make the backup's folder: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part))
		}
	}()
	w := &writer{ctx: ctx, src: src, dir: part}
	if m, err = w.write(); err != nil {
		return m, fmt.Errorf("back up %s: %w", m.Name, err)
	}
	if err := os.Rename(part, dir); err != nil {
		return m, fmt.Errorf("name the backup: %w", err)
	}
	return m, syncFolder(filepath.Dir(dir))
}

// writer writes one backup. It lives as long as the call that it serves, and so may hold the context.
type writer struct {
	ctx context.Context
	src Source
	dir string
}

func (w *writer) write() (m Manifest, err error) {
	now := time.Now
	if w.src.Now != nil {
		now = w.src.Now
	}
	m = Manifest{Type: ManifestType, Made: now().UTC().Truncate(time.Second), Keys: w.src.Keys != ""}
	if err := w.src.DB.Backup(w.ctx, filepath.Join(w.dir, databaseFile)); err != nil {
		return m, err
	}
	if err := w.fromCopy(&m); err != nil { // from the copy, so that all parts are of one moment
		return m, err
	}
	if m.Keys {
		if err := w.keys(); err != nil {
			return m, err
		}
	}
	if err := writeFile(filepath.Join(w.dir, readmeFile), []byte(readme(m))); err != nil {
		return m, err
	}
	if m.Files, err = describe(w.dir); err != nil {
		return m, err
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, err
	}
	if err := writeFile(filepath.Join(w.dir, manifestFile), append(raw, '\n')); err != nil {
		return m, err
	}
	return m, syncFolders(w.dir)
}

// fromCopy writes what the database's copy names: record and policies.
func (w *writer) fromCopy(m *Manifest) (err error) {
	db, err := store.Open(w.ctx, filepath.Join(w.dir, databaseFile), store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var head store.LogHead
	var policies []store.Policy
	err = db.Read(w.ctx, func(tx *store.Tx) error {
		row, err := tx.Exchange()
		if errors.Is(err, footage.NotFound) {
			return footage.E(footage.NotFound, "There is no exchange in this database, so that there is nothing to back up.")
		}
		if err != nil {
			return err
		}
		m.Name, m.Origin, m.Verifier = row.Name, row.Origin, row.LogVerifier
		if head, err = tx.LogHead(); err != nil {
			return err
		}
		m.Entries, m.Signed = head.Size, head.Integrated
		policies, err = tx.Policies(m.Made.Add(time.Second)) // the time was cut to a second
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range policies {
		if err := w.file(filepath.Join(policyFolder, p.Name+"-"+p.Hash[:12]+".json"), p.Body); err != nil {
			return err
		}
	}
	return w.record(head, m.Verifier)
}

// record copies the objects of the public record and checks them against the head.
func (w *writer) record(head store.LogHead, verifier string) error {
	if head.Checkpoint == "" {
		return nil // nothing was signed yet
	}
	log := ledger.Dir(w.dir)
	for key := range ledger.Keys(head.Integrated) {
		body, err := w.object(key)
		if err != nil {
			return fmt.Errorf("copy the public record: %w", err)
		}
		if err := log.Put(w.ctx, key, body); err != nil {
			return fmt.Errorf("copy the public record: %w", err)
		}
	}
	if err := log.Put(w.ctx, ledger.CheckpointKey, []byte(head.Checkpoint)); err != nil {
		return fmt.Errorf("copy the public record: %w", err)
	}
	if _, err := ledger.Check(w.ctx, log, verifier); err != nil {
		return fmt.Errorf("check the copy of the public record: %w", err)
	}
	return nil
}

func (w *writer) object(key string) ([]byte, error) {
	r, err := w.src.Bucket.Get(w.ctx, key, 0, -1)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func (w *writer) keys() error {
	entries, err := os.ReadDir(w.src.Keys)
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		body, err := os.ReadFile(filepath.Join(w.src.Keys, e.Name()))
		if err != nil {
			return fmt.Errorf("read the keys: %w", err)
		}
		if err := w.file(filepath.Join(keyFolder, e.Name()), body); err != nil {
			return err
		}
	}
	return nil
}

// file writes a file below the backup's folder.
func (w *writer) file(name string, body []byte) error {
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	return writeFile(path, body)
}

func readme(m Manifest) string {
	keys := "The exchange's keys are not in it. Without them the exchange cannot be brought back: keep copies of the folder\n'keys' elsewhere.\n"
	if m.Keys {
		keys = "The exchange's keys are in it (folder keys): whoever has this backup can speak for the exchange. Lock it away.\n"
	}
	return fmt.Sprintf(`Backup of %s (%s), made %s by 'porchlight backup'.

database.db   the database at that moment, an SQLite file: %d entries of the public record and all else
log/          the public record up to its signed head, %d entries: checkpoint, tiles and entries (C2SP tlog-tiles)
policies/     the policies that were in force
backup.json   the SHA-256 of every file here

%s
Clips are never backed up: a copy would outlive its erasure. What the database holds of shares (sealed manifests and
messages, hashes of credentials) should not do so either: delete this backup when the days are over for which the policy
lets the exchange keep clips.

To bring the exchange back: porchlight restore FOLDER --data NEW-FOLDER (see 'porchlight restore --help').
`, m.Name, m.Origin, m.Made.Format(time.RFC3339), m.Entries, m.Signed, keys)
}
