package store

import (
	"database/sql"
	"math"

	"porchlight.example/internal/footage"
)

// CensusBlock is a census block with its count of households.
type CensusBlock struct {
	ID         string
	Spot       int64 // in which spot the middle lies
	Middle     footage.Point
	Households int64
}

// ReplaceCensus puts other blocks in the place of all that there are.
func (tx *Tx) ReplaceCensus(blocks []CensusBlock) error {
	if _, err := tx.exec(`DELETE FROM census_block`); err != nil {
		return err
	}
	for _, b := range blocks {
		if _, err := tx.exec(`INSERT INTO census_block (id, spot, lon, lat, households) VALUES ($1, $2, $3, $4, $5)`,
			b.ID, b.Spot, int64(math.Round(b.Middle.Lon*1e7)), int64(math.Round(b.Middle.Lat*1e7)), b.Households); err != nil {
			return err
		}
	}
	return nil
}

// CensusIn returns the blocks whose middle lies in a spot.
func (tx *Tx) CensusIn(spot int64) ([]CensusBlock, error) {
	return queryAll(tx, func(r *sql.Rows) (b CensusBlock, err error) {
		var lon, lat int64
		err = r.Scan(&b.ID, &b.Spot, &lon, &lat, &b.Households)
		b.Middle = footage.Point{Lon: float64(lon) / 1e7, Lat: float64(lat) / 1e7}
		return b, err
	}, `SELECT id, spot, lon, lat, households FROM census_block WHERE spot = $1`, spot)
}

// Census returns how many blocks there are, and how many households in all of them.
func (tx *Tx) Census() (blocks, households int64, err error) {
	sums, err := queryOne(tx, func(r *sql.Rows) (s [2]int64, err error) {
		err = r.Scan(&s[0], &s[1])
		return s, err
	}, `SELECT count(*), CAST(coalesce(sum(households), 0) AS INTEGER) FROM census_block`)
	return sums[0], sums[1], err
}
