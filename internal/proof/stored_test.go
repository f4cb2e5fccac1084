package proof_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"database/sql"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"porchlight.example/internal/api"
	"porchlight.example/internal/blob"
	"porchlight.example/internal/blob/s3"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/web"
	"porchlight.example/seal"
	"porchlight.example/ui"
)

// TestSubpoena compares what is stored with the published list: every column of both engines and every kind of file that
// a full run leaves behind is on the list, and nothing is on the list that does not exist (D10, S6).
func TestSubpoena(t *testing.T) {
	var columns, files []string
	engines := 0
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		w := nodetest.Start(t, engine)
		fullRun(t, w)
		here := catalogue(t, w.Opts)
		kinds := fileKinds(t, w)
		for _, fault := range judgeStored(web.Stored(), here, kinds) {
			if strings.HasPrefix(fault, "stored") { // whether all that is listed exists is for both engines together
				t.Error(fault)
			}
		}
		checkPage(t, w)
		columns, files = append(columns, here...), append(files, kinds...)
		engines++
	})
	if engines < 2 {
		return // one of them is missing here
	}
	files = append(files, passingFiles(t)...)
	files = append(files, certificateFiles(t)...)
	columns = append(columns, "log lines.standard error") // TestLog looks into them
	for _, fault := range judgeStored(web.Stored(), columns, files) {
		t.Error(fault)
	}
	seededFaults(t, columns, files)
}

// TestHowLong lets the times pass that the list names, and looks whether what should be gone then is gone.
func TestHowLong(t *testing.T) {
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		w := nodetest.Start(t, engine)
		fullRun(t, w)
		db := openDatabase(t, w.Opts)
		var secrets []string
		collect(t, db, &secrets, `SELECT ticket_hash FROM share UNION SELECT credential_hash FROM share`)
		pass := func(d time.Duration) {
			w.Advance(d)
			must(t, w.Node.Exchange.Sweep(t.Context()))
		}
		none := func(what, query string) {
			t.Helper()
			var left []string
			if collect(t, db, &left, query); len(left) > 0 {
				t.Errorf("%s: %d are left", what, len(left))
			}
		}
		if len(secrets) != 8 { // three finished shares and one that is half uploaded
			t.Fatalf("%d secrets", len(secrets))
		}
		pass(31 * time.Minute)
		none("spent work after half an hour", `SELECT hash FROM work_spent`)
		none("challenges after five minutes", `SELECT hash FROM challenge`)
		pass(24 * time.Hour)
		none("sign-ins after twelve hours", `SELECT token_hash FROM session`)
		none("shares that were never finished after a day", `SELECT id FROM share WHERE state = 'begun'`)
		pass(7 * 24 * time.Hour)
		none("invitations after seven days", `SELECT token_hash FROM invitation`)
		none("uploads after seven days", `SELECT id_hash FROM upload`)
		none("manifests and quotas after seven days", `SELECT id FROM share WHERE manifest IS NOT NULL OR declared <> 0`)
		for _, name := range fileKinds(t, w) {
			if strings.HasPrefix(name, "blobs/clips/") {
				t.Errorf("clips after seven days: %s is left", name)
			}
		}
		pass(90 * 24 * time.Hour)
		none("messages 90 days later", `SELECT id FROM message`)
		var left []string
		collect(t, db, &left, `SELECT ticket_hash FROM share UNION SELECT credential_hash FROM share`)
		for _, hash := range left {
			if slices.Contains(secrets, hash) {
				t.Errorf("secrets 90 days later: the hash of a ticket or credential is left")
			}
		}
	})
}

