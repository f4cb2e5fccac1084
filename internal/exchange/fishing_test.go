package exchange_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/store"
	"porchlight.example/internal/store/storetest"
	"porchlight.example/ledger"
)

// at returns a request of an investigation of its own for an area so far east and north of the town's center.
func (w *world) at(east, north, squareMiles float64) api.DraftRequest {
	in := w.fresh()
	in.Private.Place = town.At(east, north)
	in.Document.Area = square(in.Private.Place, squareMiles)
	return bind(in)
}

// ofCase makes a request one of another's investigation, by any spelling of its number.
func ofCase(in api.DraftRequest, number, code string) api.DraftRequest {
	in.Private.CaseNumber, in.Document.Code, in.Document.Changed = number, code, "We now know where the car went."
	return bind(in)
}

// reasonOf returns the reason of a code that an error holds.
func reasonOf(err error, code string) (footage.Reason, bool) {
	var e *footage.Error
	if !errors.As(err, &e) {
		return footage.Reason{}, false
	}
	i := slices.IndexFunc(e.Reasons, func(r footage.Reason) bool { return r.Code == code })
	if i < 0 {
		return footage.Reason{}, false
	}
	return e.Reasons[i], true
}

// width is the side of a square of so many square miles, in meters.
func width(squareMiles float64) float64 { return math.Sqrt(squareMiles * geo.SquareMile) }

// TestB2CaseVariants: the second area of an investigation is refused however its case number is written, the refusal names
// the first, and a draft of somebody else is never named.
func TestB2CaseVariants(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := context.Background()
		first := w.publish(w.police, ofCase(w.at(-1000, 0, 0.3), "24-0012", "MLPD-24-0012"))
		_, err := w.x.Draft(ctx, w.police.officer.id, ofCase(w.at(1000, 0, 0.1), "24-0012", "MLPD-24-0012")) // stays a draft
		must(t, err)
		for _, number := range []string{"24-0012", "24 0012", "24-0012A", "24 0012a", "２４－００１２", "24–0012", "24.0012-b", "2४-0012", "24-ОО12"} {
			_, err := w.x.Draft(ctx, w.police.officer.id, ofCase(w.at(-1000+width(0.3), 0, 0.3), number, "MLPD-OTHER"))
			reason, ok := reasonOf(err, "investigation_tiled")
			if !ok || !slices.Equal(reason.Linked, []footage.RequestID{first}) {
				t.Errorf("%s: %v (%v)", number, err, reason.Linked)
			}
		}
		_, err = w.x.Draft(ctx, w.police.officer.id, ofCase(w.at(-1000+width(0.3), 0, 0.3), "24-0013", "MLPD-OTHER"))
		if _, ok := reasonOf(err, "investigation_tiled"); ok {
			t.Error("another case is taken for the same:", err)
		}
	})
}

// TestDecidedAgainWhenPublishing: of two requests that were both handed in while nothing was public, the second is refused
// when it is cleared.
func TestDecidedAgainWhenPublishing(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := context.Background()
		first := w.submitted(w.police, ofCase(w.at(-1000, 0, 0.3), "24-0012", "MLPD-24-0012"))
		second := w.submitted(w.police, ofCase(w.at(-1000+width(0.3), 0, 0.3), "24 0012a", "MLPD-24-0012"))
		must(t, w.x.Clear(ctx, w.moderator.id, string(first)))
		err := w.x.Clear(ctx, w.moderator.id, string(second))
		if reason, ok := reasonOf(err, "investigation_tiled"); !ok || !slices.Equal(reason.Linked, []footage.RequestID{first}) {
			t.Error(err)
		}
	})
}

// rendezvous makes the first two who ask for the time wait for each other, so that both transactions have begun, and have
// seen a past without the other, before either goes on.
type rendezvous struct {
	mu   sync.Mutex
	came int
	both chan struct{}
}

