// Package metrics serves figures in the text format of Prometheus, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). It has gauges without labels and nothing else: whatever
// counts events or tells them apart would have to be asked first what it tells about people.
package metrics

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// patience bounds how long one answer may take.
const patience = 5 * time.Second

// Gauge is one figure.
type Gauge struct {
	Name  string                                 // small letters, digits and underscores, with the unit at its end
	Help  string                                 // one line
	Value func(context.Context) (float64, error) // an error leaves the figure out of this answer, which says that it is not known
}

// Handler answers GET /metrics with the gauges in their order.
func Handler(gauges ...Gauge) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		for _, g := range gauges {
			if value, err := g.Value(ctx); err == nil {
				fmt.Fprintf(w, "# HELP %[1]s %[2]s\n# TYPE %[1]s gauge\n%[1]s %[3]s\n", g.Name, g.Help, strconv.FormatFloat(value, 'g', -1, 64))
			}
		}
	})
	return mux
}

// Truth is 1 for true and 0 for false, as such figures are by custom.
func Truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
