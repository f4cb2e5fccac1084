package node_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/backup"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/softkey"
	"porchlight.example/ledger"
)

// drill is an exchange that was backed up and went on.
type drill struct {
	*nodetest.Town
	t      *testing.T
	engine func(*node.Options)
	dir    string // the backup
	made   backup.Manifest
	first  footage.RequestID // published before the backup, updated after it
	second footage.RequestID // waiting in the backup, published after it
	third  footage.RequestID // made after the backup

	kept, withdrawn, confirmed, lost, later nodetest.Sent
	officer                                 nodetest.Person // enrolled after the backup

	code      string            // of a complaint that was answered after the backup
	complaint footage.Complaint // made after the backup

	passkey *softkey.Key        // of the supervisor: it waited in the backup, and counted after it
	device  footage.CustodianID // as the passkey
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newDrill lets an exchange live, be backed up, and live on.
func newDrill(t *testing.T, engine func(*node.Options)) *drill {
	t.Helper()
	d := &drill{Town: nodetest.Start(t, engine), t: t, engine: engine, dir: filepath.Join(t.TempDir(), "backup")}
	ctx := context.Background()
	d.first = d.Publish(d.Draft(0))
	for _, s := range []*nodetest.Sent{&d.kept, &d.withdrawn, &d.confirmed, &d.lost} {
		*s = d.Send(d.first, nil, []byte("frames of a street"))
	}
	d.Release()
	waiting := d.Draft(1)
	var draft api.AgencyRequest
	check(t, d.Police.Officer.Client.Call(ctx, "POST", "/v1/agency/requests", waiting, &draft))
	d.second = draft.ID
	agree := d.askForKeys()
	var err error
	complaint, code := d.Complain(d.first, "It asks the whole town.")
	d.code = code
	d.made, err = node.Backup(ctx, d.Opts, d.dir, true)
	check(t, err)
	check(t, d.Node.Exchange.AnswerComplaintHere(ctx, complaint.ID, api.AnswerComplaint{Outcome: footage.ComplaintNotUpheld, Answer: "It asks one street."}))
	d.complaint, _ = d.Complain(d.first, "It does so again.")

	canonical, err := waiting.Document.Canonical()
	check(t, err)
	path := "/v1/agency/requests/" + string(d.second)
	check(t, d.Police.Officer.Client.Call(ctx, "POST", path+"/sign", api.Signature{Assertion: d.Assert(d.Police.Officer, footage.Officer, canonical)}, nil))
	check(t, d.Police.Supervisor.Client.Call(ctx, "POST", path+"/approve", api.Signature{Assertion: d.Assert(d.Police.Supervisor, footage.Supervisor, canonical)}, nil))
	check(t, d.Police.Supervisor.Client.Call(ctx, "POST", path+"/submit", api.Submit{}, nil))
	d.Clear(string(draft.ID))
	d.third = d.Publish(d.Draft(2))
	d.Update(d.Police, d.first, footage.Amended, "The car was red.")
	d.Join(town.Agencies()[1])
	d.officer = d.Enrol(d.Police.ID, footage.Officer)
	check(t, d.Node.Exchange.SetRoles(ctx, d.Enrol(d.Police.ID, footage.AgencyAdmin).ID, d.Police.Custodian.ID, footage.Custodian, footage.Officer))
	d.Police.Custodian.Client = d.Login(d.Police.Custodian.Key) // another role ends what was signed in before
	d.Withdraw(d.withdrawn.Secret)
	agree()
	for _, kind := range []footage.EventKind{footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted, footage.EventConfirmed} {
		check(t, d.Event(d.Police, d.confirmed.Receipt.Share, kind, nil))
	}
	check(t, d.Node.Bucket().Delete(ctx, "clips/"+string(d.lost.Receipt.Clips[0].ID)))
	d.later = d.Send(d.first, nil, []byte("frames of a street"))
	d.Release()
	d.Refresh()
	return d
}

// askForKeys makes a passkey of the supervisor's and a device of the custodian's that wait for a second person, and returns what
// that person does.
func (d *drill) askForKeys() (agree func()) {
	d.t.Helper()
	ctx, x := context.Background(), d.Node.Exchange
	token, err := x.InviteAgain(ctx, d.Police.Supervisor.ID)
	check(d.t, err)
	d.passkey = d.Accept(token)
	device, err := x.AddCustodian(ctx, d.Police.Custodian.ID, api.NewCustodian{SignKey: api.Encode(make([]byte, 32)), Recipient: d.Police.Epoch.Recipient()})
	check(d.t, err)
	d.device = device.ID
	change, err := x.WrapKey(ctx, d.Police.Custodian.ID, api.WrappedKey{Epoch: 1, Holder: string(device.ID), Wrapped: api.Encode([]byte("sealed"))})
	check(d.t, err)
	return func() {
		d.t.Helper()
		check(d.t, x.ConfirmDevice(ctx, d.Operator.ID, d.Police.Supervisor.ID))
		_, err := x.AgreeKey(ctx, d.Operator.ID, change.ID)
		check(d.t, err)
		d.Police.Supervisor.Key, d.Police.Supervisor.Client = d.passkey, d.Login(d.passkey)
	}
}

// keys checks that what waited in the backup and counted after it counts: the record says how it ended, the backup holds the key.
func (d *drill) keys() {
	d.t.Helper()
	d.Login(d.passkey)
	keys, err := d.Node.Exchange.AgencyKeys(context.Background(), d.Police.Custodian.ID)
	check(d.t, err)
	if len(keys.Waiting) != 0 || !slices.ContainsFunc(keys.Wrapped, func(w api.WrappedKey) bool { return w.Holder == string(d.device) }) {
		d.t.Errorf("the device that was let in after the backup: %+v, waiting %+v", keys.Wrapped, keys.Waiting)
	}
}

// target returns the options of an empty place for the exchange, with what survived of the old one.
func (d *drill) target(bucket bool) node.Options {
	opts := node.Options{Data: filepath.Join(d.t.TempDir(), "new"), Now: d.Now, AtOnce: true}
	d.engine(&opts)
	if bucket {
		if opts.Blobs = d.Opts.Blobs; opts.Blobs == "" {
			opts.Blobs = filepath.Join(d.Opts.Data, "blobs")
		}
	}
	return opts
}

func (d *drill) guard() string { return filepath.Join(d.Opts.Data, "guard") }

func (d *drill) mailbox(s nodetest.Sent) (api.Mailbox, error) {
	return api.New(d.Server.URL).As(s.Secret.Credential()).Mailbox(context.Background())
}

// wantShare checks what the holder of a receipt is told.
func (d *drill) wantShare(what string, s nodetest.Sent, state footage.ShareState, events ...footage.EventKind) {
	d.t.Helper()
	box, err := d.mailbox(s)
	if err != nil {
		d.t.Errorf("%s share: %v", what, err)
		return
	}
	var kinds []footage.EventKind
	for _, e := range box.Events {
		kinds = append(kinds, e.Kind)
	}
	if box.State != state || !slices.Equal(kinds, events) {
		d.t.Errorf("%s share: %s %v; want %s %v", what, box.State, kinds, state, events)
	}
}

func TestRestoreReplaysRecordAndErasures(t *testing.T) {
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		d := newDrill(t, engine)
		ctx := context.Background()
		before, err := d.Node.Exchange.Checkpoint(ctx)
		check(t, err)
		opts := d.target(true)
		check(t, d.Node.Close())

		_, err = node.Restore(ctx, opts, node.Restoring{From: d.dir + "-not"})
		if !errors.Is(err, footage.NotFound) {
			t.Errorf("no backup: %v", err)
		}
		out, err := node.Restore(ctx, opts, node.Restoring{From: d.dir, Guards: []string{d.guard()}})
		check(t, err)
		if out.Replayed == 0 || out.Replayed != before.Size-d.made.Entries || out.Entries != before.Size {
			t.Errorf("replayed %d of %d entries onto %d", out.Replayed, before.Size, d.made.Entries)
		}
		if out.Kept != 1 || out.Lost != 1 || out.Tombstones != 2 || out.Orphans != 1 {
			t.Errorf("shares: %+v", out)
		}
		wantLosses(t, out, "enrolled an authenticator that is lost", string(d.officer.ID), "key 1, whose wrappings are lost", d.third.Short(),
			"The words of the complaint "+string(d.complaint.ID), "The words of the answer to the complaint")
		if _, err := node.Restore(ctx, opts, node.Restoring{From: d.dir}); !errors.Is(err, footage.Conflict) {
			t.Errorf("over an exchange: %v", err)
		}

		d.agree(opts, 1)
		d.Reopen(opts)
		if own, err := d.Node.Exchange.OwnComplaint(ctx, d.code); err != nil || own.Outcome != footage.ComplaintNotUpheld || own.Answer != "" || own.Words == "" {
			t.Errorf("the complaint of before the backup: %+v, %v", own, err)
		}
		if all, err := d.Node.Exchange.ComplaintsHere(ctx); err != nil || len(all.Waiting) != 1 || all.Waiting[0].ID != d.complaint.ID || all.Waiting[0].Words != "" {
			t.Errorf("the complaint of afterwards: %+v, %v", all, err)
		}
		after, err := d.Node.Exchange.Checkpoint(ctx)
		check(t, err)
		if after.Size != before.Size+1 { // the state that starting writes
			t.Errorf("head %+v, want one entry more than %+v", after, before)
		}
		d.record()
		d.requests()
		d.people()
		d.keys()

		restored := []footage.EventKind{footage.EventCommitted, footage.EventReleased, footage.EventRestored}
		d.wantShare("kept", d.kept, footage.ShareReleased, restored...)
		d.wantShare("withdrawn", d.withdrawn, footage.ShareTakenBack, append(restored[:3:3], footage.EventWithdrawn, footage.EventErased)...)
		d.wantShare("confirmed", d.confirmed, footage.ShareErased, append(restored[:3:3], footage.EventErased)...)
		d.wantShare("lost", d.lost, footage.ShareLost, append(restored[:3:3], footage.EventLost)...)
		if _, err := d.mailbox(d.later); err == nil {
			t.Error("a share that the backup does not know has a mailbox")
		}
		d.delivery()
	})
}