func (r *rendezvous) wait() {
	r.mu.Lock()
	r.came++
	n := r.came
	if n == 2 {
		close(r.both)
	}
	r.mu.Unlock()
	if n < 2 {
		<-r.both
	}
}

// TestTwoAtOnce: two approved requests that may not both be public are published at the same moment, and one of them is.
// On PostgreSQL both transactions look at the past before either writes.
func TestTwoAtOnce(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		for round := range 3 {
			number := fmt.Sprintf("77-%04d", round)
			north := float64(round-1) * 1200
			var ids []footage.RequestID
			for i := range 2 {
				ids = append(ids, w.submitted(w.police, ofCase(w.at(-1500+width(0.3)*float64(i), north, 0.3), number, "MLPD-"+number)))
			}
			cfg := w.cfg
			if w.cfg.DB.Dialect() == store.Postgres {
				meet := &rendezvous{both: make(chan struct{})}
				cfg.Now = func() time.Time { meet.wait(); return w.now() }
				meet.came = -1 << 30 // not while it opens
				x, err := exchange.Open(t.Context(), cfg)
				must(t, err)
				meet.came = 0
				w.x = x
			}
			errs := make([]error, 2)
			var both sync.WaitGroup
			for i, id := range ids {
				both.Go(func() { errs[i] = w.x.Clear(context.Background(), w.moderator.id, string(id)) })
			}
			both.Wait()
			must(t, w.reopen())
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("round %d: %v, %v; want one published and one refused", round, errs[0], errs[1])
			}
			if _, ok := reasonOf(errors.Join(errs...), "investigation_tiled"); !ok {
				t.Error(errors.Join(errs...))
			}
		}
	})
}

// TestLinkedInPublic: a request that belongs together with earlier ones says so in the public record and in the feed; of
// drafts nothing is said anywhere.
func TestLinkedInPublic(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := context.Background()
		waiting := w.approved(w.police, w.at(-1000, 0, 0.1))
		first := w.publish(w.police, w.at(-1000, 0, 0.2))
		fire := w.agency(town.Agencies()[1])
		in := w.at(-1000+width(0.2), 0, 0.2)
		in.Document.Agency, in.Document.AgencyName = fire.ID, fire.Name
		second := w.publish(fire, in)
		apart := w.publish(w.police, w.at(1500, 0, 0.2))
		p, err := w.x.PublicRequest(ctx, second)
		must(t, err)
		if !slices.Equal(p.Linked, []footage.RequestID{first}) {
			t.Errorf("linked to %v, want %v", p.Linked, first)
		}
		for _, id := range []footage.RequestID{first, apart} {
			if p, err := w.x.PublicRequest(ctx, id); err != nil || len(p.Linked) > 0 {
				t.Error(p.Linked, err)
			}
		}
		b, err := w.x.Bundle(ctx, second)
		must(t, err)
		raw, err := b.Encode()
		must(t, err)
		if !strings.Contains(string(raw), string(first)) || strings.Contains(string(raw), string(waiting)) {
			t.Error("the proofs of a linked request do not name the other, or name a draft")
		}
		var fact ledger.RequestPublished
		must(t, w.cfg.DB.Read(ctx, func(tx *store.Tx) error {
			raw, err := tx.LogEntry(p.LogIndex)
			if err != nil {
				return err
			}
			entry, err := ledger.DecodeEntry(raw)
			if err != nil {
				return err
			}
			f, err := entry.Fact()
			fact = f.(ledger.RequestPublished)
			return err
		}))
		if !slices.Equal(fact.Linked, p.Linked) {
			t.Error("the record says", fact.Linked)
		}
	})
}

