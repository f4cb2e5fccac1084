package proof_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	client "porchlight.example/internal/resident"
	"porchlight.example/internal/witness/witnesstest"
)

// TestWitnesses: what a resident's program relies on is cosigned by the quorum that the resident pinned. While witnesses are
// down the last cosigned head stays; a suspension goes out at once, and then nothing is sealed (security.md 3.3).
func TestWitnesses(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := nodetest.Start(t, nil)
	id := w.Publish(w.Draft(0))
	key := w.Node.Exchange.Info().LogVerifier
	var all []*witnesstest.Witness
	var list string
	for _, name := range []string{"north.example/w", "south.example/w", "west.example/w"} {
		one := witnesstest.Start(t, name, key, w.Now)
		all, list = append(all, one), list+one.Line()
	}
	opts := w.Opts
	opts.Witnesses = filepath.Join(t.TempDir(), "witnesses")
	must(t, os.WriteFile(opts.Witnesses, []byte(list), 0o600))
	must(t, w.Node.Close())
	w.Reopen(opts)
	x := client.New(w.Server.URL, key)
	x.Now, x.Quorum, x.Witnesses = w.Now, 2, []string{all[0].Key, all[1].Key, all[2].Key}
	state := func() error { return w.Node.Exchange.State(ctx) }
	must(t, state())
	now, err := x.Present(ctx, "")
	must(t, err)
	if len(now.Witnesses) != 3 {
		t.Errorf("cosigned by %v, want three", now.Witnesses)
	}
	_, err = x.Request(ctx, id)
	must(t, err)

	all[0].SetDown(true)
	all[1].SetDown(true)
	w.Enrol(w.Police.ID, footage.Officer)
	if err := state(); err == nil {
		t.Error("a quorum of one of three was taken")
	}
	again, err := x.Present(ctx, "")
	must(t, err)
	if again.Size != now.Size {
		t.Errorf("a head without its quorum took the place of one that had it: %d, %d", again.Size, now.Size)
	}
	must(t, w.Node.Exchange.SuspendAgency(ctx, w.Police.ID, "A test."))
	must(t, state())
	refused(t, x, id, "quorum_missing")

	all[0].SetDown(false)
	must(t, w.Node.Exchange.RestoreAgency(ctx, w.Police.ID))
	must(t, state())
	_, err = x.Request(ctx, id)
	must(t, err)
	w.Advance(time.Hour)
	must(t, state())
	if all[0].Seen() < now.Size {
		t.Error("the witness that was down did not catch up")
	}
}

// TestWitnessesRefuseARolledBackStart: yesterday's database, put back together with guard and bucket, does not start: a witness
// remembers.
func TestWitnessesRefuseARolledBackStart(t *testing.T) {
	t.Parallel()
	w := nodetest.Start(t, nil)
	one := witnesstest.Start(t, "north.example/w", w.Node.Exchange.Info().LogVerifier, w.Now)
	opts := w.Opts
	opts.Witnesses = filepath.Join(t.TempDir(), "witnesses")
	must(t, os.WriteFile(opts.Witnesses, []byte(one.Line()), 0o600))
	must(t, w.Node.Close())
	yesterday := filepath.Join(t.TempDir(), "yesterday")
	copyData(t, yesterday, opts.Data)
	w.Reopen(opts)
	w.Enrol(w.Police.ID, footage.Officer)
	must(t, w.Node.Exchange.State(t.Context()))
	opts.Data = yesterday
	n, err := node.Open(t.Context(), opts)
	if footage.KindOf(err) != footage.Untrusted {
		t.Errorf("got %v, want untrusted", err)
	}
	if err == nil {
		n.Close()
	}
}
