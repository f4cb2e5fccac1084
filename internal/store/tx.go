package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"porchlight.example/internal/footage"
)

// Tx is a transaction. It belongs to the function that it was given to, and to one goroutine.
type Tx struct {
	ctx context.Context
	q   querier
	// failed is the first error of a statement. PostgreSQL refuses to go on after one; so do we on both engines, lest
	// code that swallows an error works on one of them.
	failed error
	// log, where writes share a transaction, holds entries of the record that are not written yet.
	log *logQueue
	// isolate, where writes share a transaction, is called once before the first statement.
	isolate func() error
}

// querier is what a Tx runs its statements on.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// fail remembers and returns a statement's error, told in our kinds.
func (tx *Tx) fail(err error) error {
	if err == nil {
		return nil
	}
	if ctxErr := tx.ctx.Err(); ctxErr != nil && !errors.Is(err, ctxErr) {
		err = fmt.Errorf("%w: %w", ctxErr, err) // drivers report a cancelled statement in words of their own
	}
	if err = explain(err); tx.failed == nil {
		tx.failed = err
	}
	return err
}

// ready reports whether another statement may run.
func (tx *Tx) ready() error {
	if tx.failed != nil {
		return tx.failed
	}
	return tx.fail(tx.ctx.Err())
}

// prepare makes ready for a statement: isolates this write from its neighbours, and lets it see what waits for the log.
func (tx *Tx) prepare(query string) error {
	if err := tx.ready(); err != nil {
		return err
	}
	if tx.isolate != nil {
		isolate := tx.isolate
		tx.isolate = nil
		if err := isolate(); err != nil {
			return tx.fail(err)
		}
	}
	if tx.log == nil || !touchesLog(query) {
		return nil
	}
	err := tx.log.flush(tx)
	tx.log.known = false // the statement may move the head
	return err
}

// exec runs a statement and returns how many rows it changed. Breaking a unique constraint is of kind
// [footage.Conflict]; see [explain] for the others.
func (tx *Tx) exec(query string, args ...any) (int64, error) {
	if err := tx.prepare(query); err != nil {
		return 0, err
	}
	bound, err := bind(args)
	if err != nil {
		return 0, tx.fail(err)
	}
	result, err := tx.q.ExecContext(tx.ctx, query, bound...)
	if err != nil {
		return 0, tx.fail(err)
	}
	n, err := result.RowsAffected()
	return n, tx.fail(err)
}

// execOne runs a statement that must change exactly one row: a conditional update. None is of kind [footage.Conflict],
// after which the transaction may go on; more than one is a fault of ours.
func (tx *Tx) execOne(query string, args ...any) error {
	n, err := tx.exec(query, args...)
	switch {
	case err != nil:
		return err
	case n == 0:
		return footage.E(footage.Conflict, "It has changed in the meantime; look at its present state and try again.")
	case n > 1:
		return tx.fail(fmt.Errorf("statement for one row changed %d: %s", n, query))
	}
	return nil
}

// query runs a query. The caller closes the rows and returns their Err; [queryAll] and [queryOne] do both.
func (tx *Tx) query(query string, args ...any) (*sql.Rows, error) {
	if err := tx.prepare(query); err != nil {
		return nil, err
	}
	bound, err := bind(args)
	if err != nil {
		return nil, tx.fail(err)
	}
	rows, err := tx.q.QueryContext(tx.ctx, query, bound...)
	return rows, tx.fail(err)
}

// queryAll returns what scan makes of each row, nil when there is none. scan must not run another statement.
func queryAll[T any](tx *Tx, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read a row: %w", err)
		}
		all = append(all, v)
	}
	return all, tx.fail(rows.Err())
}

// queryOne returns what scan makes of the first row; that there is none is of kind [footage.NotFound].
func queryOne[T any](tx *Tx, scan func(*sql.Rows) (T, error), query string, args ...any) (T, error) {
	var none T
	rows, err := tx.query(query, args...)
	if err != nil {
		return none, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return none, tx.fail(err)
		}
		return none, footage.E(footage.NotFound, "There is no such thing here; check the address or the ID.")
	}
	v, err := scan(rows)
	if err != nil {
		return none, fmt.Errorf("read a row: %w", err)
	}
	return v, tx.fail(rows.Close())
}
