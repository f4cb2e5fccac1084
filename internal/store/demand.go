package store

import (
	"database/sql"
	"errors"
	"time"

	"porchlight.example/internal/footage"
)

// Demand is what was demanded of the exchange by law.
type Demand struct {
	ID               footage.DemandID
	Received         time.Time // a day
	Body             footage.DemandBody
	Kind             footage.DemandKind
	Asked            string
	Gag              time.Time // until when the law forbids to tell of it
	Entered          footage.PersonID
	Answer           footage.DemandAnswer // empty: nobody has written one
	Given            string
	Proposed, Agreed footage.PersonID
	Counted, Settled footage.HalfYear // reports that count it, and its answer
}

// Standing is the answer that counts: that on which two people agree.
func (d Demand) Standing() footage.DemandAnswer {
	if d.Agreed == "" {
		return footage.DemandPending
	}
	return d.Answer
}

// InsertDemand stores a demand.
func (tx *Tx) InsertDemand(d Demand) error {
	_, err := tx.exec(`INSERT INTO demand (id, received, body, kind, asked, gag, entered) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		d.ID, micros(d.Received), d.Body, d.Kind, d.Asked, micros(d.Gag), d.Entered)
	return err
}

const demandColumns = `SELECT id, received, body, kind, asked, gag, entered, answer, given, proposed, agreed, counted, settled FROM demand`

func scanDemand(r *sql.Rows) (d Demand, err error) {
	var received, gag int64
	err = r.Scan(&d.ID, &received, &d.Body, &d.Kind, &d.Asked, &gag, &d.Entered, &d.Answer, &d.Given, &d.Proposed, &d.Agreed, &d.Counted, &d.Settled)
	d.Received = fromMicros(received)
	if gag > 0 {
		d.Gag = fromMicros(gag)
	}
	return d, err
}

// Demand returns one demand.
func (tx *Tx) Demand(id footage.DemandID) (Demand, error) {
	return queryOne(tx, scanDemand, demandColumns+` WHERE id = $1`, id)
}

// Demands returns every demand, the newest first.
func (tx *Tx) Demands() ([]Demand, error) {
	return queryAll(tx, scanDemand, demandColumns+` ORDER BY received DESC, id`)
}

// ProposeAnswer writes the answer of a demand, which waits for a second person.
func (tx *Tx) ProposeAnswer(d Demand) error {
	return tx.execOne(`UPDATE demand SET answer = $1, given = $2, proposed = $3 WHERE id = $4 AND agreed = ''`, d.Answer, d.Given, d.Proposed, d.ID)
}

// AgreeAnswer makes the answer that somebody has written count.
func (tx *Tx) AgreeAnswer(id footage.DemandID, proposed, agreed footage.PersonID) error {
	return tx.execOne(`UPDATE demand SET agreed = $1 WHERE id = $2 AND proposed = $3 AND agreed = ''`, agreed, id, proposed)
}

// CountDemand notes which reports count a demand and its answer.
func (tx *Tx) CountDemand(id footage.DemandID, counted, settled footage.HalfYear) error {
	return tx.execOne(`UPDATE demand SET counted = $1, settled = $2 WHERE id = $3`, counted, settled, id)
}

// CountErasure adds one share to those that were erased in a half-year.
func (tx *Tx) CountErasure(h footage.HalfYear) error {
	_, err := tx.exec(`INSERT INTO erasure_total (period, shares) VALUES ($1, 1) ON CONFLICT (period) DO UPDATE SET shares = erasure_total.shares + 1`, h)
	return err
}

// Erasures returns how many shares were erased in a half-year.
func (tx *Tx) Erasures(h footage.HalfYear) (int64, error) {
	n, err := queryOne(tx, scanInt, `SELECT shares FROM erasure_total WHERE period = $1`, h)
	if errors.Is(err, footage.NotFound) {
		return 0, nil
	}
	return n, err
}