// judgeStored returns what is stored and not listed, and what is listed and not stored.
func judgeStored(list []ui.StoredField, columns, files []string) (faults []string) {
	found := map[string]bool{}
	listed := map[string]bool{}
	var forms []string
	for _, f := range list {
		name := f.Table + "." + f.Column
		if listed[name] {
			faults = append(faults, "listed twice: "+name)
		}
		listed[name] = true
		if f.Table == "files" {
			forms = append(forms, f.Column)
		}
	}
	for _, c := range columns {
		if found[c] = true; !listed[c] {
			faults = append(faults, "stored and not listed: column "+c)
		}
	}
	for _, f := range files {
		form := formOf(forms, f)
		if form == "" {
			faults = append(faults, "stored and not listed: file "+f)
		}
		found["files."+form] = true
	}
	for name := range listed {
		if !found[name] {
			faults = append(faults, "listed and not stored: "+name)
		}
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

// formOf returns the longest of the listed forms that a file's name has, or nothing.
func formOf(forms []string, name string) (best string) {
	for _, form := range forms {
		before, after, star := strings.Cut(form, "*")
		fits := name == form || star && len(name) > len(before)+len(after) && strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
		if fits && len(form) > len(best) {
			best = form
		}
	}
	return best
}

// seededFaults shows that the judge finds what it must: a new column, a new kind of file, an entry that is out of date.
func seededFaults(t *testing.T, columns, files []string) {
	t.Helper()
	list := web.Stored()
	for fault, found := range map[string][]string{
		"a new column":        judgeStored(list, append(slices.Clone(columns), "share.client_address"), files),
		"a new table":         judgeStored(list, append(slices.Clone(columns), "visit.at"), files),
		"a new kind of file":  judgeStored(list, columns, append(slices.Clone(files), "blobs/thumbnails/c-1")),
		"a file by a log":     judgeStored(list, columns, append(slices.Clone(files), "access.log")),
		"an entry too many":   judgeStored(append(slices.Clone(list), ui.StoredField{Table: "share", Column: "contact"}), columns, files),
		"a listed file kind":  judgeStored(append(slices.Clone(list), ui.StoredField{Table: "files", Column: "mail/*"}), columns, files),
		"an entry that falls": judgeStored(list[1:], columns, files),
	} {
		if len(found) != 1 {
			t.Errorf("%s: the judge found %q", fault, found)
		}
	}
}

// fullRun plays every flow that stores something: a share that is picked up and confirmed, one that is taken back, one
// that is half uploaded, messages both ways, an update, a suspension, work that is spent, and a day's custody root.
func fullRun(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx := t.Context()
	x := w.Node.Exchange
	id := w.Publish(w.Draft(0))
	recipient := w.Police.Epoch.Recipient()
	clip := bytes.Repeat([]byte("frame"), 50_000)
	receipt, err := deliver(ctx, api.New(w.Server.URL), id, pack(t, recipient, "first", clip, clip[:9]))
	must(t, err)
	_, err = deliver(ctx, api.New(w.Server.URL), id, pack(t, recipient, "second", clip))
	must(t, err)
	sealed, err := seal.SealBytes([]byte("a word"), 4096, recipient)
	must(t, err)
	must(t, api.New(w.Server.URL).As("first").Call(ctx, "POST", "/v1/mailbox/messages", api.Reply{Body: api.Encode(sealed)}, nil))
	must(t, api.New(w.Server.URL).As("second").Call(ctx, "POST", "/v1/mailbox/withdraw", struct{}{}, nil))
	half, err := begin(ctx, api.New(w.Server.URL), id, pack(t, recipient, "third", clip))
	must(t, err)
	_, err = half.send(ctx, 0, 0, 4096)
	if err != nil && footage.KindOf(err) != footage.Invalid { // the object store takes larger pieces only
		t.Fatal(err)
	}
	must(t, x.Release(ctx))
	for _, kind := range []footage.EventKind{footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted} {
		must(t, w.Event(w.Police, receipt.Share, kind, nil))
	}
	must(t, w.Police.Custodian.Client.Call(ctx, "POST", "/v1/agency/shares/"+string(receipt.Share)+"/messages", api.Reply{Body: api.Encode(sealed)}, nil))
	w.Advance(25 * time.Hour)
	must(t, x.RootCustody(ctx))
	must(t, w.Node.RunDue(ctx))
	again, err := begin(ctx, api.New(w.Server.URL), id, pack(t, recipient, "fourth", clip)) // half uploaded when the run ends
	must(t, err)
	must(t, again.open(ctx, 0))
	_, err = again.send(ctx, 0, 0, 4096)
	if err != nil && footage.KindOf(err) != footage.Invalid {
		t.Fatal(err)
	}
	_, err = deliver(ctx, api.New(w.Server.URL), id, pack(t, recipient, "fifth", clip))
	must(t, err)
	for _, p := range []*nodetest.Person{&w.Police.Officer, &w.Police.Supervisor, &w.Moderator} {
		p.Client = w.Login(p.Key)
	}
	w.Withhold(w.Publish(w.Draft(3)))
}

// catalogue returns every column of the database, as the engine's own catalogue has it.
func catalogue(t *testing.T, o node.Options) []string {
	t.Helper()
	db := openDatabase(t, o)
	query := `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema()`
	if o.Database == "" {
		query = `SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_xinfo(t.name) c WHERE t.type IN ('table', 'view')`
	}
	var all []string
	collect(t, db, &all, query)
	if len(all) < 100 {
		t.Fatalf("the catalogue has %d columns, so this test would prove nothing", len(all))
	}
	return all
}

// openDatabase opens a second connection to an exchange's database.
func openDatabase(t *testing.T, o node.Options) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", o.Database
	if o.Database == "" {
		driver, dsn = "sqlite", filepath.Join(o.Data, "exchange.db")
	}
	db, err := sql.Open(driver, dsn)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// collect appends the only column of a query's rows.
func collect(t *testing.T, db *sql.DB, into *[]string, query string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var value string
		must(t, rows.Scan(&value))
		*into = append(*into, value)
	}
	must(t, rows.Err())
}

// fileKinds lists the files below the data folder, and the objects of an object store under the same names.
func fileKinds(t *testing.T, w *nodetest.Town) []string {
	t.Helper()
	var all []string
	for _, path := range w.Files() {
		name, err := filepath.Rel(w.Opts.Data, path)
		must(t, err)
		all = append(all, filepath.ToSlash(name))
	}
	if w.Opts.Blobs != "" {
		creds, err := s3.ReadCredentials(os.Getenv)
		must(t, err)
		bucket, err := s3.Open(t.Context(), w.Opts.Blobs, creds)
		must(t, err)
		for object, err := range bucket.List(t.Context(), "") {
			must(t, err)
			all = append(all, "blobs/"+object.Key)
		}
	}
	if len(all) < 10 {
		t.Fatalf("only %d files, so this test would prove nothing", len(all))
	}
	return all
}

// passingFiles returns the names that files bear while they are being written, seen by looking until one is there.
func passingFiles(t *testing.T) (seen []string) {
	t.Helper()
	dir := t.TempDir()
	disk, err := blob.OpenDisk(filepath.Join(dir, "blobs"))
	must(t, err)
	defer disk.Close()
	guard, err := exchange.NewGuard(filepath.Join(dir, "guard"))
	must(t, err)
	body := bytes.Repeat([]byte("x"), 1<<20)
	for _, writer := range []struct {
		folder, prefix string
		write          func() error
	}{
		{"blobs/~new", "", func() error { return disk.Put(context.Background(), "log/checkpoint", body) }},
		{"guard", ".tmp-", func() error { return guard.Saw(string(body)) }},
	} {
		name := catch(t, filepath.Join(dir, writer.folder), writer.prefix, writer.write)
		seen = append(seen, writer.folder+"/"+name)
	}
	return seen
}

// catch writes again and again until a file with the prefix is seen in the folder, and returns its name.
func catch(t *testing.T, folder, prefix string, write func() error) string {
	t.Helper()
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err := write(); err != nil {
				done <- err
				return
			}
		}
	}()
	defer func() {
		close(stop)
		must(t, <-done)
	}()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		entries, err := os.ReadDir(folder)
		must(t, err)
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), prefix) {
				return e.Name()
			}
		}
	}
	t.Fatalf("no file was ever seen in %s", folder)
	return ""
}

