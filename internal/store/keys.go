package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"porchlight.example/internal/footage"
)

// Custodian is a custodian's registered device.
type Custodian struct {
	Key       footage.CustodianKey
	Agency    footage.AgencyID
	Recipient string
	Disabled  bool
}

// InsertCustodian registers a device.
func (tx *Tx) InsertCustodian(c Custodian, created time.Time) error {
	_, err := tx.exec(`INSERT INTO custodian (id, agency, person, sign_key, recipient, created) VALUES ($1, $2, $3, $4, $5, $6)`,
		c.Key.ID, c.Agency, c.Key.Person, c.Key.Key, c.Recipient, micros(created))
	return err
}

const custodianColumns = `SELECT id, agency, person, sign_key, recipient, disabled FROM custodian`

func scanCustodian(r *sql.Rows) (c Custodian, err error) {
	err = r.Scan(&c.Key.ID, &c.Agency, &c.Key.Person, &c.Key.Key, &c.Recipient, &c.Disabled)
	return c, err
}

// Custodian returns one device.
func (tx *Tx) Custodian(id footage.CustodianID) (Custodian, error) {
	return queryOne(tx, scanCustodian, custodianColumns+` WHERE id = $1`, id)
}

// Custodians returns an agency's devices, disabled ones included: old custody events need their keys.
func (tx *Tx) Custodians(agency footage.AgencyID) ([]Custodian, error) {
	return queryAll(tx, scanCustodian, custodianColumns+` WHERE agency = $1 ORDER BY created, id`, agency)
}

// DisableCustodians disables every device of a person.
func (tx *Tx) DisableCustodians(person footage.PersonID) error {
	_, err := tx.exec(`UPDATE custodian SET disabled = 1 WHERE person = $1`, person)
	return err
}

// DisableCustodian disables one device.
func (tx *Tx) DisableCustodian(id footage.CustodianID) error {
	_, err := tx.exec(`UPDATE custodian SET disabled = 1 WHERE id = $1`, id)
	return err
}

// Epoch is an agency's sealing key with its place in the record.
type Epoch struct {
	footage.Epoch
	LogIndex int64
}

// InsertEpoch opens an epoch; a number that exists is a conflict.
func (tx *Tx) InsertEpoch(e Epoch) error {
	body, err := json.Marshal(e.Epoch)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO epoch (agency, number, body, opened, log_index) VALUES ($1, $2, $3, $4, $5)`,
		e.Agency, e.Number, string(body), micros(e.Opened), e.LogIndex)
	return err
}

// Epochs returns an agency's epochs, the newest first.
func (tx *Tx) Epochs(agency footage.AgencyID) ([]Epoch, error) {
	return queryAll(tx, scanEpoch, `SELECT body, log_index FROM epoch WHERE agency = $1 ORDER BY number DESC`, agency)
}

// NewestEpochs returns the present epoch of every agency that has one.
func (tx *Tx) NewestEpochs() ([]Epoch, error) {
	return queryAll(tx, scanEpoch, `SELECT body, log_index FROM epoch e
		WHERE number = (SELECT max(number) FROM epoch n WHERE n.agency = e.agency)`)
}

func scanEpoch(r *sql.Rows) (e Epoch, err error) {
	var body string
	if err := r.Scan(&body, &e.LogIndex); err != nil {
		return e, err
	}
	return e, json.Unmarshal([]byte(body), &e.Epoch)
}

// WrappedKey is an epoch's identity sealed for one holder.
type WrappedKey struct {
	Epoch   int
	Holder  string
	Wrapped []byte
}

// InsertWrappedKey adds a wrapping; a holder that has one is a conflict.
func (tx *Tx) InsertWrappedKey(agency footage.AgencyID, w WrappedKey) error {
	_, err := tx.exec(`INSERT INTO wrapped_key (agency, epoch, holder, wrapped) VALUES ($1, $2, $3, $4)`, agency, w.Epoch, w.Holder, w.Wrapped)
	return err
}

// HoldsKey reports whether a custodian's device can open an epoch of its agency, and so stands in the public record.
func (tx *Tx) HoldsKey(agency footage.AgencyID, holder footage.CustodianID) (bool, error) {
	n, err := queryOne(tx, scanInt, `SELECT count(*) FROM wrapped_key WHERE agency = $1 AND holder = $2`, agency, holder)
	return n > 0, err
}

// WrappedKeys returns every wrapping of an agency's epochs.
func (tx *Tx) WrappedKeys(agency footage.AgencyID) ([]WrappedKey, error) {
	return queryAll(tx, func(r *sql.Rows) (w WrappedKey, err error) {
		err = r.Scan(&w.Epoch, &w.Holder, &w.Wrapped)
		return w, err
	}, `SELECT epoch, holder, wrapped FROM wrapped_key WHERE agency = $1 ORDER BY epoch, holder`, agency)
}
