// Package testenv starts the real programs that tests need: a PostgreSQL server, an S3 server. Each listens where nobody
// else can reach it, lives in a temporary folder, and is ended by its process ID, at the latest when the test process
// ends, however that happens. Only tests import this package.
package testenv

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// FindTool returns the path of a program that tools/go-tool builds: the one that PORCHLIGHT_NAME names, the one that it has
// built, or one in PATH.
func FindTool(name string) (string, error) {
	if path := os.Getenv("PORCHLIGHT_" + strings.ToUpper(name)); path != "" {
		return path, nil
	}
	if cache, err := os.UserCacheDir(); err == nil {
		if path := filepath.Join(cache, "porchlight", "bin", name); executable(path) {
			return path, nil
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return "", errors.New("no " + name + " for tests: run tools/go-tool " + name + " once")
}
