package exchange_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
)

// TestBoardFollowsTheRecord: after each change what the board has taken in is what a program reads that starts anew, and
// every bundle in the feed holds.
func TestBoardFollowsTheRecord(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		var first, second footage.RequestID
		fire := town.Agencies()[1]
		head := ""
		update := func(kind footage.UpdateKind, id footage.RequestID) {
			u := w.update(id, head, kind, "We now look for a gray van.")
			raw := canonical(t, u)
			must(t, w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, raw)))
			if kind == footage.Amended {
				must(t, w.x.ApproveUpdate(ctx, w.police.supervisor.id, id, assert(w.police.supervisor, footage.Supervisor, raw)))
				must(t, w.x.Clear(ctx, w.moderator.id, footage.Hash(raw)))
			}
			head = footage.Hash(raw)
		}
		for _, step := range []struct {
			name string
			do   func()
			open int
		}{
			{"nothing", func() {}, 0},
			{"a request", func() { first = w.publish(w.police, w.draft(0)); head = string(first) }, 1},
			{"another", func() { w.advance(time.Second); second = w.publish(w.police, w.draft(3)) }, 2},
			{"an amendment", func() { update(footage.Amended, first) }, 2},
			{"an agency", func() { must(t, w.x.RegisterAgency(ctx, fire)) }, 2},
			{"its new words", func() { fire.Policies = "Other."; must(t, w.x.ChangeAgency(ctx, fire)) }, 2},
			{"a new key", func() { w.openEpoch(w.police) }, 2},
			{"a new device", func() {
				device, _ := w.device(w.enrol(town.Police, footage.Custodian))
				must(t, discard(w.x.WrapKey(ctx, w.police.custodian.id, api.WrappedKey{Epoch: 2, Holder: string(device.ID), Wrapped: api.Encode([]byte("x"))})))
			}, 2},
			{"a suspension", func() { must(t, w.x.SuspendAgency(ctx, town.Police, "A test.")) }, 2},
			{"its end", func() { must(t, w.x.RestoreAgency(ctx, town.Police)) }, 2},
			{"a signer who leaves", func() { must(t, w.x.DisablePerson(ctx, w.police.supervisor.id)) }, 2},
			{"a policy", func() { must(t, w.x.AdoptPolicy(ctx, rules(map[string]float64{"file_bytes": 1e6}))) }, 2},
			{"the first one resolved", func() { update(footage.Resolved, first) }, 1},
			{"the second one expired", func() { w.advance(30 * 24 * time.Hour); must(t, w.x.ExpireRequests(ctx)) }, 0},
		} {
			step.do()
			public, set := w.view(w.x)
			again, err := exchange.Open(ctx, w.cfg)
			must(t, err)
			fresh, freshSet := w.view(again)
			if diff := cmp.Diff(fresh, public); diff != "" {
				t.Errorf("after %s (-anew +followed):\n%s", step.name, diff)
			}
			for path := range freshSet {
				if set[path] == nil || string(set[path].Body) != string(freshSet[path].Body) {
					t.Errorf("after %s: %s differs from what is rendered anew", step.name, path)
				}
			}
			if len(set) != len(freshSet) || len(public.Open) != step.open {
				t.Errorf("after %s: %d files, anew %d; %d open, want %d", step.name, len(set), len(freshSet), len(public.Open), step.open)
			}
		}
		public, _ := w.view(w.x)
		of, err := w.x.RequestsOf(ctx, town.Police)
		must(t, err)
		for name, list := range map[string][]footage.PublicRequest{"closed": public.Closed, "the agency's": of} {
			if len(list) != 2 || list[0].ID != second || list[1].ID != first || len(list[1].Updates) != 2 {
				t.Errorf("%s requests: %d", name, len(list))
			}
		}
	})
}

// view reads what is public from an exchange, and verifies each bundle of its feed.
func (w *world) view(x *exchange.Exchange) (*exchange.Public, feed.Set) {
	w.t.Helper()
	public, err := x.Public(w.t.Context())
	must(w.t, err)
	set, err := x.RenderFeed(w.t.Context(), "https://town.example")
	must(w.t, err)
	var all feed.Cell
	must(w.t, footage.DecodeStrict(set["/feed/all.json"].Body, &all))
	for _, raw := range all.Requests {
		b, err := evidence.ParseBundle(raw)
		must(w.t, err)
		if _, err := b.Verify(evidence.Trust{Verifier: w.cfg.Keys.LogVerifier}, w.now()); err != nil {
			w.t.Error(err)
		}
	}
	return public, set
}

