package proof_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
)

// doomed is a published request whose text is to be withheld, and what was acknowledged of that.
type doomed struct {
	id       footage.RequestID
	words    string // they stand in the text, and nowhere else
	proposed bool
	withheld bool
}

// manyOnDisk is onDisk where the police may ask for much more than the default policy has it.
func manyOnDisk(t testing.TB) *world {
	t.Helper()
	s := newStage(t, "on disk")
	s.new.Policies = [][]byte{rules(t, map[string]float64{"proof_of_work_bits": 1, "officer_requests_per_day": 50, "agency_requests_per_day": 200,
		"agency_requests_per_month": 500, "spot_requests_max": 50, "spot_requests_ceiling": 100, "camera_hours_per_month": 1000})}
	return s.onDisk(t)
}

// publishDoomed publishes a request whose text bears words of its own.
func (p *promises) publishDoomed(ctx context.Context, w *world, n int) (*doomed, error) {
	in, err := w.draft(ctx, 0)
	if err != nil {
		return nil, err
	}
	d := &doomed{words: fmt.Sprintf("quetzal feathers %07d", 4_711_000+n)}
	in.Document.Code = fmt.Sprintf("MLP-26-%06d", 4000+n)
	in.Document.Text += " The bag was full of " + d.words + "."
	in.Document.Nonce = api.Encode(w.bytes("nonce", in.Document.Code, 16))
	in.Private.CaseNumber = in.Document.Code
	in.Document.Case = footage.Commit(make([]byte, 16), in.Document.Code)
	d.id, err = w.publishDraft(ctx, in)
	p.note(func() { p.requests = append(p.requests, d.id) })
	return d, err
}

// withhold takes the withholding as far as it gets: the operator proposes it, the moderator agrees.
func (d *doomed) withhold(ctx context.Context, w *world) error {
	path := "/v1/withholdings/" + string(d.id)
	in := api.SignedWithholding{Reference: "Town Court, 2026-17"}
	if !d.proposed {
		if err := w.staff[footage.Operator].Call(ctx, "POST", path+"/draft", api.Withhold{Authority: footage.CourtOrder, Reference: in.Reference}, &in.Withholding); err != nil {
			return fmt.Errorf("draft: %w", err)
		}
		canonical, err := in.Withholding.Canonical()
		if err != nil {
			return err
		}
		in.Assertion = w.assert(footage.Operator, canonical)
		if err := w.staff[footage.Operator].Call(ctx, "POST", path+"/propose", in, nil); err != nil && !errors.Is(err, footage.Conflict) { // it was, and the answer was lost
			return fmt.Errorf("propose: %w", err)
		}
		d.proposed = true
	}
	var all []api.WithholdingCase
	if err := w.staff[footage.Moderator].Call(ctx, "GET", "/v1/withholdings", nil, &all); err != nil {
		return fmt.Errorf("list: %w", err)
	}
	for _, c := range all {
		if c.Withholding.Request == d.id {
			in.Withholding = c.Withholding
		}
	}
	canonical, err := in.Withholding.Canonical()
	if err != nil {
		return err
	}
	if err := w.staff[footage.Moderator].Call(ctx, "POST", path+"/agree", api.Signature{Assertion: w.assert(footage.Moderator, canonical)}, nil); err != nil && !errors.Is(err, footage.Conflict) {
		return fmt.Errorf("agree: %w", err)
	}
	d.withheld = true
	return nil
}

// look holds a running exchange to one of the two: all is as before, or the text is withheld, which the record proves, and no
// page, file or table shows a word of it. It notes which.
func (d *doomed) look(ctx context.Context, w *world) error {
	raw, err := w.insistGet(ctx, "/v1/requests/"+string(d.id))
	if err != nil {
		return broken("request %s is gone: %v", d.id.Short(), err)
	}
	c, b, _, err := evidence.VerifyRequest(raw, evidence.Trust{Verifier: w.node.Exchange.Info().LogVerifier}, time.Now())
	switch {
	case err != nil:
		return broken("what is shown of request %s does not hold: %v", d.id.Short(), err)
	case c.Withheld == nil && d.withheld:
		return broken("the text of request %s was withheld and is shown", d.id.Short())
	case c.Withheld == nil:
		if !strings.Contains(b.Record.Document.Text, d.words) {
			return broken("half of request %s is shown", d.id.Short())
		}
		return nil
	}
	d.withheld = true
	for _, path := range []string{"/en/requests/" + string(d.id), "/en/", "/en/record/entries", "/feed/all.json", "/feed/requests.atom", "/data/requests.csv", "/data/requests.geojson"} {
		if err := d.goneFrom(ctx, w, path); err != nil {
			return err
		}
	}
	return nil
}

// until asks every 20 ms whether something is so, and reports whether it was in time.
func until(within time.Duration, so func() (bool, error)) (bool, error) {
	for deadline := time.Now().Add(within); ; {
		yes, err := so()
		if yes || err != nil || time.Now().After(deadline) {
			return yes, err
		}
		<-time.After(20 * time.Millisecond)
	}
}

