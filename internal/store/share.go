package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"porchlight.example/internal/footage"
)

// Share is a resident's answer to a request.
type Share struct {
	ID             footage.ShareID
	Request        footage.RequestID
	Agency         footage.AgencyID
	Epoch          int
	State          footage.ShareState
	TicketHash     string
	CredentialHash string
	Declared       int64
	Expires        time.Time // what this means depends on the state, see the schema
	Committed      time.Time
	Released       time.Time
	Recalled       time.Time // tick at which it was asked back; zero: never
	RecallTold     bool      // the agency has been told
	Manifest       []byte
	Receipt        footage.Receipt
}

// InsertShare stores a share that has begun.
func (tx *Tx) InsertShare(s Share) error {
	_, err := tx.exec(`INSERT INTO share (id, request, agency, epoch, state, ticket_hash, credential_hash, declared, expires)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		s.ID, s.Request, s.Agency, s.Epoch, s.State, s.TicketHash, s.CredentialHash, s.Declared, micros(s.Expires))
	return err
}

const shareColumns = `SELECT id, request, agency, epoch, state, ticket_hash, credential_hash, declared, expires, committed,
	released, recalled, recall_told, manifest, receipt FROM share`

func scanShare(r *sql.Rows) (s Share, err error) {
	var expires, committed, released, recalled int64
	var receipt string
	if err := r.Scan(&s.ID, &s.Request, &s.Agency, &s.Epoch, &s.State, &s.TicketHash, &s.CredentialHash, &s.Declared, &expires,
		&committed, &released, &recalled, &s.RecallTold, &s.Manifest, &receipt); err != nil {
		return s, err
	}
	s.Expires, s.Committed, s.Released, s.Recalled = fromMicros(expires), fromMicros(committed), fromMicros(released), fromMicros(recalled)
	if receipt != "" {
		err = json.Unmarshal([]byte(receipt), &s.Receipt)
	}
	return s, err
}

// Share returns a share.
func (tx *Tx) Share(id footage.ShareID) (Share, error) {
	return queryOne(tx, scanShare, shareColumns+` WHERE id = $1`, id)
}

// ShareByTicket returns the share whose ticket hashes to hash.
func (tx *Tx) ShareByTicket(hash string) (Share, error) {
	return queryOne(tx, scanShare, shareColumns+` WHERE ticket_hash = $1`, hash)
}

// ShareByCredential returns the share whose mailbox credential hashes to hash.
func (tx *Tx) ShareByCredential(hash string) (Share, error) {
	return queryOne(tx, scanShare, shareColumns+` WHERE credential_hash = $1`, hash)
}

// DeclaredBytes sums the sealed bytes announced for a request by shares whose clips may still be on the exchange. An index
// alone answers it, without the tombstones of all that were shared before.
func (tx *Tx) DeclaredBytes(id footage.RequestID) (int64, error) {
	return queryOne(tx, scanInt, `SELECT CAST(coalesce(sum(declared), 0) AS BIGINT) FROM share WHERE request = $1 AND declared > 0 AND state <> 'lost'`, id)
}

// CommitShare completes a share that has begun.
func (tx *Tx) CommitShare(s Share) error {
	receipt, err := json.Marshal(s.Receipt)
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE share SET state = 'committed', committed = $1, expires = $2, manifest = $3, receipt = $4
		WHERE id = $5 AND state = 'begun'`, micros(s.Committed), micros(s.Expires), s.Manifest, string(receipt), s.ID)
}

// MoveShare changes a share's state from one to another; it is a conflict when the share is in neither.
func (tx *Tx) MoveShare(id footage.ShareID, from, to footage.ShareState) error {
	return tx.execOne(`UPDATE share SET state = $1 WHERE id = $2 AND state = $3`, to, id, from)
}

// ReleaseShare shows a committed share to its agency.
func (tx *Tx) ReleaseShare(id footage.ShareID, tick time.Time) error {
	return tx.execOne(`UPDATE share SET state = 'released', released = $1 WHERE id = $2 AND state = 'committed'`, micros(tick), id)
}

// RecallShare marks a share as asked back at a tick.
func (tx *Tx) RecallShare(id footage.ShareID, tick time.Time) error {
	return tx.execOne(`UPDATE share SET recalled = $1 WHERE id = $2 AND recalled = 0`, micros(tick), id)
}

// TellRecall notes that the agency knows that a share is asked back.
func (tx *Tx) TellRecall(id footage.ShareID) error {
	return tx.execOne(`UPDATE share SET recall_told = 1 WHERE id = $1 AND recalled > 0 AND recall_told = 0`, id)
}

// UntoldRecalls returns the shares that were asked back until a time and whose agencies do not know it yet.
func (tx *Tx) UntoldRecalls(until time.Time) ([]footage.ShareID, error) {
	return queryAll(tx, scanID[footage.ShareID], `SELECT id FROM share WHERE recall_told = 0 AND recalled > 0 AND recalled <= $1 ORDER BY id`, micros(until))
}

// EraseShare makes a share a tombstone: manifest and uploads go, and its mailbox closes at a time.
func (tx *Tx) EraseShare(id footage.ShareID, from, to footage.ShareState, mailboxUntil time.Time) error {
	if err := tx.execOne(`UPDATE share SET state = $1, manifest = NULL, declared = 0, expires = $2 WHERE id = $3 AND state = $4`,
		to, micros(mailboxUntil), id, from); err != nil {
		return err
	}
	_, err := tx.exec(`DELETE FROM upload WHERE share = $1`, id)
	return err
}

