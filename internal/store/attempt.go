package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"porchlight.example/internal/footage"
)

// attempt runs fn once in a transaction of database/sql and commits it, or rolls it back when opts say that it only
// reads. An error of type [again] says that nothing has happened and another attempt may go better.
func attempt(ctx context.Context, db *sql.DB, patience time.Duration, opts *sql.TxOptions, fn func(*Tx) error) error {
	// The transaction has a context of its own, which ends with the caller's, except during the commit: cut off there,
	// nobody would know whether it happened.
	own, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	link := context.AfterFunc(ctx, stop)
	defer link()
	limit := time.AfterFunc(patience, stop) // to get a connection
	defer limit.Stop()
	dbTx, err := db.BeginTx(own, opts)
	limit.Stop()
	if err != nil {
		return beginError(ctx, own, err)
	}
	defer func() { _ = dbTx.Rollback() }() // refused after a commit; a lost connection has rolled back by itself
	if err := call(ctx, dbTx, fn); err != nil || opts.ReadOnly {
		return err
	}
	if !link() {
		return ctx.Err()
	}
	limit.Reset(patience)
	return commitError(dbTx.Commit())
}

// beginError judges why a transaction did not begin: the caller's context, no free connection, or no server.
func beginError(ctx, own context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case own.Err() != nil:
		return fmt.Errorf("%w (%w)", footage.E(footage.Unavailable, "The database is too busy; try again later."), err)
	case lost(err):
		return again{explain(err)}
	}
	return explain(err)
}

// call runs fn. The first failed statement decides what becomes of the transaction, whatever fn makes of it.
func call(ctx context.Context, q querier, fn func(*Tx) error) error {
	tx := &Tx{ctx: ctx, q: q}
	err := fn(tx)
	if ctx.Err() == nil && (conflicting(tx.failed) || lost(tx.failed)) {
		return again{tx.failed}
	}
	if err == nil {
		err = tx.failed
	}
	return err
}

// commitError judges a failed commit. PostgreSQL's word that it refused is certain unless it was said while the server
// went down; a connection lost after the commit was sent leaves it open, and so must we.
func commitError(err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case conflicting(err):
		return again{explain(err)}
	case errors.As(err, &pg) && pg.SeverityUnlocalized == "ERROR":
		return explain(err)
	}
	return fmt.Errorf("%w (%w)", footage.Coded(footage.Unavailable, "commit_unknown",
		"The database server was lost while it saved; look whether the change is there before you try again."), err)
}
