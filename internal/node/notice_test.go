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

// TestNoticesKept (S5): a changed notice is found, and a backup from before a notice gets it back from the record, with its words
// where they waited for the second person then.
func TestNoticesKept(t *testing.T) {
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		d := &drill{Town: nodetest.Start(t, engine), t: t, engine: engine, dir: filepath.Join(t.TempDir(), "backup")}
		ctx, x := context.Background(), d.Node.Exchange
		propose := func(in api.NewNotice) footage.NoticeID {
			id, err := x.ProposeNotice(ctx, d.Operator.ID, in)
			check(t, err)
			return id
		}
		first := propose(api.NewNotice{Sort: footage.NoticeUploads, Found: d.Now().Format(time.DateOnly), Touched: []footage.NoticeTouched{footage.TouchedUploads},
			Advice: []footage.NoticeAdvice{footage.AdviceReceipt}, NoticeText: footage.NoticeText{En: "Two hours are lost."}})
		var err error
		d.made, err = node.Backup(ctx, d.Opts, d.dir, true)
		check(t, err)
		check(t, x.AgreeNotice(ctx, d.Moderator.ID, first))
		check(t, x.AgreeNotice(ctx, d.Moderator.ID, propose(api.NewNotice{Notice: first, End: true, NoticeText: footage.NoticeText{En: "It is mended."}})))
		if left := findings(t, d.Opts); len(left) > 0 {
			t.Errorf("after the end: %v", left)
		}
		if d.Opts.Database == "" {
			db, err := sql.Open("sqlite", filepath.Join(d.Opts.Data, "exchange.db"))
			check(t, err)
			defer db.Close()
			_, err = db.Exec("UPDATE notice_step SET body = replace(body, 'Two hours', 'No hours')")
			check(t, err)
			wantFinding(t, d.Opts, fsck.Database, "something else than its entry")
			_, err = db.Exec("DELETE FROM notice_step WHERE step = 'end'")
			check(t, err)
			wantFinding(t, d.Opts, fsck.Database, "said something of an incident")
		}
		check(t, d.Node.Exchange.Integrate(ctx))
		opts := d.target(true)
		check(t, d.Node.Close())
		done, err := node.Restore(ctx, opts, node.Restoring{From: d.dir, Guards: []string{d.guard()}})
		check(t, err)
		d.Reopen(opts)
		public, err := d.Node.Exchange.Public(ctx)
		check(t, err)
		if len(public.Notices) != 1 || len(public.Notices[0].Steps) != 2 || public.Notices[0].Steps[0].En != "Two hours are lost." || public.Notices[0].Steps[1].En != "" {
			t.Errorf("after the restore: %+v", public.Notices)
		}
		if len(done.Losses) == 0 {
			t.Error("the restore does not tell that words are lost")
		}
		if left := findings(t, d.Opts); len(left) > 0 {
			t.Errorf("after the restore: %v", left)
		}
	})
}
