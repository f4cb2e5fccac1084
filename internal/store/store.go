// Package store keeps the exchange's facts in SQL: one schema text and one text per query for two engines, SQLite (the
// default, one file) and PostgreSQL (several nodes).
//
// [DB.Write] and [DB.Read] run a function in a transaction; what it may do are the methods of [Tx], in one file per noun,
// each with its SQL beside its scan. There is no interface to stand in for the database: tests run on the real engines.
//
// The SQL keeps to what both engines mean alike: placeholders $1, $2 in ascending order, IDs that we mint, times as
// integer UTC microseconds, truth values as 0 and 1, JSON as opaque text. Not used: LIKE, lower(), SELECT *, now(), REAL,
// order that depends on a collation. The engines differ in how they are opened and their schema is spelled, how they
// write, read, report errors, and in maintenance; an engine is all of that, and queries know nothing of it.
package store

import (
	"context"
	"embed"
	"io/fs"
	"strings"
	"sync"
	"time"

	"porchlight.example/internal/footage"
)

// DB is an open database. Its methods may be called from many goroutines.
type DB struct {
	engine  engine
	dialect Dialect
	options Options

	mu     sync.Mutex
	closed bool           // nobody else may enter
	inside sync.WaitGroup // calls under way; mu guards its Add against Close's Wait
}

// Dialect names an engine.
type Dialect string

// The engines.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// engine is one of the two databases. Its methods keep the contracts of those of [DB] with the same names.
type engine interface {
	write(ctx context.Context, fn func(*Tx) error) error
	read(ctx context.Context, fn func(*Tx) error) error
	ping(ctx context.Context) error
	check(ctx context.Context) error
	scrub(ctx context.Context) error
	close() error
}

// Options are for [Open]; the zero value is right for a server.
type Options struct {
	// Migrations replaces the program's own schema. Tests of the engine have tables of their own.
	Migrations fs.FS
	// Patience is how long Write and Read wait for a lock or a lost server and try again; 10 s when zero.
	Patience time.Duration
	// Connections bounds the connections to PostgreSQL, and those that read from SQLite; 16 when zero.
	Connections int
}

//go:embed migrations/*.sql
var schema embed.FS

func (o Options) orDefaults() (Options, error) {
	if o.Patience <= 0 {
		o.Patience = 10 * time.Second
	}
	if o.Connections <= 0 {
		o.Connections = 16
	}
	if o.Migrations != nil {
		return o, nil
	}
	own, err := fs.Sub(schema, "migrations")
	o.Migrations = own
	return o, err
}

// Open opens the database at url and brings its schema up to date. A path, or sqlite:PATH, is an SQLite file, which is
// made (mode 0600, its folder 0700) when it does not exist; postgres://… is a PostgreSQL database, which must exist.
// A database that a newer program has migrated is refused with kind [footage.Unsupported], a file that is no database
// with [footage.Invalid], a server that does not answer with [footage.Unavailable].
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	o, err := o.orDefaults()
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		e, err := openPostgres(ctx, url, o)
		if err != nil {
			return nil, err
		}
		return &DB{engine: e, dialect: Postgres, options: o}, nil
	}
	if strings.Contains(url, "://") {
		return nil, footage.E(footage.Invalid, "The database must be a file, or PostgreSQL as postgres://USER@HOST/NAME; other databases are not spoken.")
	}
	e, err := openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"), o)
	if err != nil {
		return nil, err
	}
	return &DB{engine: e, dialect: SQLite, options: o}, nil
}

// Dialect returns which engine this is, for messages; queries must not ask.
func (db *DB) Dialect() Dialect { return db.dialect }

// Write runs fn in a transaction that may change the database, as if alone in the world (serializable). When Write
// returns nil, what fn did is durable: synced by SQLite, or acknowledged by PostgreSQL as its operator has set it up.
// When Write returns an error nothing that fn did is in the database, with one exception: an error of code
// "commit_unknown" (kind [footage.Unavailable]) says that the server was lost while it committed. That is never tried
// again here; the caller must look.
//
// An error of fn rolls back and is returned. So does the first failed statement, even if fn swallows its error.
//
// fn may run more than once: after a conflict with another transaction, and after a server was lost before the commit
// was sent. So it must set what it leaves in memory afresh each time, and do nothing that the transaction cannot take
// back. Write tries again, with growing random pauses, for as long as [Options.Patience]; then it fails with kind
// [footage.Unavailable]. It ends early when ctx does, but never in the midst of a commit.
//
// Write may be called from many goroutines. SQLite runs their functions one after the other and commits those that wait
// together, with one sync for all (see group); a function that fails does not touch its neighbours. fn must be quick and
// must call neither Write nor anything slow: everybody waits for it.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.inside.Done()
	return db.engine.write(ctx, fn)
}

// Read runs fn in a transaction that sees one moment of the database and cannot change it. It sees every Write that
// returned before it began. Like that of Write, fn may run more than once.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.inside.Done()
	return db.engine.read(ctx, fn)
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.inside.Done()
	return db.engine.ping(ctx)
}

// Backup writes a copy of one moment of the running database to a new SQLite file at path, mode 0600, synced: that of
// PostgreSQL too, read in one transaction. See [DB.CopyFrom] for the way back. A file that exists is refused with kind
// [footage.Conflict].
func (db *DB) Backup(ctx context.Context, path string) error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.inside.Done()
	if e, ok := db.engine.(*liteEngine); ok {
		return e.backup(ctx, path) // SQLite copies itself many times as fast
	}
	return db.backupToFile(ctx, path, db.options)
}

// IntegrityCheck reads the whole database and fails with kind [footage.Untrusted], naming what it found, when a part is
// damaged. SQLite keeps no checksums: it finds damaged structure, not a changed letter inside a value; the log's hashes
// find that.
func (db *DB) IntegrityCheck(ctx context.Context) error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.inside.Done()
	return db.engine.check(ctx)
}

// Scrub leaves nothing of what was deleted or overwritten before in the files that SQLite keeps, its write-ahead log included.
// PostgreSQL keeps old versions of rows until its operator has it clean up: there Scrub does nothing. While somebody reads a
// moment that is older, it waits, and then fails with kind [footage.Unavailable].
func (db *DB) Scrub(ctx context.Context) error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.inside.Done()
	return db.engine.scrub(ctx)
}

// Close waits until the calls under way are done and closes the database. Later calls are refused with kind
// [footage.Unavailable]; a second Close does nothing.
func (db *DB) Close() error {
	db.mu.Lock()
	again := db.closed
	db.closed = true
	db.mu.Unlock()
	if again {
		return nil
	}
	db.inside.Wait()
	return db.engine.close()
}

// enter lets a call in, which must leave by inside.Done, unless the database is closed.
func (db *DB) enter() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return footage.Coded(footage.Unavailable, "database_closed", "The database is closed because the program is stopping; start it again.")
	}
	db.inside.Add(1)
	return nil
}
