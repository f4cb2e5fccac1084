package store

import (
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// logQueue holds entries that the writes of one batch have appended and that are not in the database yet: many go in with
// one statement, and the head is moved once. It belongs to whoever has the batch's turn. What it holds is written before
// the batch is committed, and before any statement that touches the log, so that nobody can tell it from rows.
//
// It is copied before each write and put back if that is undone; therefore flush drops entries and never overwrites them.
type logQueue struct {
	known   bool  // head and last are those of this transaction
	head    int64 // entries, those that wait counted
	stored  int64 // the head that is in the database
	last    int64 // time of the newest, microseconds
	waiting []logRow
}

type logRow struct {
	kind, subject string
	body          []byte
}

// maxWaiting bounds the queue and the statements that empty it.
const maxWaiting = 64

// add is [Tx.AppendLog] for a batch.
func (q *logQueue) add(tx *Tx, at time.Time, kind, subject string, entry func(time.Time) ([]byte, error)) (int64, time.Time, error) {
	if err := tx.ready(); err != nil {
		return 0, at, err
	}
	if err := q.load(tx); err != nil {
		return 0, at, err
	}
	last := max(q.last, micros(at))
	stamped := fromMicros(last)
	body, err := entry(stamped)
	if err != nil {
		return 0, stamped, err
	}
	for _, s := range []string{kind, subject} {
		if err := checkText(s); err != nil {
			return 0, stamped, tx.fail(err)
		}
	}
	index := q.head
	q.head, q.last = q.head+1, last
	q.waiting = append(q.waiting, logRow{kind, subject, body})
	if len(q.waiting) >= maxWaiting {
		return index, stamped, q.flush(tx)
	}
	return index, stamped, nil
}

// load reads the head. The transaction holds SQLite's only lock on writing, so that nobody can move it meanwhile.
func (q *logQueue) load(tx *Tx) error {
	if q.known {
		return nil
	}
	type place struct{ size, last int64 }
	at, err := queryOne(tx, func(r *sql.Rows) (p place, err error) {
		err = r.Scan(&p.size, &p.last)
		return p, err
	}, `SELECT size, last_at FROM log_head WHERE id = 1`)
	q.known, q.head, q.stored, q.last = err == nil, at.size, at.size, at.last
	return err
}

// flush writes what waits: the head first, by compare-and-swap, then the entries.
func (q *logQueue) flush(tx *Tx) error {
	waiting := q.waiting
	if len(waiting) == 0 {
		return nil
	}
	stored := q.stored
	q.waiting, q.stored = nil, q.head // first: what follows are statements that touch the log
	if err := tx.execOne(`UPDATE log_head SET size = $1, last_at = $2 WHERE id = 1 AND size = $3`, q.head, q.last, stored); err != nil {
		return tx.fail(fmt.Errorf("move the head of the record from %d: %w", stored, err))
	}
	args := make([]any, 0, 4*len(waiting))
	for i, row := range waiting {
		args = append(args, stored+int64(i), row.kind, row.subject, row.body)
	}
	_, err := tx.exec(insertEntries(len(waiting)), args...)
	q.known = err == nil
	return err
}

// insertEntries returns the statement that stores n entries.
func insertEntries(n int) string {
	return `INSERT INTO log_entry (idx, kind, subject, body) VALUES (?, ?, ?, ?)` + strings.Repeat(`, (?, ?, ?, ?)`, n-1)
}

// touchesLog reports whether a statement names a table of the log.
func touchesLog(query string) bool {
	return strings.Contains(query, "log_entry") || strings.Contains(query, "log_head")
}
