package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"porchlight.example/internal/footage"
)

// InsertEvent appends to a share's custody chain; a sequence number that is taken is a conflict.
func (tx *Tx) InsertEvent(e footage.Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	hash, err := e.Hash()
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO custody_event (share, seq, at, body, hash) VALUES ($1, $2, $3, $4, $5)`,
		e.Share, e.Seq, micros(e.At), string(body), hash)
	return err
}

// Events returns a share's custody chain.
func (tx *Tx) Events(share footage.ShareID) ([]footage.Event, error) {
	return queryAll(tx, scanEvent, `SELECT body FROM custody_event WHERE share = $1 ORDER BY seq`, share)
}

func scanEvent(r *sql.Rows) (e footage.Event, err error) {
	var body string
	if err := r.Scan(&body); err != nil {
		return e, err
	}
	return e, json.Unmarshal([]byte(body), &e)
}

// AgencyEvents returns the custody events of an agency's shares in [from, to), in the order of time.
func (tx *Tx) AgencyEvents(agency footage.AgencyID, from, to time.Time) ([]footage.Event, error) {
	return queryAll(tx, scanEvent, `SELECT e.body FROM custody_event e JOIN share s ON s.id = e.share
		WHERE s.agency = $1 AND e.at >= $2 AND e.at < $3 ORDER BY e.at, e.share, e.seq`, agency, micros(from), micros(to))
}

// Head is the newest link of a share's chain.
type Head struct {
	Share footage.ShareID
	Seq   int
	Hash  string
}

// UnrootedHeads returns the heads, as of to, of the chains with an event in [from, to) that are under no day's root yet,
// in order of the random share IDs.
func (tx *Tx) UnrootedHeads(from, to time.Time) ([]Head, error) {
	return queryAll(tx, func(r *sql.Rows) (h Head, err error) {
		err = r.Scan(&h.Share, &h.Seq, &h.Hash)
		return h, err
	}, `SELECT e.share, e.seq, e.hash FROM custody_event e
		JOIN (SELECT share, max(seq) AS seq FROM custody_event WHERE at >= $1 AND at < $2 GROUP BY share) m
		ON m.share = e.share AND m.seq = e.seq
		WHERE NOT EXISTS (SELECT 1 FROM custody_leaf l WHERE l.share = e.share AND l.seq = e.seq)
		ORDER BY e.share`, micros(from), micros(to))
}

// CustodyDay is one day's root in the record.
type CustodyDay struct {
	Day      string // YYYY-MM-DD
	Seed     []byte // makes the random padding leaves again
	Root     string
	LogIndex int64
}

// CustodyLeaf is the place of a chain's head under a day's root.
type CustodyLeaf struct {
	Share    footage.ShareID
	Seq      int
	Position int
	Path     []byte // audit path from the leaf upwards, 32 bytes a step
	LogIndex int64  // of the day's entry
}

// InsertCustodyDay stores a day's root and the places of the chains under it; a second root for a day is a conflict.
func (tx *Tx) InsertCustodyDay(d CustodyDay, leaves []CustodyLeaf) error {
	if _, err := tx.exec(`INSERT INTO custody_day (day, seed, root, log_index) VALUES ($1, $2, $3, $4)`, d.Day, d.Seed, d.Root, d.LogIndex); err != nil {
		return err
	}
	for _, l := range leaves {
		if _, err := tx.exec(`INSERT INTO custody_leaf (day, position, share, seq, path) VALUES ($1, $2, $3, $4, $5)`,
			d.Day, l.Position, l.Share, l.Seq, l.Path); err != nil {
			return err
		}
	}
	return nil
}

// CustodyLeaves returns the places of a share's chain under the days' roots, the earliest first.
func (tx *Tx) CustodyLeaves(share footage.ShareID) ([]CustodyLeaf, error) {
	return queryAll(tx, func(r *sql.Rows) (l CustodyLeaf, err error) {
		err = r.Scan(&l.Share, &l.Seq, &l.Position, &l.Path, &l.LogIndex)
		return l, err
	}, `SELECT l.share, l.seq, l.position, l.path, d.log_index FROM custody_leaf l JOIN custody_day d ON d.day = l.day
		WHERE l.share = $1 ORDER BY d.log_index`, share)
}

// LastCustodyDay returns the newest day that has a root, or "".
func (tx *Tx) LastCustodyDay() (string, error) {
	days, err := queryAll(tx, scanString, `SELECT day FROM custody_day ORDER BY day DESC LIMIT 1`)
	if err != nil || len(days) == 0 {
		return "", err
	}
	return days[0], nil
}

// InsertMessage stores a sealed message. A zero released means that it waits for the next release.
func (tx *Tx) InsertMessage(share footage.ShareID, m footage.Message, body []byte, released time.Time) error {
	var at int64
	if !released.IsZero() {
		at = micros(released)
	}
	_, err := tx.exec(`INSERT INTO message (id, share, party, at, released, body) VALUES ($1, $2, $3, $4, $5, $6)`,
		m.ID, share, m.From, micros(m.At), at, body)
	return err
}

// WaitingMessage is a resident's message that its agency does not see yet.
type WaitingMessage struct {
	ID    footage.MessageID
	Share footage.ShareID
}

// WaitingMessages returns the messages written until a time that wait for release, about shares that their agencies know
// of: also those of suspended agencies, which owe residents an answer.
func (tx *Tx) WaitingMessages(until time.Time) ([]WaitingMessage, error) {
	return queryAll(tx, func(r *sql.Rows) (m WaitingMessage, err error) {
		err = r.Scan(&m.ID, &m.Share)
		return m, err
	}, `SELECT m.id, m.share FROM message m JOIN share s ON s.id = m.share
		WHERE m.released = 0 AND m.at <= $1 AND s.released > 0 ORDER BY m.share, m.id`, micros(until))
}

// ReleaseMessage shows a waiting message with the tick's time.
func (tx *Tx) ReleaseMessage(id footage.MessageID, tick time.Time) error {
	return tx.execOne(`UPDATE message SET released = $1, at = $1 WHERE id = $2 AND released = 0`, micros(tick), id)
}

// CountMessages returns how many messages a conversation has, and how many released ones of the resident are among them.
func (tx *Tx) CountMessages(share footage.ShareID) (all, seen int, err error) {
	type counts struct{ all, seen int }
	c, err := queryOne(tx, func(r *sql.Rows) (c counts, err error) {
		err = r.Scan(&c.all, &c.seen)
		return c, err
	}, `SELECT count(*), count(CASE WHEN party = 'resident' AND released > 0 THEN 1 END) FROM message WHERE share = $1`, share)
	return c.all, c.seen, err
}

// Messages returns a share's conversation; with waiting set, messages that the other side does not see yet as well.
func (tx *Tx) Messages(share footage.ShareID, waiting bool) ([]footage.Message, error) {
	query := `SELECT id, party, at, body FROM message WHERE share = $1 AND released > 0 ORDER BY at, id`
	if waiting {
		query = `SELECT id, party, at, body FROM message WHERE share = $1 ORDER BY at, id`
	}
	return queryAll(tx, func(r *sql.Rows) (m footage.Message, err error) {
		var at int64
		var body []byte
		if err := r.Scan(&m.ID, &m.From, &at, &body); err != nil {
			return m, err
		}
		m.At, m.Body = fromMicros(at), encode(body)
		return m, nil
	}, query, share)
}

// DropMessages forgets a share's conversation.
func (tx *Tx) DropMessages(share footage.ShareID) error {
	_, err := tx.exec(`DELETE FROM message WHERE share = $1`, share)
	return err
}

// SpendWork marks a proof of work as used; a second use is a conflict.
func (tx *Tx) SpendWork(hash string, expires time.Time) error {
	_, err := tx.exec(`INSERT INTO work_spent (hash, expires) VALUES ($1, $2)`, hash, micros(expires))
	return err
}

// ForgetWork drops the marks whose challenges have expired.
func (tx *Tx) ForgetWork(now time.Time) error {
	_, err := tx.exec(`DELETE FROM work_spent WHERE expires < $1`, micros(now))
	return err
}
