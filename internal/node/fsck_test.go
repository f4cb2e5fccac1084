package node_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/fsck"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/store"
	"porchlight.example/seal"
)

// lived returns a town in which something of every sort has happened.
func lived(t *testing.T, engine func(*node.Options)) *nodetest.Town {
	t.Helper()
	w := nodetest.Start(t, func(o *node.Options) {
		engine(o)
		o.KeyDelay = footage.KeyDelay
	})
	ctx := context.Background()
	first := w.Publish(w.Draft(0))
	w.Update(w.Police, first, footage.Amended, "The car was red.")
	second := w.Publish(w.Draft(1))
	clip := []byte(strings.Repeat("frames of a street", 1000))
	var sent []nodetest.Sent
	for range 6 {
		sent = append(sent, w.Send(first, nil, clip, clip[:500]))
	}
	w.Release()
	step := func(i int, kinds ...footage.EventKind) {
		t.Helper()
		for _, kind := range kinds {
			check(t, w.Event(w.Police, sent[i].Receipt.Share, kind, nil))
		}
	}
	step(0, footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted, footage.EventConfirmed)
	step(1, footage.EventPickedUp, footage.EventOpened)
	w.Withdraw(sent[2].Secret)
	w.Withdraw(sent[1].Secret) // asks it back
	note, err := seal.SealBytes([]byte("a question"), 1024, w.Police.Epoch.Recipient())
	check(t, err)
	w.Reply(sent[1].Secret, note)
	w.Advance(50 * time.Hour) // days pass
	check(t, w.Node.RunDue(ctx))
	w.Send(first, nil, clip) // waits for its release
	w.Refresh()

	for _, p := range []*nodetest.Person{&w.Police.Officer, &w.Police.Supervisor, &w.Police.Custodian, &w.Moderator} {
		p.Client = w.Login(p.Key)
	}
	w.Hold(w.Police, w.Draft(3), footage.ReasonUnclear)
	w.Complain(second, "It asks for more than it needs.")
	answered, _ := w.Complain(first, "It asks for more than it needs.")
	check(t, w.Node.Exchange.AnswerComplaintHere(ctx, answered.ID, api.AnswerComplaint{Outcome: footage.ComplaintUpheld,
		LedTo: []footage.ComplaintResult{footage.ResultAgencyTold}, Answer: "It will ask for less.", Reply: "Thank you."}))
	w.Update(w.Police, second, footage.Resolved, "Found.")
	w.FollowUp(w.Police, second, api.NewFollowUp{Duty: footage.DutyOutcome, Says: footage.SaidStillOpen})
	w.FollowUp(w.Police, second, api.NewFollowUp{Duty: footage.DutyOutcome, Says: footage.SaidArrest})
	w.FollowUp(w.Police, second, api.NewFollowUp{Duty: footage.DutyCopies, Says: footage.SaidKeptCase, Until: w.Now().AddDate(0, 1, 0).Format(time.DateOnly)})
	draft := w.Draft(2)
	var made api.AgencyRequest
	check(t, w.Police.Officer.Client.Call(ctx, "POST", "/v1/agency/requests", draft, &made))
	canonical, err := draft.Document.Canonical()
	check(t, err)
	check(t, w.Police.Officer.Client.Call(ctx, "POST", "/v1/agency/requests/"+string(made.ID)+"/sign",
		api.Signature{Assertion: w.Assert(w.Police.Officer, footage.Officer, canonical)}, nil))
	lend(t, w, w.Join(town.Agencies()[1]))
	check(t, w.Node.Exchange.SuspendAgency(ctx, town.Agencies()[1].ID, "a reason"))
	leaver := w.Enrol(w.Police.ID, footage.Officer)
	check(t, w.Node.Exchange.DisablePerson(ctx, leaver.ID))
	w.Invite(w.Police.ID, "Not yet", footage.Custodian)
	check(t, w.Node.Exchange.AdoptPolicy(ctx, []byte(`{"type": "porchlight/policy/v1", "name": "town", "about": {"en": "Town.", "es": "Ciudad."}, "rules": [
		{"kind": "area_max_sq_mi", "limit": 0.45, "en": "At most {limit}.", "es": "Hasta {limit}."}]}`)))
	begin(t, w, first)
	changeKeys(t, w)
	apply(t, w)
	w.Refresh()
	return w
}

