// Package storetest runs a test on both database engines under the same names, so that what holds on one is known to
// hold on the other. It knows nothing of package store, so that even store's own tests may use it.
package storetest

import (
	"path/filepath"
	"testing"

	"porchlight.example/internal/testenv"
)

// Each runs a test as the sub-tests "sqlite" and "postgres", each with the address of a fresh, empty database for
// store.Open. PostgreSQL is skipped where it is missing (see [testenv.Skip]).
func Each(t *testing.T, run func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, filepath.Join(t.TempDir(), "porchlight.db")) })
	t.Run("postgres", func(t *testing.T) { run(t, testenv.Postgres(t)) })
}