// certificateFiles serves with certificates by ACME, from a directory that gives none, and returns what that leaves.
func certificateFiles(t *testing.T) []string {
	t.Helper()
	directory := httptest.NewServer(http.NotFoundHandler())
	defer directory.Close()
	w := nodetest.Start(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	acme := filepath.Join(w.Opts.Data, "acme")
	go func() {
		ended <- w.Node.Run(ctx, l, node.TLS{ACMEHosts: []string{"exchange.example"}, ACMECache: acme, ACMEDirectory: directory.URL})
	}()
	if _, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{ServerName: "exchange.example", InsecureSkipVerify: true}); err == nil {
		t.Error("there was a certificate")
	}
	stop()
	must(t, <-ended)
	var all []string
	for _, name := range fileKinds(t, w) {
		if strings.HasPrefix(name, "acme/") {
			all = append(all, name)
		}
	}
	return all
}

// checkPage checks that the page shows the whole list in both languages, and that every entry says something in each.
func checkPage(t *testing.T, w *nodetest.Town) {
	t.Helper()
	pages := map[string]string{}
	for _, lang := range []string{"en", "es"} {
		raw, err := api.New(w.Server.URL).Get(t.Context(), "/"+lang+"/privacy")
		must(t, err)
		pages[lang] = html.UnescapeString(string(raw))
	}
	for _, f := range web.Stored() {
		for _, words := range []ui.Words{f.What, f.Why, f.HowLong} {
			for lang, said := range map[string]string{"en": words.En, "es": words.Es} {
				if !strings.HasSuffix(said, ".") || !strings.Contains(pages[lang], said) {
					t.Errorf("%s.%s: the %s page does not say %q, or it is no sentence", f.Table, f.Column, lang, said)
				}
			}
			if words.En == words.Es {
				t.Errorf("%s.%s: %q stands for both languages", f.Table, f.Column, words.En)
			}
		}
		if row := fmt.Sprintf("<code>%s</code>", f.Column); !strings.Contains(pages["en"], row) {
			t.Errorf("the page has no row %s", row)
		}
	}
}
