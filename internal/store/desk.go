package store

import (
	"database/sql"
	"time"

	"porchlight.example/internal/footage"
)

// Desk says whether an agency opens clips in pages that the exchange serves. The zero value: it does not.
type Desk struct {
	Asked  footage.PersonID // an administrator of the agency
	Agreed footage.PersonID // a second person; empty: not yet
	Since  time.Time        // zero: the pages are not served
}

// SetDesk replaces what is held of an agency's desk in pages.
func (tx *Tx) SetDesk(id footage.AgencyID, d Desk) error {
	return tx.execOne(`UPDATE agency SET desk_asked = $1, desk_agreed = $2, desk_since = $3 WHERE id = $4`, d.Asked, d.Agreed, micros(d.Since), id)
}

// Desk returns what is held of an agency's desk in pages.
func (tx *Tx) Desk(id footage.AgencyID) (Desk, error) {
	return queryOne(tx, func(r *sql.Rows) (d Desk, err error) {
		var since int64
		err = r.Scan(&d.Asked, &d.Agreed, &since)
		d.Since = fromMicros(since)
		return d, err
	}, `SELECT desk_asked, desk_agreed, desk_since FROM agency WHERE id = $1`, id)
}
