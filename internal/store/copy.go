package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"porchlight.example/internal/footage"
)

// CopyFrom fills an empty database with the rows of another one of the same schema, as they are at one moment, all or none
// of them. Tables named in without stay empty. One of the two must be an SQLite file: that is what a backup is, whichever
// the exchange runs on, so that an exchange can also move from one engine to the other. A database that holds anything is
// refused with kind [footage.Conflict].
func (db *DB) CopyFrom(ctx context.Context, from *DB, without ...string) error {
	lite := from
	if db.dialect == SQLite {
		lite = db
	}
	if lite.dialect != SQLite {
		return footage.E(footage.Unsupported, "Of two databases between which rows are copied, one must be an SQLite file.")
	}
	tables, err := lite.tables(ctx)
	if err != nil {
		return fmt.Errorf("copy a database: %w", err)
	}
	return db.Write(ctx, func(to *Tx) error {
		for _, t := range tables {
			if err := to.empty(t.name); err != nil {
				return err
			}
		}
		return from.Read(ctx, func(tx *Tx) error {
			for _, t := range tables {
				if slices.Contains(without, t.name) {
					continue
				}
				if err := t.copyRows(tx, to); err != nil {
					return fmt.Errorf("copy table %s: %w", t.name, err)
				}
			}
			return nil
		})
	})
}

// Clear deletes every row of a database; like, of the same schema, or the database itself, is an SQLite file.
func (db *DB) Clear(ctx context.Context, like *DB) error {
	tables, err := like.tables(ctx)
	if err != nil {
		return fmt.Errorf("clear a database: %w", err)
	}
	return db.Write(ctx, func(tx *Tx) error {
		for _, t := range slices.Backward(tables) { // those that refer to others first
			if _, err := tx.exec(`DELETE FROM ` + t.name); err != nil {
				return fmt.Errorf("clear table %s: %w", t.name, err)
			}
		}
		return nil
	})
}

// table is one of the schema's, with its columns in order.
type table struct {
	name    string
	columns []string
}

// tables returns the tables of an SQLite database in the order in which they were created, in which none refers to a later
// one. The migrations' own is not among them.
func (db *DB) tables(ctx context.Context) (tables []table, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		names, err := queryAll(tx, scanString, `SELECT name FROM sqlite_schema
			WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' AND name <> 'goose_db_version' ORDER BY rowid`)
		if err != nil {
			return err
		}
		tables = nil
		for _, name := range names {
			columns, err := queryAll(tx, scanString, `SELECT name FROM pragma_table_info($1) ORDER BY cid`, name)
			if err != nil {
				return err
			}
			tables = append(tables, table{name, columns})
		}
		return nil
	})
	return tables, err
}

// empty refuses a table that holds a row.
func (tx *Tx) empty(table string) error {
	some, err := queryAll(tx, scanInt, `SELECT 1 FROM `+table+` LIMIT 1`)
	if err == nil && len(some) > 0 {
		return footage.Coded(footage.Conflict, "database_not_empty", "The database is not empty (table "+table+"). Nothing is ever restored over what is there: name an empty database.")
	}
	return err
}

const (
	rowsAtOnce  = 64      // rows of one INSERT
	bytesAtOnce = 8 << 20 // bytes of rows that are held before they are inserted
)

// copyRows copies a table's rows, many with one statement.
func (t table) copyRows(from, to *Tx) error {
	rows, err := from.query(`SELECT ` + strings.Join(t.columns, ", ") + ` FROM ` + t.name)
	if err != nil {
		return err
	}
	defer rows.Close()
	batch, size := []any{}, 0
	for rows.Next() {
		row, n, err := scanAny(rows, len(t.columns))
		if err != nil {
			return err
		}
		if batch, size = append(batch, row...), size+n; len(batch) == rowsAtOnce*len(t.columns) || size > bytesAtOnce {
			if err := t.insert(to, batch); err != nil {
				return err
			}
			batch, size = batch[:0], 0
		}
	}
	if err := from.fail(rows.Err()); err != nil {
		return err
	}
	return t.insert(to, batch)
}

// scanAny reads a row as the driver gives it, and tells how many bytes it holds.
func scanAny(rows *sql.Rows, columns int) (row []any, size int, err error) {
	row = make([]any, columns)
	into := make([]any, columns)
	for i := range row {
		into[i] = &row[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, 0, err
	}
	for i, v := range row {
		switch v := v.(type) {
		case string:
			size += len(v)
		case []byte:
			if size += len(v); v == nil {
				row[i] = []byte{} // PostgreSQL's driver gives no bytes as nil, which SQLite's takes for NULL
			}
		}
	}
	return row, size, nil
}

// insert inserts a full batch with one statement and the rows of any other one by one, so that few texts have to be
// prepared.
func (t table) insert(tx *Tx, batch []any) error {
	step := len(t.columns)
	if len(batch) == rowsAtOnce*step {
		step = len(batch)
	}
	for ; len(batch) > 0; batch = batch[step:] {
		if _, err := tx.exec(t.insertion(step), batch[:step]...); err != nil {
			return err
		}
	}
	return nil
}

func (t table) insertion(values int) string {
	var text strings.Builder
	text.WriteString(`INSERT INTO ` + t.name + ` (` + strings.Join(t.columns, ", ") + `) VALUES `)
	for i := range values {
		switch {
		case i == 0:
			text.WriteString("(")
		case i%len(t.columns) == 0:
			text.WriteString("), (")
		default:
			text.WriteString(", ")
		}
		text.WriteString("$" + strconv.Itoa(i+1))
	}
	return text.String() + ")"
}

// backupToFile copies one moment of a database to a new SQLite file, beside path first, so that a half-written copy never
// bears its name.
func (db *DB) backupToFile(ctx context.Context, path string, o Options) error {
	part := path + ".part"
	if _, err := os.Lstat(path); err == nil {
		return errBackupExists(path)
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("back up the database: %w", err)
	}
	if err := os.Remove(part); err != nil && !os.IsNotExist(err) { // of an earlier try that was killed
		return fmt.Errorf("back up the database: %w", err)
	}
	err := copyToFile(ctx, db, part, o)
	if err == nil {
		err = os.Link(part, path)
	}
	for _, file := range []string{part, part + "-wal", part + "-shm"} {
		if gone := os.Remove(file); gone != nil && !os.IsNotExist(gone) && err == nil {
			err = gone
		}
	}
	if err != nil {
		return fmt.Errorf("back up the database: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// copyToFile makes an SQLite file with a database's rows. Closing it folds its write-ahead log in and syncs it.
func copyToFile(ctx context.Context, db *DB, file string, o Options) (err error) {
	lite, err := Open(ctx, file, Options{Migrations: o.Migrations})
	if err != nil {
		return err
	}
	if err := lite.CopyFrom(ctx, db); err != nil {
		_ = lite.Close() // the file is thrown away
		return err
	}
	return lite.Close()
}

func errBackupExists(path string) error {
	return footage.E(footage.Conflict, "There is a file at "+path+" already; name a new one for the backup.")
}
