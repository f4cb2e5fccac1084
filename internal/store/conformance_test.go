package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store/storetest"
)

// probe is a schema for tests of the engine alone.
func probe() fs.FS {
	return fstest.MapFS{"0001_probe.sql": {Data: []byte(`-- +goose Up
CREATE TABLE engine_probe (
	id   TEXT PRIMARY KEY,
	n    INTEGER NOT NULL DEFAULT 0,
	note TEXT NOT NULL DEFAULT '',
	body BLOB,
	name TEXT UNIQUE
) STRICT;
-- +goose Down
DROP TABLE engine_probe;
`)}}
}

// each runs a test on both engines with the probe's schema.
func each(t *testing.T, test func(t *testing.T, db *DB)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, url string) { test(t, open(t, url, Options{Migrations: probe()})) })
}

func write(t *testing.T, db *DB, fn func(*Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func insert(tx *Tx, id string) error {
	_, err := tx.exec(`INSERT INTO engine_probe (id) VALUES ($1)`, id)
	return err
}

// column reads one value.
func column[T any](r *sql.Rows) (v T, err error) {
	err = r.Scan(&v)
	return v, err
}

// ids returns what is in the database.
func ids(t *testing.T, db *DB) (all []string) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *Tx) (err error) {
		all, err = queryAll(tx, column[string], `SELECT id FROM engine_probe ORDER BY id`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wantIDs(t *testing.T, db *DB, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, ids(t, db)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func wantKind(t *testing.T, err error, want footage.Kind) {
	t.Helper()
	if got := footage.KindOf(err); got != want || err == nil {
		t.Errorf("kind %q of %v, want %q", got, err, want)
	}
}

func TestCommitAndRollback(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		write(t, db, func(tx *Tx) error { return insert(tx, "kept") })
		refused := errors.New("refused by the rule")
		err := db.Write(t.Context(), func(tx *Tx) error { return errors.Join(insert(tx, "lost"), refused) })
		if !errors.Is(err, refused) {
			t.Errorf("Write returned %v", err)
		}
		wantIDs(t, db, "kept")
	})
}

func TestReadYourWrites(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		write(t, db, func(tx *Tx) error {
			if err := insert(tx, "a"); err != nil {
				return err
			}
			got, err := queryOne(tx, column[string], `SELECT id FROM engine_probe`)
			if got != "a" {
				t.Errorf("read %q inside the transaction", got)
			}
			return err
		})
	})
}

func TestReadIsASnapshot(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		count := func(tx *Tx) int {
			n, err := queryOne(tx, column[int], `SELECT count(*) FROM engine_probe`)
			if err != nil {
				t.Error(err)
			}
			return n
		}
		err := db.Read(t.Context(), func(tx *Tx) error {
			before := count(tx)
			write(t, db, func(tx *Tx) error { return insert(tx, "meanwhile") })
			if after := count(tx); after != before {
				t.Errorf("a Read saw %d rows, then %d", before, after)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		wantIDs(t, db, "meanwhile")
	})
}

func TestReadCannotWrite(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		wantKind(t, db.Read(t.Context(), func(tx *Tx) error { return insert(tx, "a") }), footage.Unavailable)
		wantIDs(t, db)
	})
}

