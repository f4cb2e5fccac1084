package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"porchlight.example/internal/footage"
)

// Result codes of SQLite that we answer in a way of their own (https://www.sqlite.org/rescode.html). The low byte is the
// primary code.
const (
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqliteReadOnly   = 8
	sqliteIOErr      = 10
	sqliteCorrupt    = 11
	sqliteFull       = 13
	sqliteCantOpen   = 14
	sqliteNotADB     = 26
	sqlitePrimaryKey = 1555 // SQLITE_CONSTRAINT_PRIMARYKEY
	sqliteUnique     = 2067 // SQLITE_CONSTRAINT_UNIQUE
	sqliteShmSize    = 4874 // SQLITE_IOERR_SHMSIZE: no room for the index of the write-ahead log
)

// States of PostgreSQL that we answer in a way of their own
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
	pgUnique        = "23505"
	pgDiskFull      = "53100"
)

// explain gives a driver's error the kind and the sentence that a person can act on, and keeps the error itself in the
// chain for the log. Errors that mean a fault of ours pass as they are.
func explain(err error) error {
	if err == nil || footage.KindOf(err) != "" || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if told := tell(err); told != nil {
		return fmt.Errorf("%w (%w)", told, err)
	}
	return err
}

// tell returns the sentence for an error, or nil when a person can do nothing about it.
func tell(err error) error {
	var lite *sqlite.Error
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &lite):
		return tellSQLite(lite.Code())
	case errors.As(err, &pg):
		return tellPostgres(pg.Code)
	case lost(err):
		return footage.E(footage.Unavailable, "The database server does not answer; check that it runs, and try again later.")
	}
	return nil
}

func tellSQLite(code int) error {
	switch code {
	case sqliteUnique, sqlitePrimaryKey:
		return errExists()
	case sqliteShmSize:
		return errFull()
	}
	switch code & 0xff {
	case sqliteFull:
		return errFull()
	case sqliteBusy, sqliteLocked:
		return footage.E(footage.Unavailable, "Another program holds the database; end it, or try again later.")
	case sqliteCantOpen:
		return footage.E(footage.Unavailable, "The database file cannot be opened; check that its folder exists and that this user may write there.")
	case sqliteReadOnly:
		return footage.E(footage.Unavailable, "The database file cannot be written; check the rights of the file and its folder.")
	case sqliteIOErr:
		return footage.E(footage.Unavailable, "The disk reports an error under the database; check the disk before anything else.")
	case sqliteNotADB:
		return footage.E(footage.Invalid, "The file is no Porchlight database; name another.")
	case sqliteCorrupt:
		return footage.E(footage.Untrusted, "The database file is damaged; restore it from the backup.")
	}
	return nil
}

func tellPostgres(state string) error {
	switch {
	case state == pgUnique:
		return errExists()
	case state == pgDiskFull:
		return errFull()
	case state == pgSerialization, state == pgDeadlock:
		return footage.E(footage.Unavailable, "The database is too busy; try again later.")
	case state == "3D000":
		return footage.E(footage.Unavailable, "The PostgreSQL server has no such database; create it first.")
	case state == "25006":
		return footage.E(footage.Unavailable, "The PostgreSQL server is read-only, a standby perhaps; name the primary server.")
	case strings.HasPrefix(state, "28"):
		return footage.E(footage.Unavailable, "The PostgreSQL server refuses the user or the password; check both.")
	case gone(state):
		return footage.E(footage.Unavailable, "The database server is stopping, starting or out of room; try again later.")
	}
	return nil
}

// gone reports whether a state of PostgreSQL means that the server or the connection is lost: operator intervention,
// connection exceptions, too many connections.
func gone(state string) bool {
	return strings.HasPrefix(state, "57P") || strings.HasPrefix(state, "08") || state == "53300"
}

// lost reports whether err means that the connection to the server is lost or was never made.
func lost(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return gone(pg.Code)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone)
}

// busy reports whether SQLite's lock was held by another process.
func busy(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && (lite.Code()&0xff == sqliteBusy || lite.Code()&0xff == sqliteLocked)
}

// conflicting reports whether PostgreSQL gave up the transaction for another's sake and wants it tried again.
func conflicting(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == pgSerialization || pg.Code == pgDeadlock)
}

func errExists() error {
	return footage.Coded(footage.Conflict, "exists", "It exists already; look at what is there, or choose another name.")
}

func errFull() error {
	return footage.E(footage.Full, "There is no room left for the database; make room on its disk, then try again.")
}