// apply lets three bodies apply: one waits, one was refused, one is in the register.
func apply(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx, x := context.Background(), w.Node.Exchange
	accepted := town.Agencies()[0]
	a := footage.Application{Name: accepted.Name, Type: accepted.Type, LocalID: accepted.LocalID, ORI: accepted.ORI, BodyName: "Town", State: accepted.State, County: accepted.County,
		Website: "https://town.example/", Jurisdiction: accepted.Jurisdiction, Contact: accepted.Contact, Text: "We ask for little."}
	for _, answer := range []api.ApplicationAnswer{{}, {Reason: footage.ApplicationReasons()[0]}, {Agency: "applied-pd", Body: "town-that-applied"}} {
		made, err := x.ApplyByHand(ctx, a)
		check(t, err)
		if answer != (api.ApplicationAnswer{}) {
			check(t, x.AnswerApplication(ctx, made.ID, answer))
		}
	}
}

// changeKeys begins changes of keys: a passkey and a device that wait for their time, and a device that needs a second person.
func changeKeys(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx, x := context.Background(), w.Node.Exchange
	token, err := x.InviteAgain(ctx, w.Police.Supervisor.ID)
	check(t, err)
	w.Accept(token)
	check(t, x.ConfirmDevice(ctx, w.Operator.ID, w.Police.Supervisor.ID))
	colleague := w.Enrol(w.Police.ID, footage.Custodian)
	for _, owner := range []footage.PersonID{colleague.ID, w.Police.Custodian.ID} {
		device, err := x.AddCustodian(ctx, owner, api.NewCustodian{SignKey: api.Encode(make([]byte, 32)), Recipient: w.Police.Epoch.Recipient()})
		check(t, err)
		_, err = x.WrapKey(ctx, w.Police.Custodian.ID, api.WrappedKey{Epoch: 1, Holder: string(device.ID), Wrapped: api.Encode([]byte("sealed"))})
		check(t, err)
	}
}

// lend lets another agency's supervisor approve for the police, and offers them a second one.
func lend(t *testing.T, w *nodetest.Town, neighbour *nodetest.Agency) {
	t.Helper()
	ctx := context.Background()
	offers, agrees := w.Enrol(neighbour.ID, footage.AgencyAdmin), w.Enrol(w.Police.ID, footage.AgencyAdmin)
	second := w.Enrol(neighbour.ID, footage.Supervisor)
	until := w.Now().Add(30 * 24 * time.Hour)
	check(t, w.Node.Exchange.OfferLoan(ctx, offers.ID, neighbour.Supervisor.ID, w.Police.ID, until))
	check(t, w.Node.Exchange.AcceptLoan(ctx, agrees.ID, neighbour.Supervisor.ID))
	check(t, w.Node.Exchange.OfferLoan(ctx, offers.ID, second.ID, w.Police.ID, until))
}

// begin begins a share and sends a part of its clip.
func begin(t *testing.T, w *nodetest.Town, id footage.RequestID) {
	t.Helper()
	ctx := context.Background()
	c := api.New(w.Server.URL)
	work, err := c.Work(ctx)
	check(t, err)
	solution, err := work.Solve(ctx)
	check(t, err)
	begun, err := c.Begin(ctx, id, api.BeginShare{Work: solution, Credential: footage.Hash([]byte("begun")), Epoch: 1, Sizes: []int64{1000}})
	check(t, err)
	path, err := c.As(begun.Ticket).CreateUpload(ctx, begun.Clips[0], 1000)
	check(t, err)
	_, _ = c.As(begun.Ticket).Append(ctx, path, 0, 1000, strings.NewReader("a part only")) // which is what it complains of
}

func findings(t *testing.T, opts node.Options) []fsck.Finding {
	t.Helper()
	report, err := node.Fsck(context.Background(), opts, false, false)
	check(t, err)
	return report.Findings
}

