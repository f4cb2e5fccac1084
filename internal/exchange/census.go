package exchange

import (
	"context"

	"porchlight.example/internal/census"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
)

// LoadCensus puts public counts of households in the place of those that there are; none take them away. It is for the operator
// at the machine. No answer to an agency depends on them.
func (x *Exchange) LoadCensus(ctx context.Context, blocks []census.Block) error {
	rows := make([]store.CensusBlock, len(blocks))
	for i, b := range blocks {
		rows[i] = store.CensusBlock{ID: b.ID, Spot: geo.Spot(b.Middle), Middle: b.Middle, Households: b.Households}
	}
	return x.db.Write(ctx, func(tx *store.Tx) error { return tx.ReplaceCensus(rows) })
}

// Census returns how many blocks are loaded, and how many households they hold.
func (x *Exchange) Census(ctx context.Context) (blocks, households int64, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		blocks, households, err = tx.Census()
		return err
	})
	return blocks, households, err
}

// householdsIn estimates how many households there are in the area of a request, from the blocks whose middle lies in it (B11). It
// returns nil where no counts are loaded, or no rule asks for them.
func householdsIn(tx *store.Tx, set policy.Set, doc footage.Document) (*int, error) {
	_, few := set.Rule("households_min")
	_, many := set.Rule("households_max")
	if !few && !many {
		return nil, nil
	}
	if loaded, _, err := tx.Census(); err != nil || loaded == 0 {
		return nil, err
	}
	region, err := geo.Compile(doc.Area)
	if err != nil {
		return nil, err
	}
	var sum int64
	for _, spot := range region.Spots() {
		blocks, err := tx.CensusIn(spot)
		if err != nil {
			return nil, err
		}
		for _, b := range blocks {
			if region.Contains(b.Middle) {
				sum += b.Households
			}
		}
	}
	n := int(sum)
	return &n, nil
}
