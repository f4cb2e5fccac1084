package proof_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	client "porchlight.example/internal/resident"
	"porchlight.example/internal/witness/witnesstest"
	"porchlight.example/ledger"
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

// TestCheckpointIsCosigned: whoever reads the record by its tiles alone, with any program that knows C2SP checkpoints, finds the
// cosignatures of the witnesses at log/checkpoint, each once, soon after an entry; and fsck finds a flipped byte in them.
func TestCheckpointIsCosigned(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := nodetest.Start(t, nil)
	key := w.Node.Exchange.Info().LogVerifier
	north, south := witnesstest.Start(t, "north.example/w", key, w.Now), witnesstest.Start(t, "south.example/w", key, w.Now)
	opts := w.Opts
	opts.Witnesses, opts.Quorum = filepath.Join(t.TempDir(), "witnesses"), 2
	must(t, os.WriteFile(opts.Witnesses, []byte(north.Line()+south.Line()), 0o600))
	must(t, w.Node.Close())
	w.Reopen(opts)
	shown := func(what string, want ...string) []byte {
		t.Helper()
		res, err := http.Get(w.Server.URL + "/log/checkpoint")
		must(t, err)
		defer res.Body.Close()
		note, err := io.ReadAll(res.Body)
		must(t, err)
		own, err := ledger.OpenCheckpoint(note, key)
		must(t, err)
		head, err := w.Node.Exchange.Checkpoint(ctx)
		must(t, err)
		all, err := ledger.Cosignatures(note, witnessOf(t, north), witnessOf(t, south))
		var names []string
		for _, c := range all {
			names = append(names, c.Witness)
		}
		if err != nil || own.Size != head.Size || !slices.Equal(names, want) || strings.Count(string(note), "—") != 1+len(want) {
			t.Errorf("%s: the checkpoint of %d entries (of %d) is cosigned by %v, %v; want %v\n%s", what, own.Size, head.Size, names, err, want, note)
		}
		return note
	}
	must(t, w.Node.Exchange.State(ctx))
	shown("with the head", "north.example/w", "south.example/w")
	w.Enrol(w.Police.ID, footage.Officer)
	shown("just after an entry")
	must(t, w.Node.Exchange.State(ctx)) // no state is due: another is written on the next tick
	shown("a minute later", "north.example/w", "south.example/w")
	must(t, w.Node.Exchange.Integrate(ctx))
	must(t, w.Node.Exchange.State(ctx))
	shown("and nothing takes them away", "north.example/w", "south.example/w")
	south.SetDown(true)
	w.Enrol(w.Police.ID, footage.Officer)
	for range 3 {
		w.Advance(time.Second)
		if err := w.Node.Exchange.State(ctx); err != nil && footage.KindOf(err) != footage.Unavailable {
			t.Error(err) // a head that is due waits for its quorum
		}
	}
	shown("one is down", "north.example/w")
	south.SetDown(false)
	must(t, w.Node.Exchange.State(ctx))
	note := shown("it is back", "north.example/w", "south.example/w")

	must(t, w.Node.Close())
	check := func() int {
		t.Helper()
		report, err := node.Fsck(ctx, opts, true, false)
		must(t, err)
		return len(report.Findings)
	}
	if n := check(); n != 0 {
		t.Errorf("%d findings in what is sound", n)
	}
	file := filepath.Join(opts.Data, "blobs", "log", "checkpoint")
	for i := range note {
		if i%17 != 0 && i < len(note)-2 {
			continue
		}
		flipped := bytes.Clone(note)
		flipped[i] ^= 1
		must(t, os.WriteFile(file, flipped, 0o600))
		if check() == 0 {
			t.Errorf("byte %d, %q, is flipped and nobody notices", i, note[i])
		}
	}
	must(t, os.WriteFile(file, note, 0o600))
	w.Reopen(opts)
}

func witnessOf(t *testing.T, w *witnesstest.Witness) ledger.Witness {
	t.Helper()
	key, err := ledger.NewWitness(w.Key)
	must(t, err)
	return key
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
