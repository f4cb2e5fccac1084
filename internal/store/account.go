package store

import (
	"database/sql"
	"time"

	"porchlight.example/internal/footage"
)

// Credential is a person's authenticator.
type Credential struct {
	ID        string // base64url
	Person    footage.PersonID
	PublicKey []byte // SubjectPublicKeyInfo, DER
	Data      []byte // the WebAuthn library's record, JSON
	Software  bool
	Pending   bool             // a second person has to confirm it
	Inviter   footage.PersonID // empty: the office at the machine
	Created   time.Time
	Revoked   bool
}

// InsertCredential adds an authenticator; an ID that exists is a conflict.
func (tx *Tx) InsertCredential(c Credential) error {
	_, err := tx.exec(`INSERT INTO credential (id, person, public_key, data, software, pending, inviter, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		c.ID, c.Person, c.PublicKey, c.Data, flag(c.Software), flag(c.Pending), c.Inviter, micros(c.Created))
	return err
}

const credentialColumns = `SELECT id, person, public_key, data, software, pending, inviter, created, revoked FROM credential`

func scanCredential(r *sql.Rows) (c Credential, err error) {
	var created int64
	err = r.Scan(&c.ID, &c.Person, &c.PublicKey, &c.Data, &c.Software, &c.Pending, &c.Inviter, &created, &c.Revoked)
	c.Created = fromMicros(created)
	return c, err
}

// Credential returns an authenticator, a revoked one too.
func (tx *Tx) Credential(id string) (Credential, error) {
	return queryOne(tx, scanCredential, credentialColumns+` WHERE id = $1`, id)
}

// Credentials returns a person's authenticators, revoked ones too, in the order of their enrolment.
func (tx *Tx) Credentials(person footage.PersonID) ([]Credential, error) {
	return queryAll(tx, scanCredential, credentialColumns+` WHERE person = $1 ORDER BY created, id`, person)
}

// SetCredentialData replaces the library's record of an authenticator that is not revoked.
func (tx *Tx) SetCredentialData(id string, data []byte) error {
	return tx.execOne(`UPDATE credential SET data = $1 WHERE id = $2 AND revoked = 0`, data, id)
}

// RevokeCredentials revokes all of a person's authenticators.
func (tx *Tx) RevokeCredentials(person footage.PersonID) error {
	_, err := tx.exec(`UPDATE credential SET revoked = 1 WHERE person = $1`, person)
	return err
}

// RevokePending revokes the authenticators of a person that wait to be confirmed.
func (tx *Tx) RevokePending(person footage.PersonID) error {
	_, err := tx.exec(`UPDATE credential SET revoked = 1 WHERE person = $1 AND pending = 1`, person)
	return err
}

// ConfirmCredential lets an authenticator that waited count, in spite of a revocation in the same transaction.
func (tx *Tx) ConfirmCredential(id string) error {
	return tx.execOne(`UPDATE credential SET pending = 0, revoked = 0 WHERE id = $1 AND pending = 1`, id)
}

// PendingCredentials returns every authenticator that waits to be confirmed, in the order of enrolment.
func (tx *Tx) PendingCredentials() ([]Credential, error) {
	return queryAll(tx, scanCredential, credentialColumns+` WHERE pending = 1 AND revoked = 0 ORDER BY created, id`)
}

// Invitation lets one person enrol one authenticator.
type Invitation struct {
	Person  footage.PersonID
	Inviter footage.PersonID // empty: the office at the machine
	Expires time.Time
	Used    bool
}

// InsertInvitation adds an invitation under the hash of its token.
func (tx *Tx) InsertInvitation(tokenHash string, i Invitation) error {
	_, err := tx.exec(`INSERT INTO invitation (token_hash, person, inviter, expires) VALUES ($1, $2, $3, $4)`, tokenHash, i.Person, i.Inviter, micros(i.Expires))
	return err
}

// Invitation returns an invitation, a used or expired one too.
func (tx *Tx) Invitation(tokenHash string) (Invitation, error) {
	return queryOne(tx, func(r *sql.Rows) (i Invitation, err error) {
		var expires int64
		err = r.Scan(&i.Person, &i.Inviter, &expires, &i.Used)
		i.Expires = fromMicros(expires)
		return i, err
	}, `SELECT person, inviter, expires, used FROM invitation WHERE token_hash = $1`, tokenHash)
}

// UseInvitation uses an invitation up; one that is used already is a conflict.
func (tx *Tx) UseInvitation(tokenHash string) error {
	return tx.execOne(`UPDATE invitation SET used = 1 WHERE token_hash = $1 AND used = 0`, tokenHash)
}

// Invited reports whether a person has an invitation that can be used.
func (tx *Tx) Invited(person footage.PersonID, now time.Time) (bool, error) {
	n, err := queryOne(tx, func(r *sql.Rows) (n int, err error) { return n, r.Scan(&n) },
		`SELECT COUNT(*) FROM invitation WHERE person = $1 AND used = 0 AND expires > $2`, person, micros(now))
	return n > 0, err
}

// CancelInvitations uses up every invitation of a person.
func (tx *Tx) CancelInvitations(person footage.PersonID) error {
	_, err := tx.exec(`UPDATE invitation SET used = 1 WHERE person = $1`, person)
	return err
}

// Challenge is what an authenticator was asked to sign.
type Challenge struct {
	Purpose string
	Data    []byte
	Expires time.Time
}

// InsertChallenge adds a challenge under its hash.
func (tx *Tx) InsertChallenge(hash string, c Challenge) error {
	_, err := tx.exec(`INSERT INTO challenge (hash, purpose, data, expires) VALUES ($1, $2, $3, $4)`, hash, c.Purpose, c.Data, micros(c.Expires))
	return err
}

// TakeChallenge removes a challenge and returns it, an expired one too.
func (tx *Tx) TakeChallenge(hash string) (Challenge, error) {
	return queryOne(tx, func(r *sql.Rows) (c Challenge, err error) {
		var expires int64
		err = r.Scan(&c.Purpose, &c.Data, &expires)
		c.Expires = fromMicros(expires)
		return c, err
	}, `DELETE FROM challenge WHERE hash = $1 RETURNING purpose, data, expires`, hash)
}

// Session is a person's sign-in.
type Session struct {
	TokenHash  string
	Person     footage.PersonID
	Kind       string // "browser" or "program"
	Credential string // the authenticator that it came from
	Client     string // sort of browser and system
	Created    time.Time
	Seen       time.Time // last use, coarse
	Expires    time.Time
}

// InsertSession adds a sign-in.
func (tx *Tx) InsertSession(s Session) error {
	_, err := tx.exec(`INSERT INTO session (token_hash, person, kind, credential, client, created, seen, expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		s.TokenHash, s.Person, s.Kind, s.Credential, s.Client, micros(s.Created), micros(s.Seen), micros(s.Expires))
	return err
}

const sessionColumns = `SELECT token_hash, person, kind, credential, client, created, seen, expires FROM session`

func scanSession(r *sql.Rows) (s Session, err error) {
	var created, seen, expires int64
	err = r.Scan(&s.TokenHash, &s.Person, &s.Kind, &s.Credential, &s.Client, &created, &seen, &expires)
	s.Created, s.Seen, s.Expires = fromMicros(created), fromMicros(seen), fromMicros(expires)
	return s, err
}

// Session returns a sign-in, an expired one too.
func (tx *Tx) Session(tokenHash string) (Session, error) {
	return queryOne(tx, scanSession, sessionColumns+` WHERE token_hash = $1`, tokenHash)
}

// Sessions returns a person's sign-ins that are not over, the oldest first.
func (tx *Tx) Sessions(person footage.PersonID, now time.Time) ([]Session, error) {
	return queryAll(tx, scanSession, sessionColumns+` WHERE person = $1 AND expires > $2 ORDER BY created, token_hash`, person, micros(now))
}

// SetSessionSeen notes that a sign-in was used. One that has ended meanwhile is no error.
func (tx *Tx) SetSessionSeen(tokenHash string, at time.Time) error {
	_, err := tx.exec(`UPDATE session SET seen = $1 WHERE token_hash = $2`, micros(at), tokenHash)
	return err
}

// DeleteSession ends one sign-in of a person; none is a conflict.
func (tx *Tx) DeleteSession(person footage.PersonID, tokenHash string) error {
	return tx.execOne(`DELETE FROM session WHERE person = $1 AND token_hash = $2`, person, tokenHash)
}

// DeleteSessions ends all sign-ins of a person.
func (tx *Tx) DeleteSessions(person footage.PersonID) error {
	_, err := tx.exec(`DELETE FROM session WHERE person = $1`, person)
	return err
}

// SweepAccounts deletes the challenges, sign-ins and invitations that are over.
func (tx *Tx) SweepAccounts(now time.Time) error {
	for _, query := range []string{
		`DELETE FROM challenge WHERE expires <= $1`,
		`DELETE FROM session WHERE expires <= $1`,
		`DELETE FROM invitation WHERE expires <= $1`,
		`DELETE FROM device_login WHERE expires <= $1`,
	} {
		if _, err := tx.exec(query, micros(now)); err != nil {
			return err
		}
	}
	return nil
}
