package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"porchlight.example/internal/footage"
)

// FollowUp is an agency's word about a duty, as it stands in the record.
type FollowUp struct {
	Hash      string // SHA-256 of the canonical body
	Body      footage.FollowUp
	Assertion footage.Assertion
	At        time.Time
	LogIndex  int64
}

// InsertDuty notes what an agency owes after a request.
func (tx *Tx) InsertDuty(o footage.Owed) error {
	_, err := tx.exec(`INSERT INTO duty (request, duty, agency, ended, first, due) VALUES ($1, $2, $3, $4, $5, $6)`,
		o.Request, o.Duty, o.Agency, micros(o.Ended), o.First, o.Due)
	return err
}

// SetDue notes until when an agency has to say more; "" when nothing more is owed.
func (tx *Tx) SetDue(id footage.RequestID, duty footage.Duty, due string) error {
	return tx.execOne(`UPDATE duty SET due = $1 WHERE request = $2 AND duty = $3`, due, id, duty)
}

// InsertFollowUp stores an agency's word.
func (tx *Tx) InsertFollowUp(f FollowUp) error {
	body, err := json.Marshal(f.Body)
	if err != nil {
		return err
	}
	assertion, err := json.Marshal(f.Assertion)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO followup (hash, request, duty, body, assertion, at, log_index) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		f.Hash, f.Body.Request, f.Body.Duty, string(body), string(assertion), micros(f.At), f.LogIndex)
	return err
}

// LastFollowUp returns what an agency said last about a duty.
func (tx *Tx) LastFollowUp(id footage.RequestID, duty footage.Duty) (FollowUp, error) {
	return queryOne(tx, scanFollowUp, `SELECT hash, body, assertion, at, log_index FROM followup WHERE request = $1 AND duty = $2
		ORDER BY log_index DESC LIMIT 1`, id, duty)
}

func scanFollowUp(r *sql.Rows) (f FollowUp, err error) {
	var body, assertion string
	var at int64
	if err := r.Scan(&f.Hash, &body, &assertion, &at, &f.LogIndex); err != nil {
		return f, err
	}
	f.At = fromMicros(at)
	if err := json.Unmarshal([]byte(assertion), &f.Assertion); err != nil {
		return f, err
	}
	return f, json.Unmarshal([]byte(body), &f.Body)
}

const (
	dutyColumns = `SELECT duty.request, duty.duty, duty.agency, duty.ended, duty.first, duty.due, coalesce(followup.body, ''),
	coalesce(followup.at, 0), coalesce(followup.log_index, -1)
	FROM duty LEFT JOIN followup ON followup.request = duty.request AND followup.duty = duty.duty `
	dutyOrder = `, duty.request, duty.duty DESC, followup.log_index` // the outcome first
)

// owed returns duties with all that was said about each, from rows that stand together.
func (tx *Tx) owed(query string, args ...any) (out []footage.Owed, err error) {
	type line struct {
		footage.Owed
		told *footage.Told
	}
	rows, err := queryAll(tx, func(r *sql.Rows) (l line, err error) {
		var ended, at, index int64
		var body string
		if err := r.Scan(&l.Request, &l.Duty, &l.Agency, &ended, &l.First, &l.Due, &body, &at, &index); err != nil {
			return l, err
		}
		l.Ended = fromMicros(ended)
		if body == "" {
			return l, nil
		}
		var f footage.FollowUp
		err = json.Unmarshal([]byte(body), &f)
		l.told = &footage.Told{Says: f.Says, Until: f.Until, At: fromMicros(at), Entry: index}
		return l, err
	}, dutyColumns+query, args...)
	for _, l := range rows {
		if n := len(out); n == 0 || out[n-1].Request != l.Request || out[n-1].Duty != l.Duty {
			out = append(out, l.Owed)
		}
		if l.told != nil {
			o := &out[len(out)-1]
			o.Told = append(o.Told, *l.told)
		}
	}
	return out, err
}

// Duty returns what is known of one duty.
func (tx *Tx) Duty(id footage.RequestID, duty footage.Duty) (footage.Owed, error) {
	all, err := tx.owed(`WHERE duty.request = $1 AND duty.duty = $2 ORDER BY duty.ended`+dutyOrder, id, duty)
	if err == nil && len(all) == 0 {
		err = footage.E(footage.NotFound, "Nothing is owed after this request.")
	}
	if err != nil {
		return footage.Owed{}, err
	}
	return all[0], nil
}

// RequestDuties returns what is owed, or was, after a request.
func (tx *Tx) RequestDuties(id footage.RequestID) ([]footage.Owed, error) {
	return tx.owed(`WHERE duty.request = $1 ORDER BY duty.ended`+dutyOrder, id)
}

// AgencyDuties returns the same of all requests of an agency, of which ended last comes first.
func (tx *Tx) AgencyDuties(agency footage.AgencyID) ([]footage.Owed, error) {
	return tx.owed(`WHERE duty.agency = $1 ORDER BY duty.ended DESC`+dutyOrder, agency)
}

// DutiesBetween returns the same of the requests that ended in [from, to), in that order.
func (tx *Tx) DutiesBetween(from, to time.Time) ([]footage.Owed, error) {
	return tx.owed(`WHERE duty.ended >= $1 AND duty.ended < $2 ORDER BY duty.ended`+dutyOrder, micros(from), micros(to))
}

// NewestDuties returns the same of the requests that ended last, at most limit of them, the newest first.
func (tx *Tx) NewestDuties(limit int) ([]footage.Owed, error) {
	return tx.owed(`WHERE duty.request IN (SELECT request FROM duty WHERE duty = $1 ORDER BY ended DESC, request LIMIT $2)
		ORDER BY duty.ended DESC`+dutyOrder, footage.DutyOutcome, limit)
}

// OverdueDuties returns what was due before a day and is owed still, the longest overdue first.
func (tx *Tx) OverdueDuties(day string) ([]footage.Owed, error) {
	return tx.owed(`WHERE duty.due <> '' AND duty.due < $1 ORDER BY duty.due`+dutyOrder, day)
}

// AgenciesOwing returns the agencies at which something is due by a day.
func (tx *Tx) AgenciesOwing(day string) ([]footage.AgencyID, error) {
	return queryAll(tx, func(r *sql.Rows) (id footage.AgencyID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT DISTINCT agency FROM duty WHERE due <> '' AND due <= $1 ORDER BY agency`, day)
}

// DutiesNoted reports whether every request that has ended has its duties, as far as a look at one tells.
func (tx *Tx) DutiesNoted() (bool, error) {
	n, err := queryOne(tx, scanInt, `SELECT count(*) FROM (SELECT id FROM request WHERE published > 0 AND status <> 'published'
		AND NOT EXISTS (SELECT request FROM duty) LIMIT 1) ended`)
	return n == 0, err
}

// EndedRequests returns the requests that have ended.
func (tx *Tx) EndedRequests() ([]footage.RequestID, error) {
	return queryAll(tx, func(r *sql.Rows) (id footage.RequestID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT id FROM request WHERE published > 0 AND status <> 'published' ORDER BY id`)
}
