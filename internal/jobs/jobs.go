// Package jobs does what must happen later, once: releases at ticks, sweeps, erasures, the day's root.
//
// A [Task] is periodic. Its row in the database tells when it is due, who holds its lease, when it last succeeded and how
// often it has failed since. Of all nodes that share a database one runs a task at a time; a node that dies in the midst
// loses its lease, and another takes the work up. A task must therefore be able to be cut off anywhere and run again.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// Task is periodic work.
type Task struct {
	Name  string
	Every time.Duration // from one start to the next; also the latest start after it was planned
	// Lease is how long a run may take: its context ends then, and another node may begin; 2 minutes when zero. A task
	// with more to do than fits does a portion and wakes itself.
	Lease time.Duration
	// Run does the work. An error is logged, and the task tried again after a pause that grows from a second to Every,
	// but to ten minutes at most.
	Run func(ctx context.Context) error
}

// Runner runs tasks. Its exported fields must not be changed once it runs.
type Runner struct {
	// Now is the clock, and After its timer; time.Now and time.After unless set.
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
	// Poll is how often a node looks whether another one, or a use case by [store.Tx.WakeJob], has woken a task.
	Poll time.Duration

	db    *store.DB
	log   *slog.Logger
	tasks []*task
}

// task is a Task with the signal that wakes it, which holds one waiting wake-up.
type task struct {
	Task
	wake chan struct{}
}

// New returns a runner for tasks. It panics when two have one name, or one has no name, period or function.
func New(db *store.DB, log *slog.Logger, tasks ...Task) *Runner {
	r := &Runner{Now: time.Now, After: time.After, Poll: 15 * time.Second, db: db, log: log}
	for _, t := range tasks {
		if t.Name == "" || t.Every <= 0 || t.Run == nil || r.find(t.Name) != nil {
			panic("jobs: task " + t.Name + " is incomplete or stands twice")
		}
		if t.Lease <= 0 {
			t.Lease = 2 * time.Minute
		}
		r.tasks = append(r.tasks, &task{Task: t, wake: make(chan struct{}, 1)})
	}
	return r
}

func (r *Runner) find(name string) *task {
	for _, t := range r.tasks {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Run runs tasks whenever they are due until ctx ends, and returns when the last of them has ended. A new task is due at
// once; one known from an earlier run of the program when it would have been then.
func (r *Runner) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, t := range r.tasks {
		all.Go(func() { r.loop(ctx, t) })
	}
	all.Wait()
}

// RunDue runs everything that is due once, one after the other, and returns their errors.
func (r *Runner) RunDue(ctx context.Context) error {
	var errs []error
	for _, t := range r.tasks {
		woken := false
		select {
		case <-t.wake:
			woken = true
		default:
		}
		_, err := r.look(ctx, t, woken)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Wake makes a task run as soon as possible, once more if it is running. It may be called from anywhere and never waits.
// A crash right after it may lose the wake-up, so what must not wait for the next period uses [store.Tx.WakeJob] as well.
func (r *Runner) Wake(name string) {
	t := r.find(name)
	if t == nil {
		r.log.Error("a task that does not exist was woken", "task", name)
		return
	}
	select {
	case t.wake <- struct{}{}:
	default: // one wake-up waits already
	}
}

// loop looks after one task.
func (r *Runner) loop(ctx context.Context, t *task) {
	woken := false
	for ctx.Err() == nil {
		wait, err := r.look(ctx, t, woken)
		if err != nil && ctx.Err() == nil {
			r.log.Error("a task did not succeed; it will be tried again", "task", t.Name, "error", err)
			wait = time.Second
		}
		woken = woken && err != nil // a wake-up that may not have reached the database stays
		if wait == 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-t.wake:
			woken = true
		case <-r.After(wait):
		}
	}
}

// look runs a task if it can be claimed, and tells how long to wait before the next look: no time after a run.
func (r *Runner) look(ctx context.Context, t *task, woken bool) (time.Duration, error) {
	now := r.Now()
	if woken {
		if err := r.db.WakeJob(ctx, t.Name, now); err != nil && !errors.Is(err, footage.NotFound) { // a new task is due anyway
			return 0, fmt.Errorf("wake task %s: %w", t.Name, err)
		}
	}
	claim, err := r.db.ClaimJob(ctx, t.Name, now, now.Add(t.Lease))
	if errors.Is(err, footage.Conflict) {
		return r.untilFree(ctx, t)
	}
	if err != nil {
		return 0, fmt.Errorf("claim task %s: %w", t.Name, err)
	}
	limited, cancel := context.WithTimeout(ctx, t.Lease)
	defer cancel()
	return 0, r.record(ctx, t, claim, now, t.Run(limited))
}

// untilFree returns how long a task that cannot be claimed is not due or held by another, but no more than Poll. A task
// that cannot be claimed because it is new is planned and looked at again.
func (r *Runner) untilFree(ctx context.Context, t *task) (time.Duration, error) {
	job, err := r.db.Job(ctx, t.Name)
	if errors.Is(err, footage.NotFound) {
		if err = r.db.PlanJob(ctx, t.Name, r.Now()); err == nil {
			return r.look(ctx, t, false)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("look at task %s: %w", t.Name, err)
	}
	free := job.Due
	if job.LeaseUntil.After(free) {
		free = job.LeaseUntil
	}
	return max(time.Millisecond, min(free.Sub(r.Now()), r.Poll)), nil
}

// record writes down how a run ended, even when the program is stopping, and returns the run's error.
func (r *Runner) record(ctx context.Context, t *task, claim store.Job, began time.Time, result error) error {
	stopping := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	now := r.Now()
	write := func() error { return r.db.FailJob(ctx, claim, now.Add(backoff(claim.Failures, t.Every))) }
	switch {
	case result == nil:
		next := began.Add(t.Every)
		if next.Before(now) {
			next = now
		}
		write = func() error { return r.db.FinishJob(ctx, claim, now, next) }
	case stopping:
		write = func() error { return r.db.ReleaseJob(ctx, claim) }
	}
	err := write()
	for tries := 1; err != nil && !errors.Is(err, footage.Conflict) && tries < 3; tries++ {
		err = write() // a passing fault of the disk must not hold the lease, and so the task, for minutes
	}
	if errors.Is(err, footage.Conflict) {
		err = fmt.Errorf("it took longer than its lease of %v, and another node has taken it", t.Lease)
	}
	if joined := errors.Join(result, err); joined != nil {
		return fmt.Errorf("task %s: %w", t.Name, joined)
	}
	return nil
}

// backoff returns the pause after a failure that follows n others.
func backoff(n int, every time.Duration) time.Duration {
	return min(time.Second<<min(n, 10), every, 10*time.Minute)
}