// TestB4AcrossAgencies: the third of three adjoining areas is refused though each is another agency's turn.
func TestB4AcrossAgencies(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		fire := w.agency(town.Agencies()[1])
		w.publish(w.police, w.at(-1200, 0, 0.4))
		in := w.at(-1200+width(0.4), 0, 0.4)
		in.Document.Agency, in.Document.AgencyName = fire.ID, fire.Name
		w.publish(fire, in)
		_, err := w.x.Draft(context.Background(), w.police.officer.id, w.at(-1200+2*width(0.4), 0, 0.4))
		if reason, ok := reasonOf(err, "linked_tiled"); !ok || len(reason.Linked) != 2 {
			t.Error(err)
		}
	})
}

// TestRatesAreCounted: what an officer and an agency published counts, and what they drafted does not (B10).
func TestRatesAreCounted(t *testing.T) {
	limits := map[string]float64{"officer_requests_per_day": 2, "agency_requests_per_day": 3, "agency_requests_per_month": 4, "camera_hours_per_month": 3}
	each(t, options{policies: [][]byte{rules(limits)}}, func(t *testing.T, w *world) {
		ctx := context.Background()
		other := w.enrol(w.police.ID, footage.Officer)
		spots := [][2]float64{{-1900, -900}, {0, -900}, {1900, -900}, {-1900, 900}, {0, 900}, {1900, 900}}
		try := func(by person, i int, want string) {
			t.Helper()
			a := *w.police
			a.officer = by
			in := w.at(spots[i][0], spots[i][1], 0.05)
			in.Document.Window = footage.Window{From: w.now().Add(-8 * time.Hour).Truncate(time.Second), To: w.now().Add(-2 * time.Hour).Truncate(time.Second)} // 0.3 sq mi × h
			in.Document.Closes = w.now().Add(48 * time.Hour).Truncate(time.Second)
			err := w.x.Decide(ctx, by.id, in)
			if want != "" {
				if _, ok := reasonOf(err, want); !ok {
					t.Errorf("request %d: %v, want %s", i, err, want)
				}
				return
			}
			must(t, err)
			w.approved(&a, w.at(spots[i][0], spots[i][1]+100, 0.05)) // stays a draft
			w.publish(&a, in)
		}
		try(w.police.officer, 0, "")
		try(w.police.officer, 1, "")
		try(w.police.officer, 2, "officer_rate")
		try(other, 2, "")
		try(other, 3, "agency_day_rate")
		w.advance(25 * time.Hour)
		try(other, 3, "")
		try(other, 4, "agency_month_rate")
		w.advance(31 * 24 * time.Hour)
		try(other, 4, "")
		big := w.at(0, 0, 0.3)
		big.Document.Window = footage.Window{From: w.now().Add(-12 * time.Hour).Truncate(time.Second), To: w.now().Add(-2 * time.Hour).Truncate(time.Second)} // 3 sq mi × h
		big.Document.Closes = w.now().Add(48 * time.Hour).Truncate(time.Second)
		if reason, ok := reasonOf(w.x.Decide(ctx, other.id, big), "camera_hours_spent"); !ok || reason.Value != "3.3 sq mi × h" {
			t.Error(reason)
		}
	})
}

// TestFishingInAnOldDatabase: requests that were published by an older program count once this one has opened the database.
func TestFishingInAnOldDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url, disk(t), options{})
		w.publish(w.police, w.at(-1000, 0, 0.4))
		w.publish(w.police, w.at(-1000+width(0.4), 0, 0.4))
		driver := "sqlite"
		if strings.HasPrefix(url, "postgres:") {
			driver = "pgx"
		}
		db, err := sql.Open(driver, url)
		must(t, err)
		_, err = db.Exec(`DELETE FROM request_spot`)
		must(t, errors.Join(err, db.Close()))
		third := w.at(-1000+2*width(0.4), 0, 0.4)
		if err := w.x.Decide(context.Background(), w.police.officer.id, third); err != nil {
			t.Fatal("nothing was forgotten, so this would prove nothing:", err)
		}
		must(t, w.reopen())
		if _, ok := reasonOf(w.x.Decide(context.Background(), w.police.officer.id, third), "linked_tiled"); !ok {
			t.Error("what an older program published does not count")
		}
	})
}
