package exchange_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/testenv"
)

// BenchmarkAdmission decides on requests beside 10,000 and 100,000 past ones of 500 agencies, by turns, so that both have
// the same weather. An operation is one decision at each size.
func BenchmarkAdmission(b *testing.B) {
	for _, engine := range []struct {
		name string
		url  func() string
	}{
		{"sqlite", func() string { return filepath.Join(b.TempDir(), "porchlight.db") }},
		{"postgres", func() string { return testenv.Postgres(b) }},
	} {
		b.Run(engine.name, func(b *testing.B) {
			sizes := []int{10_000, 100_000}
			var worlds []*world
			for _, n := range sizes {
				url := engine.url()
				w := newWorld(b, url, disk(b), options{})
				w.publish(w.police, w.draft(0))
				seedRequests(b, url, n)
				worlds = append(worlds, w)
			}
			took := make([][]time.Duration, len(sizes))
			draw := rand.New(rand.NewPCG(1, 2))
			for b.Loop() {
				for i, w := range worlds {
					in := someRequest(w, draw)
					began := time.Now()
					err := w.x.Decide(context.Background(), w.police.officer.id, in)
					took[i] = append(took[i], time.Since(began))
					must(b, err)
				}
			}
			for i, n := range sizes {
				slices.Sort(took[i])
				b.ReportMetric(float64(quantile(took[i], 0.5).Microseconds()), fmt.Sprintf("µs-p50@%dk", n/1000))
				b.ReportMetric(float64(quantile(took[i], 0.99).Microseconds()), fmt.Sprintf("µs-p99@%dk", n/1000))
			}
			b.ReportMetric(float64(quantile(took[1], 0.5))/float64(quantile(took[0], 0.5)), "growth")
		})
	}
}

// quantile returns a value of a sorted list.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// someRequest returns a request of a new investigation, somewhere in the town.
func someRequest(w *world, draw *rand.Rand) api.DraftRequest {
	in := w.draft(0)
	in.Private.Place = town.At(draw.Float64()*3000-1500, draw.Float64()*2000-1000)
	in.Document.Area = square(in.Private.Place, 0.05+draw.Float64()*0.3)
	in.Private.CaseNumber, in.Document.Code = fmt.Sprint("N", draw.Int64()), fmt.Sprintf("MLPD-%d", draw.Int64N(1e12))
	return bind(in)
}

// seedRequests stores past requests of 500 agencies, one in a hundred of them open. The SQL makes them itself, so that a
// hundred thousand take seconds; the multiplier scatters IDs and codes over their indexes as hashes do.
func seedRequests(b *testing.B, url string, n int) {
	b.Helper()
	driver := "sqlite"
	if strings.HasPrefix(url, "postgres:") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, url)
	must(b, err)
	defer db.Close()
	numbers := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)`, n)
	const scattered = `substr(CAST(10000000000 + (i * 7919999993) % 10000000000 AS TEXT), 2)`
	id := scattered + ` || '` + strings.Repeat("0", 54) + `'`
	agency := `'agency-' || substr(CAST(1000 + i % 500 AS TEXT), 2)`
	for _, statement := range []string{
		`INSERT INTO agency (id, body, since) ` + numbers + ` SELECT ` + agency + `, (SELECT min(body) FROM agency), 1 FROM n WHERE i <= 500`,
		`INSERT INTO request (id, agency, status, document, private, case_key, code, author, created, published, closes, window_from,
				window_to, square_metres, log_index, head) ` + numbers + `
			SELECT ` + id + `, ` + agency + `, CASE WHEN i % 100 = 0 THEN 'published' ELSE 'expired' END, (SELECT document FROM request LIMIT 1), '{}',
				` + scattered + ` || 'case', 'M1PD' || ` + scattered + `, (SELECT min(author) FROM request), i, i + 1, i, i, i, 1000, i, ` + id + ` FROM n`,
		`INSERT INTO request_cell (request, lo, hi) ` + numbers + `
			SELECT ` + id + `, i * 7919 + c, i * 7919 + c FROM n, (SELECT 0 AS c UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) four`,
		`ANALYZE`,
	} {
		_, err := db.Exec(statement)
		must(b, err)
	}
}
