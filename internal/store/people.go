package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"porchlight.example/internal/footage"
)

// Lent is a supervisor whom an agency lends, or offers to lend, to another.
type Lent struct {
	Person  footage.PersonID
	Agency  footage.AgencyID // that borrows
	Until   time.Time
	Offered footage.PersonID // an administrator of the person's own agency
	Agreed  footage.PersonID // one of the other; empty: not yet
}

// InsertLent adds an offer in the place of an earlier one.
func (tx *Tx) InsertLent(l Lent) error {
	if err := tx.DeleteLent(l.Person, l.Agency); err != nil {
		return err
	}
	_, err := tx.exec(`INSERT INTO lent (person, agency, until, offered, agreed) VALUES ($1, $2, $3, $4, $5)`, l.Person, l.Agency, micros(l.Until), l.Offered, l.Agreed)
	return err
}

// DeleteLent ends a loan or an offer; none is no error.
func (tx *Tx) DeleteLent(person footage.PersonID, agency footage.AgencyID) error {
	_, err := tx.exec(`DELETE FROM lent WHERE person = $1 AND agency = $2`, person, agency)
	return err
}

const lentColumns = `SELECT person, agency, until, offered, agreed FROM lent`

func scanLent(r *sql.Rows) (l Lent, err error) {
	var until int64
	err = r.Scan(&l.Person, &l.Agency, &until, &l.Offered, &l.Agreed)
	l.Until = fromMicros(until)
	return l, err
}

// Lent returns a loan or an offer.
func (tx *Tx) Lent(person footage.PersonID, agency footage.AgencyID) (Lent, error) {
	return queryOne(tx, scanLent, lentColumns+` WHERE person = $1 AND agency = $2`, person, agency)
}

// Loans returns the loans and offers of an agency's people, and those to the agency, in the order of people.
func (tx *Tx) Loans(agency footage.AgencyID) ([]Lent, error) {
	return queryAll(tx, scanLent, lentColumns+` WHERE agency = $1 OR person IN (SELECT id FROM person WHERE agency = $1) ORDER BY person, agency`, agency)
}

// LoansOf returns the loans and offers of one person.
func (tx *Tx) LoansOf(person footage.PersonID) ([]Lent, error) {
	return queryAll(tx, scanLent, lentColumns+` WHERE person = $1 ORDER BY agency`, person)
}

// Machine is a credential with which a program acts in a person's name.
type Machine struct {
	ID        string
	Person    footage.PersonID
	Name      string
	TokenHash string
	Scopes    []string
	Created   time.Time
	Expires   time.Time
	Seen      time.Time // day of the last use; zero: never
	Revoked   bool
}

// InsertMachine adds a credential of a program.
func (tx *Tx) InsertMachine(p Machine) error {
	scopes, err := json.Marshal(p.Scopes)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO machine (id, person, name, token_hash, scopes, created, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		p.ID, p.Person, p.Name, p.TokenHash, string(scopes), micros(p.Created), micros(p.Expires))
	return err
}

const machineColumns = `SELECT id, person, name, token_hash, scopes, created, expires, seen, revoked FROM machine`

func scanMachine(r *sql.Rows) (p Machine, err error) {
	var created, expires, seen int64
	var scopes string
	if err := r.Scan(&p.ID, &p.Person, &p.Name, &p.TokenHash, &scopes, &created, &expires, &seen, &p.Revoked); err != nil {
		return p, err
	}
	p.Created, p.Expires = fromMicros(created), fromMicros(expires)
	if seen > 0 {
		p.Seen = fromMicros(seen)
	}
	return p, json.Unmarshal([]byte(scopes), &p.Scopes)
}

// MachineByToken returns a program's credential, one that is over too.
func (tx *Tx) MachineByToken(tokenHash string) (Machine, error) {
	return queryOne(tx, scanMachine, machineColumns+` WHERE token_hash = $1`, tokenHash)
}

// Machine returns a program's credential by its ID.
func (tx *Tx) Machine(id string) (Machine, error) {
	return queryOne(tx, scanMachine, machineColumns+` WHERE id = $1`, id)
}

// Machines returns the credentials of a person's programs, the oldest first.
func (tx *Tx) Machines(person footage.PersonID) ([]Machine, error) {
	return queryAll(tx, scanMachine, machineColumns+` WHERE person = $1 ORDER BY created, id`, person)
}

// SetMachineSeen notes the day on which a program was last here.
func (tx *Tx) SetMachineSeen(id string, at time.Time) error {
	_, err := tx.exec(`UPDATE machine SET seen = $1 WHERE id = $2`, micros(at.Truncate(24*time.Hour)), id)
	return err
}

// RevokeMachine ends a program's credential; one that has ended is a conflict.
func (tx *Tx) RevokeMachine(id string) error {
	return tx.execOne(`UPDATE machine SET revoked = 1 WHERE id = $1 AND revoked = 0`, id)
}

// RevokeMachines ends every credential of a person's programs.
func (tx *Tx) RevokeMachines(person footage.PersonID) error {
	_, err := tx.exec(`UPDATE machine SET revoked = 1 WHERE person = $1`, person)
	return err
}

// DeviceLogin is a program that waits to be signed in from a browser.
type DeviceLogin struct {
	DeviceHash string
	CodeHash   string
	Person     footage.PersonID // who said yes; empty: nobody yet
	Credential string
	Expires    time.Time
}

// InsertDeviceLogin adds a program that waits.
func (tx *Tx) InsertDeviceLogin(d DeviceLogin) error {
	_, err := tx.exec(`INSERT INTO device_login (device_hash, code_hash, expires) VALUES ($1, $2, $3)`, d.DeviceHash, d.CodeHash, micros(d.Expires))
	return err
}

// DeviceLogin returns a program that waits, one that is over too.
func (tx *Tx) DeviceLogin(deviceHash string) (DeviceLogin, error) {
	return queryOne(tx, func(r *sql.Rows) (d DeviceLogin, err error) {
		var expires int64
		err = r.Scan(&d.DeviceHash, &d.CodeHash, &d.Person, &d.Credential, &expires)
		d.Expires = fromMicros(expires)
		return d, err
	}, `SELECT device_hash, code_hash, person, credential, expires FROM device_login WHERE device_hash = $1`, deviceHash)
}

// AllowDeviceLogin notes who said yes; a code that nothing waits with now is a conflict.
func (tx *Tx) AllowDeviceLogin(codeHash string, person footage.PersonID, credential string, now time.Time) error {
	return tx.execOne(`UPDATE device_login SET person = $1, credential = $2 WHERE code_hash = $3 AND person = '' AND expires > $4`, person, credential, codeHash, micros(now))
}

// DeleteDeviceLogin removes a program that waited.
func (tx *Tx) DeleteDeviceLogin(deviceHash string) error {
	return tx.execOne(`DELETE FROM device_login WHERE device_hash = $1`, deviceHash)
}
