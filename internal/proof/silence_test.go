package proof_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/seal"
)

// moments are when public and agency look: before and after the first releases, after everything was handled, the next
// day, when the last clips are erased, and when mailboxes have closed.
func moments() []time.Duration {
	day := 24 * time.Hour
	return []time.Duration{14 * time.Minute, 77 * time.Minute, 149 * time.Minute, 235 * time.Minute, day + 11*time.Minute, 9*day + 11*time.Minute}
}

// seen is what was looked at while a script was played.
type seen struct {
	w      *world
	public map[time.Duration]view
	agency map[time.Duration]view
	leaked map[string]map[time.Duration]view // by leak
}

// watch plays a script and looks at the moments. With agency false only the public looks, and nothing else happens.
func watch(t *testing.T, w *world, agency bool, script ...[]act) *seen {
	t.Helper()
	s := &seen{w: w, public: map[time.Duration]view{}, agency: map[time.Duration]view{}, leaked: map[string]map[time.Duration]view{}}
	var looks []act
	for _, at := range moments() {
		looks = append(looks, act{at, "observer", func(ctx context.Context, w *world) (err error) {
			if s.public[at], err = w.publicView(ctx); err != nil || !agency {
				return err
			}
			if s.agency[at], err = w.agencyView(ctx); err != nil {
				return err
			}
			for _, l := range w.leaks {
				v := s.agency[at]
				if l.public {
					v = s.public[at]
				}
				if s.leaked[l.name] == nil {
					s.leaked[l.name] = map[time.Duration]view{}
				}
				s.leaked[l.name][at] = l.through(w, v)
			}
			return nil
		}})
	}
	w.play(t, inOrder(append(script, office(), afterwards(), looks)...))
	last := s.public[moments()[len(moments())-1]]
	if page := last["GET /requests/"+string(w.requests[0])]; !bytes.Contains(page.body, []byte("There is a lead")) {
		t.Errorf("the request does not show what its agency said afterwards: %d", page.status)
	}
	return s
}

// same fails the test where two worlds can be told apart.
func same(t *testing.T, who string, a, b map[time.Duration]view) {
	t.Helper()
	for _, at := range moments() {
		if a := a[at]["GET /metrics"]; who == "the public" && !bytes.Contains(a.body, []byte("porchlight_")) {
			t.Errorf("no metrics after %v", at)
		}
		if len(a[at]) < 10 {
			t.Errorf("%s saw only %d answers after %v, so this would prove nothing", who, len(a[at]), at)
		}
		for i, difference := range compare(a[at], b[at]) {
			if i == 5 {
				t.Errorf("%s after %v: and more", who, at)
				break
			}
			t.Errorf("%s can tell after %v: %s", who, at, difference)
		}
	}
}

// shares are the acts of all sharers.
func shares(all []sharer) []act {
	var acts []act
	for _, r := range all {
		acts = append(acts, r.acts()...)
	}
	return acts
}

// TestTwoWorlds is T-2W: a world with hundreds of residents who look, begin and abandon, and one with only those who
// shared, give the agency and the public the same bytes, headers too (N1, N2).
func TestTwoWorlds(t *testing.T) {
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		many := 300
		if strings.Contains(t.Name(), "s3") || testing.Short() {
			many = 60
		}
		s := newStage(t, "two worlds")
		all := s.sharers(t, 12)
		crowd := watch(t, s.build(t, "crowd", engine, 3), true, shares(all), handle(all), s.silent(t, many, false))
		alone := watch(t, s.build(t, "alone", engine, 3), true, shares(all), handle(all))
		same(t, "the agency", crowd.agency, alone.agency)
		same(t, "the public", crowd.public, alone.public)
		for _, l := range leaks() {
			if !l.timing && !found(crowd.leaked[l.name], alone.leaked[l.name]) {
				t.Errorf("the comparison did not find %s", l.name)
			}
		}
		if log := crowd.w.log.String(); log != alone.w.log.String() {
			t.Errorf("the logs differ:\n%s", log)
		}
		coarse(t, crowd.agency[moments()[5]])
		sameDisk(t, crowd.w, alone.w)
	})
}

func found(a, b map[time.Duration]view) bool {
	return slices.ContainsFunc(moments(), func(at time.Duration) bool { return len(compare(a[at], b[at])) > 0 })
}

// TestWithdrawn adds residents who commit and take back before the next release. The agency sees not a byte of them, the
// public none but the hash in the daily custody entry.
func TestWithdrawn(t *testing.T) {
	t.Parallel()
	s := newStage(t, "withdrawn")
	all := s.sharers(t, 4)
	engine := func(*node.Options) {}
	crowd := watch(t, s.build(t, "crowd", engine, 2), true, shares(all), handle(all), s.silent(t, 40, true))
	alone := watch(t, s.build(t, "alone", engine, 2), true, shares(all), handle(all))
	same(t, "the agency", masked(t, crowd.w, crowd.agency), masked(t, alone.w, alone.agency))
	same(t, "the public", masked(t, crowd.w, crowd.public), masked(t, alone.w, alone.public))
}

