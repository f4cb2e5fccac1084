package exchange_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// BenchmarkAppend measures the public record (P5): entries of 600 bytes, each in a transaction of its own as every use case
// makes them, from several writers. Durable is until the transaction is on the disk, while the record is integrated every ten
// milliseconds; published, which is what use cases wait for, is until a signed checkpoint that everybody can fetch holds it.
func BenchmarkAppend(b *testing.B) {
	for _, until := range []string{"durable", "published"} {
		for _, writers := range []int{1, 16, 256} {
			b.Run(fmt.Sprintf("until=%s/writers=%d", until, writers), func(b *testing.B) {
				db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "porchlight.db"), store.Options{})
				must(b, err)
				defer db.Close()
				x := realClock(b, newWorld(b, filepath.Join(b.TempDir(), "first.db"), disk(b), options{}).cfg, db)
				appendAs := x.RecordAlone
				stop := func() {}
				if until == "published" {
					appendAs = x.RecordAndIntegrate
				} else {
					stop = integrating(b, x)
				}
				benchmarkAppends(b, writers, appendAs)
				stop()
			})
		}
	}
}

// BenchmarkAppendGrown measures the same from 16 writers as the record grows to the size that PORCHLIGHT_BENCH_LOG names. In a
// folder in memory, which TMPDIR may name, it shows what the work alone costs, without a disk's flushes.
func BenchmarkAppendGrown(b *testing.B) {
	most, err := strconv.Atoi(os.Getenv("PORCHLIGHT_BENCH_LOG"))
	if err != nil {
		most = 10_000
	}
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "porchlight.db"), store.Options{})
	must(b, err)
	defer db.Close()
	x := realClock(b, newWorld(b, filepath.Join(b.TempDir(), "first.db"), disk(b), options{}).cfg, db)
	size := int64(0)
	for _, to := range []int64{10_000, 100_000, 1_000_000} {
		if to > int64(most) {
			break
		}
		size = grow(b, x, size, to)
		b.Run(fmt.Sprintf("until=durable/entries=%d", to), func(b *testing.B) { benchmarkAppends(b, 16, x.RecordAlone) })
		must(b, x.Integrate(b.Context()))
		b.Run(fmt.Sprintf("until=published/entries=%d", to), func(b *testing.B) { benchmarkAppends(b, 16, x.RecordAndIntegrate) })
	}
}

// grow appends entries from one size to another.
func grow(b *testing.B, x *exchange.Exchange, from, to int64) int64 {
	var next atomic.Int64
	next.Store(from)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for i := next.Add(1); i <= to; i = next.Add(1) {
				if err := x.RecordAlone(context.Background(), someFact(i)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	must(b, x.Integrate(b.Context()))
	return to
}

// realClock makes an exchange with the keys of cfg whose entries bear the time of the day.
func realClock(b *testing.B, cfg exchange.Config, db *store.DB) *exchange.Exchange {
	cfg.DB, cfg.Bucket, cfg.Now = db, disk(b), nil
	guard, err := exchange.NewGuard(filepath.Join(b.TempDir(), "guard"))
	must(b, err)
	cfg.Guard = guard
	x, err := exchange.Create(b.Context(), cfg, "Town", origin, footage.RelyingParty{ID: "town.example", Origin: "https://town.example"}, true, rules(nil))
	must(b, err)
	return x
}

// integrating integrates the record every ten milliseconds until stop is called, which waits for the last time.
func integrating(b *testing.B, x *exchange.Exchange) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			must(b, x.Integrate(context.WithoutCancel(ctx)))
			<-tick.C
		}
	})
	return func() { cancel(); done.Wait() }
}

func benchmarkAppends(b *testing.B, writers int, appendAs func(context.Context, ledger.Fact) error) {
	var next atomic.Int64
	var all sync.WaitGroup
	took := make([][]time.Duration, writers)
	b.ResetTimer()
	for w := range writers {
		all.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				began := time.Now()
				if err := appendAs(context.Background(), someFact(i)); err != nil {
					b.Error(err)
				}
				took[w] = append(took[w], time.Since(began))
			}
		})
	}
	all.Wait()
	b.StopTimer()
	sorted := slices.Sorted(slices.Values(slices.Concat(took...)))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(quantile(sorted, 0.5).Seconds()*1e3, "ms-p50")
	b.ReportMetric(quantile(sorted, 0.99).Seconds()*1e3, "ms-p99")
}

// someFact is a fact whose entry has 600 bytes, as those of the peers have.
func someFact(i int64) ledger.Fact {
	return ledger.PolicyAdopted{Name: fmt.Sprintf("%0415d", i), SHA256: strings.Repeat("0f", 32), InForce: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
}
