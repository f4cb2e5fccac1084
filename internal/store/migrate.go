package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"

	"github.com/pressly/goose/v3"

	"porchlight.example/internal/footage"
)

// tokens are the words of the schema text that PostgreSQL spells differently. REAL is not among them because it must not
// be used: it has eight bytes in SQLite and four in PostgreSQL.
var tokens = regexp.MustCompile(`\b(STRICT|BLOB|INTEGER)\b`)

// translate returns a migration as PostgreSQL wants it.
func translate(master []byte) []byte {
	return tokens.ReplaceAllFunc(master, func(token []byte) []byte {
		switch string(token) {
		case "BLOB":
			return []byte("BYTEA")
		case "INTEGER":
			return []byte("BIGINT")
		}
		return nil // STRICT: PostgreSQL is never anything else
	})
}

// postgresFS is a folder of migrations as spelled for PostgreSQL.
type postgresFS struct{ master fs.FS }

// Open opens a folder as it is and a file translated.
func (p postgresFS) Open(name string) (fs.File, error) {
	f, err := p.master.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return f, err
	}
	text, err := io.ReadAll(f)
	return translated{f, bytes.NewReader(translate(text))}, err
}

// translated is an open file with another content.
type translated struct {
	fs.File
	text io.Reader
}

func (t translated) Read(p []byte) (int, error) { return t.text.Read(p) }

// migrate brings the schema up to date, each migration in a transaction of its own.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, migrations fs.FS) error {
	provider, err := goose.NewProvider(dialect, db, migrations, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	have, want, err := provider.GetVersions(ctx)
	if err != nil {
		return explain(fmt.Errorf("read the schema's version: %w", err))
	}
	if have > want {
		return footage.Coded(footage.Unsupported, "database_too_new", fmt.Sprintf(
			"A newer Porchlight has used this database (its schema is version %d, this program knows %d); use the newer program, or restore a backup made before.", have, want))
	}
	for have < want {
		_, err := provider.Up(ctx)
		now, _, look := provider.GetVersions(ctx)
		if look != nil || now == have {
			return explain(fmt.Errorf("bring the schema from version %d to %d: %w", have, want, errors.Join(err, look)))
		}
		have = now // an error may mean that another process was quicker; while somebody gets on, go on
	}
	return nil
}