// TestOrder has the same residents share at other times within the same ticks, and so in another order: the agency sees
// the same.
func TestOrder(t *testing.T) {
	t.Parallel()
	s := newStage(t, "order")
	all := s.sharers(t, 12)
	engine := func(*node.Options) {}
	const tick, room = 15 * time.Minute, 13 * time.Minute // a share's acts take less than what is left
	early := s.start.Sub(s.start.Truncate(tick))
	turned := slices.Clone(all)
	for i, r := range all {
		since := (r.at + early) % room
		all[i].at = (r.at + early).Truncate(tick) + tick - early + since
		turned[i].at = all[i].at - since + (room - since)
	}
	one := watch(t, s.build(t, "one", engine, 2), true, shares(all), handle(all))
	other := watch(t, s.build(t, "other", engine, 2), true, shares(turned), handle(all))
	same(t, "the agency", one.agency, other.agency)
	same(t, "the public", one.public, other.public)
	for _, l := range leaks() {
		if l.timing && !found(one.leaked[l.name], other.leaked[l.name]) {
			t.Errorf("the comparison did not find %s", l.name)
		}
	}
}

// TestNoneOrForty is the third world: whether nobody shared or forty did, the public gets the same bytes, but for the
// hashes that hang on the fixed-size daily custody entry (N10).
func TestNoneOrForty(t *testing.T) {
	t.Parallel()
	s := newStage(t, "third world")
	engine := func(*node.Options) {}
	all := s.sharers(t, 40)
	none := watch(t, s.build(t, "none", engine, 2), false)
	forty := watch(t, s.build(t, "forty", engine, 2), false, shares(all), handle(all), s.silent(t, 40, true))
	same(t, "the public", masked(t, none.w, none.public), masked(t, forty.w, forty.public))
	for _, at := range moments()[:4] {
		if d := compare(none.public[at], forty.public[at]); len(d) > 0 {
			t.Errorf("before the first day is over, after %v: %s", at, d[0])
		}
	}
	if last := moments()[5]; len(compare(none.public[last], forty.public[last])) == 0 {
		t.Error("nothing hangs on the custody entry, so the mask would prove nothing")
	}
}

func masked(t *testing.T, w *world, views map[time.Duration]view) map[time.Duration]view {
	t.Helper()
	out := map[time.Duration]view{}
	for at, v := range views {
		var err error
		out[at], err = w.mask(v)
		must(t, err)
	}
	return out
}

// TestBetweenTicks has residents share, answer and ask back between two looks of the agency within one tick: it sees the
// same both times. What the exchange signs into a custody chain bears a tick's time, or that of the agency's own last step (N3).
func TestBetweenTicks(t *testing.T) {
	t.Parallel()
	s := newStage(t, "between ticks")
	w := s.build(t, "between", func(*node.Options) {}, 2)
	ctx := t.Context()
	all := s.sharers(t, 4) // kept, declined, asked, recalled
	const handled = 170 * time.Minute
	acts := inOrder(shares(all), handle(all), office(), s.silent(t, 30, true))
	early := slices.DeleteFunc(slices.Clone(acts), func(a act) bool { return a.at > handled })
	w.play(t, early)
	tick := s.start.Add(handled).Truncate(15 * time.Minute).Add(15 * time.Minute)
	w.set(tick.Add(2 * time.Minute))
	must(t, w.node.RunDue(ctx))
	before, err := w.agencyView(ctx)
	must(t, err)
	for i, minute := range []int{3, 5, 8, 11} {
		w.set(tick.Add(time.Duration(minute)*time.Minute + 123*time.Millisecond))
		_, err := deliver(ctx, w.public(), w.requests[0], pack(t, w.epoch.Recipient(), fmt.Sprint("late ", i), []byte("late")))
		must(t, err)
		reply, err := seal.SealBytes([]byte("a word"), 4096, w.epoch.Recipient())
		must(t, err)
		must(t, w.public().As(all[2].credential).Call(ctx, "POST", "/v1/mailbox/messages", api.Reply{Body: api.Encode(reply)}, nil))
		must(t, w.public().As(all[3].credential).Call(ctx, "POST", "/v1/mailbox/withdraw", struct{}{}, nil))
		must(t, w.node.RunDue(ctx))
	}
	after, err := w.agencyView(ctx)
	must(t, err)
	for _, difference := range compare(before, after) {
		t.Errorf("the agency can tell within the tick: %s", difference)
	}
	w.set(tick.Add(16 * time.Minute))
	must(t, w.node.RunDue(ctx))
	next, err := w.agencyView(ctx)
	must(t, err)
	if len(compare(before, next)) < 3 {
		t.Error("the next tick shows nothing new, so this would prove nothing")
	}
	coarse(t, next)
}

// coarse wants every event of the exchange at a tick, or at the time of the event before.
func coarse(t *testing.T, v view) {
	t.Helper()
	events := 0
	for key, a := range v {
		var d api.Delivery
		if !strings.HasPrefix(key, "GET /v1/agency/shares/s-") || json.Unmarshal(a.body, &d) != nil {
			continue
		}
		for i, e := range d.Events {
			tick := e.At.Equal(e.At.Truncate(15 * time.Minute))
			if e.Party == footage.PartyExchange && !tick && (i == 0 || !e.At.Equal(d.Events[i-1].At)) {
				t.Errorf("%s: the event %q is at %v", key, e.Kind, e.At)
			}
			events++
		}
	}
	if events < 10 {
		t.Errorf("only %d events", events)
	}
}
