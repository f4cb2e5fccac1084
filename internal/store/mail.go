package store

import (
	"database/sql"
	"errors"
	"time"

	"porchlight.example/internal/footage"
)

// Letter is a letter to a member of staff that waits or was sent.
type Letter struct {
	ID      string
	Person  footage.PersonID
	Address string
	Tick    time.Time
	Urgent  bool
	Due     time.Time
	Tries   int
}

// SetMailAddress stores where a person wants letters; an empty address forgets it, with the letters that wait.
func (tx *Tx) SetMailAddress(person footage.PersonID, address string) error {
	if _, err := tx.exec(`DELETE FROM mail_address WHERE person = $1`, person); err != nil {
		return err
	}
	if address == "" {
		_, err := tx.exec(`DELETE FROM letter WHERE person = $1`, person)
		return err
	}
	_, err := tx.exec(`INSERT INTO mail_address (person, address) VALUES ($1, $2)`, person, address)
	return err
}

// MailAddress returns where a person wants letters, or "".
func (tx *Tx) MailAddress(person footage.PersonID) (string, error) {
	address, err := queryOne(tx, func(r *sql.Rows) (a string, err error) { return a, r.Scan(&a) }, `SELECT address FROM mail_address WHERE person = $1`, person)
	if errors.Is(err, footage.NotFound) {
		return "", nil
	}
	return address, err
}

// MailReaders returns the people who have given an address.
func (tx *Tx) MailReaders() ([]footage.PersonID, error) {
	return queryAll(tx, func(r *sql.Rows) (p footage.PersonID, err error) { return p, r.Scan(&p) }, `SELECT person FROM mail_address ORDER BY person`)
}

// InsertLetter stores a letter unless there is one to this person of this tick.
func (tx *Tx) InsertLetter(l Letter) error {
	_, err := tx.exec(`INSERT INTO letter (id, person, tick, urgent, due) SELECT $1, $2, $3, $4, $5
		WHERE NOT EXISTS (SELECT 1 FROM letter WHERE person = $2 AND tick = $3 AND urgent = $4)`, l.ID, l.Person, micros(l.Tick), flag(l.Urgent), micros(l.Due))
	return err
}

// DueLetters returns letters whose time has come, the urgent ones first.
func (tx *Tx) DueLetters(now time.Time, limit int) ([]Letter, error) {
	return queryAll(tx, func(r *sql.Rows) (l Letter, err error) {
		var tick, due, urgent int64
		err = r.Scan(&l.ID, &l.Person, &l.Address, &tick, &urgent, &due, &l.Tries)
		l.Tick, l.Due, l.Urgent = fromMicros(tick), fromMicros(due), urgent != 0
		return l, err
	}, `SELECT l.id, l.person, a.address, l.tick, l.urgent, l.due, l.tries FROM letter l JOIN mail_address a ON a.person = l.person
		WHERE l.sent = 0 AND l.due <= $1 ORDER BY l.urgent DESC, l.due, l.id LIMIT $2`, micros(now), limit)
}

// LetterSent notes that a letter was delivered.
func (tx *Tx) LetterSent(id string) error {
	_, err := tx.exec(`UPDATE letter SET sent = 1 WHERE id = $1`, id)
	return err
}

// LetterFailed notes when a letter is tried again.
func (tx *Tx) LetterFailed(id string, due time.Time) error {
	_, err := tx.exec(`UPDATE letter SET tries = tries + 1, due = $1 WHERE id = $2`, micros(due), id)
	return err
}

// SweepLetters forgets letters of before a time.
func (tx *Tx) SweepLetters(before time.Time) error {
	_, err := tx.exec(`DELETE FROM letter WHERE tick < $1`, micros(before))
	return err
}

// SharesWait reports whether something was released to an agency that nobody has picked up.
func (tx *Tx) SharesWait(agency footage.AgencyID) (bool, error) {
	n, err := queryOne(tx, scanInt, `SELECT count(*) FROM share WHERE agency = $1 AND state = 'released'`, agency)
	return n > 0, err
}

// RequestsWait reports whether a request of an agency stands in one of the states.
func (tx *Tx) RequestsWait(agency footage.AgencyID, one, other footage.RequestStatus) (bool, error) {
	n, err := queryOne(tx, scanInt, `SELECT count(*) FROM request WHERE agency = $1 AND status IN ($2, $3)`, agency, one, other)
	return n > 0, err
}
