package store

import (
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// Request is a request in any state.
type Request struct {
	ID           footage.RequestID
	Agency       footage.AgencyID
	Status       footage.RequestStatus
	Document     []byte // canonical
	Private      footage.Private
	CaseKey      string
	Code         string
	Author       footage.PersonID
	Officer      *footage.Assertion
	Supervisor   *footage.Assertion
	Created      time.Time
	Published    time.Time
	Closes       time.Time
	Window       footage.Window
	SquareMetres int64
	LogIndex     int64
	Head         string // hash of the newest update, or the ID

	Linked []footage.RequestID // earlier requests that belong together with it

	Approver footage.PersonID // which lent supervisor is to approve it; empty: any
}

// InsertRequest stores a draft.
func (tx *Tx) InsertRequest(q Request) error {
	private, err := json.Marshal(q.Private)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO request (id, agency, status, document, private, case_key, code, author, created, closes,
			window_from, window_to, square_metres, head)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		q.ID, q.Agency, q.Status, q.Document, string(private), q.CaseKey, q.Code, q.Author, micros(q.Created), micros(q.Closes),
		micros(q.Window.From), micros(q.Window.To), q.SquareMetres, q.Head)
	return err
}

const requestColumns = `SELECT id, agency, status, document, private, case_key, code, author, officer, supervisor, created,
	published, closes, window_from, window_to, square_metres, log_index, head, linked, approver FROM request`

func scanRequest(r *sql.Rows) (q Request, err error) {
	var private, officer, supervisor, linked string
	var created, published, closes, from, to int64
	if err := r.Scan(&q.ID, &q.Agency, &q.Status, &q.Document, &private, &q.CaseKey, &q.Code, &q.Author, &officer, &supervisor,
		&created, &published, &closes, &from, &to, &q.SquareMetres, &q.LogIndex, &q.Head, &linked, &q.Approver); err != nil {
		return q, err
	}
	q.Created, q.Published, q.Closes = fromMicros(created), fromMicros(published), fromMicros(closes)
	q.Window = footage.Window{From: fromMicros(from), To: fromMicros(to)}
	if q.Officer, err = optionalAssertion(officer); err != nil {
		return q, err
	}
	if q.Supervisor, err = optionalAssertion(supervisor); err != nil {
		return q, err
	}
	if linked != "[]" {
		if err := json.Unmarshal([]byte(linked), &q.Linked); err != nil {
			return q, err
		}
	}
	return q, json.Unmarshal([]byte(private), &q.Private)
}

func optionalAssertion(body string) (*footage.Assertion, error) {
	if body == "" {
		return nil, nil
	}
	var a footage.Assertion
	return &a, json.Unmarshal([]byte(body), &a)
}

// Request returns a request.
func (tx *Tx) Request(id footage.RequestID) (Request, error) {
	return queryOne(tx, scanRequest, requestColumns+` WHERE id = $1`, id)
}

// ChooseApprover notes which lent supervisor is to approve a request that waits for an approval; nobody: any may.
func (tx *Tx) ChooseApprover(id footage.RequestID, approver footage.PersonID) error {
	return tx.execOne(`UPDATE request SET approver = $1 WHERE id = $2 AND status = 'signed'`, approver, id)
}

// PublicRequests returns every request that is public, the newest first. With open set, only those open to shares.
func (tx *Tx) PublicRequests(open bool) ([]Request, error) {
	if open {
		return queryAll(tx, scanRequest, requestColumns+` WHERE status = 'published' ORDER BY published DESC, id`)
	}
	return queryAll(tx, scanRequest, requestColumns+` WHERE status IN ('published', 'resolved', 'expired', 'withdrawn', 'withheld') ORDER BY published DESC, id`)
}