func wantLosses(t *testing.T, out exchange.Restored, words ...string) {
	t.Helper()
	var all []string
	for _, l := range out.Losses {
		all = append(all, l.What)
	}
	text := strings.Join(all, "\n")
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("the losses do not name %q:\n%s", word, text)
		}
	}
}

// record checks the whole public record, and that it can grow without forking.
func (d *drill) record() {
	d.t.Helper()
	ctx := context.Background()
	head, err := d.Node.Exchange.Checkpoint(ctx)
	check(d.t, err)
	check(d.t, d.Node.Exchange.SuspendAgency(ctx, d.Police.ID, "a drill"))
	check(d.t, d.Node.Exchange.RestoreAgency(ctx, d.Police.ID))
	log := objects{d.Node.Exchange}
	report, err := ledger.Check(ctx, log, d.Node.Exchange.Info().LogVerifier)
	check(d.t, err)
	if report.Size != head.Size+2 {
		d.t.Errorf("the record has %d entries, want %d", report.Size, head.Size+2)
	}
	old, err := ledger.OpenCheckpoint([]byte(head.Checkpoint), d.Node.Exchange.Info().LogVerifier)
	check(d.t, err)
	note, err := log.Get(ctx, ledger.CheckpointKey)
	check(d.t, err)
	proof, err := ledger.ProveConsistency(ctx, log, old.Size, note)
	check(d.t, err)
	check(d.t, ledger.VerifyConsistency(old, report.Checkpoint, proof))
	d.Refresh()
}

