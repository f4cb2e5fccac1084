package node

import (
	"context"
	"net/http"
	"time"

	"porchlight.example/internal/metrics"
)

// Metrics returns the handler of /metrics, which has an address of its own (see [Options]). What it exposes is an allow-list:
// the size of the public record and how the tasks stand. Nothing counts requests to pages or feeds, shares, uploads, bytes or
// the process's work and memory: such a figure would tell somebody who watches it who was silent.
func (n *Node) Metrics() http.Handler {
	return metrics.Handler(
		metrics.Gauge{Name: "porchlight_ready", Help: "1 when the database answers and no task is late.", Value: func(ctx context.Context) (float64, error) {
			return metrics.Truth(n.ready(ctx) == nil), nil
		}},
		metrics.Gauge{Name: "porchlight_record_entries", Help: "Entries in the public record.", Value: func(ctx context.Context) (float64, error) {
			head, err := n.Exchange.Checkpoint(ctx)
			return float64(head.Size), err
		}},
		metrics.Gauge{Name: "porchlight_record_behind", Help: "Entries that no checkpoint covers yet.", Value: func(ctx context.Context) (float64, error) {
			head, err := n.Exchange.Checkpoint(ctx)
			return float64(head.Size - head.Integrated), err
		}},
		metrics.Gauge{Name: "porchlight_task_late_seconds", Help: "How late the latest task is, in whole minutes.", Value: n.latest},
	)
}

// latest returns how late the latest task is in seconds, of whole minutes: the seconds would tell when somebody gave the tasks
// something to do.
func (n *Node) latest(ctx context.Context) (float64, error) {
	all, err := n.runner.Status(ctx)
	var latest time.Duration
	for _, s := range all {
		latest = max(latest, s.Late)
	}
	return latest.Truncate(time.Minute).Seconds(), err
}