func TestFsckOfASoundExchange(t *testing.T) {
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		w := lived(t, engine)
		report, err := node.Fsck(context.Background(), w.Opts, false, false)
		check(t, err)
		for _, f := range report.Findings {
			t.Errorf("%s: %s: %s", f.Part, f.Subject, f.Text)
		}
		for what, least := range map[string]int64{"clips": 7, "share": 8, "custody_event": 20, "custody_leaf": 4, "custody_day": 2, "request": 3, "request_update": 2, "moderation": 4, "complaint": 2,
			"log_entry": 20, "credential": 4, "published requests": 2, "objects of the record": 4, "recorded erasures": 2, "upload": 8, "policy": 2} {
			if report.Counts[what] < least {
				t.Errorf("checked %d of %s, want %d at least: the test shows less than it says", report.Counts[what], what, least)
			}
		}
		damage(t, w)
	})
}

// damage shows on either engine that one changed byte of an object, and one changed value of a row, are found.
func damage(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx := context.Background()
	for _, prefix := range []string{"log/checkpoint", "log/tile/0/", "log/tile/entries/", "feed/bundle/", "clips/"} {
		for object, err := range w.Node.Bucket().List(ctx, prefix) {
			check(t, err)
			r, err := w.Node.Bucket().Get(ctx, object.Key, 0, -1)
			check(t, err)
			whole, err := io.ReadAll(r)
			check(t, errors.Join(err, r.Close()))
			flipped := slices.Clone(whole)
			flipped[len(flipped)/2] ^= 4
			check(t, w.Node.Bucket().Put(ctx, object.Key, flipped))
			if len(findings(t, w.Opts)) == 0 {
				t.Errorf("a byte of %s was changed, and nothing found", object.Key)
			}
			check(t, w.Node.Bucket().Put(ctx, object.Key, whole))
			break
		}
	}
	driver, source := "sqlite", filepath.Join(w.Opts.Data, "exchange.db")
	if w.Opts.Database != "" {
		driver, source = "pgx", w.Opts.Database
	}
	db, err := sql.Open(driver, source)
	check(t, err)
	defer db.Close()
	_, err = db.Exec("UPDATE agency SET suspended = 1 - suspended")
	check(t, err)
	wantFinding(t, w.Opts, fsck.Database, "Its suspension is not as the record says.")
	_, err = db.Exec("UPDATE agency SET suspended = 1 - suspended")
	check(t, err)
	if left := findings(t, w.Opts); len(left) > 0 {
		t.Errorf("after all was put back: %v", left)
	}
}

// Every kind of object, changed in one byte, is found; so is one that is missing, and one that is too many.
func TestFsckFindsDamagedObjects(t *testing.T) {
	w := lived(t, func(*node.Options) {})
	var objects []string
	blobs := filepath.Join(w.Opts.Data, "blobs")
	check(t, filepath.WalkDir(blobs, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !strings.Contains(path, "~") {
			objects = append(objects, path)
		}
		return err
	}))
	objects = append(objects, filepath.Join(w.Opts.Data, "guard", "checkpoint"), filepath.Join(w.Opts.Data, "guard", "erased"))
	kinds := map[string]int{}
	for _, path := range objects {
		name, err := filepath.Rel(w.Opts.Data, path)
		check(t, err)
		kind := kindOf(name)
		if kinds[kind]++; kinds[kind] > 2 {
			continue // enough of a kind
		}
		whole, err := os.ReadFile(path)
		check(t, err)
		for _, at := range []int{0, len(whole) / 3, len(whole) / 2, len(whole) - 2} {
			flipped := slices.Clone(whole)
			flipped[at] ^= 0x04
			check(t, os.WriteFile(path, flipped, 0o600))
			if len(findings(t, w.Opts)) == 0 {
				t.Errorf("byte %d of %s was changed, and nothing found", at, name)
			}
		}
		check(t, os.WriteFile(path, whole, 0o600))
	}
	for _, kind := range []string{"clips", "log/checkpoint", "log/head.json", "log/state", "log/policy", "log/assets", "log/tile/0", "log/tile/entries", "feed/bundle", "guard/checkpoint", "guard/erased"} {
		if kinds[kind] == 0 {
			t.Errorf("there is no object of the kind %s, so that the test shows less than it says", kind)
		}
	}
	for _, kind := range []string{"log/policy", "log/state", "log/assets", "log/checkpoint"} {
		path := objects[slices.IndexFunc(objects, func(p string) bool { return strings.Contains(p, kind) })]
		check(t, os.Rename(path, path+"~"))
		if len(findings(t, w.Opts)) == 0 {
			t.Errorf("%s is gone, and nothing found", path)
		}
		check(t, os.Rename(path+"~", path))
	}
	clip := objects[slices.IndexFunc(objects, func(p string) bool { return strings.Contains(p, "/clips/") })]
	check(t, os.Rename(clip, clip[:len(clip)-1]+"~"))
	wantFinding(t, w.Opts, fsck.Clips, "The clip is missing")
	check(t, os.Rename(clip[:len(clip)-1]+"~", clip))
	check(t, os.WriteFile(filepath.Join(blobs, "clips", "c-"+strings.Repeat("7", 26)), []byte("orphan"), 0o600))
	wantFinding(t, w.Opts, fsck.Clips, "belongs to no share")
	if _, err := node.Fsck(context.Background(), w.Opts, true, true); err != nil {
		t.Error(err)
	}
	check(t, os.WriteFile(filepath.Join(blobs, "foreign"), nil, 0o600))
	wantFinding(t, w.Opts, fsck.Database, "Nothing of the exchange lies in this place")
	check(t, os.Remove(filepath.Join(blobs, "foreign")))
	if left := findings(t, w.Opts); len(left) > 0 {
		t.Errorf("after all was put back: %v", left)
	}
}

