package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"porchlight.example/internal/footage"
)

// Exchange is the exchange's own row.
type Exchange struct {
	Name        string
	Origin      string
	RP          footage.RelyingParty
	Fictional   bool
	Created     time.Time
	LogVerifier string
	ReceiptKey  string
	Operator    footage.Body // who runs it, as of when it was read; the zero value: nobody is named yet
}

// InsertExchange creates the exchange's row; a second one is a conflict.
func (tx *Tx) InsertExchange(e Exchange) error {
	_, err := tx.exec(`INSERT INTO exchange (id, name, origin, rp_id, rp_origin, fictional, created, log_verifier, receipt_key)
		VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8)`,
		e.Name, e.Origin, e.RP.ID, e.RP.Origin, flag(e.Fictional), micros(e.Created), e.LogVerifier, e.ReceiptKey)
	if err == nil && e.Operator.ID != "" {
		err = tx.SetOperator(e.Operator)
	}
	return err
}

// Exchange returns the exchange's row.
func (tx *Tx) Exchange() (Exchange, error) {
	return queryOne(tx, func(r *sql.Rows) (e Exchange, err error) {
		var created int64
		var operator string
		err = r.Scan(&e.Name, &e.Origin, &e.RP.ID, &e.RP.Origin, &e.Fictional, &created, &e.LogVerifier, &e.ReceiptKey, &operator)
		e.Created = fromMicros(created)
		if err == nil && operator != "" {
			err = json.Unmarshal([]byte(operator), &e.Operator)
		}
		return e, err
	}, `SELECT name, origin, rp_id, rp_origin, fictional, created, log_verifier, receipt_key, operator FROM exchange WHERE id = 1`)
}

// Policy is an adopted policy file.
type Policy struct {
	Hash    string
	Name    string
	Body    []byte
	Adopted time.Time
	InForce time.Time
	Ended   time.Time // zero: no end is known
}

// InsertPolicy adopts a policy from a time on, anew if it was in force before. The one of the same name ends then, and one
// that was to come into force later does not: the newest word counts. A policy that is in force until that very time goes
// on without a gap.
func (tx *Tx) InsertPolicy(p Policy) error {
	if _, err := tx.exec(`UPDATE policy SET ended = $1 WHERE name = $2 AND (ended IS NULL OR ended > $1)`, micros(p.InForce), p.Name); err != nil {
		return err
	}
	_, err := tx.exec(`INSERT INTO policy (hash, name, body, adopted, in_force) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (hash) DO UPDATE SET adopted = excluded.adopted,
			in_force = CASE WHEN policy.ended = excluded.in_force AND policy.in_force < policy.ended THEN policy.in_force ELSE excluded.in_force END,
			ended = NULL`,
		p.Hash, p.Name, p.Body, micros(p.Adopted), micros(p.InForce))
	return err
}

func scanPolicy(r *sql.Rows) (p Policy, err error) {
	var adopted, inForce int64
	var ended sql.NullInt64
	err = r.Scan(&p.Hash, &p.Name, &p.Body, &adopted, &inForce, &ended)
	p.Adopted, p.InForce = fromMicros(adopted), fromMicros(inForce)
	if ended.Valid {
		p.Ended = fromMicros(ended.Int64)
	}
	return p, err
}

// Policies returns the policies in force at a time, by name.
func (tx *Tx) Policies(at time.Time) ([]Policy, error) {
	return queryAll(tx, scanPolicy, `SELECT hash, name, body, adopted, in_force, ended FROM policy
		WHERE in_force <= $1 AND (ended IS NULL OR ended > $1) ORDER BY name`, micros(at))
}

// AllPolicies returns every policy that was ever adopted, those of one name in the order in which they came into force.
func (tx *Tx) AllPolicies() ([]Policy, error) {
	return queryAll(tx, scanPolicy, `SELECT hash, name, body, adopted, in_force, ended FROM policy ORDER BY name, in_force, hash`)
}

// PolicyHashes returns the hash of every policy that was ever adopted, ascending.
func (tx *Tx) PolicyHashes() ([]string, error) {
	return queryAll(tx, scanString, `SELECT hash FROM policy ORDER BY hash`)
}

// PoliciesInForce returns the hashes of the policies in force at a time, by name.
func (tx *Tx) PoliciesInForce(at time.Time) ([]string, error) {
	return queryAll(tx, scanString, `SELECT hash FROM policy WHERE in_force <= $1 AND (ended IS NULL OR ended > $1) ORDER BY name`, micros(at))
}

// flag stores a boolean as 0 or 1, which both engines read back as a boolean.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
