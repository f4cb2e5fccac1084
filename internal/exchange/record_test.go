package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// head returns the record's head.
func (w *world) head() store.LogHead {
	w.t.Helper()
	head, err := w.x.Checkpoint(context.Background())
	must(w.t, err)
	return head
}

// checkRecord reads the whole record as a stranger does, from the published checkpoint on, and returns its entries.
func (w *world) checkRecord() []ledger.Entry {
	w.t.Helper()
	ctx := context.Background()
	raw, err := w.x.LogObject(ctx, ledger.CheckpointKey)
	must(w.t, err)
	checkpoint, err := ledger.OpenCheckpoint(raw, w.cfg.Keys.LogVerifier)
	must(w.t, err)
	if head := w.head(); checkpoint.Size != head.Size || head.Integrated != head.Size {
		w.t.Errorf("%d entries are published, %d integrated, %d committed", checkpoint.Size, head.Integrated, head.Size)
	}
	var all []ledger.Entry
	for i := range checkpoint.Size {
		raw, err := ledger.ReadEntry(ctx, objects{w.x}, checkpoint.Tree, i)
		must(w.t, err)
		e, err := ledger.DecodeEntry(raw)
		must(w.t, err)
		if i > 0 && e.At.Before(all[i-1].At) {
			w.t.Errorf("entry %d is dated %s, before the one in front of it", i, e.At)
		}
		all = append(all, e)
	}
	return all
}

// TestFactAndEntryTogether makes the entry of each use case fail: then its fact is not there either.
func TestFactAndEntryTogether(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		open := w.publish(w.police, w.draft(0))
		waiting := w.submitted(w.police, w.draft(1))
		update := w.update(open, string(open), footage.Resolved, "")
		assertion := assert(w.police.officer, footage.Officer, canonical(t, update))
		colleague := w.enrol(town.Police, footage.Custodian)
		device, _ := w.device(colleague)
		w.advance(25 * time.Hour)
		before := w.facts()
		// The next place in the record is taken, so that nobody can write there.
		must(t, w.cfg.DB.Write(ctx, func(tx *store.Tx) error { return tx.InsertLogEntry(w.head().Size, "x", "", []byte("x")) }))
		for name, do := range map[string]func() error{
			"clear": func() error { return w.x.Clear(ctx, w.moderator.id, string(waiting)) },
			"hold": func() error {
				return w.x.Hold(ctx, w.moderator.id, string(waiting), api.Verdict{Reason: footage.ReasonUnclear})
			},
			"resolve":  func() error { return w.x.Update(ctx, w.police.officer.id, update, assertion) },
			"register": func() error { return w.x.RegisterAgency(ctx, town.Agencies()[1]) },
			"suspend":  func() error { return w.x.SuspendAgency(ctx, town.Police, "A test.") },
			"open an epoch": func() error {
				return discard(w.x.OpenEpoch(ctx, w.police.custodian.id, epochFor(2, w.police.device.ID)))
			},
			"let a device in": func() error {
				return discard(w.x.WrapKey(ctx, w.police.custodian.id, epochFor(1, device.ID).Wrapped[1]))
			},
			"disable":        func() error { return w.x.DisablePerson(ctx, colleague.id) },
			"adopt a policy": func() error { return w.x.AdoptPolicy(ctx, rules(map[string]float64{"file_bytes": 1e6})) },
			"root a day":     func() error { return w.x.RootCustody(ctx) },
		} {
			if err := do(); err == nil {
				t.Errorf("%s succeeded without an entry", name)
			}
		}
		if after := w.facts(); after != before {
			t.Errorf("facts without entries:\n%s\nwere\n%s", after, before)
		}
	})
}

