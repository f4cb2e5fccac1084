package audit_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/audit"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// BenchmarkAudit takes in a whole record, as an audit that begins does: every entry fetched, proven, decoded, held against the
// rules and kept. The record is that of fifty agencies with an entry each half minute: of each request a moderator's decision, its
// publication and its end, every fourth is held first, each hour a state, each day a custody root. Texts are apart.
//
// With PORCHLIGHT_BENCH_DIR the record stays there, so that a second run measures the memory of the audit alone.
func BenchmarkAudit(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("PORCHLIGHT_BENCH_LOG"))
	if err != nil {
		n = 20_000
	}
	dir := os.Getenv("PORCHLIGHT_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	key, end := longRecord(b, dir, n)
	srv := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer srv.Close()
	for b.Loop() {
		a, err := audit.Open(b.Context(), audit.Config{Base: srv.URL, Trust: evidence.Trust{Verifier: key}, Dir: b.TempDir(), Now: func() time.Time { return end }})
		must(b, err)
		found, err := a.FollowAlone(b.Context())
		must(b, err)
		if len(found) > 0 {
			b.Fatalf("%d findings, the first: %+v", len(found), found[0])
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(peakMB(b), "MB-peak")
}

// peakMB is the most memory that this process has had, in MB.
func peakMB(b *testing.B) float64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), "VmHWM:")
	kB, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	must(b, err)
	return kB / 1024
}

// longRecord writes a record of so many entries into a folder, unless one is there, and returns its key and the time of its end.
func longRecord(b *testing.B, dir string, n int) (key string, end time.Time) {
	b.Helper()
	name := filepath.Join(dir, "bench.txt")
	if raw, err := os.ReadFile(name); err == nil {
		var at int64
		_, err := fmt.Sscan(string(raw), &key, &at)
		must(b, err)
		return key, time.Unix(at, 0).UTC()
	}
	f, c := newForged(b), newCast(b)
	f.dir = ledger.Dir(dir)
	var present ledger.Present
	at, tree, agencies := noon, ledger.EmptyTree(), 50
	write := func(fact ledger.Fact) {
		must(b, present.Take(fact))
		f.add(at, fact)
	}
	flush := func() {
		var err error
		tree, err = ledger.Integrate(b.Context(), f.dir, tree, f.entries)
		must(b, err)
		f.entries = f.entries[:0]
	}
	must(b, present.Take(f.first))
	for _, fact := range c.office() {
		write(fact)
	}
	for i := range agencies {
		a := c.agency
		a.ID, a.Body = footage.AgencyID(fmt.Sprintf("agency-%d", i)), footage.BodyID(fmt.Sprintf("body-%d", i))
		s := c.statement(a, nil)
		custodian := c.member(a.ID, footage.Custodian)
		epoch := c.epoch(1, custodian.Person)
		epoch.Epoch.Agency = a.ID
		for _, fact := range []ledger.Fact{ledger.AgencyRegistered{Agency: a}, custodian.PersonEnrolled, s, c.approval(s, c.operator, nil), epoch} {
			write(fact)
		}
	}
	commitment := api.Encode(make([]byte, 32))
	for i := 0; present.Size() < int64(n); i++ {
		id, agency := footage.RequestID(footage.Hash([]byte(strconv.Itoa(i)))), footage.AgencyID(fmt.Sprintf("agency-%d", i%agencies))
		before := at
		at = at.Add(2 * time.Minute / time.Duration(max(1, n/200_000))) // within the year for which the agencies are verified
		if i%4 == 0 {
			write(ledger.ModerationDecided{Agency: agency, Outcome: footage.OutcomeHeld, Reason: footage.ReasonUnclear, Commitment: commitment})
		}
		write(ledger.ModerationDecided{Agency: agency, Outcome: footage.OutcomeCleared, Commitment: commitment, Request: id})
		write(ledger.RequestPublished{Request: id, Agency: agency, Assertions: someHash})
		if i >= 1000 { // as many are open
			write(ledger.RequestClosed{Request: footage.RequestID(footage.Hash([]byte(strconv.Itoa(i - 1000)))), Status: footage.StatusExpired})
		}
		if at.Truncate(time.Hour) != before.Truncate(time.Hour) {
			hash, err := present.Hash(at)
			must(b, err)
			write(ledger.State{Size: present.Size(), SHA256: hash})
		}
		if at.Truncate(24*time.Hour) != before.Truncate(24*time.Hour) {
			write(ledger.CustodyRoot{Date: before.Format(time.DateOnly), Root: someHash, Leaves: 1 << 14})
		}
		if len(f.entries) > 50_000 {
			flush()
		}
	}
	flush()
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: "town.example/porchlight", Tree: tree}, f.signer)
	must(b, err)
	must(b, f.dir.Put(b.Context(), ledger.CheckpointKey, signed))
	must(b, os.WriteFile(name, fmt.Appendf(nil, "%s %d\n", f.key, at.Unix()), 0o600))
	return f.key, at
}