// kindOf names the kind of a file below the data folder.
func kindOf(name string) string {
	for _, kind := range []string{"clips", "log/checkpoint", "log/head.json", "log/state", "log/policy", "log/assets", "log/tile/0", "log/tile/entries", "feed/bundle"} {
		if strings.HasPrefix(name, "blobs/"+kind) {
			return kind
		}
	}
	return name
}

func wantFinding(t *testing.T, opts node.Options, part fsck.Part, words string) {
	t.Helper()
	all := findings(t, opts)
	if !slices.ContainsFunc(all, func(f fsck.Finding) bool { return f.Part == part && strings.Contains(f.Text, words) }) {
		t.Errorf("no finding in %s says %q: %v", part, words, all)
	}
}

// Keys that are not the exchange's are found.
func TestFsckFindsWrongKeys(t *testing.T) {
	w := lived(t, func(*node.Options) {})
	for _, name := range []string{"log.key", "log.pub", "receipt.key", "exchange.key"} {
		path := filepath.Join(w.Opts.Data, "keys", name)
		whole, err := os.ReadFile(path)
		check(t, err)
		flipped := slices.Clone(whole)
		at := len(whole) - 6
		flipped[at] = map[bool]byte{true: '1', false: '0'}[whole[at] == '0']
		check(t, os.WriteFile(path, flipped, 0o600))
		report, err := node.Fsck(context.Background(), w.Opts, true, false)
		if err == nil && len(report.Findings) == 0 {
			t.Errorf("%s was changed, and nothing found", name)
		}
		check(t, os.WriteFile(path, whole, 0o600))
	}
}

// Every value for which anything vouches, changed in one bit, is found.
func TestFsckFindsChangedRows(t *testing.T) {
	w := lived(t, func(*node.Options) {})
	db, err := sql.Open("sqlite", filepath.Join(w.Opts.Data, "exchange.db"))
	check(t, err)
	defer db.Close()
	tried := 0
	for _, table := range fsck.Tables() {
		for _, column := range table.Columns {
			where := "TRUE"
			_, whole := fsck.Unvouched()[table.Name]
			if words, listed := fsck.Unvouched()[table.Name+"."+column]; whole || listed && words == "" {
				continue
			} else if listed {
				where = vouched(table.Name + "." + column)
			}
			tried += flipColumn(t, w, db, table, column, where)
		}
	}
	if tried < 80 {
		t.Errorf("only %d values were changed", tried)
	}
	if left := findings(t, w.Opts); len(left) > 0 {
		t.Errorf("after all was put back: %v", left)
	}
}

