package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"porchlight.example/internal/footage"
)

// SetOperator names the body that runs the exchange.
func (tx *Tx) SetOperator(b footage.Body) error {
	body, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE exchange SET operator = $1 WHERE id = 1`, string(body))
}

// Operator returns the body that runs the exchange; the zero value when none is named yet, or before the exchange has its row.
func (tx *Tx) Operator() (b footage.Body, err error) {
	rows, err := queryAll(tx, scanString, `SELECT operator FROM exchange WHERE id = 1 AND operator <> ''`)
	if err != nil || len(rows) == 0 {
		return b, err
	}
	return b, json.Unmarshal([]byte(rows[0]), &b)
}

// Attestor is an attestor as the register holds it.
type Attestor struct {
	footage.Attestor
	Since     time.Time
	Withdrawn time.Time // zero: it counts
	Reason    string    // why it was withdrawn
}

// InsertAttestor adds an attestor.
func (tx *Tx) InsertAttestor(a footage.Attestor, since time.Time) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO attestor (id, body, since) VALUES ($1, $2, $3)`, a.ID, string(body), micros(since))
	return err
}

// WithdrawAttestor ends an attestor's standing; it never comes back under this ID.
func (tx *Tx) WithdrawAttestor(id footage.AttestorID, at time.Time, reason string) error {
	return tx.execOne(`UPDATE attestor SET withdrawn = $1, reason = $2 WHERE id = $3 AND withdrawn = 0`, micros(at), reason, id)
}

const attestorColumns = `SELECT body, since, withdrawn, reason FROM attestor`

func scanAttestor(r *sql.Rows) (a Attestor, err error) {
	var body string
	var since, withdrawn int64
	if err := r.Scan(&body, &since, &withdrawn, &a.Reason); err != nil {
		return a, err
	}
	a.Since, a.Withdrawn = fromMicros(since), fromMicros(withdrawn)
	return a, json.Unmarshal([]byte(body), &a.Attestor)
}

// Attestor returns an attestor.
func (tx *Tx) Attestor(id footage.AttestorID) (Attestor, error) {
	return queryOne(tx, scanAttestor, attestorColumns+` WHERE id = $1`, id)
}

// Attestors returns every attestor, by ID.
func (tx *Tx) Attestors() ([]Attestor, error) {
	return queryAll(tx, scanAttestor, attestorColumns+` ORDER BY id`)
}

// InsertAttestation files a statement.
func (tx *Tx) InsertAttestation(hash string, a footage.Attestation, index int64) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO attestation (hash, attestor, agency, body, log_index) VALUES ($1, $2, $3, $4, $5)`,
		hash, a.Attestor, a.Agency, string(body), index)
	return err
}

// TakeAttestation marks a statement of an attestor about an agency as taken back.
func (tx *Tx) TakeAttestation(hash string, attestor footage.AttestorID, agency footage.AgencyID) error {
	return tx.execOne(`UPDATE attestation SET taken = 1 WHERE hash = $1 AND attestor = $2 AND agency = $3 AND taken = 0`, hash, attestor, agency)
}

func scanVouched(r *sql.Rows) (v footage.Vouched, err error) {
	var body, attestor string
	if err := r.Scan(&body, &v.Taken, &v.Entry, &attestor); err != nil {
		return v, err
	}
	if err := json.Unmarshal([]byte(body), &v.Attestation); err != nil {
		return v, err
	}
	return v, json.Unmarshal([]byte(attestor), &v.Attestor)
}

// Attestations returns the statements about an agency, the oldest first.
func (tx *Tx) Attestations(agency footage.AgencyID) ([]footage.Vouched, error) {
	return queryAll(tx, scanVouched, `SELECT a.body, CASE WHEN a.taken = 1 OR t.withdrawn <> 0 THEN 1 ELSE 0 END, a.log_index, t.body
		FROM attestation a JOIN attestor t ON t.id = a.attestor WHERE a.agency = $1 ORDER BY a.log_index`, agency)
}

// AllAttestations returns the statements about all agencies, the oldest first.
func (tx *Tx) AllAttestations() ([]footage.Vouched, error) {
	return queryAll(tx, scanVouched, `SELECT a.body, CASE WHEN a.taken = 1 OR t.withdrawn <> 0 THEN 1 ELSE 0 END, a.log_index, t.body
		FROM attestation a JOIN attestor t ON t.id = a.attestor ORDER BY a.log_index`)
}

// AgenciesVouchedBy returns the agencies about which an attestor has made a statement, by ID.
func (tx *Tx) AgenciesVouchedBy(id footage.AttestorID) ([]footage.AgencyID, error) {
	return queryAll(tx, scanID[footage.AgencyID], `SELECT DISTINCT agency FROM attestation WHERE attestor = $1 ORDER BY agency`, id)
}

// InsertApproval files the operator's approval.
func (tx *Tx) InsertApproval(hash string, a footage.Admission) error {
	body, err := json.Marshal(a.Approval)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO approval (hash, agency, person, body, at, log_index) VALUES ($1, $2, $3, $4, $5, $6)`,
		hash, a.Approval.Agency, a.Person, string(body), micros(a.At), a.Entry)
	return err
}

// TakeApproval marks an approval as taken back.
func (tx *Tx) TakeApproval(hash string) error {
	return tx.execOne(`UPDATE approval SET taken = 1 WHERE hash = $1 AND taken = 0`, hash)
}

func scanAdmission(r *sql.Rows) (a footage.Admission, err error) {
	var body string
	var at int64
	if err := r.Scan(&body, &a.Person, &at, &a.Taken, &a.Entry); err != nil {
		return a, err
	}
	a.At = fromMicros(at)
	return a, json.Unmarshal([]byte(body), &a.Approval)
}

