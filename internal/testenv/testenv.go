// Package testenv starts the real programs that tests need: a PostgreSQL server, an S3 server. Each listens where nobody
// else can reach it, lives in a temporary folder, and is ended by its process ID, at the latest when the test process
// ends, however that happens. Only tests import this package.
package testenv

import (
	"os"
	"testing"
)

// RequireAll reports whether PORCHLIGHT_REQUIRE_ALL=1 is set: then a missing tool is a failure, so that a run with
// nothing skipped can be had.
func RequireAll() bool { return os.Getenv("PORCHLIGHT_REQUIRE_ALL") == "1" }

// Skip ends the test because something is missing: skipped with the reason, or failed under [RequireAll].
func Skip(t testing.TB, reason string) {
	t.Helper()
	if RequireAll() {
		t.Fatal(reason + " (and PORCHLIGHT_REQUIRE_ALL=1 lets nothing be skipped)")
	}
	t.Skip(reason)
}
