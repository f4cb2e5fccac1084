package main

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"porchlight.example/internal/audit"
)

// TestAuditMetrics: what an audit has found is there for other programs as soon as a round is over, and that a round could not be
// done, too.
func TestAuditMetrics(t *testing.T) {
	t.Parallel()
	f := &auditFigures{}
	want := func(what string, lines ...string) {
		t.Helper()
		w := httptest.NewRecorder()
		f.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		for _, line := range lines {
			if !strings.Contains(w.Body.String(), "\n"+line+"\n") {
				t.Errorf("%s: %q is not in\n%s", what, line, w.Body)
			}
		}
	}
	report := audit.Report{Entries: 12, Requests: 3, Findings: []audit.Finding{{Code: "forked"}}}
	f.set(report, nil)
	want("a round", "porchlight_audit_reached 1", "porchlight_audit_findings 1", "porchlight_audit_entries 12", "porchlight_audit_requests 3")
	f.set(report, errors.New("the exchange cannot be reached"))
	want("a round that could not be done", "porchlight_audit_reached 0", "porchlight_audit_findings 1")
}