type objects struct{ x *exchange.Exchange }

func (o objects) Get(ctx context.Context, key string) ([]byte, error) { return o.x.LogObject(ctx, key) }

// requests checks that all requests are public with their whole text and verify like a stranger's.
func (d *drill) requests() {
	d.t.Helper()
	all, err := d.Node.Exchange.PublicRequests(context.Background(), true)
	check(d.t, err)
	if len(all) != 3 {
		d.t.Errorf("%d requests are open, want 3", len(all))
	}
	for _, p := range all {
		d.NextUpdate(p.ID, footage.Amended, "") // fetches and parses the bundle
		if p.ID == d.first && (len(p.Updates) != 1 || p.Updates[0].Update.Text != "The car was red.") {
			d.t.Errorf("the update is not back: %+v", p.Updates)
		}
	}
	if d.Send(d.third, nil, []byte("another street")).Receipt.Request != d.third { // verifies the bundle
		d.t.Error("nothing can be sent to a request from the published files")
	}
}

// people checks who can sign in: those of the backup, not those whose keys are lost.
func (d *drill) people() {
	d.t.Helper()
	ctx := context.Background()
	if err := d.Police.Custodian.Client.Call(ctx, "GET", "/v1/me", nil, nil); !errors.Is(err, footage.Unauthorized) {
		d.t.Errorf("a sign-in from before counts: %v", err)
	}
	d.Police.Custodian.Client = d.Login(d.Police.Custodian.Key) // the same key, though the record names it again since
	var me footage.Person
	check(d.t, d.Police.Custodian.Client.Call(ctx, "GET", "/v1/me", nil, &me))
	if !me.Has(footage.Officer) {
		d.t.Errorf("the role that was given after the backup is lost: %+v", me)
	}
	token, err := d.Node.Exchange.InviteAgain(ctx, d.officer.ID)
	if err != nil || token == "" {
		d.t.Errorf("the officer who enrolled after the backup cannot be invited: %v", err)
	}
}

