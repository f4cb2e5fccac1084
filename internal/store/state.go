package store

import (
	"database/sql"

	"porchlight.example/internal/footage"
)

// Logged is an entry with its index.
type Logged struct {
	Index int64
	Body  []byte
}

func scanLogged(r *sql.Rows) (l Logged, err error) {
	err = r.Scan(&l.Index, &l.Body)
	return l, err
}

// EntriesOfKind returns the entries of a kind from index from on, in order.
func (tx *Tx) EntriesOfKind(kind string, from int64) ([]Logged, error) {
	return queryAll(tx, scanLogged, `SELECT idx, body FROM log_entry WHERE kind = $1 AND idx >= $2 ORDER BY idx`, kind, from)
}

// NewestOfKind returns the newest entries of a kind below a size, at most limit of them, the newest first.
func (tx *Tx) NewestOfKind(kind string, below int64, limit int) ([]Logged, error) {
	return queryAll(tx, scanLogged, `SELECT idx, body FROM log_entry WHERE kind = $1 AND idx < $2 ORDER BY idx DESC LIMIT $3`, kind, below, limit)
}

// KindsSince returns the kinds of the entries from index from on, each once.
func (tx *Tx) KindsSince(from int64) ([]string, error) {
	return queryAll(tx, scanString, `SELECT DISTINCT kind FROM log_entry WHERE idx >= $1`, from)
}

// OpenHeads returns the requests that take shares, by ID, each with the hash of its newest update.
func (tx *Tx) OpenHeads() ([]OpenHead, error) {
	return queryAll(tx, func(r *sql.Rows) (h OpenHead, err error) {
		err = r.Scan(&h.ID, &h.Head)
		return h, err
	}, `SELECT id, head FROM request WHERE status = 'published' ORDER BY id`)
}

// OpenHead is an open request with the hash of its newest update, or its own ID.
type OpenHead struct {
	ID   footage.RequestID
	Head string
}