// TestCounterLosesNothing: two writers read, add and write back. Were one of them not run again after a conflict, an
// addition would be lost.
func TestCounterLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		write(t, db, func(tx *Tx) error { return insert(tx, "counter") })
		const rounds = 50
		var writers sync.WaitGroup
		for range 2 {
			writers.Go(func() {
				for range rounds {
					if err := db.Write(context.Background(), addOne); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		wantCounter(t, db, 2*rounds)
	})
}

func addOne(tx *Tx) error {
	n, err := queryOne(tx, column[int], `SELECT n FROM engine_probe WHERE id = 'counter'`)
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE engine_probe SET n = $1 WHERE id = 'counter'`, n+1)
}

func wantCounter(t *testing.T, db *DB, want int) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *Tx) error {
		n, err := queryOne(tx, column[int], `SELECT n FROM engine_probe WHERE id = 'counter'`)
		if n != want {
			t.Errorf("the counter stands at %d, want %d", n, want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestHeadUnderContention is how the log grows: the head is moved by compare and swap, then the entry is inserted under
// the number that it gave. 64 writers at once leave no gap and no number twice.
func TestHeadUnderContention(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		write(t, db, func(tx *Tx) error { return insert(tx, "counter") })
		var writers sync.WaitGroup
		for range 64 {
			writers.Go(func() {
				err := db.Write(context.Background(), func(tx *Tx) error {
					n, err := queryOne(tx, column[int], `SELECT n FROM engine_probe WHERE id = 'counter'`)
					if err != nil {
						return err
					}
					if err := tx.execOne(`UPDATE engine_probe SET n = $1 WHERE id = 'counter' AND n = $2`, n+1, n); err != nil {
						return err
					}
					return insert(tx, fmt.Sprintf("entry %02d", n))
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		writers.Wait()
		wantCounter(t, db, 64)
		if got := ids(t, db); len(got) != 65 || got[1] != "entry 00" || got[64] != "entry 63" {
			t.Errorf("entries: %q", got)
		}
	})
}

func TestUniqueIsConflict(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		write(t, db, func(tx *Tx) error {
			_, err := tx.exec(`INSERT INTO engine_probe (id, name) VALUES ($1, $2)`, "a", "name")
			return err
		})
		wantKind(t, db.Write(t.Context(), func(tx *Tx) error { return insert(tx, "a") }), footage.Conflict)
		wantKind(t, db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.exec(`INSERT INTO engine_probe (id, name) VALUES ($1, $2)`, "b", "name")
			return err
		}), footage.Conflict)
	})
}

func TestAbsentAndUnchanged(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		write(t, db, func(tx *Tx) error {
			_, err := queryOne(tx, column[string], `SELECT id FROM engine_probe`)
			wantKind(t, err, footage.NotFound)
			wantKind(t, tx.execOne(`UPDATE engine_probe SET n = 1 WHERE id = $1`, "x"), footage.Conflict)
			return insert(tx, "still") // neither ends the transaction
		})
		wantIDs(t, db, "still")
		write(t, db, func(tx *Tx) error { return insert(tx, "two") })
		err := db.Write(t.Context(), func(tx *Tx) error { return tx.execOne(`UPDATE engine_probe SET n = 1`) })
		if err == nil || footage.KindOf(err) != "" {
			t.Errorf("a statement for one row that changed two: %v", err)
		}
	})
}

// TestSwallowedError: after a failed statement the transaction is lost on both engines, whatever the function makes of it.
func TestSwallowedError(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		write(t, db, func(tx *Tx) error { return insert(tx, "a") })
		err := db.Write(t.Context(), func(tx *Tx) error {
			_ = insert(tx, "b")
			_ = insert(tx, "a")
			wantKind(t, insert(tx, "c"), footage.Conflict)
			return nil
		})
		wantKind(t, err, footage.Conflict)
		wantIDs(t, db, "a")
	})
}

// TestPlaceholderOrder: some SQLite drivers number $2, $1 by appearance, which would swap data in silence.
func TestPlaceholderOrder(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		write(t, db, func(tx *Tx) error {
			_, err := tx.exec(`INSERT INTO engine_probe (note, id) VALUES ($2, $1)`, "first", "second")
			return err
		})
		err := db.Read(t.Context(), func(tx *Tx) error {
			note, err := queryOne(tx, column[string], `SELECT note FROM engine_probe WHERE note = $2 AND id = $1 AND id = $1`, "first", "second")
			if note != "second" {
				t.Errorf("read %q", note)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestValues(t *testing.T) {
	type id string
	big := bytes.Repeat([]byte{0, 1, 0xff, '\''}, 1<<18)
	moment := time.Date(2027, 3, 14, 1, 59, 26, 535897000, time.UTC)
	each(t, func(t *testing.T, db *DB) {
		for _, c := range []struct {
			name          string
			n, note, body any
			wantN         int64
			wantNote      string
			wantBody      []byte
		}{
			{"blob of 1 MiB", 1, "", big, 1, "", big},
			{"no blob", 1, "", nil, 1, "", nil},
			{"unicode", 1, "ñandú 警察 🎥 e\u0301 \u202e", nil, 1, "ñandú 警察 🎥 e\u0301 \u202e", nil},
			{"quotes", 1, `'"\$1;--`, nil, 1, `'"\$1;--`, nil},
			{"limits", int64(math.MinInt64), "", nil, math.MinInt64, "", nil},
			{"time", moment, "", nil, moment.UnixMicro(), "", nil},
			{"zero time", time.Time{}, "", nil, 0, "", nil},
			{"truth", true, "", nil, 1, "", nil},
			{"untruth", false, "", nil, 0, "", nil},
			{"named types", time.Duration(7), id("s-1"), nil, 7, "s-1", nil},
		} {
			write(t, db, func(tx *Tx) error {
				_, err := tx.exec(`INSERT INTO engine_probe (id, n, note, body) VALUES ($1, $2, $3, $4)`, c.name, c.n, c.note, c.body)
				return err
			})
			err := db.Read(t.Context(), func(tx *Tx) error {
				_, err := queryOne(tx, func(r *sql.Rows) (_ struct{}, err error) {
					var n int64
					var note string
					var body []byte
					err = r.Scan(&n, &note, &body)
					if n != c.wantN || note != c.wantNote || !bytes.Equal(body, c.wantBody) {
						t.Errorf("%s: read %d, %q, %d bytes", c.name, n, note, len(body))
					}
					return struct{}{}, err
				}, `SELECT n, note, body FROM engine_probe WHERE id = $1`, c.name)
				return err
			})
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})
}