// TestFeedWaitsForTheTree: what is committed but not yet under a checkpoint is not in the feed, whose bundles always hold.
func TestFeedWaitsForTheTree(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		first := w.publish(w.police, w.draft(0))
		w.faults.set(func(op, key string) error {
			if op == "put" && strings.HasPrefix(key, "log/") {
				return errBroken
			}
			return nil
		})
		second := w.publish(w.police, w.draft(3))
		u := w.update(first, string(first), footage.Amended, "We now look for a gray van.")
		raw := canonical(t, u)
		must(t, w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, raw)))
		must(t, w.x.ApproveUpdate(ctx, w.police.supervisor.id, first, assert(w.police.supervisor, footage.Supervisor, raw)))
		must(t, w.x.Clear(ctx, w.moderator.id, footage.Hash(raw)))
		public, _ := w.view(w.x)
		if len(public.Open) != 1 || len(public.Open[0].Updates) != 0 {
			t.Errorf("%d requests are shown before their entries are", len(public.Open))
		}
		w.verifiesAs(first, 0)
		_, err := w.x.Bundle(ctx, second)
		wantKind(t, "a bundle without an entry", err, footage.Unavailable)
		w.faults.set(nil)
		must(t, w.x.Integrate(ctx))
		public, _ = w.view(w.x)
		if len(public.Open) != 2 {
			t.Errorf("%d requests are shown afterwards", len(public.Open))
		}
		w.verifiesAs(first, 1)
		w.verifiesAs(second, 0)
	})
}

// verifiesAs checks that a request's bundle holds and has so many updates.
func (w *world) verifiesAs(id footage.RequestID, updates int) {
	w.t.Helper()
	b, err := w.x.Bundle(w.t.Context(), id)
	must(w.t, err)
	checked, err := b.Verify(evidence.Trust{Verifier: w.cfg.Keys.LogVerifier}, w.now())
	if err != nil || len(checked.Updates) != updates {
		w.t.Errorf("the bundle has %d updates, %v; want %d", len(checked.Updates), err, updates)
	}
}

// TestNodesRenderTheSame: two nodes give one set of bytes, whoever rendered first.
func TestNodesRenderTheSame(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		other, err := exchange.Open(t.Context(), w.cfg)
		must(t, err)
		w.publish(w.police, w.draft(0))
		_, early := w.view(w.x)
		w.publish(w.police, w.draft(3)) // a newer checkpoint
		nodes := []*exchange.Exchange{w.x, other}
		sets := make([]feed.Set, 2)
		for _, err := range atOnce(2, func(i int) (err error) {
			sets[i], err = nodes[i].RenderFeed(t.Context(), "https://town.example")
			return err
		}) {
			must(t, err)
		}
		for path := range sets[0] {
			if sets[1][path] == nil || sets[0][path].ETag != sets[1][path].ETag {
				t.Errorf("%s differs between nodes", path)
			}
		}
		all := func(s feed.Set) []string {
			var c feed.Cell
			must(t, footage.DecodeStrict(s["/feed/all.json"].Body, &c))
			var out []string
			for _, raw := range c.Requests {
				out = append(out, string(raw))
			}
			return out
		}
		if !slices.Contains(all(sets[1]), all(early)[0]) {
			t.Error("the first request's bundle was made anew although nothing of it changed")
		}
	})
}

// TestFeedWithoutBucket: a bucket that does not answer fails the rendering and nothing else; the next one is whole.
func TestFeedWithoutBucket(t *testing.T) {
	w := lite(t, options{})
	w.publish(w.police, w.draft(0))
	for _, op := range []string{"get", "put", "after put"} {
		must(t, w.reopen())
		w.faults.set(func(o, key string) error {
			if o == op && strings.HasPrefix(key, "feed/") {
				return errBroken
			}
			return nil
		})
		if _, err := w.x.RenderFeed(t.Context(), "https://town.example"); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", op, err)
		}
		w.faults.set(nil)
		if public, _ := w.view(w.x); len(public.Open) != 1 {
			t.Errorf("%s: %d requests afterwards", op, len(public.Open))
		}
		for info, err := range w.faults.List(t.Context(), "feed/") {
			must(t, err)
			must(t, w.faults.Delete(t.Context(), info.Key))
		}
	}
}

// TestOldRequestsAreNotKept: of the closed requests the newest are at hand; the others are read when they are asked for.
func TestOldRequestsAreNotKept(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		old := w.seedPublic(exchange.ClosedKept, footage.StatusExpired)
		if public, err := w.x.Public(ctx); err != nil || len(public.Closed) != exchange.ClosedKept || !public.Whole {
			t.Fatalf("%d closed are at hand, whole %v, %v", len(public.Closed), public.Whole, err)
		}
		w.advance(time.Hour)
		newest := w.publish(w.police, w.draft(3))
		u := w.update(newest, string(newest), footage.Resolved, "")
		must(t, w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, canonical(t, u))))
		again, err := exchange.Open(ctx, w.cfg)
		must(t, err)
		for name, x := range map[string]*exchange.Exchange{"followed": w.x, "anew": again} {
			public, err := x.Public(ctx)
			must(t, err)
			if len(public.Closed) != exchange.ClosedKept || public.Whole || public.Closed[0].ID != newest {
				t.Errorf("%s: %d closed are at hand, whole %v, the first %s", name, len(public.Closed), public.Whole, public.Closed[0].ID.Short())
			}
		}
		for _, id := range old {
			if p, err := w.x.PublicRequest(ctx, id); err != nil || p.Status != footage.StatusExpired {
				t.Fatalf("an old request: %v", err)
			}
		}
		if of, err := w.x.RequestsOf(ctx, town.Police); err != nil || len(of) != len(old)+1 {
			t.Errorf("the agency has %d requests, %v", len(of), err)
		}
	})
}