// goneFrom waits until a page shows nothing of the text: what a fault has kept from being rendered anew is so seconds later.
func (d *doomed) goneFrom(ctx context.Context, w *world, path string) error {
	c := w.public() // one for all tries: each has connections of its own
	gone, err := until(10*time.Second, func() (bool, error) {
		page, err := c.Get(ctx, path)
		return !bytes.Contains(page, []byte(d.words)), err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if !gone {
		return broken("%s shows the text of request %s, which is withheld", path, d.id.Short())
	}
	return nil
}

// insistGet waits while the exchange says that it still writes the record.
func (w *world) insistGet(ctx context.Context, path string) (raw []byte, err error) {
	c := w.public()
	_, _ = until(15*time.Second, func() (bool, error) { // what it fails with is the last answer's error
		raw, err = c.Get(ctx, path)
		return footage.KindOf(err) != footage.Unavailable, nil
	})
	return raw, err
}

// settled waits until nothing of a withheld text lies anywhere in the data folder, in any form: the exchange sees to it by itself.
func (d *doomed) settled(t *testing.T, w *world) error {
	c := canaries{text: map[string]string{"the text": d.words}}
	guard, err := exchange.NewGuard(filepath.Join(w.opts.Data, "guard"))
	if err != nil {
		return err
	}
	var hits []string
	var known bool
	gone, err := until(15*time.Second, func() (_ bool, err error) {
		hits = c.search(t, w.opts.Data)
		known, err = guard.KnowsWithheld(d.id)
		return len(hits) == 0 && known, err
	})
	if err != nil || gone {
		return err
	}
	return broken("long after request %s was withheld (known to the guard: %v): %q", d.id.Short(), known, hits)
}

// fsckClean runs the program's own check of the whole exchange.
func fsckClean(t *testing.T, w *world) error {
	out, err := exec.CommandContext(t.Context(), build(t), "fsck", "--data", w.opts.Data).CombinedOutput()
	if err != nil {
		return broken("fsck: %v\n%s", err, out)
	}
	return nil
}

// TestKilledWithholding kills the true program at random moments while two people withhold a text. After each restart the
// request is either whole or withheld, as the record proves; what was acknowledged stays, and the exchange goes on by itself
// until nothing of the text lies in its folder. In the end fsck finds nothing.
func TestKilledWithholding(t *testing.T) {
	t.Parallel()
	n := rounds(t, 8, 40)
	dice := rand.New(rand.NewPCG(seed(t), 3))
	w := manyOnDisk(t)
	p := &promises{requests: w.requests}
	var all []*doomed
	unfinished := 0
	for round := range n {
		d, err := killWithholding(t, w, p, dice, round, all)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if all = append(all, d); !d.withheld {
			unfinished++
		}
	}
	server, err := launch(w.serveArgs(t))
	must(t, err)
	defer server.kill()
	must(t, server.ready())
	w.at(server.base)
	for _, d := range all {
		must(t, d.look(t.Context(), w))
		if !d.withheld {
			must(t, d.withhold(t.Context(), w))
			must(t, d.look(t.Context(), w))
		}
		must(t, d.settled(t, w))
	}
	must(t, p.check(t.Context(), w))
	must(t, server.stop())
	must(t, fsckClean(t, w))
	t.Logf("%d kills, %d of them before the text was acknowledged to be withheld", n, unfinished)
}

// killWithholding starts the program, looks at what it made of the last round, and kills it while the next text is withheld.
func killWithholding(t *testing.T, w *world, p *promises, dice *rand.Rand, round int, before []*doomed) (*doomed, error) {
	server, err := launch(w.serveArgs(t))
	if err != nil {
		return nil, err
	}
	defer server.kill()
	if err := server.ready(); err != nil {
		return nil, err
	}
	w.at(server.base)
	for _, old := range before[max(0, len(before)-2):] {
		if err := old.look(t.Context(), w); err != nil {
			return nil, err
		}
	}
	d, err := p.publishDoomed(t.Context(), w, round)
	if err != nil {
		return nil, err
	}
	if err := d.look(t.Context(), w); err != nil { // it makes the files that must go
		return nil, err
	}
	died := make(chan struct{})
	time.AfterFunc(time.Duration(math.Exp2(10+8*dice.Float64()))*time.Microsecond, func() { // from 1 to 262 ms, the short ones as often as the long
		_ = server.cmd.Process.Kill()
		close(died)
	})
	err = d.withhold(t.Context(), w)
	<-died
	return d, crashed(err, died)
}

// TestFaultyWithholding makes each call of the file system fail at each of its first places while a text is withheld. Whoever
// tries gets an error that says what to do and tries again; in the end the text is gone from everywhere and fsck finds nothing.
func TestFaultyWithholding(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("strace"); err != nil {
		testenv.Skip(t, "strace is not installed")
	}
	r := &faultRun{w: manyOnDisk(t)}
	r.p = &promises{requests: r.w.requests}
	total, n := map[string]int{}, 0
	faults := []fault{{call: "pwrite64", errno: "ENOSPC"}, {call: "fsync", errno: "EIO"}, {call: "unlinkat", errno: "EIO"}}
	if testenv.RequireAll() {
		faults = append(faults, fault{call: "openat", errno: "EIO"}, fault{call: "renameat", errno: "EIO"}, fault{call: "ftruncate", errno: "EIO"})
	}
	for _, f := range faults {
		for when := 1; when <= rounds(t, 1, 8); when++ {
			n++
			hit, err := r.withhold(t, f, when, n)
			if err != nil {
				t.Fatalf("%s:error=%s:when=%d: %v", f.call, f.errno, when, err)
			}
			total[f.call] += hit
		}
	}
	must(t, r.server.stop())
	must(t, fsckClean(t, r.w))
	t.Logf("injected: %v", total)
	for _, call := range []string{"pwrite64", "fsync", "unlinkat"} {
		if total[call] == 0 {
			t.Errorf("no %s was made to fail, so this would prove nothing", call)
		}
	}
}

// withhold withholds one more text while the n-th such call of each thread fails, and returns how many did.
func (r *faultRun) withhold(t *testing.T, f fault, when, n int) (int, error) {
	if err := r.up(t); err != nil {
		return 0, err
	}
	d, err := r.p.publishDoomed(t.Context(), r.w, n)
	if err != nil {
		return 0, err
	}
	if err := d.look(t.Context(), r.w); err != nil {
		return 0, err
	}
	trace, err := attach(t, r.server.cmd.Process.Pid, fmt.Sprintf("%s:error=%s:when=%d", f.call, f.errno, when), f.call, "")
	if err != nil {
		return 0, err
	}
	err = r.insist(t, func(ctx context.Context) error { return d.withhold(ctx, r.w) })
	hits := trace.detach(t)
	if err != nil {
		return hits, fmt.Errorf("%w\n%s\n%s", err, trace.log, r.server.said)
	}
	if err := r.up(t); err != nil {
		return hits, err
	}
	if err := d.look(t.Context(), r.w); err != nil {
		return hits, err
	}
	if !d.withheld {
		return hits, broken("request %s was not withheld", d.id.Short())
	}
	return hits, d.settled(t, r.w)
}

// TestWithheldLeavesNothing plants words in every place where something is written of or about a request, withholds it with the
// complaints that quote it, and finds them nowhere: in no column, and with SQLite in no file, its write-ahead log and free pages
// included. PostgreSQL keeps dead versions of rows until its operator has it clean up.
func TestWithheldLeavesNothing(t *testing.T) {
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		w := nodetest.Start(t, engine)
		c := &canaries{text: map[string]string{"the text": "quetzal feathers 4711", "the nonce": api.Encode([]byte("quetzal nest 471")), "the case number": "QZ-2026-0047114"}}
		words := "Somebody carried off " + c.of("the text") + " in a bag."
		in := w.Draft(0)
		in.Document.Title, in.Document.Text, in.Document.Nonce, in.Private.CaseNumber = words, words, c.of("the nonce"), c.of("the case number")
		salt, err := api.Decode(in.Private.CaseSalt)
		must(t, err)
		in.Document.Case = footage.Commit(salt, in.Private.CaseNumber)
		id := w.Submit(w.Police, in)
		call := func(p nodetest.Person, method, path string, in any) {
			t.Helper()
			must(t, p.Client.Call(t.Context(), method, path, in, nil))
		}
		call(w.Moderator, "POST", "/v1/moderation/cases/"+string(id)+"/hold", api.Verdict{Reason: footage.ModerationReasons()[0], Words: words})
		call(w.Police.Officer, "POST", "/v1/agency/cases/"+string(id)+"/appeal", api.Appeal{Words: words})
		call(w.Enrol("", footage.Moderator), "POST", "/v1/moderation/cases/"+string(id)+"/clear", struct{}{})
		w.Update(w.Police, id, footage.Amended, words)
		first, _ := w.Complain(id, words)
		second, _ := w.Complain(id, words)
		must(t, w.Node.Exchange.AnswerComplaintHere(t.Context(), first.ID, api.AnswerComplaint{Outcome: footage.ComplaintNotUpheld, Answer: words, Reply: words}))
		w.Refresh()
		for _, path := range []string{"/v1/requests/" + string(id), "/feed/index.json"} {
			_, err := api.New(w.Server.URL).Get(t.Context(), path)
			must(t, err)
		}
		db := openDatabase(t, w.Opts)
		if before := c.columnsWith(t, db, catalogue(t, w.Opts)); len(before) < 9 {
			t.Fatalf("the words are in %q only, so this would prove nothing", before)
		}
		w.Withhold(id)
		for _, hit := range c.columnsWith(t, db, catalogue(t, w.Opts)) {
			t.Errorf("in the database: %s", hit)
		}
		for _, hit := range c.search(t, w.Opts.Data) {
			t.Errorf("on the disk: %s", hit)
		}
		must(t, w.Node.Exchange.AnswerComplaintHere(t.Context(), second.ID, api.AnswerComplaint{Outcome: footage.ComplaintNotUpheld, Answer: "The text is gone."}))
	})
}
