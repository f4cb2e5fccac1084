package testenv

import (
	"database/sql"
	"testing"
)

// ping makes a table in the database behind url, and returns an error when it is there already or nobody answers.
func ping(t *testing.T, url string) error {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec("create table only_mine (n integer)")
	return err
}

func TestPostgresDatabasesAreFresh(t *testing.T) {
	a, b := Postgres(t), Postgres(t)
	for _, url := range []string{a, b} {
		if err := ping(t, url); err != nil {
			t.Errorf("%s is not fresh: %v", url, err)
		}
	}
	if ping(t, a) == nil {
		t.Error("a table that was made is not there")
	}
}

func TestClusterKillAndStart(t *testing.T) {
	c := StartPostgres(t)
	c.Kill(t)
	if err := ping(t, c.url()); err == nil {
		t.Fatal("a killed server answers")
	}
	c.Start(t)
	if err := ping(t, c.Database(t)); err != nil {
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
