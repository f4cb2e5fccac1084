package proof_test

import (
	"bytes"
	"cmp"
	"database/sql"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"porchlight.example/internal/node"
)

// TestPromisesNotice plants, one by one, the losses that the tests of crashes look for: each must be found.
func TestPromisesNotice(t *testing.T) {
	t.Parallel()
	w := onDisk(t)
	p := &promises{requests: w.requests}
	serveHere(t, w, w.opts.Data, func() {
		whole := &promised{parcel: pack(t, w.epoch.Recipient(), "whole", bytes.Repeat([]byte("w"), 5000))}
		half := &promised{parcel: pack(t, w.epoch.Recipient(), "half", bytes.Repeat([]byte("h"), 50000))}
		p.shares = []*promised{whole, half}
		must(t, p.resident(t.Context(), w, whole, w.requests[0], func() int64 { return 9000 }))
		must(t, w.node.Exchange.Release(t.Context()))
		must(t, p.custodian(t.Context(), w))
		begun, err := begin(t.Context(), w.public(), w.requests[0], half.parcel)
		must(t, err)
		half.s, half.acked = begun, []int64{0}
		must(t, p.sendPiece(t.Context(), half, 0, 20_000))
		must(t, p.check(t.Context(), w))
	})
	clip := "blobs/clips/" + string(p.shares[0].s.begun.Clips[0])
	part := "blobs/clips/" + string(p.shares[1].s.begun.Clips[0]) + "~part"
	edit := func(query string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			db, err := sql.Open("sqlite", filepath.Join(dir, "exchange.db"))
			must(t, err)
			defer db.Close()
			result, err := db.ExecContext(t.Context(), query)
			must(t, err)
			if n, err := result.RowsAffected(); err != nil || n == 0 {
				t.Fatalf("%s changed %d rows, %v", query, n, err)
			}
		}
	}
	for name, tamper := range map[string]func(t *testing.T, dir string){
		"nothing":                  func(*testing.T, string) {},
		"an acknowledged byte":     func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, part), 19_999)) },
		"a clip":                   func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, clip))) },
		"a bit of a clip":          func(t *testing.T, dir string) { flip(t, filepath.Join(dir, clip)) },
		"an offset":                edit(`UPDATE upload SET received = received - 1 WHERE digest = ''`),
		"a commit":                 edit(`UPDATE share SET state = 'begun' WHERE state = 'picked_up'`),
		"a share never committed":  edit(`UPDATE share SET state = 'released', released = 1 WHERE state = 'begun'`),
		"an event of the agency":   edit(`DELETE FROM custody_event WHERE seq = 2`),
		"a published request":      edit(`UPDATE request SET status = 'approved'`),
		"the custodian's sign-in":  edit(`DELETE FROM session`),
		"an entry of the record":   func(t *testing.T, dir string) { flip(t, someFile(t, dir, "blobs/log/tile/entries/*/*")) },
		"a tile of the record":     func(t *testing.T, dir string) { must(t, os.Remove(someFile(t, dir, "blobs/log/tile/0/*/*"))) },
		"the receipt":              edit(`UPDATE share SET receipt = replace(receipt, '"sig":"', '"sig":"A') WHERE receipt <> ''`),
		"an event of the exchange": edit(`UPDATE custody_event SET body = replace(body, 'released', 'replied') WHERE seq = 1`),
		"an upload that had begun": edit(`DELETE FROM upload WHERE digest = ''`),
		"a clip's end":             func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, clip), 100)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			copyData(t, dir, w.opts.Data)
			tamper(t, dir)
			lost := name != "nothing"
			q := &promises{requests: p.requests, shares: p.shares, entries: p.entries, size: p.size}
			serveHere(t, w, dir, func() {
				if err := q.check(t.Context(), w); errors.Is(err, errBroken) != lost {
					t.Errorf("the check says %v", err)
				}
			})
		})
	}
}

// copyData copies a data folder for the same eyes.
func copyData(t *testing.T, to, from string) {
	t.Helper()
	must(t, os.CopyFS(to, os.DirFS(from)))
	keys, err := filepath.Glob(filepath.Join(to, "keys", "*"))
	must(t, err)
	for _, path := range append(keys, filepath.Join(to, "keys"), to) {
		mode := os.FileMode(0o600)
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			mode = 0o700
		}
		must(t, os.Chmod(path, mode))
	}
}

// serveHere serves a data folder of the world in this process while do runs.
func serveHere(t *testing.T, w *world, dir string, do func()) {
	t.Helper()
	opts := w.opts
	opts.Data, opts.Now = dir, nil
	n, err := node.Open(t.Context(), opts)
	must(t, err)
	defer n.Close()
	h, err := n.Handler(t.Context())
	must(t, err)
	server := httptest.NewServer(h)
	defer server.Close()
	open, data := w.node, w.opts.Data
	w.node, w.opts.Data = n, dir
	defer func() { w.node, w.opts.Data = open, data }()
	w.at(server.URL)
	do()
}

// flip changes one bit in the midst of a file.
func flip(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	must(t, err)
	raw[len(raw)/2] ^= 4
	must(t, os.WriteFile(path, raw, 0o600))
}

// someFile returns the last file of a form.
func someFile(t *testing.T, dir, form string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, form))
	must(t, err)
	if len(all) == 0 {
		t.Fatalf("no file %s", form)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }) // 10 behind 9
	return all[len(all)-1]
}
