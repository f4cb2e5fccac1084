package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"porchlight.example/internal/footage"
)

// liteEngine is an SQLite file in WAL mode: one connection writes, others read the last committed moment meanwhile.
type liteEngine struct {
	writer *sql.DB // at most one connection, which group holds
	group  *group
	reader *sql.DB // read-only connections

	path     string
	patience time.Duration
}

func openSQLite(ctx context.Context, path string, o Options) (*liteEngine, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := prepareFile(path); err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	e := &liteEngine{path: path, patience: o.Patience}
	if err := e.connect(ctx, path, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, explain(err)), e.closePools())
	}
	return e, nil
}

func (e *liteEngine) connect(ctx context.Context, path string, o Options) (err error) {
	if e.writer, err = sql.Open("sqlite", liteDSN(path, o.Patience, false)); err != nil {
		return err
	}
	e.writer.SetMaxOpenConns(1)
	if e.reader, err = sql.Open("sqlite", liteDSN(path, o.Patience, true)); err != nil {
		return err
	}
	e.reader.SetMaxOpenConns(o.Connections)
	e.reader.SetMaxIdleConns(o.Connections)
	err = persist(ctx, o.Patience, func() error {
		err := migrate(ctx, e.writer, goose.DialectSQLite3, o.Migrations)
		if busy(err) {
			return again{err} // whoever meets another that sets the journal's mode is refused at once, whatever the timeout
		}
		return err
	})
	if err != nil {
		return err
	}
	conn, err := e.writer.Conn(ctx)
	if err != nil {
		return err
	}
	// From here on group waits for locks itself, in short steps between which a caller's context may end it.
	if _, err := conn.ExecContext(ctx, "pragma busy_timeout = 20"); err != nil {
		return errors.Join(err, conn.Close())
	}
	e.group = newGroup(conn, o.Patience)
	return nil
}

// prepareFile makes the file and its folder for nobody else's eyes; SQLite gives its other files the same mode. A new
// folder's entry is synced, as SQLite syncs those of its files.
func prepareFile(path string) error {
	dir := filepath.Dir(path)
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := syncFolder(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("%w (%w)", tellSQLite(sqliteCantOpen), err)
	}
	return f.Close()
}

// liteDSN spells out every setting, since they hold per connection. WAL lets readers and the writer work at once;
// synchronous=FULL syncs each commit; secure_delete overwrites what is deleted, and temp_store keeps sorting out of
// temporary files; the WAL is folded back every 16 MB, since pages that are written often then are copied less often; immediate transactions take the write lock when they begin, so that none fails half-way.
func liteDSN(path string, patience time.Duration, readOnly bool) string {
	pragmas := []string{"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)",
		"temp_store(MEMORY)", "journal_size_limit(67108864)",
		"wal_autocheckpoint(4000)"}
	q := url.Values{"_txlock": {"immediate"}}
	if readOnly {
		pragmas = []string{"temp_store(MEMORY)"}
		q = url.Values{"mode": {"ro"}}
	}
	q["_pragma"] = append([]string{fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds())}, pragmas...)
	return (&url.URL{Scheme: "file", Path: path, OmitHost: true, RawQuery: q.Encode()}).String()
}

func (e *liteEngine) write(ctx context.Context, fn func(*Tx) error) error {
	return e.group.write(ctx, fn)
}

func (e *liteEngine) read(ctx context.Context, fn func(*Tx) error) error {
	return persist(ctx, e.patience, func() error {
		return attempt(ctx, e.reader, e.patience, &sql.TxOptions{ReadOnly: true}, fn)
	})
}

func (e *liteEngine) ping(ctx context.Context) error {
	var one int
	return explain(e.reader.QueryRowContext(ctx, "select 1 from sqlite_schema limit 1").Scan(&one))
}

// scrub folds the write-ahead log into the file and empties it. The file itself holds nothing that was deleted: see liteDSN.
func (e *liteEngine) scrub(ctx context.Context) error {
	db, err := sql.Open("sqlite", liteDSN(e.path, time.Second, false)) // another connection: the writer's has a transaction
	if err != nil {
		return err
	}
	err = persist(ctx, e.patience, func() error {
		var blocked, frames, folded int
		err := db.QueryRowContext(ctx, "pragma wal_checkpoint(truncate)").Scan(&blocked, &frames, &folded)
		if busy(err) || err == nil && blocked != 0 {
			return again{tellSQLite(sqliteBusy)}
		}
		return explain(err)
	})
	return errors.Join(err, db.Close())
}

func (e *liteEngine) close() error { return errors.Join(e.group.conn.close(), e.closePools()) }

func (e *liteEngine) closePools() error {
	var errs []error
	for _, db := range []*sql.DB{e.reader, e.writer} { // the writer last: it folds the log into the file
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// backup copies one moment of the database by VACUUM INTO, beside path first, so that a half-written copy never bears
// its name.
func (e *liteEngine) backup(ctx context.Context, path string) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return errBackupExists(path)
	}
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) // VACUUM INTO accepts an empty file
	if err != nil {
		return fmt.Errorf("back up the database: %w", err)
	}
	defer f.Close()
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("back up the database: %w", explain(err)), os.Remove(part))
		}
	}()
	if _, err := e.reader.ExecContext(ctx, "vacuum into $1", part); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Link(part, path); err != nil { // unlike a rename, never over a file that came in the meantime
		return err
	}
	return errors.Join(os.Remove(part), syncFolder(filepath.Dir(path)))
}

func (e *liteEngine) check(ctx context.Context) error {
	for _, pragma := range []string{"pragma integrity_check(10)", "pragma foreign_key_check"} {
		rows, err := e.reader.QueryContext(ctx, pragma)
		if err != nil {
			return explain(err)
		}
		found, err := findings(rows)
		if err != nil {
			return explain(err)
		}
		if found != "" && found != "ok" {
			return footage.E(footage.Untrusted, "The database is damaged; restore it from the backup. Found: "+found+".")
		}
	}
	return nil
}

// findings joins all columns of all rows.
func findings(rows *sql.Rows) (string, error) {
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	found := ""
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return "", err
		}
		for _, v := range values {
			if found != "" {
				found += " "
			}
			found += v.String
		}
	}
	return found, rows.Err()
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