// facts tells in a text what the exchange holds to be true.
func (w *world) facts() string {
	w.t.Helper()
	ctx := context.Background()
	agencies, err := w.x.Agencies(ctx)
	must(w.t, err)
	people, err := w.x.People(ctx, town.Police)
	must(w.t, err)
	keys, err := w.x.AgencyKeys(ctx, w.police.custodian.id)
	must(w.t, err)
	requests, err := w.x.PublicRequests(ctx, false)
	must(w.t, err)
	set, err := w.x.Policies(ctx)
	must(w.t, err)
	var public []string
	for _, p := range requests {
		public = append(public, fmt.Sprint(p.ID.Short(), p.Status, len(p.Updates)))
	}
	return fmt.Sprint(len(agencies), agencies[0].Suspended, people, len(keys.Epochs), len(keys.Wrapped), public, set.Refs(), w.head().Size)
}

// TestManyWriters lets many write facts at once: no place in the record stays empty, and time never goes back.
func TestManyWriters(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		const writers, each = 6, 4
		before := len(w.checkRecord())
		for _, err := range atOnce(writers, func(i int) error {
			for n := range each {
				w.advance(-time.Duration(i) * time.Second) // clocks that differ, and go back
				a := town.Agencies()[1]
				a.ID = footage.AgencyID(fmt.Sprintf("town-%d-%d", i, n))
				if err := w.x.RegisterAgency(context.Background(), a); err != nil {
					return err
				}
			}
			return nil
		}) {
			must(t, err)
		}
		if got := len(w.checkRecord()); got != before+writers*each {
			t.Errorf("the record grew by %d entries; want %d", got-before, writers*each)
		}
	})
}

// TestIntegrationIsTakenUp breaks the bucket in the midst of an integration, before and after each kind of object is
// written; after a restart the record is whole.
func TestIntegrationIsTakenUp(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		for i, fault := range []struct{ op, key string }{
			{"put", "log/tile/entries"}, {"after put", "log/tile/entries"}, {"put", "log/tile/0"}, {"after put", "log/tile/0"},
			{"put", "log/checkpoint"}, {"after put", "log/checkpoint"}, {"get", "log/tile"}, {"get", "log/checkpoint"},
		} {
			w.faults.set(func(op, key string) error {
				if op == fault.op && strings.HasPrefix(key, fault.key) {
					return errBroken
				}
				return nil
			})
			a := town.Agencies()[1]
			a.ID = footage.AgencyID(fmt.Sprintf("town-%d", i))
			if err := w.x.RegisterAgency(ctx, a); err != nil {
				t.Errorf("%v: the fact is committed, but the answer is %v", fault, err)
			}
			if err := w.x.Integrate(ctx); err == nil && fault.op != "after put" {
				t.Errorf("%v: the record is integrated into a broken bucket", fault)
			}
			w.faults.set(nil)
			must(t, w.reopen())
			must(t, w.x.Integrate(ctx))
			if got := w.checkRecord(); len(got) == 0 || got[len(got)-1].Kind != (ledger.AgencyRegistered{}).Kind() {
				t.Errorf("%v: the record ends with %v", fault, got[len(got)-1].Kind)
			}
		}
	})
}

// TestTilesWithoutCheckpoint: a crash between the tiles and the row leaves tiles that the next integration, with more
// entries, builds upon.
func TestTilesWithoutCheckpoint(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	must(t, w.x.Integrate(ctx))
	w.faults.set(func(op, _ string) error { return errBroken })
	register := func(id footage.AgencyID) {
		a := town.Agencies()[1]
		a.ID = id
		must(t, w.x.RegisterAgency(ctx, a))
	}
	register("one")
	w.faults.set(nil)
	head := w.head()
	checkpoint, err := ledger.OpenCheckpoint([]byte(head.Checkpoint), w.cfg.Keys.LogVerifier)
	must(t, err)
	var entries [][]byte
	must(t, w.cfg.DB.Read(ctx, func(tx *store.Tx) (err error) {
		entries, err = tx.LogEntries(head.Integrated, 10)
		return err
	}))
	_, err = ledger.Integrate(ctx, bucketObjects{w}, checkpoint.Tree, entries)
	must(t, err)
	must(t, w.reopen())
	register("two")
	w.checkRecord()
}

// bucketObjects lets a test write tiles as a node does that dies right after.
type bucketObjects struct{ w *world }

func (o bucketObjects) Get(ctx context.Context, key string) ([]byte, error) {
	return o.w.x.LogObject(ctx, key)
}

