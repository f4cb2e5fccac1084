package exchange

import (
	"context"

	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// RecordAlone appends a fact as a use case does and waits for no integration.
func (x *Exchange) RecordAlone(ctx context.Context, fact ledger.Fact) error {
	return x.db.Write(ctx, func(tx *store.Tx) error {
		_, err := x.record(tx, fact)
		return err
	})
}

// RecordAndIntegrate appends a fact as every use case does: when it returns, a published checkpoint holds the entry.
func (x *Exchange) RecordAndIntegrate(ctx context.Context, fact ledger.Fact) error {
	return x.write(ctx, func(tx *store.Tx) error {
		_, err := x.record(tx, fact)
		return err
	})
}

// Coarse is what the half-yearly total says of a count of shares.
func Coarse(shares, small int64) int64 { return coarse(shares, small) }
