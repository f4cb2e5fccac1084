package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/internal/store/storetest"
)

// clock is a clock that stands until a test moves it. Its timers fire when it is moved past them.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	timers []timer
	asked  chan time.Duration // each call of After, so that a test can wait for it
}

type timer struct {
	at time.Time
	ch chan time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC), asked: make(chan time.Duration, 100)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	t := timer{c.now.Add(d), make(chan time.Time, 1)}
	c.timers = append(c.timers, t)
	c.mu.Unlock()
	c.asked <- d
	return t.ch
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	var waiting []timer
	for _, t := range c.timers {
		if t.at.After(c.now) {
			waiting = append(waiting, t)
		} else {
			t.ch <- c.now
		}
	}
	c.timers = waiting
}

// world is a database with a clock and a log, on which several nodes may run.
type world struct {
	db    *store.DB
	clock *clock
	log   bytes.Buffer
}

func (w *world) node(tasks ...Task) *Runner {
	r := New(w.db, slog.New(slog.NewTextHandler(&w.log, nil)), tasks...)
	r.Now, r.After = w.clock.Now, w.clock.After
	return r
}

// each runs a test on both engines.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), url, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		test(t, &world{db: db, clock: newClock()})
	})
}

// counter is a task that counts its runs.
func counter(n *atomic.Int32) Task {
	return Task{Name: "sweep", Every: time.Hour, Run: func(context.Context) error { n.Add(1); return nil }}
}

func runDue(t *testing.T, r *Runner) {
	t.Helper()
	if err := r.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func status(t *testing.T, r *Runner) Status {
	t.Helper()
	all, err := r.Status(t.Context())
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	return all[0]
}

func TestRunDuePeriod(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var n atomic.Int32
		r := w.node(counter(&n))
		for i, step := range []struct {
			advance time.Duration
			want    int32
		}{{0, 1}, {0, 1}, {59 * time.Minute, 1}, {time.Minute, 2}, {5 * time.Hour, 3}, {0, 3}} {
			w.clock.Advance(step.advance)
			if runDue(t, r); n.Load() != step.want {
				t.Errorf("step %d: %d runs, want %d", i, n.Load(), step.want)
			}
		}
	})
}

func TestRestartKeepsThePlan(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var n atomic.Int32
		runDue(t, w.node(counter(&n)))
		if runDue(t, w.node(counter(&n))); n.Load() != 1 {
			t.Errorf("a new process ran a task that was not due: %d runs", n.Load())
		}
	})
}

func TestFailureBacksOffAndShowsLate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fail, n := errors.New("the disk is away"), 0
		r := w.node(Task{Name: "erase", Every: time.Hour, Run: func(context.Context) error { n++; return fail }})
		began := w.clock.Now()
		for i, pause := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			if err := r.RunDue(t.Context()); !errors.Is(err, fail) {
				t.Fatalf("round %d: %v", i, err)
			}
			w.clock.Advance(pause - time.Microsecond)
			if runDue(t, r); n != i+1 {
				t.Errorf("round %d: tried again before %v", i, pause)
			}
			w.clock.Advance(time.Microsecond)
		}
		want := Status{Name: "erase", Late: 7 * time.Second, Failures: 3}
		if diff := cmp.Diff(want, status(t, r)); diff != "" {
			t.Error(diff)
		}
		fail = nil
		runDue(t, r)
		want = Status{Name: "erase", LastOK: began.Add(7 * time.Second)}
		if diff := cmp.Diff(want, status(t, r)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestBackoffIsBounded(t *testing.T) {
	if got := backoff(60, 24*time.Hour); got != 10*time.Minute {
		t.Errorf("after 60 failures: %v", got)
	}
	if got := backoff(9, time.Minute); got != time.Minute {
		t.Errorf("for a task of every minute: %v", got)
	}
}

func TestOneNodeAtATime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var n atomic.Int32
		var nodes sync.WaitGroup
		for range 8 {
			r := w.node(counter(&n))
			nodes.Go(func() {
				if err := r.RunDue(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		if nodes.Wait(); n.Load() != 1 {
			t.Errorf("%d of 8 nodes ran the task", n.Load())
		}
	})
}

// TestLeaseOfADeadNode: a node that dies in the midst keeps others away until its lease ends, and no longer.
func TestLeaseOfADeadNode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		now := w.clock.Now()
		if err := w.db.PlanJob(t.Context(), "sweep", now); err != nil {
			t.Fatal(err)
		}
		dead, err := w.db.ClaimJob(t.Context(), "sweep", now, now.Add(2*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		var n atomic.Int32
		r := w.node(counter(&n))
		w.clock.Advance(2*time.Minute - time.Microsecond)
		if runDue(t, r); n.Load() != 0 {
			t.Error("ran while another node held the lease")
		}
		if late := status(t, r).Late; late < time.Minute {
			t.Errorf("only %v late", late)
		}
		w.clock.Advance(time.Microsecond)
		if runDue(t, r); n.Load() != 1 {
			t.Error("did not run after the lease ended")
		}
		for name, err := range map[string]error{
			"finish":  w.db.FinishJob(t.Context(), dead, w.clock.Now(), w.clock.Now()),
			"fail":    w.db.FailJob(t.Context(), dead, w.clock.Now()),
			"release": w.db.ReleaseJob(t.Context(), dead),
		} {
			if !errors.Is(err, footage.Conflict) {
				t.Errorf("the dead node could still %s: %v", name, err)
			}
		}
	})
}

func TestLeaseLostWhileRunning(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var n atomic.Int32
		other := w.node(counter(&n))
		slow := w.node(Task{Name: "sweep", Every: time.Hour, Lease: time.Minute, Run: func(ctx context.Context) error {
			w.clock.Advance(time.Minute)
			return other.RunDue(ctx)
		}})
		err := slow.RunDue(t.Context())
		if err == nil || !strings.Contains(err.Error(), "longer than its lease") || n.Load() != 1 {
			t.Error(n.Load(), err)
		}
	})
}

