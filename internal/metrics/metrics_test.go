package metrics_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/metrics"
)

func TestHandler(t *testing.T) {
	is := func(v float64, err error) func(context.Context) (float64, error) {
		return func(context.Context) (float64, error) { return v, err }
	}
	h := metrics.Handler(
		metrics.Gauge{Name: "a_ready", Help: "Whether it is.", Value: is(metrics.Truth(true), nil)},
		metrics.Gauge{Name: "a_unknown", Help: "What nobody knows now.", Value: is(0, errors.New("the database does not answer"))},
		metrics.Gauge{Name: "a_large_bytes", Help: "Much.", Value: is(1<<53, nil)},
		metrics.Gauge{Name: "a_small_ratio", Help: "Little.", Value: is(0.25, nil)},
		metrics.Gauge{Name: "a_least", Help: "None.", Value: is(math.Inf(-1), nil)},
	)
	get := func(method, path string) *http.Response {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
		return w.Result()
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	want := `# HELP a_ready Whether it is.
# TYPE a_ready gauge
a_ready 1
# HELP a_large_bytes Much.
# TYPE a_large_bytes gauge
a_large_bytes 9.007199254740992e+15
# HELP a_small_ratio Little.
# TYPE a_small_ratio gauge
a_small_ratio 0.25
# HELP a_least None.
# TYPE a_least gauge
a_least -Inf
`
	if diff := cmp.Diff(want, w.Body.String()); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	if kind := w.Header().Get("Content-Type"); kind != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("content type %q", kind)
	}
	if got := get(http.MethodPost, "/metrics").StatusCode; got != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", got)
	}
	if got := get(http.MethodGet, "/").StatusCode; got != http.StatusNotFound {
		t.Errorf("another path: %d", got)
	}
}
