package node

import (
	"context"
	"errors"
	"fmt"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/fsck"
	"porchlight.example/internal/store"
)

// Fsck checks that all parts of an exchange agree; see package fsck. It does not open the exchange, which a damaged one could
// refuse. With erase set it then erases the clips that belong to no share.
func Fsck(ctx context.Context, opts Options, quick, erase bool) (report fsck.Report, err error) {
	if err := opts.checkFolder(); err != nil {
		return report, err
	}
	keys, err := readKeys(opts.keyDir())
	if err != nil {
		return report, err
	}
	cfg, closeAll, err := opts.parts(ctx, keys)
	if err != nil {
		return report, err
	}
	defer closeAll()
	err = cfg.DB.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.Exchange()
		return err
	})
	if errors.Is(err, footage.NotFound) {
		return report, footage.Coded(footage.NotFound, "no_exchange", "There is no exchange in this database, or its restore was cut off.")
	}
	check := fsck.Config{Read: cfg.DB.Read, Integrity: cfg.DB.IntegrityCheck, Bucket: cfg.Bucket, Keys: keys, Guard: cfg.Guard, Quick: quick}
	if cfg.Witnesses != nil {
		for _, w := range cfg.Witnesses.Witnesses {
			check.Witnesses = append(check.Witnesses, w.Key)
		}
	}
	if report, err = fsck.Check(ctx, check); err != nil || !erase {
		return report, err
	}
	for _, key := range report.Orphans {
		if err := cfg.Bucket.Delete(ctx, key); err != nil {
			return report, fmt.Errorf("erase a clip of no share: %w", err)
		}
	}
	return report, nil
}