// vouched returns the rows in which something vouches for a column that nothing vouches for in others.
func vouched(column string) string {
	return map[string]string{
		"person.roles": "id IN (SELECT person FROM credential)", "person.rank": "id IN (SELECT person FROM credential)", "credential.revoked": "pending = 0", "custodian.disabled": "disabled = 1",
		"application.answered": "answered = 0", "key_change.id": "counts IS NOT NULL", "key_change.asked": "counts IS NOT NULL", "key_change.person": "counts IS NOT NULL", "key_change.sha256": "counts IS NOT NULL",
		"agency.desk_asked": "desk_since <> 0", "lent.until": "agreed <> ''", "lent.offered": "agreed <> ''", "custodian.sign_key": "TRUE", "request.author": "status <> 'draft'",
		"share.expires": "state IN ('released', 'picked_up')", "upload.received": "digest <> ''",
		"moderation.subject": "outcome <> ''", "moderation.round": "outcome <> ''", "moderation.urgent": "outcome <> ''", "moderation.request": "outcome <> ''",
		"complaint.words": "words <> ''",
		"credential.data": "FALSE", "credential.created": "FALSE", // a bit in the middle is of what nothing vouches for
	}[column]
}

// flipColumn changes a value in one bit, in some rows one after the other, and puts it back. It returns how many it changed.
func flipColumn(t *testing.T, w *nodetest.Town, db *sql.DB, table store.Table, column, where string) (tried int) {
	t.Helper()
	key := strings.Join(table.Key, ", ")
	rows, err := db.Query(fmt.Sprintf("SELECT rowid, %s FROM %s WHERE %s IS NOT NULL AND %s ORDER BY %s", column, table.Name, column, where, key))
	check(t, err)
	type value struct {
		id int64
		v  any
	}
	var all []value
	for rows.Next() {
		var v value
		check(t, rows.Scan(&v.id, &v.v))
		all = append(all, v)
	}
	check(t, rows.Err())
	rows.Close()
	for i, v := range all {
		if i != len(all)-1 && (i != 0 || table.Name != "share" && table.Name != "request" && table.Name != "complaint") {
			continue // the last one stands for the others
		}
		changed, ok := flip(v.v)
		if !ok {
			continue // an empty text has no bit
		}
		if _, err := db.Exec(fmt.Sprintf("UPDATE %s SET %s = ? WHERE rowid = ?", table.Name, column), changed, v.id); err != nil {
			continue // the schema itself refuses it
		}
		id := v.id
		if column == key { // SQLite's rowid moves with an integer key
			if n, isInt := changed.(int64); isInt {
				id = n
			}
		}
		tried++
		report, err := node.Fsck(context.Background(), w.Opts, true, false)
		if err == nil && len(report.Findings) == 0 {
			t.Errorf("%s.%s was changed in row %d, and nothing found", table.Name, column, v.id)
		}
		_, err = db.Exec(fmt.Sprintf("UPDATE %s SET %s = ? WHERE rowid = ?", table.Name, column), v.v, id)
		check(t, err)
	}
	return tried
}

// flip changes one bit in the middle of a value.
func flip(v any) (any, bool) {
	switch v := v.(type) {
	case int64:
		return v ^ 1, true
	case string:
		if v == "" {
			return nil, false
		}
		b := []byte(v)
		b[len(b)/2] ^= 1
		return string(b), true
	case []byte:
		if len(v) == 0 {
			return nil, false
		}
		b := slices.Clone(v)
		b[len(b)/2] ^= 1
		return b, true
	}
	return nil, false
}

// The operator can read for what nothing vouches.
func TestUnvouchedIsTold(t *testing.T) {
	raw, err := os.ReadFile("../../doc/operations.md")
	check(t, err)
	for name := range fsck.Unvouched() {
		if !strings.Contains(string(raw), "`"+name+"`") {
			t.Errorf("doc/operations.md does not say that nothing vouches for %s", name)
		}
	}
}

// The list of tables is whole: whoever adds a column must say here what vouches for it.
func TestFsckKnowsEveryColumn(t *testing.T) {
	opts := created(t, true)
	db, err := sql.Open("sqlite", filepath.Join(opts.Data, "exchange.db"))
	check(t, err)
	defer db.Close()
	want := map[string]bool{}
	for _, table := range fsck.Tables() {
		for _, column := range table.Columns {
			want[table.Name+"."+column] = true
		}
	}
	rows, err := db.Query(`SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'goose_db_version'`)
	check(t, err)
	defer rows.Close()
	count := 0
	for rows.Next() {
		var table, column string
		check(t, rows.Scan(&table, &column))
		if count++; !want[table+"."+column] {
			t.Errorf("fsck does not know the column %s.%s", table, column)
		}
	}
	if count != len(want) {
		t.Errorf("the schema has %d columns, fsck knows %d", count, len(want))
	}
}