// TestWakeWhileRunning: what was ordered during a run may have come too late for it, so the task runs once more.
func TestWakeWhileRunning(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := 0
		r := w.node(Task{Name: "sweep", Every: time.Hour, Run: func(ctx context.Context) error {
			if n++; n > 1 {
				return nil
			}
			return w.db.Write(ctx, func(tx *store.Tx) error { return tx.WakeJob("sweep", w.clock.Now()) })
		}})
		for range 3 {
			runDue(t, r)
		}
		if n != 2 {
			t.Errorf("%d runs, want 2", n)
		}
	})
}

func TestWakeUnknown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.node()
		if r.Wake("nothing"); !strings.Contains(w.log.String(), "nothing") {
			t.Error("no word about it")
		}
		if err := w.db.WakeJob(t.Context(), "nothing", w.clock.Now()); !errors.Is(err, footage.NotFound) {
			t.Error(err)
		}
	})
}

// TestRunLoop follows a runner through its first run, a wake-up, a period, a failure and its end.
func TestRunLoop(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ran := make(chan struct{})
		var fail atomic.Bool
		r := w.node(Task{Name: "sweep", Every: time.Minute, Run: func(context.Context) error {
			ran <- struct{}{}
			if fail.Load() {
				return errors.New("not today")
			}
			return nil
		}})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { r.Run(ctx); close(ended) }()

		<-ran
		if d := <-w.clock.asked; d != r.Poll {
			t.Errorf("after the first run it waits %v, want %v", d, r.Poll)
		}
		r.Wake("sweep")
		<-ran
		<-w.clock.asked
		for range 3 { // three looks that find nothing due
			w.clock.Advance(r.Poll)
			<-w.clock.asked
		}
		fail.Store(true)
		w.clock.Advance(r.Poll)
		<-ran
		if d := <-w.clock.asked; d != time.Second {
			t.Errorf("after a failure it waits %v, want 1s", d)
		}
		stop()
		<-ended
		if !strings.Contains(w.log.String(), "not today") {
			t.Error("the failure is not in the log")
		}
	})
}

// TestStopInTheMidst: a task that is cut off by the program's end is no failure, and the next program may begin at once.
func TestStopInTheMidst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, stop := context.WithCancel(t.Context())
		cut := w.node(Task{Name: "sweep", Every: time.Hour, Run: func(ctx context.Context) error {
			stop()
			return ctx.Err()
		}})
		cut.Run(ctx)
		if s := status(t, cut); s.Failures != 0 {
			t.Errorf("counted as a failure: %+v", s)
		}
		var n atomic.Int32
		if runDue(t, w.node(counter(&n))); n.Load() != 1 {
			t.Error("the next program could not take it up at once")
		}
	})
}

func TestNewRefusesFaultyTasks(t *testing.T) {
	var n atomic.Int32
	for name, tasks := range map[string][]Task{
		"no name":   {{Every: 1, Run: counter(&n).Run}},
		"no period": {{Name: "a", Run: counter(&n).Run}},
		"no work":   {{Name: "a", Every: 1}},
		"twice":     {counter(&n), counter(&n)},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: accepted", name)
				}
			}()
			New(nil, slog.Default(), tasks...)
		}()
	}
}
