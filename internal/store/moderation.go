package store

import (
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"porchlight.example/internal/footage"
)

// Case is one round of moderation: what a moderator decides.
type Case struct {
	Subject   string // ID of the request, or hash of the addition to it
	Round     int    // 1; an appeal is 2
	Request   footage.RequestID
	Agency    footage.AgencyID
	Offence   string
	Submitted time.Time
	Urgent    bool
	Appeal    string             // the agency's words
	Findings  []footage.Reason   // of the content check
	Needs     int                // how many moderators must clear
	Agreed    []footage.PersonID // those who have, while more are needed
	Moderator footage.PersonID
	Outcome   footage.Outcome // empty: waits
	Reason    footage.ModerationReason
	Words     string // of the moderator to the agency
	Decided   time.Time
	LogIndex  int64
}

// Addition reports whether the case is about text added to a public request.
func (c Case) Addition() bool { return c.Subject != string(c.Request) }

// TakenBack is the outcome of a case that nobody needs to decide any more, because the agency has ended or replaced what
// waited. The record does not tell of it.
const TakenBack footage.Outcome = "taken_back"

// MoveRequest changes where a request stands that is not public.
func (tx *Tx) MoveRequest(id footage.RequestID, from, to footage.RequestStatus) error {
	return tx.execOne(`UPDATE request SET status = $1 WHERE id = $2 AND status = $3`, to, id, from)
}

// InsertCase stores a case that waits.
func (tx *Tx) InsertCase(c Case) error {
	findings, err := json.Marshal(c.Findings)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO moderation (subject, round, request, agency, offence, submitted, urgent, appeal, findings, needs)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.Subject, c.Round, c.Request, c.Agency, c.Offence, micros(c.Submitted), flag(c.Urgent), c.Appeal, string(findings), c.Needs)
	return err
}

const caseColumns = `SELECT subject, round, request, agency, offence, submitted, urgent, appeal, findings, needs, agreed,
	moderator, outcome, reason, words, decided, log_index FROM moderation`

func scanCase(r *sql.Rows) (c Case, err error) {
	var findings, agreed string
	var submitted, decided, urgent int64
	if err := r.Scan(&c.Subject, &c.Round, &c.Request, &c.Agency, &c.Offence, &submitted, &urgent, &c.Appeal, &findings, &c.Needs,
		&agreed, &c.Moderator, &c.Outcome, &c.Reason, &c.Words, &decided, &c.LogIndex); err != nil {
		return c, err
	}
	c.Submitted, c.Urgent = fromMicros(submitted), urgent != 0
	if decided > 0 {
		c.Decided = fromMicros(decided)
	}
	if err := json.Unmarshal([]byte(agreed), &c.Agreed); err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(findings), &c.Findings)
}

// WaitingCases returns every case that waits: the urgent ones first, then the longest waiting.
func (tx *Tx) WaitingCases() ([]Case, error) {
	return queryAll(tx, scanCase, caseColumns+` WHERE outcome = '' ORDER BY urgent DESC, submitted, subject`)
}

// Rounds returns every round about one subject, the first one first.
func (tx *Tx) Rounds(subject string) ([]Case, error) {
	return queryAll(tx, scanCase, caseColumns+` WHERE subject = $1 ORDER BY round`, subject)
}

// RequestCases returns every case about a request and what was added to it.
func (tx *Tx) RequestCases(id footage.RequestID) ([]Case, error) {
	return queryAll(tx, scanCase, caseColumns+` WHERE request = $1 ORDER BY submitted, round`, id)
}

// AlikeCases returns the newest decisions about requests of one offence, at most so many.
func (tx *Tx) AlikeCases(offence string, limit int) ([]Case, error) {
	return queryAll(tx, scanCase, caseColumns+` WHERE offence = $1 AND decided > 0 AND log_index >= 0 ORDER BY decided DESC, subject LIMIT $2`, offence, limit)
}

// AgreeToClear notes one more moderator who clears a case that waits for others too.
func (tx *Tx) AgreeToClear(c Case, moderator footage.PersonID) error {
	before, err := json.Marshal(c.Agreed)
	if err != nil {
		return err
	}
	after, err := json.Marshal(append(slices.Clone(c.Agreed), moderator))
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE moderation SET agreed = $1 WHERE subject = $2 AND round = $3 AND outcome = '' AND agreed = $4`,
		string(after), c.Subject, c.Round, string(before))
}

// DecideCase ends a case that waits.
func (tx *Tx) DecideCase(c Case) error {
	return tx.execOne(`UPDATE moderation SET outcome = $1, reason = $2, words = $3, moderator = $4, decided = $5, log_index = $6
		WHERE subject = $7 AND round = $8 AND outcome = ''`,
		c.Outcome, c.Reason, c.Words, c.Moderator, micros(c.Decided), c.LogIndex, c.Subject, c.Round)
}

// TakeBackCases ends the cases of a request that wait, because nothing of it needs deciding any more.
func (tx *Tx) TakeBackCases(id footage.RequestID, at time.Time) error {
	_, err := tx.exec(`UPDATE moderation SET outcome = $1, decided = $2 WHERE request = $3 AND outcome = ''`, TakenBack, micros(at), id)
	return err
}

// AssertUpdate stores a waiting update again, with one more signature.
func (tx *Tx) AssertUpdate(u Update) error {
	body, err := json.Marshal(u.Record)
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE request_update SET body = $1 WHERE request = $2 AND seq = $3 AND published = 0`, string(body), u.Request, u.Seq)
}
