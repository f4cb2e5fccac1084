package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"porchlight.example/internal/backup"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// Backup writes a backup of an exchange, running or not, to a new folder. Keys are in it only if withKeys is set.
func Backup(ctx context.Context, opts Options, dir string, withKeys bool) (backup.Manifest, error) {
	if err := opts.checkFolder(); err != nil {
		return backup.Manifest{}, err
	}
	cfg, closeAll, err := opts.parts(ctx, exchange.Keys{})
	if err != nil {
		return backup.Manifest{}, err
	}
	defer closeAll()
	src := backup.Source{DB: cfg.DB, Bucket: cfg.Bucket, Now: opts.Now}
	if withKeys {
		src.Keys = opts.keyDir()
	}
	return backup.Make(ctx, src, dir)
}

// Restoring says from what to restore an exchange.
type Restoring struct {
	From      string   // the backup
	Keys      string   // folder with the exchange's key files, when neither the data folder nor the backup holds them
	Guards    []string // guard folders that survived, besides the data folder's own
	Policies  [][]byte // policy files that may have been adopted since
	NewOrigin string   // closes the record and opens a new one of this name
}

// Restore brings an exchange back from a backup into a data folder, database and bucket. The database must be empty, or hold
// what an earlier Restore left that was cut off; bucket, guard and keys are used as they are found there.
func Restore(ctx context.Context, opts Options, r Restoring) (out exchange.Restored, err error) {
	b, err := backup.Open(ctx, r.From)
	if err != nil {
		return out, err
	}
	if err := os.MkdirAll(opts.Data, 0o700); err != nil {
		return out, fmt.Errorf("make data folder: %w", err)
	}
	if err := opts.checkFolder(); err != nil {
		return out, err
	}
	plan, err := r.plan(b)
	if err != nil {
		return out, err
	}
	keys, err := r.keys(opts, b)
	if err != nil {
		return out, err
	}
	cfg, closeAll, err := opts.parts(ctx, keys)
	if err != nil {
		return out, err
	}
	defer closeAll()
	if err := load(ctx, cfg.DB, b, opts.Data, &plan.Row); err != nil {
		return out, err
	}
	return exchange.Restore(ctx, cfg, plan)
}

func (r Restoring) plan(b *backup.Backup) (exchange.Restoring, error) {
	plan := exchange.Restoring{Made: b.Made, Policies: r.Policies, Close: r.NewOrigin != ""}
	for _, dir := range r.Guards {
		if _, err := os.Stat(dir); err != nil {
			return plan, footage.E(footage.NotFound, "There is no guard folder "+dir+".")
		}
		guard, err := exchange.NewGuard(dir)
		if err != nil {
			return plan, err
		}
		plan.Guards = append(plan.Guards, guard)
	}
	return plan, nil
}

// keys puts the exchange's keys into the data folder, unless they are there, and returns them. A new record has a new log
// key; receipts and all else keep theirs.
func (r Restoring) keys(opts Options, b *backup.Backup) (exchange.Keys, error) {
	if Exists(opts) {
		return r.ownKeys(opts)
	}
	from := r.Keys
	if from == "" {
		from = b.KeyFolder()
	}
	if from == "" {
		return exchange.Keys{}, footage.E(footage.NotFound, "The backup holds no keys. Name the folder with the exchange's key files with --keys; without them it cannot be brought back.")
	}
	if r.NewOrigin == "" {
		keys, err := readKeys(from)
		if err != nil {
			return keys, err
		}
		return keys, writeKeys(opts.keyDir(), keys)
	}
	keys, err := readOtherKeys(from)
	if err != nil {
		return keys, err
	}
	fresh, err := NewKeys(r.NewOrigin)
	if err != nil {
		return keys, err
	}
	keys.LogSigner, keys.LogVerifier = fresh.LogSigner, fresh.LogVerifier
	return keys, writeKeys(opts.keyDir(), keys)
}

// ownKeys returns the keys that are in the data folder.
func (r Restoring) ownKeys(opts Options) (exchange.Keys, error) {
	keys, err := readKeys(opts.keyDir())
	if err != nil || r.NewOrigin == "" {
		return keys, err
	}
	verifier, err := ledger.NewVerifier(keys.LogVerifier)
	if err != nil {
		return keys, err
	}
	if verifier.Name() != r.NewOrigin {
		return keys, footage.E(footage.Conflict, "The data folder holds the keys of the closed record. Restore into a new folder, and name the old one's with --keys "+opts.keyDir()+" --guard "+filepath.Join(opts.Data, "guard")+".")
	}
	return keys, nil
}

// load fills the database with the backup's rows, all but those that must not come back: the exchange's own, which is written
// last, sign-ins and invitations, which may have been used or ended since, and the tasks' leases.
func load(ctx context.Context, db *store.DB, b *backup.Backup, dir string, row *store.Exchange) (err error) {
	old, done, err := b.Database(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	err = old.Read(ctx, func(tx *store.Tx) (err error) {
		*row, err = tx.Exchange()
		return err
	})
	if err != nil {
		return fmt.Errorf("read the backup's database: %w", err)
	}
	if row.Origin != b.Origin || row.LogVerifier != b.Verifier {
		return footage.E(footage.Untrusted, "The backup's database is not of the exchange that the backup names.")
	}
	err = db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.Exchange()
		return err
	})
	if err == nil {
		return footage.E(footage.Conflict, "There is an exchange in this database. Nothing is ever restored over one: move it away, or name another place with --data or --database.")
	}
	if !errors.Is(err, footage.NotFound) {
		return fmt.Errorf("look into the database: %w", err)
	}
	if err := db.Clear(ctx, old); err != nil { // what a restore that was cut off has left
		return err
	}
	return db.CopyFrom(ctx, old, "exchange", "session", "challenge", "invitation", "job")
}
