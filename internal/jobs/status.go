package jobs

import (
	"context"
	"fmt"
	"time"

	"porchlight.example/internal/store"
)

// Status is how a task stands.
type Status struct {
	Name     string
	LastOK   time.Time     // when it last succeeded, on any node; zero if never
	Late     time.Duration // since when it has been due; a failing task becomes later and later
	Failures int           // since the last success
}

// Status returns how each task stands, in the order in which they were given to [New]. A task that was never planned,
// because no runner has run yet, is neither late nor done.
func (r *Runner) Status(ctx context.Context) ([]Status, error) {
	jobs, err := r.db.Jobs(ctx)
	if err != nil {
		return nil, fmt.Errorf("look at the tasks: %w", err)
	}
	rows := map[string]store.Job{}
	for _, job := range jobs {
		rows[job.Name] = job
	}
	now := r.Now()
	all := make([]Status, len(r.tasks))
	for i, t := range r.tasks {
		job, planned := rows[t.Name]
		all[i] = Status{Name: t.Name, LastOK: job.LastOK, Failures: job.Failures}
		if planned && now.After(job.Due) {
			all[i].Late = now.Sub(job.Due)
		}
	}
	return all, nil
}