func TestRefusedValues(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		for _, bad := range []string{"a\x00b", "\xff", strings.Repeat("x", 10) + "\xc3"} {
			wantKind(t, db.Write(t.Context(), func(tx *Tx) error { return insert(tx, bad) }), footage.Invalid)
		}
		err := db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.exec(`INSERT INTO engine_probe (id, n) VALUES ($1, $2)`, "a", 1.5)
			return err
		})
		if err == nil {
			t.Error("a float was bound")
		}
		wantIDs(t, db)
	})
}

func TestMicros(t *testing.T) {
	for _, at := range []time.Time{{}, time.Date(2026, 11, 21, 19, 0, 0, 1000, time.UTC), time.Date(1969, 7, 20, 20, 17, 40, 0, time.UTC)} {
		if got := fromMicros(micros(at)); !got.Equal(at) || got.Location() != time.UTC {
			t.Errorf("%v became %v", at, got)
		}
	}
}

func TestContext(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		fn := func(tx *Tx) error { return insert(tx, "a") }
		for name, err := range map[string]error{"write": db.Write(ended, fn), "read": db.Read(ended, fn)} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s with an ended context: %v", name, err)
			}
		}
		midst, cancel := context.WithCancel(t.Context())
		err := db.Write(midst, func(tx *Tx) error {
			if err := insert(tx, "a"); err != nil {
				t.Error(err)
			}
			cancel()
			return insert(tx, "b")
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("write whose context ended in the midst: %v", err)
		}
		write(t, db, func(tx *Tx) error { return insert(tx, "alive") })
		wantIDs(t, db, "alive")
	})
}

func TestPanic(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		func() {
			defer func() {
				if recover() != "a fault" {
					t.Error("the panic was swallowed")
				}
			}()
			_ = db.Write(t.Context(), func(tx *Tx) error {
				_ = insert(tx, "lost")
				panic("a fault")
			})
		}()
		write(t, db, func(tx *Tx) error { return insert(tx, "alive") })
		wantIDs(t, db, "alive")
	})
}

func TestClosed(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		if err := errors.Join(db.Close(), db.Close()); err != nil {
			t.Fatal(err)
		}
		fn := func(*Tx) error { return nil }
		for name, err := range map[string]error{
			"write": db.Write(t.Context(), fn), "read": db.Read(t.Context(), fn), "ping": db.Ping(t.Context()),
			"backup": db.Backup(t.Context(), t.TempDir()+"/copy"), "check": db.IntegrityCheck(t.Context()),
		} {
			if footage.KindOf(err) != footage.Unavailable {
				t.Errorf("%s after Close: %v", name, err)
			}
		}
	})
}

// TestCloseWaits: what has begun is finished, what comes later is refused, and nothing is left between.
func TestCloseWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url, Options{Migrations: probe()})
		var writers sync.WaitGroup
		var mu sync.Mutex
		var kept []string
		begun := make(chan struct{}, 100)
		for i := range 20 {
			writers.Go(func() {
				for n := range 1000 {
					id := fmt.Sprintf("%02d/%04d", i, n)
					err := db.Write(context.Background(), func(tx *Tx) error { return insert(tx, id) })
					if err != nil {
						wantKind(t, err, footage.Unavailable)
						return
					}
					mu.Lock()
					kept = append(kept, id)
					mu.Unlock()
					select {
					case begun <- struct{}{}:
					default:
					}
				}
			})
		}
		<-begun
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		writers.Wait()
		found := map[string]bool{}
		for _, id := range ids(t, open(t, url, Options{Migrations: probe()})) {
			found[id] = true
		}
		for _, id := range kept {
			if !found[id] {
				t.Errorf("%s was acknowledged and is lost", id)
			}
		}
	})
}

func TestBusyWithNeighbours(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		refused := errors.New("refused")
		var writers sync.WaitGroup
		for i := range 100 {
			writers.Go(func() {
				err := db.Write(context.Background(), func(tx *Tx) error {
					if err := insert(tx, fmt.Sprint(i)); err != nil || i%2 == 0 {
						return err
					}
					return refused
				})
				if i%2 == 0 && err != nil || i%2 == 1 && !errors.Is(err, refused) {
					t.Errorf("writer %d: %v", i, err)
				}
			})
		}
		writers.Wait()
		got := ids(t, db)
		for _, id := range got {
			if strings.ContainsAny(id[len(id)-1:], "13579") {
				t.Errorf("%s was refused and is there", id)
			}
		}
		if len(got) != 50 {
			t.Errorf("%d rows, want 50", len(got))
		}
	})
}
