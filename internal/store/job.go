package store

import (
	"context"
	"database/sql"
	"time"

	"porchlight.example/internal/footage"
)

// Job is a periodic task's row. A task may be claimed when it is due and nobody holds its lease; after a failure the
// lease is what keeps it from being tried again too soon, so that Due still tells since when the work has been waiting.
type Job struct {
	Name       string
	Due        time.Time
	LeaseUntil time.Time // zero when nobody holds it
	LastOK     time.Time // zero before the first success
	Failures   int       // since the last success
}

const jobColumns = `SELECT name, due, lease_until, last_ok, failures FROM job`

func scanJob(r *sql.Rows) (j Job, err error) {
	var due, lease, ok int64
	err = r.Scan(&j.Name, &due, &lease, &ok, &j.Failures)
	j.Due, j.LeaseUntil, j.LastOK = fromMicros(due), fromMicros(lease), fromMicros(ok)
	return j, err
}

// PlanJob adds a task that is first due at a time; one that is there already stays as it is.
func (db *DB) PlanJob(ctx context.Context, name string, due time.Time) error {
	return db.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(`INSERT INTO job (name, due) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, micros(due))
		return err
	})
}

// Jobs returns all tasks by name.
func (db *DB) Jobs(ctx context.Context) (jobs []Job, err error) {
	err = db.Read(ctx, func(tx *Tx) (err error) {
		jobs, err = queryAll(tx, scanJob, jobColumns+` ORDER BY name`)
		return err
	})
	return jobs, err
}

// Job returns one task, or an error of kind [footage.NotFound].
func (db *DB) Job(ctx context.Context, name string) (j Job, err error) {
	err = db.Read(ctx, func(tx *Tx) (err error) {
		j, err = queryOne(tx, scanJob, jobColumns+` WHERE name = $1`, name)
		return err
	})
	return j, err
}

// ClaimJob takes a task's lease until a time, if the task is due and nobody holds it; else it fails with kind
// [footage.Conflict]. Of several nodes that try, one succeeds.
func (db *DB) ClaimJob(ctx context.Context, name string, now, until time.Time) (j Job, err error) {
	err = db.Write(ctx, func(tx *Tx) (err error) {
		if err := tx.execOne(`UPDATE job SET lease_until = $1 WHERE name = $2 AND due <= $3 AND lease_until <= $3`,
			micros(until), name, micros(now)); err != nil {
			return err
		}
		j, err = queryOne(tx, scanJob, jobColumns+` WHERE name = $1`, name)
		return err
	})
	return j, err
}

// FinishJob ends a claimed task with success. It is next due at a time, or at once if [DB.WakeJob] was called since the
// claim. If the lease was lost to another node, it fails with kind [footage.Conflict].
func (db *DB) FinishJob(ctx context.Context, claim Job, now, next time.Time) error {
	return db.Write(ctx, func(tx *Tx) error {
		return tx.execOne(`UPDATE job SET lease_until = 0, failures = 0, last_ok = $1, due = CASE WHEN due = $2 THEN $3 ELSE due END
			WHERE name = $4 AND lease_until = $5`, micros(now), micros(claim.Due), micros(next), claim.Name, micros(claim.LeaseUntil))
	})
}

// FailJob ends a claimed task without success: it stays due, but is not to be tried before a time. If the lease was lost
// to another node, it fails with kind [footage.Conflict].
func (db *DB) FailJob(ctx context.Context, claim Job, notBefore time.Time) error {
	return db.Write(ctx, func(tx *Tx) error {
		return tx.execOne(`UPDATE job SET lease_until = $1, failures = failures + 1 WHERE name = $2 AND lease_until = $3`,
			micros(notBefore), claim.Name, micros(claim.LeaseUntil))
	})
}

// ReleaseJob gives a claimed task back as it was, so that it can be claimed again at once. If the lease was lost to
// another node, it fails with kind [footage.Conflict].
func (db *DB) ReleaseJob(ctx context.Context, claim Job) error {
	return db.Write(ctx, func(tx *Tx) error {
		return tx.execOne(`UPDATE job SET lease_until = 0 WHERE name = $1 AND lease_until = $2`, claim.Name, micros(claim.LeaseUntil))
	})
}

// WakeJob makes a task due now, in a transaction of its own. See [Tx.WakeJob].
func (db *DB) WakeJob(ctx context.Context, name string, now time.Time) error {
	return db.Write(ctx, func(tx *Tx) error { return tx.WakeJob(name, now) })
}

// WakeJob makes a task due now, so that a use case can order work in the transaction that makes it necessary. A task that
// is running is run once more: the microsecond that is taken from its due time tells [DB.FinishJob]. An unknown task is
// of kind [footage.NotFound].
func (tx *Tx) WakeJob(name string, now time.Time) error {
	n, err := tx.exec(`UPDATE job SET due = CASE WHEN due > $1 THEN $1 ELSE due - 1 END WHERE name = $2`, micros(now), name)
	if err == nil && n == 0 {
		return footage.E(footage.NotFound, "There is no task named "+name+" here; look at the list of tasks.")
	}
	return err
}
