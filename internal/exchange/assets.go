package exchange

import (
	"context"
	"errors"
	"fmt"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// PublishAssets records of which files the pages are made and which program serves them, unless the record says so already.
func (x *Exchange) PublishAssets(ctx context.Context, list ledger.AssetList, program string) error {
	raw, err := footage.Canonical(list)
	if err != nil {
		return err
	}
	fact := ledger.AssetsPublished{SHA256: footage.Hash(raw), Program: program}
	same := func(tx *store.Tx) (bool, error) {
		head, err := tx.LogHead()
		if err != nil {
			return false, err
		}
		rows, err := tx.NewestOfKind(string(fact.Kind()), head.Size, 1)
		if err != nil || len(rows) == 0 {
			return false, err
		}
		entry, err := ledger.DecodeEntry(rows[0].Body)
		if err != nil {
			return false, err
		}
		last, err := entry.Fact()
		return last == ledger.Fact(fact), err
	}
	known := false
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		known, err = same(tx)
		return err
	})
	if err != nil || known {
		return err
	}
	if err := x.bucket.PutNew(ctx, ledger.AssetsKey(fact.SHA256), raw); err != nil && !errors.Is(err, footage.Conflict) {
		return fmt.Errorf("publish the list of assets: %w", err)
	}
	return x.write(ctx, func(tx *store.Tx) error {
		if known, err := same(tx); err != nil || known {
			return err // another node was faster
		}
		_, err := x.record(tx, fact)
		return err
	})
}
