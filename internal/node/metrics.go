package node

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics returns the handler of /metrics, which has an address of its own (see [Options]). What it exposes is an allow-list:
// the size of the public record and how the tasks stand. Nothing counts requests to pages or feeds, shares, uploads, bytes or
// the process's work and memory: such a figure would tell somebody who watches it who was silent.
func (n *Node) Metrics() http.Handler {
	reg := prometheus.NewRegistry()
	gauge := func(name, help string, value func(context.Context) float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			return value(ctx)
		}))
	}
	gauge("porchlight_ready", "1 when the database answers and no task is late.", func(ctx context.Context) float64 {
		if n.ready(ctx) != nil {
			return 0
		}
		return 1
	})
	gauge("porchlight_record_entries", "Entries in the public record.", func(ctx context.Context) float64 {
		head, err := n.Exchange.Checkpoint(ctx)
		if err != nil {
			return -1
		}
		return float64(head.Size)
	})
	gauge("porchlight_record_behind", "Entries that no checkpoint covers yet.", func(ctx context.Context) float64 {
		head, err := n.Exchange.Checkpoint(ctx)
		if err != nil {
			return -1
		}
		return float64(head.Size - head.Integrated)
	})
	// In whole minutes: the seconds would tell when somebody gave the tasks something to do.
	gauge("porchlight_task_late_seconds", "How late the latest task is, in whole minutes.", func(ctx context.Context) float64 {
		all, err := n.runner.Status(ctx)
		if err != nil {
			return -1
		}
		var latest time.Duration
		for _, s := range all {
			latest = max(latest, s.Late)
		}
		return latest.Truncate(time.Minute).Seconds()
	})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	return mux
}