// CloseMailbox makes the credential of an erased share useless.
func (tx *Tx) CloseMailbox(id footage.ShareID, unusable string, next time.Time) error {
	return tx.execOne(`UPDATE share SET credential_hash = $1, ticket_hash = $1, expires = $2 WHERE id = $3`, unusable, micros(next), id)
}

// CloseBegun makes ticket and upload IDs of a share that was never committed useless, before its bytes are deleted; it is
// a conflict when it was committed after all.
func (tx *Tx) CloseBegun(id footage.ShareID, unusable string) error {
	if err := tx.execOne(`UPDATE share SET ticket_hash = $1 WHERE id = $2 AND state = 'begun'`, unusable, id); err != nil {
		return err
	}
	_, err := tx.exec(`UPDATE upload SET id_hash = clip WHERE share = $1`, id)
	return err
}

// EndBegunFor makes what was begun for a request and is not committed due to be swept away.
func (tx *Tx) EndBegunFor(id footage.RequestID, now time.Time) error {
	_, err := tx.exec(`UPDATE share SET expires = $1 WHERE request = $2 AND state = 'begun' AND expires > $1`, micros(now), id)
	return err
}

// EndBegunOf is [Tx.EndBegunFor] for all requests of an agency.
func (tx *Tx) EndBegunOf(id footage.AgencyID, now time.Time) error {
	_, err := tx.exec(`UPDATE share SET expires = $1 WHERE agency = $2 AND state = 'begun' AND expires > $1`, micros(now), id)
	return err
}

// DropShare removes every trace of a share that was never committed.
func (tx *Tx) DropShare(id footage.ShareID) error {
	if _, err := tx.exec(`DELETE FROM upload WHERE share = $1`, id); err != nil {
		return err
	}
	return tx.execOne(`DELETE FROM share WHERE id = $1 AND state = 'begun'`, id)
}

// DueShares returns the shares of a state whose time has come.
func (tx *Tx) DueShares(state footage.ShareState, now time.Time) ([]Share, error) {
	return queryAll(tx, scanShare, shareColumns+` WHERE state = $1 AND expires <= $2 ORDER BY expires, id`, state, micros(now))
}

// ReleasableShares returns the shares that were committed at or before a time and wait for release, those of agencies left out
// that are suspended or not verified now, by their random IDs.
func (tx *Tx) ReleasableShares(until, now time.Time) ([]footage.ShareID, error) {
	return queryAll(tx, scanID[footage.ShareID], `SELECT s.id FROM share s JOIN agency a ON a.id = s.agency
		WHERE s.state = 'committed' AND s.committed <= $1 AND a.suspended = 0 AND a.verified_until > $2 ORDER BY s.id`, micros(until), micros(now))
}

// AgencyShares returns what an agency may know of, in order of release and then of the random ID.
func (tx *Tx) AgencyShares(agency footage.AgencyID) ([]Share, error) {
	return queryAll(tx, scanShare, shareColumns+` WHERE agency = $1 AND released > 0
		AND state IN ('released', 'picked_up', 'confirmed', 'declined', 'expired', 'erased', 'lost') ORDER BY released, id`, agency)
}

func scanID[T ~string](r *sql.Rows) (id T, err error) {
	err = r.Scan(&id)
	return id, err
}

// Upload is one clip on its way or complete.
type Upload struct {
	IDHash   string
	Share    footage.ShareID
	Clip     footage.ClipID
	Position int
	Key      string // in the bucket
	Length   int64
	Received int64
	State    []byte // the bucket's staging state
	Segments []byte // hashes of complete segments
	Digest   string // set when complete
}

// InsertUpload announces a clip.
func (tx *Tx) InsertUpload(u Upload) error {
	_, err := tx.exec(`INSERT INTO upload (id_hash, share, clip, position, key, length, state) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		u.IDHash, u.Share, u.Clip, u.Position, u.Key, u.Length, u.State)
	return err
}

const uploadColumns = `SELECT id_hash, share, clip, position, key, length, received, state, segments, digest FROM upload`

func scanUpload(r *sql.Rows) (u Upload, err error) {
	err = r.Scan(&u.IDHash, &u.Share, &u.Clip, &u.Position, &u.Key, &u.Length, &u.Received, &u.State, &u.Segments, &u.Digest)
	return u, err
}

// Upload returns the upload whose secret ID hashes to hash.
func (tx *Tx) Upload(hash string) (Upload, error) {
	return queryOne(tx, scanUpload, uploadColumns+` WHERE id_hash = $1`, hash)
}

// Uploads returns a share's uploads in order.
func (tx *Tx) Uploads(share footage.ShareID) ([]Upload, error) {
	return queryAll(tx, scanUpload, uploadColumns+` WHERE share = $1 ORDER BY position`, share)
}

// Progress records a durable offset; it is a conflict when another writer moved the offset meanwhile.
func (tx *Tx) Progress(u Upload, from int64) error {
	return tx.execOne(`UPDATE upload SET received = $1, state = $2, segments = $3, digest = $4 WHERE id_hash = $5 AND received = $6`,
		u.Received, u.State, u.Segments, u.Digest, u.IDHash, from)
}

// UploadKeys returns the bucket keys of every upload.
func (tx *Tx) UploadKeys() ([]string, error) {
	return queryAll(tx, scanString, `SELECT key FROM upload ORDER BY key`)
}
