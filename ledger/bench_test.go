package ledger_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"porchlight.example/ledger"
)

// benchSize is the size of the log that benchmarks read; PORCHLIGHT_BENCH_LOG=1000000 is what the goals speak of.
func benchSize(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv("PORCHLIGHT_BENCH_LOG"))
	if err != nil {
		return 20_000
	}
	return n
}

func benchLog(b *testing.B) *testLog {
	b.Helper()
	l := newLog(b)
	for left := benchSize(b); left > 0; left -= 50_000 {
		l.append(min(left, 50_000))
	}
	b.ResetTimer()
	return l
}

// BenchmarkIntegrate appends groups of entries, durably, up to a signed and durable checkpoint.
func BenchmarkIntegrate(b *testing.B) {
	for _, group := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("group=%d", group), func(b *testing.B) {
			l := newLog(b)
			l.append(1000)
			for b.Loop() {
				l.append(group)
			}
			b.ReportMetric(float64(b.N*group)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

func BenchmarkProveInclusion(b *testing.B) {
	l := benchLog(b)
	cp, i := l.checkpoint(), int64(0)
	for b.Loop() {
		i = (i + 7919) % l.tree.Size
		if _, err := ledger.ProveInclusion(b.Context(), l.dir, cp, i); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkProveInclusionCached proves by tiles that are kept up to 4 MiB, as the exchange does: entries everywhere in the log,
// and the newest ones.
func BenchmarkProveInclusionCached(b *testing.B) {
	for name, span := range map[string]int64{"anywhere": 1 << 40, "newest": 20_000} {
		b.Run(name, func(b *testing.B) {
			l := benchLog(b)
			cp, i, span := l.checkpoint(), int64(0), min(span, l.tree.Size)
			src := ledger.NewCache(l.dir, 4<<20)
			for b.Loop() {
				i = (i + 7919) % span
				if _, err := ledger.ProveInclusion(b.Context(), src, cp, l.tree.Size-1-i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerifyInclusion(b *testing.B) {
	l := benchLog(b)
	p, err := ledger.ProveInclusion(b.Context(), l.dir, l.checkpoint(), 4242)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := p.Verify(l.entries[4242], l.vkey); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	l := benchLog(b)
	for b.Loop() {
		if _, err := ledger.Check(b.Context(), l.dir, l.vkey); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(l.tree.Size)/b.Elapsed().Seconds(), "entries/s")
}