// delivery checks what the agency sees and can fetch.
func (d *drill) delivery() {
	d.t.Helper()
	ctx := context.Background()
	var inbox []api.InboxItem
	check(d.t, d.Police.Custodian.Client.Call(ctx, "GET", "/v1/agency/shares", nil, &inbox))
	states := map[footage.ShareID]footage.ShareState{}
	for _, item := range inbox {
		states[item.Share] = item.State
	}
	for _, want := range []struct {
		s     nodetest.Sent
		state footage.ShareState
	}{{d.kept, footage.ShareReleased}, {d.withdrawn, ""}, {d.confirmed, footage.ShareErased}, {d.lost, footage.ShareLost}, {d.later, ""}} {
		if got := states[want.s.Receipt.Share]; got != want.state {
			d.t.Errorf("the agency sees a share as %q, want %q", got, want.state)
		}
	}
	err := d.Event(d.Police, d.lost.Receipt.Share, footage.EventPickedUp, nil)
	if !errors.Is(err, footage.Conflict) {
		d.t.Errorf("a lost share can be picked up: %v", err)
	}
	check(d.t, d.Event(d.Police, d.kept.Receipt.Share, footage.EventPickedUp, nil))
	body, err := d.Police.Custodian.Client.Clip(ctx, d.kept.Receipt.Share, d.kept.Receipt.Clips[0].ID, 0)
	check(d.t, err)
	body.Close()
}

// Without the tiles the record cannot go on under its name: a new one names the old head.
func TestRestoreOpensANewRecord(t *testing.T) {
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		d := newDrill(t, engine)
		ctx := context.Background()
		head, err := d.Node.Exchange.Checkpoint(ctx)
		check(t, err)
		old := d.Node.Exchange.Info()
		opts := d.target(false)
		check(t, d.Node.Close())

		_, err = node.Restore(ctx, opts, node.Restoring{From: d.dir})
		wantCode(t, "neither record nor guard", err, "record_unknown")
		_, err = node.Restore(ctx, opts, node.Restoring{From: d.dir, Guards: []string{d.guard()}})
		wantCode(t, "a guard that is ahead", err, "record_gone")
		_, err = node.Open(ctx, opts)
		wantCode(t, "opening what was not restored whole", err, "no_exchange")
		_, err = node.Restore(ctx, opts, node.Restoring{From: d.dir, NewOrigin: "town.example/second"})
		if !errors.Is(err, footage.Conflict) {
			t.Errorf("a new record beside the old one's keys: %v", err)
		}

		opts = d.target(false)
		_, err = node.Restore(ctx, opts, node.Restoring{From: d.dir, Guards: []string{d.guard()}, NewOrigin: old.Origin})
		if !errors.Is(err, footage.Conflict) {
			t.Errorf("a new record of the old name: %v", err)
		}
		opts = d.target(false)
		out, err := node.Restore(ctx, opts, node.Restoring{From: d.dir, Guards: []string{d.guard()}, NewOrigin: "town.example/second"})
		check(t, err)
		if out.Continues != old.Origin || out.Origin != "town.example/second" || out.Gone != head.Size-d.made.Entries || out.Lost != 2 || out.Tombstones != 2 {
			t.Errorf("restored %+v", out)
		}

		d.agree(opts, 0)
		d.Reopen(opts)
		d.record()
		raw, err := ledger.ReadEntry(ctx, objects{d.Node.Exchange}, tree(t, d), 0)
		check(t, err)
		entry, err := ledger.DecodeEntry(raw)
		check(t, err)
		fact, err := entry.Fact()
		check(t, err)
		created := fact.(ledger.ExchangeCreated)
		if c := created.Continues; c == nil || c.Checkpoint != head.Checkpoint || c.Kept != d.made.Entries || !created.Was(old.Origin) {
			t.Errorf("the new record says %+v", created)
		}
		if sent := d.Send(d.first, nil, []byte("anew")); sent.Receipt.Exchange != "town.example/second" {
			t.Errorf("a new receipt is of %s", sent.Receipt.Exchange)
		}
		restored := []footage.EventKind{footage.EventCommitted, footage.EventReleased, footage.EventRestored}
		d.wantShare("lost", d.kept, footage.ShareLost, append(restored[:3:3], footage.EventLost)...)
		d.wantShare("withdrawn", d.withdrawn, footage.ShareTakenBack, append(restored[:3:3], footage.EventWithdrawn, footage.EventErased)...)
	})
}