// ClosedRequests returns the newest public requests that are closed, at most so many, the newest first. Each status is read
// from the index by itself: together they would have to be sorted, all that ever were.
func (tx *Tx) ClosedRequests(limit int) ([]Request, error) {
	var all []Request
	for _, status := range []footage.RequestStatus{footage.StatusResolved, footage.StatusExpired, footage.StatusWithdrawn, footage.StatusWithheld} {
		some, err := queryAll(tx, scanRequest, requestColumns+` WHERE status = $1 ORDER BY published DESC LIMIT $2`, status, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b Request) int {
		if c := b.Published.Compare(a.Published); c != 0 {
			return c
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return all[:min(len(all), limit)], nil
}

// PublishedBy returns every request that an agency has made public, the newest first.
func (tx *Tx) PublishedBy(agency footage.AgencyID) ([]Request, error) {
	return queryAll(tx, scanRequest, requestColumns+` WHERE agency = $1 AND published > 0 ORDER BY published DESC, id`, agency)
}

// PublicRequestsBetween returns the public requests that were published in [from, to), the oldest first.
func (tx *Tx) PublicRequestsBetween(from, to time.Time) ([]Request, error) {
	return queryAll(tx, scanRequest, requestColumns+` WHERE published >= $1 AND published < $2 AND published > 0 ORDER BY published, id`, micros(from), micros(to))
}

// RequestSize is what a public request adds to figures.
type RequestSize struct {
	ID           footage.RequestID
	Agency       footage.AgencyID
	LogIndex     int64
	Status       footage.RequestStatus
	Published    time.Time
	Window       footage.Window
	SquareMetres int64
}

const sizeColumns = `SELECT id, agency, log_index, status, published, window_from, window_to, square_metres FROM request WHERE published > 0`

func scanSize(r *sql.Rows) (z RequestSize, err error) {
	var published, from, to int64
	err = r.Scan(&z.ID, &z.Agency, &z.LogIndex, &z.Status, &published, &from, &to, &z.SquareMetres)
	z.Published, z.Window = fromMicros(published), footage.Window{From: fromMicros(from), To: fromMicros(to)}
	return z, err
}

// RequestSizes returns the sizes of all public requests, the oldest first.
func (tx *Tx) RequestSizes() ([]RequestSize, error) {
	return queryAll(tx, scanSize, sizeColumns+` ORDER BY published, id`)
}

// RequestSize returns that of one public request.
func (tx *Tx) RequestSize(id footage.RequestID) (RequestSize, error) {
	return queryOne(tx, scanSize, sizeColumns+` AND id = $1`, id)
}

// AgencyRequests returns an agency's requests in every state, the newest first.
func (tx *Tx) AgencyRequests(agency footage.AgencyID) ([]Request, error) {
	return queryAll(tx, scanRequest, requestColumns+` WHERE agency = $1 ORDER BY created DESC, id`, agency)
}

// EarlierRequests counts an agency's published requests of one investigation.
func (tx *Tx) EarlierRequests(agency footage.AgencyID, caseKey string) (int, error) {
	n, err := queryOne(tx, scanInt, `SELECT count(*) FROM request WHERE agency = $1 AND case_key = $2 AND published > 0`, agency, caseKey)
	return int(n), err
}

// CodeTaken reports whether a published request of another investigation bears the code.
func (tx *Tx) CodeTaken(code string, agency footage.AgencyID, caseKey string) (bool, error) {
	n, err := queryOne(tx, scanInt, `SELECT count(*) FROM request WHERE code = $1 AND published > 0 AND (agency <> $2 OR case_key <> $3)`,
		code, agency, caseKey)
	return n > 0, err
}

// SignRequest records the officer's assertion on a draft.
func (tx *Tx) SignRequest(id footage.RequestID, a footage.Assertion) error {
	return tx.setAssertion(`UPDATE request SET status = 'signed', officer = $1 WHERE id = $2 AND status = 'draft'`, id, a)
}

// ApproveRequest records the supervisor's assertion on a signed request.
func (tx *Tx) ApproveRequest(id footage.RequestID, a footage.Assertion) error {
	return tx.setAssertion(`UPDATE request SET status = 'approved', supervisor = $1 WHERE id = $2 AND status = 'signed'`, id, a)
}

func (tx *Tx) setAssertion(query string, id footage.RequestID, a footage.Assertion) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return tx.execOne(query, string(body), id)
}

// PublishRequest makes a request public that waited in moderation, so that it is found where its area is and counts for its agency, and
// notes the earlier requests to which it is linked.
func (tx *Tx) PublishRequest(q Request, at time.Time, logIndex int64, p Place, linked []footage.RequestID) error {
	body := []byte("[]")
	if len(linked) > 0 {
		var err error
		if body, err = json.Marshal(linked); err != nil {
			return err
		}
	}
	if err := tx.execOne(`UPDATE request SET status = 'published', published = $1, log_index = $2, linked = $3 WHERE id = $4 AND status = 'moderation'`,
		micros(at), logIndex, string(body), q.ID); err != nil {
		return err
	}
	return tx.indexPublished(q, at, p)
}

// CloseRequest ends a published request's life.
func (tx *Tx) CloseRequest(id footage.RequestID, status footage.RequestStatus) error {
	return tx.execOne(`UPDATE request SET status = $1 WHERE id = $2 AND status = 'published'`, status, id)
}

// DueRequests returns the published requests whose closing time has come.
func (tx *Tx) DueRequests(now time.Time) ([]footage.RequestID, error) {
	return queryAll(tx, func(r *sql.Rows) (id footage.RequestID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT id FROM request WHERE status = 'published' AND closes <= $1 ORDER BY closes, id`, micros(now))
}

// Update is one update of a request, published or waiting for its second signature.
type Update struct {
	Request   footage.RequestID
	Seq       int
	Hash      string
	Record    footage.UpdateRecord
	Author    footage.PersonID
	Published time.Time // zero: waits
	LogIndex  int64
}

// InsertUpdate stores an update that waits; another in its place is a conflict.
func (tx *Tx) InsertUpdate(u Update) error {
	body, err := json.Marshal(u.Record)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO request_update (request, seq, hash, body, author) VALUES ($1, $2, $3, $4, $5)`,
		u.Request, u.Seq, u.Hash, string(body), u.Author)
	return err
}

// DropUpdate removes a waiting update, so that another can be proposed. A published one stays for ever.
func (tx *Tx) DropUpdate(id footage.RequestID, seq int) error {
	return tx.execOne(`DELETE FROM request_update WHERE request = $1 AND seq = $2 AND published = 0`, id, seq)
}

// PublishUpdate publishes a waiting update with its final assertions and moves the request's head.
func (tx *Tx) PublishUpdate(u Update) error {
	body, err := json.Marshal(u.Record)
	if err != nil {
		return err
	}
	if err := tx.execOne(`UPDATE request_update SET body = $1, published = $2, log_index = $3 WHERE request = $4 AND seq = $5 AND published = 0`,
		string(body), micros(u.Published), u.LogIndex, u.Request, u.Seq); err != nil {
		return err
	}
	return tx.execOne(`UPDATE request SET head = $1 WHERE id = $2 AND head = $3`, u.Hash, u.Request, u.Record.Update.Previous)
}

// Updates returns a request's updates in order, waiting ones included.
func (tx *Tx) Updates(id footage.RequestID) ([]Update, error) {
	return queryAll(tx, func(r *sql.Rows) (u Update, err error) {
		var body string
		var published int64
		if err := r.Scan(&u.Request, &u.Seq, &u.Hash, &body, &u.Author, &published, &u.LogIndex); err != nil {
			return u, err
		}
		if published > 0 {
			u.Published = fromMicros(published)
		}
		return u, json.Unmarshal([]byte(body), &u.Record)
	}, `SELECT request, seq, hash, body, author, published, log_index FROM request_update WHERE request = $1 ORDER BY seq`, id)
}
