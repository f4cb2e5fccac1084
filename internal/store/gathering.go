package store

import (
	"database/sql"
	"math"
	"time"

	"porchlight.example/internal/footage"
)

// InsertGathering lists a gathering.
func (tx *Tx) InsertGathering(g footage.Gathering) error {
	_, err := tx.exec(`INSERT INTO gathering (id, name, lon, lat, metres, begins, ends) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		g.ID, g.Name, int64(math.Round(g.Place.Lon*1e7)), int64(math.Round(g.Place.Lat*1e7)), g.Metres, micros(g.From), micros(g.To))
	return err
}

// DeleteGathering takes a gathering off the list and reports whether it was there.
func (tx *Tx) DeleteGathering(id string) (bool, error) {
	n, err := tx.exec(`DELETE FROM gathering WHERE id = $1`, id)
	return n > 0, err
}

// Gatherings returns the gatherings that some moment of a span of time belongs to, by their beginning.
func (tx *Tx) Gatherings(from, to time.Time) ([]footage.Gathering, error) {
	return queryAll(tx, func(r *sql.Rows) (g footage.Gathering, err error) {
		var lon, lat, begins, ends int64
		err = r.Scan(&g.ID, &g.Name, &lon, &lat, &g.Metres, &begins, &ends)
		g.Place = footage.Point{Lon: float64(lon) / 1e7, Lat: float64(lat) / 1e7}
		g.From, g.To = fromMicros(begins), fromMicros(ends)
		return g, err
	}, `SELECT id, name, lon, lat, metres, begins, ends FROM gathering WHERE ends >= $1 AND begins <= $2 ORDER BY begins, id`, micros(from), micros(to))
}