// NewestApprovals returns the newest approval of every agency that was ever approved.
func (tx *Tx) NewestApprovals() ([]footage.Admission, error) {
	return queryAll(tx, scanAdmission, `SELECT body, person, at, taken, log_index FROM approval a
		WHERE log_index = (SELECT max(log_index) FROM approval n WHERE n.agency = a.agency)`)
}

// Approval returns the newest approval of an agency, or nil.
func (tx *Tx) Approval(agency footage.AgencyID) (*footage.Admission, error) {
	all, err := queryAll(tx, scanAdmission, `SELECT body, person, at, taken, log_index FROM approval WHERE agency = $1 ORDER BY log_index DESC LIMIT 1`, agency)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// Approvers returns who has signed an approval of an agency.
func (tx *Tx) Approvers(agency footage.AgencyID) ([]footage.PersonID, error) {
	return queryAll(tx, scanID[footage.PersonID], `SELECT DISTINCT person FROM approval WHERE agency = $1`, agency)
}

// SetVerification stores what was found of an agency's verifications.
func (tx *Tx) SetVerification(id footage.AgencyID, v footage.Verification) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE agency SET verification = $1, verified_until = $2 WHERE id = $3`, string(body), micros(v.Until), id)
}

// LapsedAgencies returns the agencies whose verifications were in force and have ended by a time, by ID.
func (tx *Tx) LapsedAgencies(now time.Time) ([]footage.AgencyID, error) {
	return queryAll(tx, scanID[footage.AgencyID], `SELECT id FROM agency WHERE verified_until > 0 AND verified_until <= $1 ORDER BY id`, micros(now))
}

// AgenciesEnding returns the agencies whose verifications are in force until a time from one to another, by ID.
func (tx *Tx) AgenciesEnding(from, to time.Time) ([]footage.AgencyID, error) {
	return queryAll(tx, scanID[footage.AgencyID], `SELECT id FROM agency WHERE verified_until >= $1 AND verified_until < $2 ORDER BY id`, micros(from), micros(to))
}

// SuspendPerson stops a person for a reason, or lets them act again with none.
func (tx *Tx) SuspendPerson(id footage.PersonID, reason string) error {
	return tx.execOne(`UPDATE person SET suspended = $1 WHERE id = $2 AND suspended <> $1`, reason, id)
}

// Stopped says why a person may not act.
type Stopped struct{ Suspended, Disabled bool }

// StoppedPeople returns those who may not act.
func (tx *Tx) StoppedPeople() (map[footage.PersonID]Stopped, error) {
	type who struct {
		id footage.PersonID
		Stopped
	}
	all, err := queryAll(tx, func(r *sql.Rows) (w who, err error) {
		var reason string
		err = r.Scan(&w.id, &reason, &w.Disabled)
		w.Suspended = reason != ""
		return w, err
	}, `SELECT id, suspended, disabled FROM person WHERE suspended <> '' OR disabled <> 0`)
	stopped := map[footage.PersonID]Stopped{}
	for _, w := range all {
		stopped[w.id] = w.Stopped
	}
	return stopped, err
}

// Application is an agency's application, as it came in, and what became of it.
type Application struct {
	ID footage.ApplicationID
	footage.Application
	Received time.Time
	State    footage.ApplicationState
	Reason   footage.ApplicationReason // why it was refused
	Agency   footage.AgencyID          // as which it was accepted
}

// InsertApplication stores an application.
func (tx *Tx) InsertApplication(a Application) error {
	body, err := json.Marshal(a.Application)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO application (id, body, received) VALUES ($1, $2, $3)`, a.ID, string(body), micros(a.Received))
	return err
}

const applicationColumns = `SELECT id, body, received, state, reason, agency FROM application`

func scanApplication(r *sql.Rows) (a Application, err error) {
	var body string
	var received int64
	if err := r.Scan(&a.ID, &body, &received, &a.State, &a.Reason, &a.Agency); err != nil {
		return a, err
	}
	a.Received = fromMicros(received)
	return a, json.Unmarshal([]byte(body), &a.Application)
}

// Applications returns the applications that wait, the oldest first, at most limit of them.
func (tx *Tx) Applications(limit int) ([]Application, error) {
	return queryAll(tx, scanApplication, applicationColumns+` WHERE answered = 0 ORDER BY received, id LIMIT $1`, limit)
}

// ApplicationsWaiting counts the applications that wait.
func (tx *Tx) ApplicationsWaiting() (int64, error) {
	return queryOne(tx, scanInt, `SELECT count(*) FROM application WHERE answered = 0`)
}

// Application returns one application, whether it waits or not.
func (tx *Tx) Application(id footage.ApplicationID) (Application, error) {
	return queryOne(tx, scanApplication, applicationColumns+` WHERE id = $1`, id)
}

// AnswerApplication notes what became of an application that waits.
func (tx *Tx) AnswerApplication(a Application, at time.Time) error {
	return tx.execOne(`UPDATE application SET answered = $1, state = $2, reason = $3, agency = $4 WHERE id = $5 AND answered = 0`,
		micros(at), a.State, a.Reason, a.Agency, a.ID)
}

// ClearApplications deletes what was put aside before a time.
func (tx *Tx) ClearApplications(before time.Time) error {
	_, err := tx.exec(`DELETE FROM application WHERE answered > 0 AND answered < $1`, micros(before))
	return err
}

// Suspended returns one of some people who is suspended, or "".
func (tx *Tx) Suspended(ids ...footage.PersonID) (footage.PersonID, error) {
	var pair [2]footage.PersonID
	copy(pair[:], ids)
	rows, err := queryAll(tx, scanID[footage.PersonID], `SELECT id FROM person WHERE id IN ($1, $2) AND suspended <> ''`, pair[0], pair[1])
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}
