package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"porchlight.example/internal/footage"
)

// Complaint is a complaint with what the public does not see of it.
type Complaint struct {
	footage.Complaint
	Words      string
	HandOn     bool // the agency may be shown the words
	Handed     bool // it has been
	Credential string
	Reply      string // to whoever complained
	Moderator  footage.PersonID
}

// InsertComplaint stores a complaint that waits.
func (tx *Tx) InsertComplaint(c Complaint) error {
	_, err := tx.exec(`INSERT INTO complaint (id, agency, request, reason, words, hand_on, credential, day, due, log_index)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, c.Agency, c.Request, c.Reason, c.Words, flag(c.HandOn), c.Credential, c.Day, c.Due, c.Entry)
	return err
}

const complaintColumns = `SELECT id, agency, request, reason, words, hand_on, handed, credential, day, due, log_index, outcome, led_to,
	answer, reply, moderator, answered, answer_index FROM complaint`

func scanComplaint(r *sql.Rows) (c Complaint, err error) {
	var handOn, handed, answered int64
	var ledTo string
	if err := r.Scan(&c.ID, &c.Agency, &c.Request, &c.Reason, &c.Words, &handOn, &handed, &c.Credential, &c.Day, &c.Due, &c.Entry, &c.Outcome,
		&ledTo, &c.Answer, &c.Reply, &c.Moderator, &answered, &c.Answers); err != nil {
		return c, err
	}
	c.HandOn, c.Handed = handOn != 0, handed != 0
	if answered > 0 {
		c.Answered = fromMicros(answered)
	}
	return c, json.Unmarshal([]byte(ledTo), &c.LedTo)
}

// Complaint returns one complaint.
func (tx *Tx) Complaint(id footage.ComplaintID) (Complaint, error) {
	return queryOne(tx, scanComplaint, complaintColumns+` WHERE id = $1`, id)
}

// ComplaintOf returns the complaint with the code that hashes to a credential.
func (tx *Tx) ComplaintOf(credential string) (Complaint, error) {
	return queryOne(tx, scanComplaint, complaintColumns+` WHERE credential = $1`, credential)
}

// WaitingComplaints returns the complaints that wait for an answer, the longest waiting first, at most limit of them.
func (tx *Tx) WaitingComplaints(limit int) ([]Complaint, error) {
	return queryAll(tx, scanComplaint, complaintColumns+` WHERE outcome = '' ORDER BY day, id LIMIT $1`, limit)
}

// WaitingComplaintsOf returns how many complaints about an agency wait.
func (tx *Tx) WaitingComplaintsOf(agency footage.AgencyID) (int64, error) {
	return queryOne(tx, scanInt, `SELECT count(*) FROM complaint WHERE agency = $1 AND outcome = ''`, agency)
}

// AnsweredComplaints returns those that were answered last, the newest answer first, at most limit of them.
func (tx *Tx) AnsweredComplaints(limit int) ([]Complaint, error) {
	return queryAll(tx, scanComplaint, complaintColumns+` WHERE outcome <> '' ORDER BY answered DESC, id LIMIT $1`, limit)
}

// HandedComplaints returns the complaints about an agency whose words it may read, the newest first.
func (tx *Tx) HandedComplaints(agency footage.AgencyID) ([]Complaint, error) {
	return queryAll(tx, scanComplaint, complaintColumns+` WHERE agency = $1 AND handed = 1 AND words <> '' ORDER BY day DESC, id`, agency)
}

// UnrecordedComplaints returns the complaints of days before one that have no entry yet, in the order of their days and IDs.
func (tx *Tx) UnrecordedComplaints(day string) ([]Complaint, error) {
	return queryAll(tx, scanComplaint, complaintColumns+` WHERE log_index = -1 AND day < $1 ORDER BY day, id`, day)
}

// RecordComplaint notes the entry of a complaint.
func (tx *Tx) RecordComplaint(id footage.ComplaintID, index int64) error {
	return tx.execOne(`UPDATE complaint SET log_index = $1 WHERE id = $2 AND log_index = -1`, index, id)
}

// AnswerComplaint stores the answer to a complaint that waits.
func (tx *Tx) AnswerComplaint(c Complaint) error {
	ledTo, err := json.Marshal(c.LedTo)
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE complaint SET outcome = $1, led_to = $2, answer = $3, reply = $4, moderator = $5, answered = $6, answer_index = $7
		WHERE id = $8 AND outcome = ''`, c.Outcome, string(ledTo), c.Answer, c.Reply, c.Moderator, micros(c.Answered), c.Answers, c.ID)
}

// HandComplaint notes that the agency may read the words of a complaint now.
func (tx *Tx) HandComplaint(id footage.ComplaintID) error {
	return tx.execOne(`UPDATE complaint SET handed = 1 WHERE id = $1 AND hand_on = 1 AND handed = 0`, id)
}

// ForgetComplaints forgets what was written in complaints that were answered before a time, and the replies.
func (tx *Tx) ForgetComplaints(before time.Time) error {
	_, err := tx.exec(`UPDATE complaint SET words = '', reply = '', handed = 0 WHERE outcome <> '' AND answered < $1 AND (words <> '' OR reply <> '')`, micros(before))
	return err
}

// ForgetComplaint forgets what one complaint, the answer to it and the reply say; none is no error.
func (tx *Tx) ForgetComplaint(id footage.ComplaintID) error {
	_, err := tx.exec(`UPDATE complaint SET words = '', answer = '', reply = '', handed = 0 WHERE id = $1`, id)
	return err
}

// ComplaintTexts returns the complaints about a request of which words are kept, in the order in which they came in.
func (tx *Tx) ComplaintTexts(id footage.RequestID) ([]Complaint, error) {
	return queryAll(tx, scanComplaint, complaintColumns+` WHERE request = $1 AND (words <> '' OR answer <> '' OR reply <> '') ORDER BY day, id`, id)
}

// RequestComplaints returns what the public knows of the complaints about a request, in the order in which they came in.
func (tx *Tx) RequestComplaints(id footage.RequestID) ([]Complaint, error) {
	return queryAll(tx, scanComplaint, complaintColumns+` WHERE request = $1 AND log_index >= 0 ORDER BY day, id`, id)
}

// AgencyComplaints returns the same of those about an agency and its requests, the newest first.
func (tx *Tx) AgencyComplaints(id footage.AgencyID) ([]Complaint, error) {
	return queryAll(tx, scanComplaint, complaintColumns+` WHERE agency = $1 AND log_index >= 0 ORDER BY day DESC, id`, id)
}

// ComplaintsBetween returns the same of those that came in on the days of [from, to), in that order.
func (tx *Tx) ComplaintsBetween(from, to string) ([]Complaint, error) {
	return queryAll(tx, scanComplaint, complaintColumns+` WHERE day >= $1 AND day < $2 AND log_index >= 0 ORDER BY day, id`, from, to)
}

// NewestComplaints returns the same of those that came in last, the newest first, at most limit of them.
func (tx *Tx) NewestComplaints(limit int) ([]Complaint, error) {
	return queryAll(tx, scanComplaint, complaintColumns+` WHERE log_index >= 0 ORDER BY day DESC, id LIMIT $1`, limit)
}

// OverdueComplaints returns the same of those whose answer was due before a day and that wait still, the longest overdue first.
func (tx *Tx) OverdueComplaints(day string) ([]Complaint, error) {
	return queryAll(tx, scanComplaint, complaintColumns+` WHERE outcome = '' AND day < $1 AND due < $1 AND log_index >= 0 ORDER BY due, id`, day)
}
