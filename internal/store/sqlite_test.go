package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/testenv"
)

func openProbe(t *testing.T, path string) *DB {
	t.Helper()
	return open(t, path, Options{Migrations: probe(), Patience: 300 * time.Millisecond})
}

func TestSQLiteFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	db := openProbe(t, "sqlite:"+filepath.Join(dir, "porch?light #1 100%.db"))
	write(t, db, func(tx *Tx) error { return insert(tx, "a") })
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 3 {
		t.Fatalf("files %q, want the database, its log and the log's index (%v)", files, err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, files[0]: 0o600, files[1]: 0o600, files[2]: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, want mode %v", path, info, want)
		}
	}
}

func TestSQLiteSettings(t *testing.T) {
	db := openProbe(t, filepath.Join(t.TempDir(), "db"))
	for pragma, want := range map[string]int{"synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "temp_store": 2} {
		write(t, db, func(tx *Tx) error {
			got, err := queryOne(tx, column[int], "pragma "+pragma)
			if got != want {
				t.Errorf("%s is %d, want %d", pragma, got, want)
			}
			return err
		})
	}
	write(t, db, func(tx *Tx) error {
		mode, err := queryOne(tx, column[string], "pragma journal_mode")
		if mode != "wal" {
			t.Errorf("journal_mode is %s", mode)
		}
		return err
	})
}

// TestScrub: what was overwritten is in none of the files any more, though the database stays open.
func TestScrub(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	db := openProbe(t, path)
	secret := "quetzal feathers"
	holds := func() (in []string) {
		files, err := filepath.Glob(path + "*")
		if err != nil || len(files) < 2 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(raw, []byte(secret)) {
				in = append(in, filepath.Base(file))
			}
		}
		return in
	}
	write(t, db, func(tx *Tx) error { return insert(tx, secret) })
	write(t, db, func(tx *Tx) error {
		_, err := tx.exec(`DELETE FROM engine_probe`)
		return err
	})
	if len(holds()) == 0 {
		t.Fatal("the text was never there, so this would prove nothing")
	}
	if err := db.Scrub(t.Context()); err != nil || len(holds()) > 0 {
		t.Errorf("after scrubbing it is in %q (%v)", holds(), err)
	}
}

func TestSQLiteCannotOpen(t *testing.T) {
	dir := t.TempDir()
	noise := filepath.Join(dir, "noise")
	if err := os.WriteFile(noise, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]footage.Kind{
		noise:                        footage.Invalid,
		dir:                          footage.Unavailable, // a folder
		filepath.Join(noise, "data"): footage.Unavailable, // below a file: no folder can be made there
	} {
		if _, err := Open(t.Context(), path, Options{Migrations: probe()}); err == nil || footage.KindOf(err) != want {
			t.Errorf("%s: kind %q of %v, want %q", path, footage.KindOf(err), err, want)
		}
	}
}

// holdTurn runs a Write that keeps the turn until release is called, so that others gather behind it.
func holdTurn(t *testing.T, db *DB) (release func()) {
	t.Helper()
	holds, free, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		err := db.Write(context.Background(), func(tx *Tx) error {
			close(holds)
			<-free
			return insert(tx, "holder")
		})
		if err != nil {
			t.Error(err)
		}
	}()
	<-holds
	return func() { close(free); <-done }
}

// awaitQueue returns when n writers wait for the turn.
func awaitQueue(db *DB, n int) {
	g := db.engine.(*liteEngine).group
	for {
		g.mu.Lock()
		waiting := len(g.queue)
		g.mu.Unlock()
		if waiting == n {
			return
		}
		runtime.Gosched()
	}
}

// TestGroupSharesACommit: what waits together is committed together, and one that fails undoes itself alone.
func TestGroupSharesACommit(t *testing.T) {
	db := openProbe(t, filepath.Join(t.TempDir(), "db"))
	g := db.engine.(*liteEngine).group
	release := holdTurn(t, db)
	refused := errors.New("refused")
	batches := make(chan *batch, 4)
	var writers sync.WaitGroup
	for i, want := range []error{nil, refused, nil, footage.Conflict} {
		writers.Go(func() {
			err := db.Write(context.Background(), func(tx *Tx) error {
				batches <- g.open // ours to read: we have the turn
				if err := insert(tx, fmt.Sprint(i)); err != nil || want == nil {
					return err
				}
				if want == refused {
					return refused
				}
				return insert(tx, fmt.Sprint(i)) // a statement that fails
			})
			if !errors.Is(err, want) {
				t.Errorf("writer %d: %v, want %v", i, err, want)
			}
		})
		awaitQueue(db, i+1)
	}
	release()
	writers.Wait()
	wantIDs(t, db, "0", "2", "holder")
	first := <-batches
	for range 3 {
		if b := <-batches; b != first || b.size != 5 {
			t.Errorf("a batch of %d, want one of 5 for all", b.size)
		}
	}
}

