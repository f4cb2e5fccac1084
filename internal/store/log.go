package store

import (
	"database/sql"
	"encoding/base64"
	"time"
)

// LogHead is the state of the public record: how many entries there are, and how many the newest checkpoint covers.
type LogHead struct {
	Size       int64
	Integrated int64
	Checkpoint string // the newest signed checkpoint, covering Integrated entries
}

// LogHead returns the head.
func (tx *Tx) LogHead() (LogHead, error) {
	return queryOne(tx, func(r *sql.Rows) (h LogHead, err error) {
		err = r.Scan(&h.Size, &h.Integrated, &h.Checkpoint)
		return h, err
	}, `SELECT size, integrated, checkpoint FROM log_head WHERE id = 1`)
}

// InsertLogHead creates the head of an empty log.
func (tx *Tx) InsertLogHead() error {
	_, err := tx.exec(`INSERT INTO log_head (id, size, integrated, last_at) VALUES (1, 0, 0, 0)`)
	return err
}

// BumpLog takes the next index and the entry's time, which is at or, should the clock have gone back, the time of the
// entry before. It is done before the entry is inserted: the head's row serialises all writers of the record.
func (tx *Tx) BumpLog(at time.Time) (index int64, stamped time.Time, err error) {
	type bumped struct{ size, last int64 }
	b, err := queryOne(tx, func(r *sql.Rows) (b bumped, err error) {
		err = r.Scan(&b.size, &b.last)
		return b, err
	}, `UPDATE log_head SET size = size + 1, last_at = CASE WHEN last_at < $1 THEN $1 ELSE last_at END
		WHERE id = 1 RETURNING size, last_at`, micros(at))
	return b.size - 1, fromMicros(b.last), err
}

// AppendLog takes the next index and time as [Tx.BumpLog] does, and stores what entry makes of the time: one entry, at once or,
// where writes share a transaction, together with those of the neighbours before anything else reads the log or it is committed.
func (tx *Tx) AppendLog(at time.Time, kind, subject string, entry func(at time.Time) ([]byte, error)) (index int64, stamped time.Time, err error) {
	if tx.log != nil {
		return tx.log.add(tx, at, kind, subject, entry)
	}
	if index, stamped, err = tx.BumpLog(at); err != nil {
		return 0, stamped, err
	}
	body, err := entry(stamped)
	if err != nil {
		return 0, stamped, err
	}
	return index, stamped, tx.InsertLogEntry(index, kind, subject, body)
}

// InsertLogEntry stores the entry whose index BumpLog gave.
func (tx *Tx) InsertLogEntry(index int64, kind, subject string, body []byte) error {
	_, err := tx.exec(`INSERT INTO log_entry (idx, kind, subject, body) VALUES ($1, $2, $3, $4)`, index, kind, subject, body)
	return err
}

// LogEntries returns the bodies of entries from index from on, at most limit of them, in order.
func (tx *Tx) LogEntries(from int64, limit int) ([][]byte, error) {
	return queryAll(tx, scanBytes, `SELECT body FROM log_entry WHERE idx >= $1 ORDER BY idx LIMIT $2`, from, limit)
}

// LogEntry returns one entry's body.
func (tx *Tx) LogEntry(index int64) ([]byte, error) {
	return queryOne(tx, scanBytes, `SELECT body FROM log_entry WHERE idx = $1`, index)
}

// EntriesAbout returns the indexes of the entries about a subject below a size, in order.
func (tx *Tx) EntriesAbout(subject string, below int64) ([]int64, error) {
	return queryAll(tx, scanInt, `SELECT idx FROM log_entry WHERE subject = $1 AND idx < $2 ORDER BY idx`, subject, below)
}

// LogSubjects returns whom and what the entries in [from, to) are about, each once.
func (tx *Tx) LogSubjects(from, to int64) ([]string, error) {
	return queryAll(tx, scanString, `SELECT DISTINCT subject FROM log_entry WHERE idx >= $1 AND idx < $2 AND subject <> ''`, from, to)
}

// SetCheckpoint records a signed checkpoint over integrated entries; it refuses to go back.
func (tx *Tx) SetCheckpoint(integrated int64, checkpoint string) error {
	return tx.execOne(`UPDATE log_head SET integrated = $1, checkpoint = $2 WHERE id = 1 AND integrated <= $1 AND size >= $1`, integrated, checkpoint)
}

func scanBytes(r *sql.Rows) (b []byte, err error) {
	err = r.Scan(&b)
	return b, err
}

func scanInt(r *sql.Rows) (n int64, err error) {
	err = r.Scan(&n)
	return n, err
}

func scanString(r *sql.Rows) (s string, err error) {
	err = r.Scan(&s)
	return s, err
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
