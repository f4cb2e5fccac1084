package node_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/fsck"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
)

// shown returns what the exchange shows of a request, and checks it.
func shown(t *testing.T, w *nodetest.Town, id footage.RequestID) evidence.Checked {
	t.Helper()
	raw, err := api.New(w.Server.URL).Get(context.Background(), "/v1/requests/"+string(id))
	check(t, err)
	c, _, _, err := evidence.VerifyRequest(raw, evidence.Trust{Verifier: w.Node.Exchange.Info().LogVerifier}, w.Now())
	check(t, err)
	return c
}

// TestFsckOfWithheldTexts: a withheld text leaves nothing to complain of, and every way in which it is there after all, or gone
// without an entry, is found.
func TestFsckOfWithheldTexts(t *testing.T) {
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		w := nodetest.Start(t, engine)
		ctx := context.Background()
		first, second, third := w.Publish(w.Draft(0)), w.Publish(w.Draft(1)), w.Publish(w.Draft(2))
		w.Update(w.Police, first, footage.Amended, "The car was red.")
		w.Refresh()
		complaint, _ := w.Complain(first, "My aunt lives there.")
		check(t, w.Node.Exchange.AnswerComplaintHere(ctx, complaint.ID, api.AnswerComplaint{Outcome: footage.ComplaintNotUpheld, Answer: "She does not."}))
		w.Withhold(first)
		w.Update(w.Police, second, footage.Resolved, "Found.")
		w.Withhold(second)
		propose(t, w, third)
		for _, f := range findings(t, w.Opts) {
			t.Errorf("%s: %s: %s", f.Part, f.Subject, f.Text)
		}
		if c := shown(t, w, second); c.Withheld == nil || c.Status != footage.StatusResolved {
			t.Errorf("the second is shown as %s", c.Status)
		}
		if w.Opts.Database != "" {
			return
		}
		check(t, w.Node.Bucket().Put(ctx, "feed/bundle/"+string(first)+"/0000000000000000.json", []byte("{}")))
		wantFinding(t, w.Opts, fsck.Feed, "but it lies here")
		check(t, w.Node.Exchange.ForgetWithheld(ctx))
		meddle(t, w, first, third)
		check(t, os.WriteFile(filepath.Join(w.Opts.Data, "guard", "withheld"), []byte("{} 00000000\n"), 0o600))
		wantFinding(t, w.Opts, fsck.Guard, "1 lines cannot be read")
	})
}

// propose files the operator's proposal to withhold a request.
func propose(t *testing.T, w *nodetest.Town, id footage.RequestID) {
	t.Helper()
	ctx, path := context.Background(), "/v1/withholdings/"+string(id)
	in := api.SignedWithholding{Reference: "Town Court, 2026-18"}
	check(t, w.Operator.Client.Call(ctx, "POST", path+"/draft", api.Withhold{Authority: footage.VictimProtection, Reference: in.Reference}, &in.Withholding))
	canonical, err := in.Withholding.Canonical()
	check(t, err)
	in.Assertion = w.Assert(w.Operator, footage.Operator, canonical)
	check(t, w.Operator.Client.Call(ctx, "POST", path+"/propose", in, nil))
}

