package store

import (
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store/storetest"
)

// withMore returns the probe's schema and further migrations.
func withMore(files map[string]string) fs.FS {
	more := probe().(fstest.MapFS)
	for name, text := range files {
		more[name] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + text + "\n")}
	}
	return more
}

func TestMigrateInSteps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		newer := Options{Migrations: withMore(map[string]string{
			"0002_a.sql": "CREATE TABLE a (id TEXT PRIMARY KEY, n INTEGER, b BLOB) STRICT;",
			"0003_b.sql": "ALTER TABLE a ADD COLUMN later TEXT NOT NULL DEFAULT '';",
		})}
		first := open(t, url, Options{Migrations: probe()})
		write(t, first, func(tx *Tx) error { return insert(tx, "old") })
		for range 2 { // the second time there is nothing left to do
			second := open(t, url, newer)
			wantIDs(t, second, "old")
			write(t, second, func(tx *Tx) error {
				_, err := tx.exec(`UPDATE a SET later = $1`, "x")
				return err
			})
		}
		_, err := Open(t.Context(), url, Options{Migrations: probe()})
		wantKind(t, err, footage.Unsupported)
		if err != nil && !strings.Contains(err.Error(), "its schema is version 3, this program knows 1") {
			t.Error(err)
		}
	})
}

func TestMigrateTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := Options{Connections: 2, Migrations: withMore(map[string]string{
			"0002_a.sql": "CREATE TABLE a (id TEXT PRIMARY KEY) STRICT;",
			"0003_b.sql": "CREATE TABLE b (id TEXT PRIMARY KEY) STRICT;",
		})}
		var nodes sync.WaitGroup
		for range 6 {
			nodes.Go(func() {
				db, err := Open(t.Context(), url, o)
				if err != nil {
					t.Error(err)
					return
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		nodes.Wait()
	})
}

func TestMigrationThatFails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		bad := withMore(map[string]string{"0002_bad.sql": "CREATE TABLE half (id TEXT PRIMARY KEY) STRICT;\nINSERT INTO nowhere VALUES (1);"})
		if _, err := Open(t.Context(), url, Options{Migrations: bad}); err == nil {
			t.Fatal("a migration that fails was accepted")
		}
		db := open(t, url, Options{Migrations: probe()})
		err := db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.exec(`SELECT id FROM half`)
			return err
		})
		if err == nil {
			t.Error("a migration that failed left its first table behind")
		}
	})
}

func TestTranslate(t *testing.T) {
	const master = "CREATE TABLE t (a INTEGER, b BLOB, integer_like TEXT, BLOBS TEXT) STRICT;"
	const want = "CREATE TABLE t (a BIGINT, b BYTEA, integer_like TEXT, BLOBS TEXT) ;"
	if got := string(translate([]byte(master))); got != want {
		t.Errorf("got %s", got)
	}
}

// TestSchemaWords: the schema keeps to the words that three replacements carry over to PostgreSQL.
func TestSchemaWords(t *testing.T) {
	names, err := fs.Glob(schema, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		t.Fatal("no migrations, so this test would prove nothing", err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(schema, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range strayWords(string(text)) {
			t.Errorf("%s: %q does not mean the same on both engines", name, word)
		}
		if strings.Count(string(text), "CREATE TABLE") != strings.Count(string(text), ") STRICT;") {
			t.Errorf("%s: a table is not STRICT", name)
		}
	}
	if strayWords("a REAL, b autoincrement -- REAL") == nil || strayWords("-- a REAL word\na TEXT") != nil {
		t.Error("strayWords does not see what it should")
	}
}

var (
	sqlComment = regexp.MustCompile(`--[^\n]*`)
	stray      = regexp.MustCompile(`(?i)\b(REAL|FLOAT|DOUBLE|NUMERIC|BOOLEAN|BOOL|TIMESTAMP|DATETIME|DATE|VARCHAR|SERIAL|ROWID|AUTOINCREMENT|COLLATE|NOW|CURRENT_TIMESTAMP|LIKE|LOWER)\b`)
)

func strayWords(text string) []string {
	return stray.FindAllString(sqlComment.ReplaceAllString(text, ""), -1)
}
