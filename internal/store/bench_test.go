package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"porchlight.example/internal/testenv"
)

// BenchmarkWrite measures durable Writes per second on SQLite, each of one row of 300 bytes, beside the rate at which
// the same disk, in the same moment, syncs a file that grew by a page.
func BenchmarkWrite(b *testing.B) {
	for _, writers := range []int{1, 4, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			dir := b.TempDir()
			benchmarkWriters(b, open(b, filepath.Join(dir, "db"), Options{Migrations: probe()}), writers)
			limit := syncRate(b, dir)
			b.ReportMetric(limit, "fsync/s")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/limit, "writes/fsync")
		})
	}
}

// BenchmarkPostgresWrite is the same on PostgreSQL, whose test server does not sync: it shows our cost, not the disk's.
func BenchmarkPostgresWrite(b *testing.B) {
	for _, writers := range []int{1, 16} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			benchmarkWriters(b, open(b, testenv.Postgres(b), Options{Migrations: probe()}), writers)
		})
	}
}

// BenchmarkRead reads one row by its key on SQLite.
func BenchmarkRead(b *testing.B) {
	db := open(b, filepath.Join(b.TempDir(), "db"), Options{Migrations: probe()})
	if err := db.Write(b.Context(), func(tx *Tx) error { return insert(tx, "a") }); err != nil {
		b.Fatal(err)
	}
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			err := db.Read(b.Context(), func(tx *Tx) error {
				_, err := queryOne(tx, column[string], `SELECT id FROM engine_probe WHERE id = $1`, "a")
				return err
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkOpen opens a database that is up to date: part of the time until a server is ready.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "db")
	for b.Loop() {
		db, err := Open(b.Context(), path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkWriters(b *testing.B, db *DB, writers int) {
	body := make([]byte, 300)
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range writers {
		all.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				err := db.Write(context.Background(), func(tx *Tx) error {
					_, err := tx.exec(`INSERT INTO engine_probe (id, body) VALUES ($1, $2)`, fmt.Sprintf("%012d", i), body)
					return err
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
}

// syncRate appends pages to a file for a quarter of a second, each with a sync of its own.
func syncRate(b *testing.B, dir string) float64 {
	f, err := os.Create(filepath.Join(dir, "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	began, n := time.Now(), 0
	for ; time.Since(began) < 250*time.Millisecond; n++ {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return float64(n) / time.Since(began).Seconds()
}
