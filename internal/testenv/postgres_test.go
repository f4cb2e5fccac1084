package testenv

import (
	"database/sql"
	"testing"
)

// ping returns the name of the database behind url, or the reason why it does not answer.
func ping(t *testing.T, url string) (name string, err error) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRow("select current_database()").Scan(&name)
	return name, err
}

func TestPostgresDatabasesAreFresh(t *testing.T) {
	a, errA := ping(t, Postgres(t))
	b, errB := ping(t, Postgres(t))
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if a == b {
		t.Errorf("two calls gave the same database %s", a)
	}
}

func TestClusterKillAndStart(t *testing.T) {
	c := StartPostgres(t)
	url := c.Database(t)
	if _, err := ping(t, url); err != nil {
		t.Fatal(err)
	}
	c.Kill(t)
	if _, err := ping(t, url); err == nil {
		t.Fatal("a killed server answers")
	}
	c.Start(t)
	if _, err := ping(t, url); err != nil {
		t.Fatal(err)
	}
}

// recorder is a test that only remembers how it ended.
type recorder struct {
	testing.TB
	ended string
}

func (r *recorder) Helper()           {}
func (r *recorder) Skip(args ...any)  { r.ended = "skipped" }
func (r *recorder) Fatal(args ...any) { r.ended = "failed" }

func TestSkip(t *testing.T) {
	for require, want := range map[string]string{"": "skipped", "1": "failed"} {
		t.Setenv("PORCHLIGHT_REQUIRE_ALL", require)
		r := &recorder{TB: t}
		if Skip(r, "for this test's sake"); require == "" && r.ended != want || require == "1" && r.ended == "" {
			t.Errorf("PORCHLIGHT_REQUIRE_ALL=%q: %s, want %s", require, r.ended, want)
		}
	}
}
