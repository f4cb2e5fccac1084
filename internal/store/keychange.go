package store

import (
	"database/sql"
	"time"

	"porchlight.example/internal/footage"
)

// KeyChange is a key that is to count: it waits for a second person or, once announced, for its time.
type KeyChange struct {
	ID      footage.KeyChangeID
	Agency  footage.AgencyID // empty: the exchange's own staff
	Use     footage.KeyUse
	Person  footage.PersonID // whose passkey or device it is; who opens the epoch
	Subject string           // the credential; the epoch's number and the device; the epoch's number
	Hash    string           // what the record calls the key
	Body    string           // JSON of what is to be done
	Asked   footage.PersonID // empty: the office at the machine
	Agreed  footage.PersonID // empty: nobody yet, or the office at the machine
	Counts  time.Time        // zero: a second person has not agreed
	Index   int64            // of the entry that announced it, if it was
}

const keyChangeColumns = `SELECT id, agency, kind, person, subject, sha256, body, asked, agreed, counts, log_index FROM key_change`

func scanKeyChange(r *sql.Rows) (k KeyChange, err error) {
	var counts, index sql.NullInt64
	err = r.Scan(&k.ID, &k.Agency, &k.Use, &k.Person, &k.Subject, &k.Hash, &k.Body, &k.Asked, &k.Agreed, &counts, &index)
	if counts.Valid {
		k.Counts, k.Index = fromMicros(counts.Int64), index.Int64
	}
	return k, err
}

// InsertKeyChange adds a change that nobody has agreed to; one of the same key, device or epoch is a conflict.
func (tx *Tx) InsertKeyChange(k KeyChange) error {
	_, err := tx.exec(`INSERT INTO key_change (id, agency, kind, person, subject, sha256, body, asked) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		k.ID, k.Agency, k.Use, k.Person, k.Subject, k.Hash, k.Body, k.Asked)
	return err
}

// AnnounceKeyChange notes that a second person has agreed, from when the key counts, and where the record says so.
func (tx *Tx) AnnounceKeyChange(k KeyChange) error {
	return tx.execOne(`UPDATE key_change SET agreed = $1, counts = $2, log_index = $3 WHERE id = $4 AND counts IS NULL`, k.Agreed, micros(k.Counts), k.Index, k.ID)
}

// KeyChange returns one change.
func (tx *Tx) KeyChange(id footage.KeyChangeID) (KeyChange, error) {
	return queryOne(tx, scanKeyChange, keyChangeColumns+` WHERE id = $1`, id)
}

// KeyChanges returns every change that waits: those for their time first, the earliest first.
func (tx *Tx) KeyChanges() ([]KeyChange, error) {
	return queryAll(tx, scanKeyChange, keyChangeColumns+` ORDER BY CASE WHEN counts IS NULL THEN 1 ELSE 0 END, counts, id`)
}

// DueKeyChanges returns the changes whose time has come, the earliest first.
func (tx *Tx) DueKeyChanges(now time.Time) ([]KeyChange, error) {
	return queryAll(tx, scanKeyChange, keyChangeColumns+` WHERE counts <= $1 ORDER BY counts, id`, micros(now))
}

// DropKeyChange forgets a change that counts now or was stopped; none is no error.
func (tx *Tx) DropKeyChange(id footage.KeyChangeID) error {
	_, err := tx.exec(`DELETE FROM key_change WHERE id = $1`, id)
	return err
}
