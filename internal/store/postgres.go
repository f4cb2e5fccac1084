package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"porchlight.example/internal/footage"
)

// pgEngine is a PostgreSQL database, which several nodes may share.
type pgEngine struct {
	db       *sql.DB
	patience time.Duration
}

// migrationLock is the advisory lock under which one node at a time brings the schema up to date: "porchlit" in ASCII.
const migrationLock = 0x706f7263686c6974

func openPostgres(ctx context.Context, url string, o Options) (*pgEngine, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", footage.E(footage.Invalid, "The database's address cannot be read; write postgres://USER@HOST/NAME."), err)
	}
	config.RuntimeParams["application_name"] = "porchlight"
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = o.Patience
	}
	e := &pgEngine{db: stdlib.OpenDB(*config), patience: o.Patience}
	e.db.SetMaxOpenConns(max(o.Connections, 2)) // migrating takes two
	e.db.SetMaxIdleConns(max(o.Connections, 2))
	if err := e.prepare(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s on %s: %w", config.Database, config.Host, explain(err)), e.db.Close())
	}
	return e, nil
}

func (e *pgEngine) prepare(ctx context.Context, o Options) error {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var durable string
	if err := conn.QueryRowContext(ctx, "select current_setting('synchronous_commit')").Scan(&durable); err != nil {
		return err
	}
	if durable == "off" {
		return footage.E(footage.Invalid, "PostgreSQL is set to acknowledge what it has not saved; set synchronous_commit = on.")
	}
	if _, err := conn.ExecContext(ctx, "select pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return err
	}
	err = migrate(ctx, e.db, goose.DialectPostgres, postgresFS{o.Migrations})
	_, unlock := conn.ExecContext(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", int64(migrationLock))
	return errors.Join(err, unlock)
}

func (e *pgEngine) write(ctx context.Context, fn func(*Tx) error) error {
	return e.persist(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable}, fn)
}

// read takes a snapshot (repeatable read), which never conflicts. It may, unlike a serializable one, see a Write whose
// place in the serial order is after one that it does not see yet; no fact is decided on a Read alone.
func (e *pgEngine) read(ctx context.Context, fn func(*Tx) error) error {
	return e.persist(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, fn)
}

func (e *pgEngine) persist(ctx context.Context, opts *sql.TxOptions, fn func(*Tx) error) error {
	return persist(ctx, e.patience, func() error { return attempt(ctx, e.db, e.patience, opts, fn) })
}

func (e *pgEngine) ping(ctx context.Context) error { return explain(e.db.PingContext(ctx)) }

func (e *pgEngine) close() error { return e.db.Close() }

// check reads every value of every table, which makes the server verify its checksums where it keeps them.
func (e *pgEngine) scrub(context.Context) error { return nil }

func (e *pgEngine) check(ctx context.Context) error {
	return e.read(ctx, func(tx *Tx) error {
		tables, err := queryAll(tx, func(r *sql.Rows) (name string, err error) {
			err = r.Scan(&name)
			return name, err
		}, `SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()`)
		if err != nil {
			return err
		}
		for _, table := range tables {
			if _, err := tx.exec(`SELECT count(*) FROM ` + table + ` AS r WHERE r::text = ''`); err != nil {
				if footage.KindOf(err) != "" || ctx.Err() != nil {
					return err // the server's trouble, not the table's
				}
				return footage.E(footage.Untrusted, "The table "+table+" cannot be read whole; restore the database from the backup. Found: "+err.Error()+".")
			}
		}
		return nil
	})
}
