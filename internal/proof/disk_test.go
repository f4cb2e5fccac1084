package proof_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sameDisk fails the test unless two exchanges keep the same rows and files: after the sweeps nothing is left on the
// operator's machine of those who stayed silent.
func sameDisk(t *testing.T, a, b *world) {
	t.Helper()
	x, y := held(t, a), held(t, b)
	if len(x) < 100 {
		t.Fatalf("%d rows and files, so this would prove nothing", len(x))
	}
	for i, difference := range difference(x, y) {
		if i == 10 {
			break
		}
		t.Errorf("left on the disk: %s", difference)
	}
}

// difference returns what is in one sorted list only.
func difference(a, b []string) (only []string) {
	for _, s := range a {
		if _, both := slices.BinarySearch(b, s); !both {
			only = append(only, "- "+s)
		}
	}
	for _, s := range b {
		if _, both := slices.BinarySearch(a, s); !both {
			only = append(only, "+ "+s)
		}
	}
	return only
}

// held lists every row and every file, sorted: rows whole, files by name and hash. The database file itself is
// its rows; the keys of both worlds are the same.
func held(t *testing.T, w *world) []string {
	t.Helper()
	var all []string
	db := openDatabase(t, w.opts)
	columns := map[string][]string{}
	for _, name := range catalogue(t, w.opts) {
		table, column, _ := strings.Cut(name, ".")
		columns[table] = append(columns[table], column)
	}
	for table, names := range columns {
		if table == "goose_db_version" { // it holds when the program set the database up
			continue
		}
		slices.Sort(names)
		all = append(all, rowsOf(t, db, table, names)...)
	}
	for _, path := range w.files() {
		if strings.HasPrefix(filepath.Base(path), "exchange.db") {
			continue
		}
		raw, err := os.ReadFile(path)
		must(t, err)
		name, err := filepath.Rel(w.opts.Data, path)
		must(t, err)
		all = append(all, fmt.Sprintf("file %s %x", name, sha256.Sum256(raw)))
	}
	slices.Sort(all)
	return all
}

func rowsOf(t *testing.T, db *sql.DB, table string, names []string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT "+strings.Join(names, ", ")+" FROM "+table)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		values := make([]sql.NullString, len(names))
		into := make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		must(t, rows.Scan(into...))
		row := table
		for i, v := range values {
			row += fmt.Sprintf(" %s=%q", names[i], v.String)
		}
		all = append(all, row)
	}
	must(t, rows.Err())
	return all
}

// files lists the files below the data folder.
func (w *world) files() (all []string) {
	_ = filepath.WalkDir(w.opts.Data, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, path)
		}
		return nil
	})
	return all
}
