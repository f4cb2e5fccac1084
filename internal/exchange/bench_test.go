package exchange_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
	"porchlight.example/internal/testenv"
	"porchlight.example/ledger"
)

// BenchmarkAdmission decides on requests beside 10,000 and 1,000,000 past ones of 5,000 agencies, by turns, so that both
// have the same weather. An operation is one decision at each size: every rule of the default policy, the area, and the
// check against fishing. The past of both has the same pace, so that the longer one reaches back further and what lies near is
// the same; the town's own police and a sister agency ask there often.
func BenchmarkAdmission(b *testing.B) {
	for _, engine := range []struct {
		name string
		url  func() string
	}{
		{"sqlite", func() string { return filepath.Join(b.TempDir(), "porchlight.db") }},
		{"postgres", func() string { return testenv.Postgres(b) }},
	} {
		b.Run(engine.name, func(b *testing.B) {
			sizes := []int{10_000, 1_000_000}
			var worlds []*world
			for _, n := range sizes {
				url := engine.url()
				w := newWorld(b, url, disk(b), options{policies: [][]byte{policy.DefaultFile()}})
				w.publish(w.police, w.draft(0))
				began := time.Now()
				seedPast(b, w, url, n)
				b.Logf("%d past requests stored in %.0f s", n, time.Since(began).Seconds())
				worlds = append(worlds, w)
			}
			took, linked := make([][]time.Duration, len(sizes)), make([]int, len(sizes))
			draw := rand.New(rand.NewPCG(1, 2))
			for b.Loop() {
				for i, w := range worlds {
					in := someRequest(w, draw)
					began := time.Now()
					err := w.x.Decide(context.Background(), w.police.officer.id, in)
					took[i] = append(took[i], time.Since(began))
					if err != nil && !onlyFishing(err) {
						b.Fatal(err)
					} else if err != nil {
						linked[i]++
					}
				}
			}
			for i, n := range sizes {
				slices.Sort(took[i])
				b.ReportMetric(float64(quantile(took[i], 0.5).Microseconds()), fmt.Sprintf("µs-p50@%dk", n/1000))
				b.ReportMetric(float64(quantile(took[i], 0.99).Microseconds()), fmt.Sprintf("µs-p99@%dk", n/1000))
				b.ReportMetric(float64(linked[i])/float64(len(took[i])), fmt.Sprintf("refused@%dk", n/1000))
			}
			b.ReportMetric(float64(quantile(took[1], 0.5))/float64(quantile(took[0], 0.5)), "growth")
		})
	}
}

