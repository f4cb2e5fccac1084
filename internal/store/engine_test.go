package store

import (
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store/storetest"
)

func open(t testing.TB, url string, o Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestOpenOwnSchema(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url, Options{})
		err := db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.exec("INSERT INTO job (name, due) VALUES ($1, $2)", "sweep", 1)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if err := db.IntegrityCheck(t.Context()); err != nil {
			t.Error(err)
		}
		err = db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.exec("INSERT INTO job (name, due) VALUES ($1, $2)", "sweep", 1)
			return err
		})
		if footage.KindOf(err) != footage.Conflict {
			t.Error(err)
		}
	})
}

func TestOpenRefusesOtherDatabases(t *testing.T) {
	for _, url := range []string{"mysql://root@localhost/porchlight", "file:///tmp/x.db", "://"} {
		db, err := Open(t.Context(), url, Options{})
		if footage.KindOf(err) != footage.Invalid {
			t.Errorf("Open(%q): %v, %v", url, db, err)
		}
	}
}
