package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"porchlight.example/internal/footage"
)

// Withholding is a published request whose text is withheld, or is to be.
type Withholding struct {
	Body       footage.Withholding
	Assertions []footage.Assertion // of who proposed it; once withheld, of who agreed too
	Reference  string
	Proposed   time.Time
	Withheld   time.Time // zero: waits for the second person
	LogIndex   int64
}

// Tombstone returns what stands in the place of the text.
func (w Withholding) Tombstone() *footage.Tombstone {
	return &footage.Tombstone{Withholding: w.Body, At: w.Withheld, LogIndex: w.LogIndex}
}

// InsertWithholding stores a withholding that waits, or one that a restore brings back.
func (tx *Tx) InsertWithholding(w Withholding) error {
	body, err := json.Marshal(w.Body)
	if err != nil {
		return err
	}
	assertions, err := json.Marshal(w.Assertions)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO withholding (request, body, assertions, reference, proposed, withheld, log_index) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		w.Body.Request, string(body), string(assertions), w.Reference, micros(w.Proposed), micros(w.Withheld), w.LogIndex)
	return err
}

// DropWithholding takes back a withholding that waits.
func (tx *Tx) DropWithholding(id footage.RequestID) error {
	return tx.execOne(`DELETE FROM withholding WHERE request = $1 AND withheld = 0`, id)
}

const withholdingColumns = `SELECT body, assertions, reference, proposed, withheld, log_index FROM withholding`

func scanWithholding(r *sql.Rows) (w Withholding, err error) {
	var body, assertions string
	var proposed, withheld int64
	if err := r.Scan(&body, &assertions, &w.Reference, &proposed, &withheld, &w.LogIndex); err != nil {
		return w, err
	}
	w.Proposed = fromMicros(proposed)
	if withheld > 0 {
		w.Withheld = fromMicros(withheld)
	}
	if err := json.Unmarshal([]byte(assertions), &w.Assertions); err != nil {
		return w, err
	}
	return w, json.Unmarshal([]byte(body), &w.Body)
}

// Withholding returns what is known of one request's withholding.
func (tx *Tx) Withholding(id footage.RequestID) (Withholding, error) {
	return queryOne(tx, scanWithholding, withholdingColumns+` WHERE request = $1`, id)
}

// Withholdings returns every one, those that wait first, then the newest.
func (tx *Tx) Withholdings() ([]Withholding, error) {
	return queryAll(tx, scanWithholding, withholdingColumns+` ORDER BY CASE WHEN withheld = 0 THEN 0 ELSE 1 END, withheld DESC, proposed, request`)
}

// WithholdRequest removes a request's text with all that could bring it back: the document with its nonce, what the agency told
// the exchange beside it, the text and nonce of its updates, and what agency and moderators wrote to each other. What stays are
// hashes, signatures, times and sizes, and where it lies, for the rules against fishing.
func (tx *Tx) WithholdRequest(id footage.RequestID) error {
	private, err := json.Marshal(footage.Private{})
	if err != nil {
		return err
	}
	if err := tx.execOne(`UPDATE request SET document = $1, private = $2, code = $3 WHERE id = $4 AND published > 0`,
		[]byte{}, string(private), WithheldCode+string(id), id); err != nil {
		return err
	}
	if _, err := tx.exec(`UPDATE moderation SET findings = '[]', appeal = '', words = '' WHERE request = $1`, id); err != nil {
		return err
	}
	if _, err := tx.exec(`DELETE FROM request_update WHERE request = $1 AND published = 0`, id); err != nil {
		return err
	}
	updates, err := tx.Updates(id)
	for _, u := range updates {
		u.Record.Update.Text, u.Record.Update.Nonce = "", ""
		body, err := json.Marshal(u.Record)
		if err != nil {
			return err
		}
		if err := tx.execOne(`UPDATE request_update SET body = $1 WHERE request = $2 AND seq = $3`, string(body), id, u.Seq); err != nil {
			return err
		}
	}
	return err
}

// WithheldCode begins what stands in the place of a withheld investigation code: no code holds a colon.
const WithheldCode = "withheld:"

// Withheld reports whether the request's text is withheld.
func (q Request) Withheld() bool { return q.Status.Public() && len(q.Document) == 0 }
