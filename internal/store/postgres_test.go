package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/testenv"
)

// TestPostgresRestart: the server dies in the midst of a transaction and comes back. The function runs again, and what
// it does is there once.
func TestPostgresRestart(t *testing.T) {
	server := testenv.StartPostgres(t)
	db := open(t, server.Database(t), Options{Migrations: probe()})
	write(t, db, func(tx *Tx) error { return insert(tx, "before") })
	runs := 0
	write(t, db, func(tx *Tx) error {
		runs++
		if err := insert(tx, "during"); err != nil {
			return err
		}
		if runs == 1 {
			server.Kill(t)
			server.Start(t)
		}
		_, err := queryAll(tx, column[string], `SELECT id FROM engine_probe`)
		return err
	})
	if runs < 2 {
		t.Errorf("the function ran %d times", runs)
	}
	wantIDs(t, db, "before", "during")

	server.Kill(t)
	impatient := *db.engine.(*pgEngine)
	impatient.patience = 50 * time.Millisecond
	wantKind(t, impatient.write(t.Context(), func(tx *Tx) error { return insert(tx, "never") }), footage.Unavailable)
	wantKind(t, db.Ping(t.Context()), footage.Unavailable)
	server.Start(t)
	wantIDs(t, db, "before", "during") // dead connections in the pool are no hindrance
}

// cutter is a server's address that loses connections when a commit passes through.
type cutter struct {
	server  string
	forward bool // pass the commit on before cutting the connection
	armed   atomic.Bool
}

// start listens until the test ends and returns the address.
func (c *cutter) start(t *testing.T) net.Addr {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go c.serve(client)
		}
	}()
	return listener.Addr()
}

func (c *cutter) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", c.server)
	if err != nil {
		return
	}
	defer server.Close()
	go io.Copy(client, server)
	buf := make([]byte, 1<<16)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if bytes.Contains(buf[:n], []byte("commit\x00")) && c.armed.CompareAndSwap(true, false) {
			client.Close()
			if c.forward {
				server.Write(buf[:n])
				io.Copy(io.Discard, server) // until the other direction has seen the answer go nowhere
			}
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// TestPostgresCommitUnknown: the connection is lost during the commit. Whether it came through cannot be known, so the
// function is not run again and the error says so.
func TestPostgresCommitUnknown(t *testing.T) {
	for name, forward := range map[string]bool{"committed": true, "lost": false} {
		t.Run(name, func(t *testing.T) {
			address, err := url.Parse(testenv.Postgres(t))
			if err != nil {
				t.Fatal(err)
			}
			q := address.Query()
			c := &cutter{server: filepath.Join(q.Get("host"), ".s.PGSQL.5432"), forward: forward}
			host, port, _ := net.SplitHostPort(c.start(t).String())
			q.Set("host", host)
			q.Set("port", port)
			q.Set("sslmode", "disable")
			address.RawQuery = q.Encode()
			db := open(t, address.String(), Options{Migrations: probe()})
			runs := 0
			c.armed.Store(true)
			err = db.Write(t.Context(), func(tx *Tx) error { runs++; return insert(tx, "a") })
			wantKind(t, err, footage.Unavailable)
			var told *footage.Error
			if !errors.As(err, &told) || told.Code != "commit_unknown" || runs != 1 {
				t.Errorf("%d runs, %v", runs, err)
			}
			err = db.Write(t.Context(), func(tx *Tx) error { return insert(tx, "a") })
			if forward {
				wantKind(t, err, footage.Conflict)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestPostgresConflict: the row is changed between reading and writing it, so the function runs again and sees the new one.
func TestPostgresConflict(t *testing.T) {
	db := open(t, testenv.Postgres(t), Options{Migrations: probe()})
	write(t, db, func(tx *Tx) error { return insert(tx, "counter") })
	runs := 0
	write(t, db, func(tx *Tx) error {
		n, err := queryOne(tx, column[int], `SELECT n FROM engine_probe WHERE id = 'counter'`)
		if err != nil {
			return err
		}
		if runs++; runs == 1 {
			write(t, db, addOne)
		}
		return tx.execOne(`UPDATE engine_probe SET n = $1 WHERE id = 'counter'`, n+1)
	})
	if runs != 2 {
		t.Errorf("the function ran %d times, want 2", runs)
	}
	wantCounter(t, db, 2)
}

// TestPostgresWriteSkew: two Writes each see that there is nobody yet and each add one. Only serializable transactions
// notice; the second must run again and see the first.
func TestPostgresWriteSkew(t *testing.T) {
	db := open(t, testenv.Postgres(t), Options{Migrations: probe()})
	addIfNone := func(id string, between func()) func(*Tx) error {
		return func(tx *Tx) error {
			n, err := queryOne(tx, column[int], `SELECT count(*) FROM engine_probe`)
			if err != nil || n > 0 {
				return err
			}
			between()
			return insert(tx, id)
		}
	}
	first := true
	write(t, db, addIfNone("slow", func() {
		if first {
			first = false
			write(t, db, addIfNone("quick", func() {}))
		}
	}))
	wantIDs(t, db, "quick")
}

// TestPostgresEndless: a conflict that never ends is given up after the patience.
func TestPostgresEndless(t *testing.T) {
	db := open(t, testenv.Postgres(t), Options{Migrations: probe(), Patience: 100 * time.Millisecond})
	write(t, db, func(tx *Tx) error { return insert(tx, "counter") })
	err := db.Write(t.Context(), func(tx *Tx) error {
		if _, err := queryAll(tx, column[int], `SELECT n FROM engine_probe`); err != nil {
			return err
		}
		write(t, db, addOne)
		return addOne(tx)
	})
	wantKind(t, err, footage.Unavailable)
}

// TestPostgresPoolExhausted: whoever gets no connection is told after the patience, or when its own context ends.
func TestPostgresPoolExhausted(t *testing.T) {
	db := open(t, testenv.Postgres(t), Options{Migrations: probe(), Patience: 100 * time.Millisecond, Connections: 2})
	nothing := func(*Tx) error { return nil }
	err := db.Read(t.Context(), func(*Tx) error {
		return db.Read(t.Context(), func(*Tx) error {
			wantKind(t, db.Write(t.Context(), nothing), footage.Unavailable)
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			if err := db.Write(ctx, nothing); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
}

func TestPostgresCannotOpen(t *testing.T) {
	live := testenv.Postgres(t)
	for address, want := range map[string]footage.Kind{
		"postgres://user:hunter2@host:notaport/db":                 footage.Invalid,
		"postgres:///x?user=app&host=" + t.TempDir():               footage.Unavailable,
		strings.Replace(live, "///postgres", "///nowhere", 1):      footage.Unavailable,
		live + "&synchronous_commit=off":                           footage.Invalid,
		strings.Replace(live, "user=app", "user=stranger", 1):      footage.Unavailable,
		live + "&options=-c%20default_transaction_read_only%3Don":  footage.Unavailable,
		live + "&options=-c%20no_such_setting_at_all_in_pg%3Dtrue": "",
	} {
		_, err := Open(t.Context(), address, Options{Migrations: probe()})
		if err == nil || footage.KindOf(err) != want {
			t.Errorf("%s: kind %q of %v, want %q", address, footage.KindOf(err), err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password is in the error: %v", err)
		}
	}
}

func TestPostgresIntegrityCheck(t *testing.T) {
	db := open(t, testenv.Postgres(t), Options{Migrations: probe()})
	write(t, db, big)
	if err := db.IntegrityCheck(t.Context()); err != nil {
		t.Error(err)
	}
}
