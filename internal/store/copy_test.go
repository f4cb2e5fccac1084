package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store/storetest"
)

func TestBackupOfARunningDatabase(t *testing.T) { each(t, backupWhileWriting) }

func backupWhileWriting(t *testing.T, db *DB) {
	dir := t.TempDir()
	stop, stopped := make(chan struct{}), make(chan struct{})
	wrote := make(chan struct{}, 1000)
	go func() { // two rows per transaction, so that a torn copy would show an odd number
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			err := db.Write(context.Background(), func(tx *Tx) error {
				return errors.Join(insert(tx, fmt.Sprintf("%06da", i)), insert(tx, fmt.Sprintf("%06db", i)))
			})
			if err != nil {
				t.Error(err)
			}
			select {
			case wrote <- struct{}{}:
			default:
			}
		}
	}()
	<-wrote
	copied := filepath.Join(dir, "copy")
	err := db.Backup(t.Context(), copied)
	close(stop)
	<-stopped
	if err != nil {
		t.Fatal(err)
	}
	wantKind(t, db.Backup(t.Context(), copied), footage.Conflict)
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	restored := openProbe(t, copied)
	if err := restored.IntegrityCheck(t.Context()); err != nil {
		t.Error(err)
	}
	if n := len(ids(t, restored)); n == 0 || n%2 != 0 {
		t.Errorf("the copy has %d rows", n)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestBackupFails(t *testing.T) { each(t, failToBackUp) }

func failToBackUp(t *testing.T, db *DB) {
	dir := t.TempDir()
	if err := db.Backup(t.Context(), filepath.Join(dir, "nowhere", "copy")); err == nil {
		t.Error("a backup into a folder that does not exist")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Backup(ended, filepath.Join(dir, "copy")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "copy*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// TestSQLiteDamage: a page of noise in the midst of the file is found.

// whole is a row with every sort of value.
type whole struct {
	ID   string
	N    int64
	Note string
	Body []byte
	Null bool // the body is NULL, which drivers do not tell from no bytes
	Name *string
}

func wholes(t *testing.T, db *DB) (all []whole) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *Tx) (err error) {
		all, err = queryAll(tx, func(r *sql.Rows) (w whole, err error) {
			err = r.Scan(&w.ID, &w.N, &w.Note, &w.Body, &w.Null, &w.Name)
			return w, err
		}, `SELECT id, n, note, body, CASE WHEN body IS NULL THEN 1 ELSE 0 END, name FROM engine_probe ORDER BY id`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A backup of either engine fills an empty database of either engine with the same rows, or is refused.
func TestCopyFromBackup(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		name := "named"
		var want []whole
		for i := range 200 { // more than one statement takes
			want = append(want, whole{ID: fmt.Sprintf("%03d", i), N: int64(i) - 5, Note: "ünï\n'\"", Body: []byte{0, byte(i), 255}})
		}
		want[7].Name, want[8].Body, want[8].Null, want[9].N, want[10].Body = &name, nil, true, math.MaxInt64, []byte{}
		write(t, db, func(tx *Tx) error {
			for _, w := range want {
				var named any
				if w.Name != nil {
					named = *w.Name
				}
				var body any
				if !w.Null {
					body = w.Body
				}
				if _, err := tx.exec(`INSERT INTO engine_probe (id, n, note, body, name) VALUES ($1, $2, $3, $4, $5)`, w.ID, w.N, w.Note, body, named); err != nil {
					return err
				}
			}
			return nil
		})
		file := filepath.Join(t.TempDir(), "backup")
		if err := db.Backup(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		backup := openProbe(t, file)
		storetest.Each(t, func(t *testing.T, url string) {
			target := open(t, url, Options{Migrations: probe()})
			if err := target.CopyFrom(t.Context(), backup, "engine_probe"); err != nil {
				t.Fatal(err)
			}
			wantIDs(t, target)
			if err := target.CopyFrom(t.Context(), backup); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, wholes(t, target), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			wantKind(t, target.CopyFrom(t.Context(), backup), footage.Conflict)
			if n := len(ids(t, target)); n != len(want) {
				t.Errorf("after the refusal there are %d rows", n)
			}
		})
	})
}

// What fails in the midst leaves an empty database behind.
func TestCopyFromIsAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		source := openProbe(t, filepath.Join(t.TempDir(), "source"))
		write(t, source, big)
		target := open(t, url, Options{Migrations: probe()})
		ctx, cancel := context.WithCancel(t.Context())
		err := target.Write(ctx, func(to *Tx) error {
			defer cancel()
			return source.Read(ctx, func(tx *Tx) error {
				return errors.Join(table{"engine_probe", []string{"id"}}.copyRows(tx, to), errors.New("cut off"))
			})
		})
		if err == nil {
			t.Fatal("no error")
		}
		wantIDs(t, target)
	})
}
