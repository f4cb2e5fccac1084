package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// TestSQLiteKilled kills a process that writes, again and again: every Write that it had acknowledged is there, and the
// pairs that a Write inserts are whole.
func TestSQLiteKilled(t *testing.T) {
	if path := os.Getenv("STORE_TEST_KILLED"); path != "" {
		writeUntilKilled(t, path)
	}
	path := filepath.Join(t.TempDir(), "db")
	for round := range 8 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSQLiteKilled$")
		cmd.Env = append(os.Environ(), "STORE_TEST_KILLED="+path, fmt.Sprintf("STORE_TEST_ROUND=%d", round))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var acknowledged []string
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if acknowledged = append(acknowledged, lines.Text()); len(acknowledged) == 20+13*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the writer ended by itself")
		}
		checkPairs(t, path, acknowledged)
	}
}

func checkPairs(t *testing.T, path string, acknowledged []string) {
	t.Helper()
	db, err := Open(t.Context(), path, Options{Migrations: probe()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found := ids(t, db)
	if len(found)%2 != 0 {
		t.Errorf("%d rows: half a Write is there", len(found))
	}
	for _, id := range acknowledged {
		if _, there := slices.BinarySearch(found, id+" a"); !there {
			t.Errorf("%s was acknowledged and is lost", id)
		}
	}
	if err := db.IntegrityCheck(t.Context()); err != nil {
		t.Error(err)
	}
}

// writeUntilKilled is the child: it prints each ID once its Write has returned.
func writeUntilKilled(t *testing.T, path string) {
	db, err := Open(t.Context(), path, Options{Migrations: probe()})
	if err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for n := range 100000 {
				id := fmt.Sprintf("%s/%d/%06d", os.Getenv("STORE_TEST_ROUND"), w, n)
				err := db.Write(context.Background(), func(tx *Tx) error {
					if err := insert(tx, id+" a"); err != nil {
						return err
					}
					return insert(tx, id+" b")
				})
				if err != nil {
					t.Error(err)
					return
				}
				fmt.Println(id)
			}
		})
	}
	writers.Wait()
}
