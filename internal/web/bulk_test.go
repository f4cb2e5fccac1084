package web_test

import (
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/opendata"
)

// grow gives a closed exchange n more requests, copies of one that is open, closed and of the months before it.
func grow(t *testing.T, w *nodetest.Town, id footage.RequestID, n int) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.Opts.Data, "exchange.db"))
	must(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	run := func(query string, args ...any) {
		t.Helper()
		_, err := db.Exec(query, args...)
		must(t, err)
	}
	run(`CREATE TEMP TABLE one AS SELECT * FROM request WHERE id = $1`, id)
	run(`BEGIN`)
	for i := range n {
		name := footage.Hash(fmt.Append(nil, "copy", i))
		run(`UPDATE one SET id = $1, status = 'resolved', code = $1, case_key = $1, published = published - $2, created = created - $2`, name, (20 * time.Hour).Microseconds())
		run(`INSERT INTO request SELECT * FROM one`)
	}
	run(`COMMIT`)
}

// TestBulkIsWhole (T9): whoever follows the index of the open data gets every one of a thousand requests, in each of the three
// forms, once by month and once by agency, without a login; nothing is cut off.
func TestBulkIsWhole(t *testing.T) {
	w := nodetest.Start(t, nil)
	id := w.Publish(w.Draft(0))
	must(t, w.Node.Close())
	grow(t, w, id, 999)
	w.Reopen(w.Opts)
	_, raw := fetch(t, w, "GET", "/data/index.json", "")
	var index opendata.Catalog
	must(t, json.Unmarshal(raw, &index))
	seen := map[string]map[string]int{}
	for _, table := range index.Tables {
		kind, _, _ := strings.Cut(table.Name, "-2")
		if kind != "requests" && table.Name != "agencies/"+string(w.Police.ID)+"/requests" {
			continue
		}
		if kind == "requests" && table.Name != "requests" {
			kind = "by month"
		}
		for _, path := range table.Files {
			res, body := fetch(t, w, "GET", path, "")
			if res.StatusCode != http.StatusOK {
				t.Fatalf("%s: %s", path, res.Status)
			}
			form := kind + path[strings.LastIndex(path, "."):]
			if seen[form] == nil {
				seen[form] = map[string]int{}
			}
			for _, id := range idsOf(t, path, body) {
				seen[form][id]++
			}
		}
	}
	if len(seen) != 9 {
		t.Errorf("there are tables in %d forms", len(seen))
	}
	for form, ids := range seen {
		if len(ids) != 1000 {
			t.Errorf("%s holds %d requests", form, len(ids))
		}
		for id, n := range ids {
			if n != 1 {
				t.Errorf("%s holds %s %d times", form, id, n)
			}
		}
	}
}

// idsOf returns the requests in a table.
func idsOf(t *testing.T, path string, body []byte) (ids []string) {
	t.Helper()
	if strings.HasSuffix(path, ".csv") {
		rows, err := csv.NewReader(strings.NewReader(string(body))).ReadAll()
		must(t, err)
		for _, row := range rows[1:] {
			ids = append(ids, row[0])
		}
		return ids
	}
	var all struct {
		Rows     []struct{ Request string }
		Features []struct{ ID string }
	}
	must(t, json.Unmarshal(body, &all))
	for _, row := range all.Rows {
		ids = append(ids, row.Request)
	}
	for _, feature := range all.Features {
		ids = append(ids, feature.ID)
	}
	return ids
}

// TestTablesFollow (P10): sums and tables that grow by what is new say the same as those that are made anew from everything.
func TestTablesFollow(t *testing.T) {
	w := nodetest.Start(t, nil)
	first, second := w.Publish(w.Draft(0)), w.Publish(w.Draft(1))
	paths := []string{"/data/agencies.csv", "/data/requests.csv", "/data/requests-" + w.Now().Format("2006-01") + ".csv",
		"/data/agencies/" + string(w.Police.ID) + "/requests.csv"}
	read := func() map[string]string {
		t.Helper()
		w.Refresh()
		out := map[string]string{}
		for _, path := range paths {
			res, body := fetch(t, w, "GET", path, "")
			if res.StatusCode != http.StatusOK {
				t.Fatalf("%s: %s", path, res.Status)
			}
			out[path] = string(body)
		}
		return out
	}
	read()
	w.Update(w.Police, first, footage.Resolved, "Found.")
	read()
	w.Withhold(second)
	third := w.Publish(w.Draft(3))
	w.Update(w.Police, third, footage.Withdrawn, "No longer needed.")
	w.Publish(w.Draft(2))
	got := read()
	must(t, w.Node.Close())
	w.Reopen(w.Opts)
	for path, want := range read() {
		if got[path] != want {
			t.Errorf("%s grew to\n%s\nbut made anew it is\n%s", path, got[path], want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
