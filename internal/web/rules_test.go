package web_test

import (
	"bytes"
	"strings"
	"testing"

	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/policy"
	"porchlight.example/ui"
)

// TestPagesQuoteTheRules: the figures on the pages are those of the policies in force, also when another is adopted while
// the exchange runs.
func TestPagesQuoteTheRules(t *testing.T) {
	w := nodetest.Start(t, nil)
	says := func(path string, want ...string) {
		t.Helper()
		_, body := fetch(t, w, "GET", path, "")
		for _, s := range want {
			if !strings.Contains(strings.ReplaceAll(string(body), "\u00a0", " "), s) {
				t.Errorf("%s does not say %q", path, s)
			}
		}
	}
	l := ui.DefaultLimits()
	if l.RetentionDays != 7 || l.MaxSquareMiles != 0.5 {
		t.Errorf("the defaults are %+v", l)
	}
	says("/en/privacy", "after 7 days")
	says("/en/guidelines", "0.025 to 0.5 square miles", "15 minutes to 12 hours, and at most 45 days back", "at most 2 for the same investigation")
	says("/en/guidelines", "Every rule in force", "An agency with a standing immigration-enforcement agreement may not ask.")
	says("/es/about", "Todas las reglas en vigor", "El área puede tener como máximo 0.5 mi².")
	city := policy.DefaultFile()
	for from, to := range map[string]string{`"retention_days", "limit": 7`: `"retention_days", "limit": 3`, `"area_max_sq_mi", "limit": 0.5`: `"area_max_sq_mi", "limit": 0.25`,
		`"look_back_days", "limit": 45`: `"look_back_days", "limit": 30`, `"window_max_hours", "limit": 12`: `"window_max_hours", "limit": 6`} {
		if !bytes.Contains(city, []byte(from)) {
			t.Fatalf("the default policy does not hold %s", from)
		}
		city = bytes.Replace(city, []byte(from), []byte(to), 1)
	}
	if err := w.Node.Exchange.AdoptPolicy(t.Context(), city); err != nil {
		t.Fatal(err)
	}
	w.Refresh()
	says("/en/privacy", "after 3 days")
	says("/en/guidelines", "0.025 to 0.25 square miles", "15 minutes to 6 hours, and at most 30 days back")
	says("/es/how", "3 días")
}