// TestGroupCommitFails: when the shared commit fails, nobody is told otherwise.
func TestGroupCommitFails(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "db"), Options{Migrations: withMore(map[string]string{
		"0002_child.sql": "CREATE TABLE child (parent TEXT REFERENCES engine_probe (id) DEFERRABLE INITIALLY DEFERRED) STRICT;",
	})})
	release := holdTurn(t, db)
	var writers sync.WaitGroup
	for i, query := range []string{`INSERT INTO engine_probe (id) VALUES ($1)`, `INSERT INTO child (parent) VALUES ($1)`} {
		writers.Go(func() {
			err := db.Write(context.Background(), func(tx *Tx) error {
				_, err := tx.exec(query, "nobody's")
				return err
			})
			if i == 1 && err != nil {
				t.Errorf("with its parent in the same batch: %v", err)
			}
		})
		awaitQueue(db, i+1)
	}
	release()
	writers.Wait()

	errs := make(chan error, 2)
	held := make(chan struct{})
	go func() {
		errs <- db.Write(context.Background(), func(tx *Tx) error {
			close(held)
			awaitQueue(db, 1)
			return insert(tx, "innocent")
		})
	}()
	<-held
	errs <- db.Write(context.Background(), func(tx *Tx) error {
		_, err := tx.exec(`INSERT INTO child (parent) VALUES ('orphan')`)
		return err
	})
	for range 2 {
		if err := <-errs; err == nil {
			t.Error("a Write succeeded whose commit failed")
		}
	}
	write(t, db, func(tx *Tx) error { return insert(tx, "alive") })
	wantIDs(t, db, "alive", "holder", "nobody's")
}

// TestGroupLeaves: who stops waiting leaves the queue, and those behind go on.
func TestGroupLeaves(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "db"), Options{Migrations: probe()})
	release := holdTurn(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for i, c := range []context.Context{ctx, t.Context()} {
		writers.Go(func() {
			err := db.Write(c, func(tx *Tx) error { return insert(tx, fmt.Sprint(i)) })
			if i == 0 && !errors.Is(err, context.Canceled) || i == 1 && err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
		awaitQueue(db, i+1)
	}
	cancel()
	awaitQueue(db, 1)
	release()
	writers.Wait()
	wantIDs(t, db, "1", "holder")
}

// TestSQLiteLocked: another process holds the lock.
func TestSQLiteLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	db, other := openProbe(t, path), openProbe(t, path)
	release := holdTurn(t, other)
	fn := func(tx *Tx) error { return insert(tx, "a") }
	wantKind(t, db.Write(t.Context(), fn), footage.Unavailable)
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := db.Write(short, fn); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a context that ends before the patience: %v", err)
	}
	wantIDs(t, db) // reading goes on
	release()
	write(t, db, fn)
	wantIDs(t, db, "a", "holder")
}

// TestSQLiteFull: a database that may not grow refuses, keeps what it has, and goes on when there is room again.
func TestSQLiteFull(t *testing.T) {
	db := openProbe(t, filepath.Join(t.TempDir(), "db"))
	limit := func(pages int) {
		write(t, db, func(tx *Tx) error {
			_, err := tx.exec(fmt.Sprintf("pragma max_page_count = %d", pages))
			return err
		})
	}
	write(t, db, func(tx *Tx) error { return insert(tx, "kept") })
	limit(64)
	wantKind(t, db.Write(t.Context(), big), footage.Full)
	write(t, db, func(tx *Tx) error { return insert(tx, "small") })
	limit(1 << 20)
	write(t, db, big)
	wantIDs(t, db, "big", "kept", "small")
}

// big inserts a row of 4 MiB.
func big(tx *Tx) error {
	_, err := tx.exec(`INSERT INTO engine_probe (id, body) VALUES ($1, $2)`, "big", bytes.Repeat([]byte{7}, 4<<20))
	return err
}

// TestSQLiteDiskFull is the same with a file system that is really full.
func TestSQLiteDiskFull(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", dir).CombinedOutput(); err != nil {
		testenv.Skip(t, fmt.Sprintf("cannot mount a small file system: %v %s", err, out))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	db := openProbe(t, filepath.Join(dir, "db"))
	write(t, db, func(tx *Tx) error { return insert(tx, "kept") })
	for range 3 {
		wantKind(t, db.Write(t.Context(), big), footage.Full)
	}
	wantIDs(t, db, "kept")
}

func TestSQLiteDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	db := openProbe(t, path)
	write(t, db, func(tx *Tx) error {
		for i := range 2000 {
			if err := insert(tx, fmt.Sprintf("row %d", i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(db.IntegrityCheck(t.Context()), db.Close()); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	middle := len(raw) / 2 / 4096 * 4096
	copy(raw[middle:], bytes.Repeat([]byte{0x5a}, 4096))
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	wantKind(t, openProbe(t, path).IntegrityCheck(t.Context()), footage.Untrusted)
}

// TestSQLiteOrphan: a row whose parent is gone is found.
func TestSQLiteOrphan(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "db"), Options{Migrations: withMore(map[string]string{
		"0002_child.sql": "CREATE TABLE child (parent TEXT REFERENCES engine_probe (id)) STRICT;",
	})})
	conn := db.engine.(*liteEngine).group.conn
	for _, query := range []string{"pragma foreign_keys = 0", "insert into child values ('nobody')", "pragma foreign_keys = 1"} {
		if err := conn.do(query); err != nil {
			t.Fatal(err)
		}
	}
	wantKind(t, db.IntegrityCheck(t.Context()), footage.Untrusted)
}