func (o bucketObjects) Put(ctx context.Context, key string, data []byte) error {
	return o.w.faults.Put(ctx, key, data)
}

// TestRolledBackDatabaseIsRefused restores a backup under a record that went on, with what remembers in different places.
func TestRolledBackDatabaseIsRefused(t *testing.T) {
	for name, forget := range map[string]func(t *testing.T, w *world){
		"bucket and guard remember": func(*testing.T, *world) {},
		"the guard remembers":       func(t *testing.T, w *world) { must(t, w.faults.Delete(t.Context(), ledger.CheckpointKey)) },
		"the bucket remembers":      func(t *testing.T, w *world) { w.cfg.Guard = newGuard(t) },
	} {
		t.Run(name, func(t *testing.T) {
			w := lite(t, options{})
			backup := filepath.Join(t.TempDir(), "backup.db")
			must(t, w.cfg.DB.Backup(t.Context(), backup))
			must(t, w.reopen())
			w.publish(w.police, w.draft(0))
			must(t, w.reopen())
			forget(t, w)
			db, err := store.Open(t.Context(), backup, store.Options{})
			must(t, err)
			defer db.Close()
			w.cfg.DB = db
			wantCode(t, name, w.reopen(), "rolled_back")
		})
	}
}

// TestForkIsRefused: two databases that grew apart to one size are not taken for each other.
func TestForkIsRefused(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "backup.db")
	must(t, w.cfg.DB.Backup(ctx, path))
	good, elsewhere := w.cfg, disk(t)
	for info, err := range good.Bucket.List(ctx, "log/tile/") { // the tiles of the common past
		must(t, err)
		raw, err := w.x.LogObject(ctx, info.Key)
		must(t, err)
		must(t, elsewhere.Put(ctx, info.Key, raw))
	}
	register := func(id footage.AgencyID) {
		a := town.Agencies()[1]
		a.ID = id
		must(t, w.x.RegisterAgency(ctx, a))
	}
	register("one")

	db, err := store.Open(ctx, path, store.Options{})
	must(t, err)
	defer db.Close()
	w.cfg.DB, w.cfg.Guard, w.cfg.Bucket = db, newGuard(t), elsewhere
	must(t, w.reopen())
	register("two")
	w.cfg.Guard = good.Guard
	wantCode(t, "a fork", w.reopen(), "forked")
	w.cfg.Guard, w.cfg.Bucket = exchange.Guard{}, good.Bucket
	wantCode(t, "a fork", w.reopen(), "forked")
	w.cfg = good
	must(t, w.reopen())
}

func newGuard(t testing.TB) exchange.Guard {
	t.Helper()
	g, err := exchange.NewGuard(filepath.Join(t.TempDir(), "guard"))
	must(t, err)
	return g
}

// TestUnreadableGuardIsRefused: a guard that cannot be read does not count as one that has seen nothing.
func TestUnreadableGuardIsRefused(t *testing.T) {
	w := lite(t, options{})
	w.cfg.Guard = newGuard(t)
	must(t, os.Mkdir(filepath.Join(w.cfg.Guard.Dir, "checkpoint"), 0o700))
	if err := w.reopen(); err == nil || errors.Is(err, footage.Untrusted) {
		t.Errorf("opened with an unreadable guard: %v", err)
	}
}

// TestOlderCheckpointIsNotPublished: a node that was slow does not put an old checkpoint in the place of a newer one.
func TestOlderCheckpointIsNotPublished(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	other, err := exchange.Open(ctx, w.cfg)
	must(t, err)
	w.publish(w.police, w.draft(0))
	// The first node reads the head and stops; the second publishes more; then the first goes on.
	overtaken := false
	w.faults.set(func(op, key string) error {
		if op == "get" && key == ledger.CheckpointKey && !overtaken {
			overtaken = true
			a := town.Agencies()[1]
			return errors.Join(other.RegisterAgency(ctx, a))
		}
		return nil
	})
	must(t, w.x.Integrate(ctx))
	w.faults.set(nil)
	if !overtaken {
		t.Fatal("nobody was overtaken, so this proves nothing")
	}
	w.checkRecord()
}
