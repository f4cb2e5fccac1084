package exchange_test

import (
	"context"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// verifyDays checks every path of a chain with nothing but the pinned key, as agency, resident and defence do.
func (w *world) verifyDays(chain []footage.Event, days []evidence.CustodyDay) []string {
	w.t.Helper()
	var out []string
	for _, d := range days {
		day, err := d.Verify(chain, w.cfg.Keys.LogVerifier)
		must(w.t, err)
		out = append(out, day.Format(time.DateOnly))
	}
	return out
}

func TestEachPartyGetsTheDaysOfItsOwnChain(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		p, _ := w.send(w.police, id)
		other, _ := w.send(w.police, id)
		w.release()
		w.steps(w.police, p.Share, footage.EventPickedUp)
		if d, err := w.x.Delivery(ctx, w.police.custodian.id, p.Share); err != nil || len(d.Days) != 0 || d.Days == nil {
			t.Fatalf("a day's paths came before the day was over: %v, %v", d.Days, err)
		}
		w.advance(24 * time.Hour)
		w.steps(w.police, p.Share, footage.EventOpened)
		w.advance(24 * time.Hour)
		must(t, w.x.RootCustody(ctx))

		d, err := w.x.Delivery(ctx, w.police.custodian.id, p.Share)
		must(t, err)
		box, err := w.x.Mailbox(ctx, p.credential)
		must(t, err)
		for party, days := range map[string][]string{"agency": w.verifyDays(d.Events, d.Days), "resident": w.verifyDays(box.Events, box.Days)} {
			if len(days) != 2 || days[0] != "2026-11-18" || days[1] != "2026-11-19" {
				t.Errorf("the %s has paths of %v; want of both days", party, days)
			}
		}
		foreign, err := w.x.Mailbox(ctx, other.credential)
		must(t, err)
		if days := w.verifyDays(foreign.Events, foreign.Days); len(days) != 1 {
			t.Errorf("the other share has paths of %v; its chain grew on one day", days)
		}
		if _, err := d.Days[0].Verify(foreign.Events, w.cfg.Keys.LogVerifier); err == nil {
			t.Error("one chain's path holds for another chain")
		}
	})
}

// TestLateEventsAreRooted: an event that is dated on a day whose root is made already comes under the next one's.
func TestLateEventsAreRooted(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	p, _ := w.send(w.police, w.publish(w.police, w.draft(0)))
	w.release()
	w.clock.Store(time.Date(2026, 11, 18, 23, 58, 0, 0, time.UTC).UnixMicro())
	e, err := w.event(w.police, p.Share, footage.EventPickedUp, nil)
	must(t, err)
	w.advance(5 * time.Minute)
	must(t, w.x.RootCustody(ctx))
	must(t, w.x.RecordEvent(ctx, w.police.custodian.id, e))
	w.advance(48 * time.Hour)
	must(t, w.x.RootCustody(ctx))
	d, err := w.x.Delivery(ctx, w.police.custodian.id, p.Share)
	must(t, err)
	days := w.verifyDays(d.Events, d.Days)
	if len(days) != 2 || d.Days[1].Seq != e.Seq {
		t.Fatalf("paths of days %v, the last for event %d; want event %d under the second day", days, d.Days[len(d.Days)-1].Seq, e.Seq)
	}
}

// TestDaysTellNoCount: a day without shares and one with many have entries of one size, one a day.
func TestDaysTellNoCount(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	id := w.publish(w.police, w.draft(0))
	w.advance(24 * time.Hour)
	for range 12 {
		w.send(w.police, id)
	}
	w.advance(48 * time.Hour)
	must(t, w.x.RootCustody(ctx))
	must(t, w.x.RootCustody(ctx)) // changes nothing
	head, err := w.x.Checkpoint(ctx)
	must(t, err)
	checkpoint, err := ledger.OpenCheckpoint([]byte(head.Checkpoint), w.cfg.Keys.LogVerifier)
	must(t, err)
	sizes := map[int]int{}
	for i := range checkpoint.Size {
		raw, err := ledger.ReadEntry(ctx, objects{w.x}, checkpoint.Tree, i)
		must(t, err)
		entry, err := ledger.DecodeEntry(raw)
		must(t, err)
		if fact, err := entry.Fact(); err != nil {
			t.Fatal(err)
		} else if root, ok := fact.(ledger.CustodyRoot); ok {
			sizes[len(raw)]++
			if root.Leaves != 1<<14 {
				t.Errorf("%s has %d leaves", root.Date, root.Leaves)
			}
		}
	}
	if len(sizes) != 1 {
		t.Errorf("custody roots have entries of the sizes %v; want three of one size", sizes)
	}
	for size, n := range sizes {
		if n != 3 {
			t.Errorf("there are %d custody roots of %d bytes; want three, one a day", n, size)
		}
	}
}

// objects reads the public record as anybody can.
type objects struct {
	x interface {
		LogObject(context.Context, string) ([]byte, error)
	}
}

func (o objects) Get(ctx context.Context, key string) ([]byte, error) { return o.x.LogObject(ctx, key) }
