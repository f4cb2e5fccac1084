package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"porchlight.example/internal/footage"
)

// NoticeStep is one step of a notice of an incident: public, or waiting for a second person.
type NoticeStep struct {
	ID               footage.NoticeID // the first step's is the notice's
	Notice           footage.NoticeID
	Step             NoticeVerb
	Body             NoticeBody
	Proposed, Agreed footage.PersonID
	At               time.Time // zero: it waits
	LogIndex         int64     // of its entry; -1: it waits
}

// NoticeVerb is what a step does.
type NoticeVerb string

// The steps.
const (
	NoticePublish NoticeVerb = "publish"
	NoticeUpdate  NoticeVerb = "update"
	NoticeEnd     NoticeVerb = "end"
)

// NoticeBody is what a step says. An update has no sort and no day of its own, an end nothing but words.
type NoticeBody struct {
	Sort  footage.NoticeSort `json:"sort,omitempty"`
	Found time.Time          `json:"found,omitzero"`
	footage.NoticeSays
	footage.NoticeText
}

// Public reports whether the step is in the record.
func (s NoticeStep) Public() bool { return s.LogIndex >= 0 }

// InsertNoticeStep stores a step.
func (tx *Tx) InsertNoticeStep(s NoticeStep) error {
	body, err := json.Marshal(s.Body)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO notice_step (id, notice, step, body, proposed, agreed, at, log_index) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		s.ID, s.Notice, s.Step, string(body), s.Proposed, s.Agreed, micros(s.At), s.LogIndex)
	return err
}

const noticeColumns = `SELECT id, notice, step, body, proposed, agreed, at, log_index FROM notice_step`

func scanNoticeStep(r *sql.Rows) (s NoticeStep, err error) {
	var body string
	var at int64
	if err := r.Scan(&s.ID, &s.Notice, &s.Step, &body, &s.Proposed, &s.Agreed, &at, &s.LogIndex); err != nil {
		return s, err
	}
	if at > 0 {
		s.At = fromMicros(at)
	}
	return s, json.Unmarshal([]byte(body), &s.Body)
}

// NoticeStep returns one step.
func (tx *Tx) NoticeStep(id footage.NoticeID) (NoticeStep, error) {
	return queryOne(tx, scanNoticeStep, noticeColumns+` WHERE id = $1`, id)
}

// NoticeSteps returns the steps of one notice, in the record's order, and what waits last.
func (tx *Tx) NoticeSteps(notice footage.NoticeID) ([]NoticeStep, error) {
	return queryAll(tx, scanNoticeStep, noticeColumns+` WHERE notice = $1 ORDER BY CASE WHEN log_index < 0 THEN 1 ELSE 0 END, log_index, id`, notice)
}

// AllNoticeSteps returns the steps of all notices, in the record's order, and what waits last.
func (tx *Tx) AllNoticeSteps() ([]NoticeStep, error) {
	return queryAll(tx, scanNoticeStep, noticeColumns+` ORDER BY CASE WHEN log_index < 0 THEN 1 ELSE 0 END, log_index, id`)
}

// PublishNoticeStep notes that a waiting step is in the record.
func (tx *Tx) PublishNoticeStep(s NoticeStep) error {
	return tx.execOne(`UPDATE notice_step SET agreed = $1, at = $2, log_index = $3 WHERE id = $4 AND log_index = -1`, s.Agreed, micros(s.At), s.LogIndex, s.ID)
}

// DropNoticeStep takes back a step that waits.
func (tx *Tx) DropNoticeStep(id footage.NoticeID) error {
	return tx.execOne(`DELETE FROM notice_step WHERE id = $1 AND log_index = -1`, id)
}
