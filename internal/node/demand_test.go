package node_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/fsck"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
)

// TestReportsAgree: the reports of a half-year are what the tables come to, a changed row is found, and a backup from before a
// report does not count its demands anew.
func TestReportsAgree(t *testing.T) {
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		d := &drill{Town: nodetest.Start(t, engine), t: t, engine: engine, dir: filepath.Join(t.TempDir(), "backup")}
		ctx, x := context.Background(), d.Node.Exchange
		enter := func(body footage.DemandBody) footage.DemandID {
			id, err := x.EnterDemand(ctx, d.Operator.ID, api.NewDemand{Received: d.Now().Format(time.DateOnly), Body: body, Kind: footage.DemandSubpoena, Asked: "Who sent it."})
			check(t, err)
			return id
		}
		first := enter(footage.DemandByCourt)
		enter(footage.DemandByParty)
		check(t, x.AnswerDemand(ctx, d.Operator.ID, first, api.DemandReply{Answer: footage.DemandNothing}))
		check(t, x.AgreeDemand(ctx, d.Moderator.ID, first))
		var err error
		d.made, err = node.Backup(ctx, d.Opts, d.dir, true)
		check(t, err)
		d.Advance(footage.HalfYearOf(d.Now()).Ends().Add(15 * 24 * time.Hour).Sub(d.Now()))
		check(t, x.Report(ctx))
		if left := findings(t, d.Opts); len(left) > 0 {
			t.Errorf("after the report: %v", left)
		}
		if d.Opts.Database == "" {
			db, err := sql.Open("sqlite", filepath.Join(d.Opts.Data, "exchange.db"))
			check(t, err)
			defer db.Close()
			_, err = db.Exec("UPDATE demand SET body = 'police' WHERE body = 'court'")
			check(t, err)
			wantFinding(t, d.Opts, fsck.Database, "are not those that the report")
		}
		opts := d.target(true)
		check(t, d.Node.Close())
		_, err = node.Restore(ctx, opts, node.Restoring{From: d.dir, Guards: []string{d.guard()}})
		check(t, err)
		d.Reopen(opts)
		check(t, d.Node.Exchange.Report(ctx))
		all, err := d.Node.Exchange.Demands(ctx, d.Operator.ID)
		check(t, err)
		for _, one := range all {
			if one.Counted == "" {
				t.Errorf("the demand of %s would be counted anew", one.Body)
			}
		}
		if left := findings(t, d.Opts); len(left) > 0 || len(all) != 2 {
			t.Errorf("%d demands after the restore: %v", len(all), left)
		}
	})
}