func tree(t *testing.T, d *drill) ledger.Tree {
	t.Helper()
	head, err := d.Node.Exchange.Checkpoint(context.Background())
	check(t, err)
	c, err := ledger.OpenCheckpoint([]byte(head.Checkpoint), d.Node.Exchange.Info().LogVerifier)
	check(t, err)
	return c.Tree
}

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	var e *footage.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("%s: %v; want code %q", what, err, code)
	}
}

// Putting the database file back by hand is noticed, and mended by a restore onto the same folder.
func TestOpenRefusesARolledBackDatabase(t *testing.T) {
	d := newDrill(t, func(*node.Options) {})
	ctx := context.Background()
	check(t, d.Node.Close())
	file := filepath.Join(d.Opts.Data, "exchange.db")
	raw, err := os.ReadFile(filepath.Join(d.dir, "database.db"))
	check(t, err)
	check(t, os.WriteFile(file, raw, 0o600))
	_, err = node.Open(ctx, d.Opts)
	wantCode(t, "a database from a backup", err, "rolled_back")
	check(t, os.Remove(filepath.Join(d.Opts.Data, "guard", "checkpoint")))
	_, err = node.Open(ctx, d.Opts)
	wantCode(t, "the same without a guard", err, "rolled_back")

	check(t, os.Remove(file))
	out, err := node.Restore(ctx, d.Opts, node.Restoring{From: d.dir})
	check(t, err)
	if out.Replayed == 0 || out.Tombstones != 2 {
		t.Errorf("restored %+v", out)
	}
	d.agree(d.Opts, 1)
	d.Reopen(d.Opts)
	d.record()
}

// agree checks that all parts of a restored exchange agree, but for clips that nobody can claim.
func (d *drill) agree(opts node.Options, orphans int) {
	d.t.Helper()
	report, err := node.Fsck(context.Background(), opts, false, false)
	check(d.t, err)
	if len(report.Orphans) != orphans {
		d.t.Errorf("%d clips of no share, want %d", len(report.Orphans), orphans)
	}
	for _, f := range report.Findings {
		if !slices.Contains(report.Orphans, f.Subject) {
			d.t.Errorf("%s: %s: %s", f.Part, f.Subject, f.Text)
		}
	}
}

// Policies that were adopted since come back with their files only, and the operator is told.
func TestRestorePolicies(t *testing.T) {
	town := []byte(`{"type": "porchlight/policy/v1", "name": "town", "about": {"en": "Town.", "es": "Ciudad."}, "rules": [
		{"kind": "area_max_sq_mi", "limit": 0.4, "en": "At most {limit}.", "es": "Hasta {limit}."}]}`)
	w := nodetest.Start(t, nil)
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "backup")
	_, err := node.Backup(ctx, w.Opts, dir, true)
	check(t, err)
	check(t, w.Node.Exchange.AdoptPolicy(ctx, town))
	w.Advance(49 * time.Hour) // custody roots as well
	check(t, w.Node.RunDue(ctx))
	check(t, w.Node.Close())
	for name, files := range map[string][][]byte{"without": nil, "with": {town}} {
		opts := node.Options{Data: filepath.Join(t.TempDir(), name), Blobs: filepath.Join(w.Opts.Data, "blobs"), Now: w.Now}
		out, err := node.Restore(ctx, opts, node.Restoring{From: dir, Policies: files})
		check(t, err)
		wantLosses(t, out, "The custody root of")
		n, err := node.Open(ctx, opts)
		check(t, err)
		defer n.Close()
		set, err := n.Exchange.Policies(ctx)
		check(t, err)
		if got := len(set.Refs()); got != 1+len(files) {
			t.Errorf("%s the file: %d policies in force", name, got)
		}
		if files == nil {
			wantLosses(t, out, `The policy "town" (SHA-256 `, "until it is adopted again the earlier rules count")
		}
		check(t, n.RunDue(ctx))
	}
}