// meddle changes the rows about a withheld request and one that is to be, one by one.
func meddle(t *testing.T, w *nodetest.Town, gone, waits footage.RequestID) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.Opts.Data, "exchange.db"))
	check(t, err)
	defer db.Close()
	for _, c := range []struct{ table, column, set, where, want string }{
		{"request", "document", "X'7B7D'", "id = '" + string(gone) + "'", "but the text is there"},
		{"request", "document", "X''", "id = '" + string(waits) + "'", "not the one that the ID names"},
		{"request", "private", `replace(private, '"case_number":""', '"case_number":"7"')`, "id = '" + string(gone) + "'", "case number, place or code are there"},
		{"request", "code", "'7'", "id = '" + string(gone) + "'", "case number, place or code are there"},
		{"request", "square_metres", "7", "id = '" + string(gone) + "'", "Its size is not the one"},
		{"request", "officer", `replace(officer, '"role":"officer"', '"role":"auditor"')`, "id = '" + string(gone) + "'", "signatures are not those"},
		{"request", "status", "'resolved'", "id = '" + string(gone) + "'", "but the record says withheld"},
		{"request_update", "body", `replace(body, '"text":""', '"text":"red"')`, "request = '" + string(gone) + "'", "but that of an update is there"},
		{"moderation", "words", "'a red car'", "request = '" + string(gone) + "'", "but what was written about it is there"},
		{"complaint", "words", "'My aunt lives there.'", "request = '" + string(gone) + "'", "what it says is withheld with a request's text, but it is there"},
		{"complaint", "answer", "'She does not.'", "request = '" + string(gone) + "'", "what it says is withheld with a request's text, but it is there"},
		{"withholding", "body", `replace(body, 'court_order', 'victim_protection')`, "request = '" + string(gone) + "'", "not the withholding that the record tells of"},
		{"withholding", "reference", "'another'", "request = '" + string(gone) + "'", "The reference is not the one"},
		{"withholding", "withheld", "withheld + 1", "request = '" + string(gone) + "'", "not withheld when and where"},
		{"withholding", "withheld", "7", "request = '" + string(waits) + "'", "not the withholding that the record tells of"},
		{"withholding", "assertions", `replace(assertions, '"signature":"', '"signature":"A')`, "request = '" + string(waits) + "'", "bears no valid signature"},
	} {
		var old any
		check(t, db.QueryRow("SELECT "+c.column+" FROM "+c.table+" WHERE "+c.where).Scan(&old))
		if b, ok := old.([]byte); old == nil || ok && len(b) == 0 {
			old = []byte{} // which the driver reads as none
		}
		_, err := db.Exec("UPDATE " + c.table + " SET " + c.column + " = " + c.set + " WHERE " + c.where)
		check(t, err)
		t.Log(c.table, c.column)
		wantFinding(t, w.Opts, fsck.Database, c.want)
		_, err = db.Exec("UPDATE "+c.table+" SET "+c.column+" = ? WHERE "+c.where, old)
		check(t, err)
	}
	if left := findings(t, w.Opts); len(left) > 0 {
		t.Errorf("after all was put back: %v", left)
	}
}

// TestRestoreWithholdsAgain: a backup from before a withholding does not bring the text back, whether the record goes on or was
// closed, and whether the request was public when the backup was made, a draft, or not there.
func TestRestoreWithholdsAgain(t *testing.T) {
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		for _, closed := range []bool{false, true} {
			d := newDrill(t, engine)
			ctx := context.Background()
			text := []byte(d.Draft(0).Document.Text)
			for _, id := range []footage.RequestID{d.first, d.second, d.third} {
				d.Withhold(id)
			}
			opts := d.target(!closed)
			check(t, d.Node.Close())
			plan := node.Restoring{From: d.dir, Guards: []string{d.guard()}}
			if closed {
				plan.NewOrigin = "town.example/second"
			}
			out, err := node.Restore(ctx, opts, plan)
			check(t, err)
			d.Reopen(opts)
			for _, id := range []footage.RequestID{d.first, d.second, d.third} {
				if closed && id != d.first {
					continue // nobody knows of them any more
				}
				if c := shown(t, d.Town, id); c.Withheld == nil || c.Open(d.Now()) == nil {
					t.Errorf("closed %t: %s is shown again", closed, id.Short())
				}
			}
			for _, f := range findings(t, d.Opts) {
				if f.Part != fsck.Clips {
					t.Errorf("closed %t: %s: %s: %s", closed, f.Part, f.Subject, f.Text)
				}
			}
			if !closed {
				wantLosses(t, out, d.third.Short(), "the reference of the order")
			}
			if d.Opts.Database != "" {
				continue
			}
			check(t, d.Node.Close())
			for _, path := range d.Files() {
				raw, err := os.ReadFile(path)
				check(t, err)
				if bytes.Contains(raw, text) {
					t.Errorf("closed %t: the text lies in %s", closed, path)
				}
			}
		}
	})
}

// TestRestoreRefusesADamagedList: a guard whose list of withheld texts cannot be read could let one come back.
func TestRestoreRefusesADamagedList(t *testing.T) {
	d := newDrill(t, func(*node.Options) {})
	d.Withhold(d.first)
	check(t, d.Node.Close())
	list := filepath.Join(d.guard(), "withheld")
	raw, err := os.ReadFile(list)
	check(t, err)
	check(t, os.WriteFile(list, bytes.Replace(raw, []byte("court_order"), []byte("court_ordes"), 1), 0o600))
	_, err = node.Restore(context.Background(), d.target(false), node.Restoring{From: d.dir, Guards: []string{d.guard()}, NewOrigin: "town.example/second"})
	wantCode(t, "a damaged list", err, "guard_damaged")
}