// onlyFishing reports whether a request was refused for what was asked before it alone.
func onlyFishing(err error) bool {
	var e *footage.Error
	return errors.As(err, &e) && len(e.Reasons) > 0 && !slices.ContainsFunc(e.Reasons, func(r footage.Reason) bool {
		return !strings.HasPrefix(r.Code, "linked_") && !strings.HasPrefix(r.Code, "spot_") && !strings.HasSuffix(r.Code, "_rate")
	})
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

// seedPublic publishes n requests all over the country, past every check, with entries in the record, and closes them if a
// status says so. It is how a test comes by many.
func (w *world) seedPublic(n int, status footage.RequestStatus) []footage.RequestID {
	w.t.Helper()
	ctx := context.Background()
	in := w.draft(0)
	raw := canonical(w.t, in.Document)
	officer, supervisor := assert(w.police.officer, footage.Officer, raw), assert(w.police.supervisor, footage.Supervisor, raw)
	draw := rand.New(rand.NewPCG(uint64(n), 3))
	var ids []footage.RequestID
	must(w.t, w.cfg.DB.Write(ctx, func(tx *store.Tx) error {
		ids = nil
		for i := range n {
			in.Document.Area = around(footage.Point{Lon: -120 + draw.Float64()*45, Lat: 30 + draw.Float64()*15}, 800)
			in.Document.Nonce = fmt.Sprintf("%016x%06x", i, n)
			canonical, err := in.Document.Canonical()
			if err != nil {
				return err
			}
			q := store.Request{ID: footage.RequestID(footage.Hash(canonical)), Agency: w.police.ID, Status: footage.Draft, Document: canonical,
				Private: in.Private, Author: w.police.officer.id, Created: w.now(), Closes: in.Document.Closes, Window: in.Document.Window}
			if err := w.publishRow(tx, q, officer, supervisor, status); err != nil {
				return err
			}
			ids = append(ids, q.ID)
		}
		return nil
	}))
	must(w.t, w.x.Integrate(ctx))
	return ids
}

func (w *world) publishRow(tx *store.Tx, q store.Request, officer, supervisor footage.Assertion, status footage.RequestStatus) error {
	index, at, err := tx.BumpLog(w.now())
	if err != nil {
		return err
	}
	entry, err := ledger.NewEntry(at, ledger.RequestPublished{Request: q.ID, Agency: q.Agency, Assertions: footage.Hash(nil)})
	if err != nil {
		return err
	}
	body, err := entry.Encode()
	if err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return tx.InsertLogEntry(index, string(entry.Kind), string(q.ID), body) },
		func() error { return tx.InsertRequest(q) },
		func() error { return tx.SignRequest(q.ID, officer) },
		func() error { return tx.ApproveRequest(q.ID, supervisor) },
		func() error { return tx.MoveRequest(q.ID, footage.Approved, footage.InModeration) },
		func() error { return tx.PublishRequest(q, w.now(), index, store.Place{}, nil) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	if status == footage.Published {
		return nil
	}
	return tx.CloseRequest(q.ID, status)
}

// BenchmarkRenderFeed renders the open requests beside 100,000 closed ones: once from nothing, once after a restart, and
// after one change, which is an operation. What the pages are made from is read with it.
func BenchmarkRenderFeed(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("open=%d", n), func(b *testing.B) { benchmarkRender(b, n) })
	}
}

func benchmarkRender(b *testing.B, n int) {
	url := filepath.Join(b.TempDir(), "porchlight.db")
	w := newWorld(b, url, disk(b), options{})
	ctx := context.Background()
	w.publish(w.police, w.draft(0))
	seedRequests(b, url, 100_000)
	expireSeeded(b, url)
	open := w.seedPublic(n, footage.Published)
	render := func() time.Duration {
		began := time.Now()
		_, err := w.x.RenderFeed(ctx, "https://town.example")
		must(b, err)
		_, err = w.x.Public(ctx)
		must(b, err)
		return time.Since(began)
	}
	first := render()
	must(b, w.reopen())
	second := render()
	i := 0
	for b.Loop() {
		b.StopTimer()
		must(b, w.cfg.DB.Write(ctx, func(tx *store.Tx) error { return w.closeRow(tx, open[i]) }))
		i++
		must(b, w.x.Integrate(ctx))
		b.StartTimer()
		render()
	}
	b.ReportMetric(first.Seconds(), "s-from-nothing")
	b.ReportMetric(second.Seconds(), "s-after-restart")
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc>>20), "MiB-heap")
	runtime.KeepAlive(w)
}

// expireSeeded closes the seeded requests that are open: their documents are copies.
func expireSeeded(b *testing.B, url string) {
	b.Helper()
	db, err := sql.Open("sqlite", url)
	must(b, err)
	defer db.Close()
	_, err = db.Exec(`UPDATE request SET status = 'expired' WHERE status = 'published' AND agency LIKE 'agency-%'`)
	must(b, err)
}

func (w *world) closeRow(tx *store.Tx, id footage.RequestID) error {
	index, at, err := tx.BumpLog(w.now())
	if err != nil {
		return err
	}
	entry, err := ledger.NewEntry(at, ledger.RequestClosed{Request: id, Status: footage.StatusExpired})
	if err != nil {
		return err
	}
	body, err := entry.Encode()
	if err != nil {
		return err
	}
	if err := tx.InsertLogEntry(index, string(entry.Kind), string(id), body); err != nil {
		return err
	}
	return tx.CloseRequest(id, footage.StatusExpired)
}
