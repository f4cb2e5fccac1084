package store

import (
	"database/sql"
	"time"

	"porchlight.example/internal/footage"
)

// What only a restore does: it sets the record's head, fills in what entries tell, and notes what they do not.

// SetLogHead sets the head of a record that is being restored, with the time of its newest entry.
func (tx *Tx) SetLogHead(h LogHead, last time.Time) error {
	return tx.execOne(`UPDATE log_head SET size = $1, integrated = $2, checkpoint = $3, last_at = $4 WHERE id = 1`,
		h.Size, h.Integrated, h.Checkpoint, micros(last))
}

// ReplaceFirstEntry puts another first entry in the place of the record's: that of the record that goes on from it.
func (tx *Tx) ReplaceFirstEntry(body []byte) error {
	return tx.execOne(`UPDATE log_entry SET body = $1 WHERE idx = 0`, body)
}

// DropDraft removes a request that was never published, with what moderators have decided of it.
func (tx *Tx) DropDraft(id footage.RequestID) error {
	if _, err := tx.exec(`DELETE FROM moderation WHERE request = $1`, id); err != nil {
		return err
	}
	return tx.execOne(`DELETE FROM request WHERE id = $1 AND published = 0`, id)
}

// SetRequestHead moves a request's head to an update whose text is lost.
func (tx *Tx) SetRequestHead(id footage.RequestID, hash string) error {
	return tx.execOne(`UPDATE request SET head = $1 WHERE id = $2`, hash, id)
}

// PolicyBody returns the file of a policy that was adopted once.
func (tx *Tx) PolicyBody(hash string) ([]byte, error) {
	return queryOne(tx, scanBytes, `SELECT body FROM policy WHERE hash = $1`, hash)
}

// Loss is an entry of the record whose fact a restore could not bring back, or not wholly.
type Loss struct {
	LogIndex int64
	What     string // a sentence for the operator
	Restored time.Time
}

// InsertLoss notes a loss; one of an earlier restore is replaced.
func (tx *Tx) InsertLoss(l Loss) error {
	_, err := tx.exec(`INSERT INTO loss (log_index, what, restored) VALUES ($1, $2, $3)
		ON CONFLICT (log_index) DO UPDATE SET what = excluded.what, restored = excluded.restored`, l.LogIndex, l.What, micros(l.Restored))
	return err
}

// Losses returns what restores could not bring back, by index.
func (tx *Tx) Losses() ([]Loss, error) {
	return queryAll(tx, func(r *sql.Rows) (l Loss, err error) {
		var restored int64
		err = r.Scan(&l.LogIndex, &l.What, &restored)
		l.Restored = fromMicros(restored)
		return l, err
	}, `SELECT log_index, what, restored FROM loss ORDER BY log_index`)
}

// SharesAfter returns the next shares by ID, at most limit of them.
func (tx *Tx) SharesAfter(id footage.ShareID, limit int) ([]Share, error) {
	return queryAll(tx, scanShare, shareColumns+` WHERE id > $1 ORDER BY id LIMIT $2`, id, limit)
}
