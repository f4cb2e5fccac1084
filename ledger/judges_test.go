package ledger_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// The judges here are programs that we did not write: Tessera's fsck and client, and transparency-dev's proof
// verification. Each must pass on our log and must be seen to fail on every seeded fault before its verdict counts.

func (l *testLog) fetcher() client.FileFetcher {
	return client.FileFetcher{Root: filepath.Join(string(l.dir), "log")}
}

// tessera runs Tessera's fsck as a library; its command exits 0 on a corrupt log.
func (l *testLog) tessera(vkey string) error {
	v, err := ledger.NewVerifier(vkey)
	if err != nil {
		return err
	}
	if len(l.entries) == 0 {
		return nil // it does not know empty logs
	}
	return fsck.New(origin, v, l.fetcher(), bundleHashes, fsck.Opts{N: 2}).Check(l.t.Context())
}

func bundleHashes(raw []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(raw); err != nil {
		return nil, err
	}
	hashes := make([][]byte, len(b.Entries))
	for i, e := range b.Entries {
		hashes[i] = rfc6962.DefaultHasher.HashLeaf(e)
	}
	return hashes, nil
}

// clientInclusion proves and verifies entry i with Tessera's client alone.
func (l *testLog) clientInclusion(vkey string, i int) error {
	v, err := ledger.NewVerifier(vkey)
	if err != nil {
		return err
	}
	ctx, f := l.t.Context(), l.fetcher()
	c, _, _, err := client.FetchCheckpoint(ctx, f.ReadCheckpoint, v, origin)
	if err != nil {
		return err
	}
	builder, err := client.NewProofBuilder(ctx, c.Size, f.ReadTile)
	if err != nil {
		return err
	}
	path, err := builder.InclusionProof(ctx, uint64(i))
	if err != nil {
		return err
	}
	bundle, err := client.GetEntryBundle(ctx, f.ReadEntryBundle, uint64(i/256), c.Size)
	if err != nil {
		return err
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(bundle.Entries[i%256])
	return proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(i), c.Size, leaf, path, c.Hash)
}

// clientFollow follows the log from an old checkpoint with Tessera's LogStateTracker.
func (l *testLog) clientFollow(vkey string, old []byte) error {
	v, err := ledger.NewVerifier(vkey)
	if err != nil {
		return err
	}
	f := l.fetcher()
	tracker, err := client.NewLogStateTracker(l.t.Context(), f.ReadTile, old, v, origin, client.UnilateralConsensus(f.ReadCheckpoint))
	if err != nil {
		return err
	}
	_, _, _, err = tracker.Update(l.t.Context())
	return err
}

func TestForeignClientFollowsUs(t *testing.T) {
	l := newLog(t)
	l.append(300)
	old := l.checkpoint()
	l.append(400)
	l.check()
	for _, i := range []int{0, 255, 256, 299, 511, 512, 699} {
		if err := l.clientInclusion(l.vkey, i); err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
	}
	if err := l.clientFollow(l.vkey, old); err != nil {
		t.Error(err)
	}
}

func TestOurProofsConvinceForeignVerifier(t *testing.T) {
	l := newLog(t)
	l.append(300)
	old := l.points[0]
	l.append(400)
	for _, i := range []int64{0, 255, 256, 299, 699} {
		p, err := ledger.ProveInclusion(t.Context(), l.dir, l.checkpoint(), i)
		if err != nil {
			t.Fatal(err)
		}
		leaf := rfc6962.DefaultHasher.HashLeaf(l.entries[i])
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(i), 700, leaf, raw(p.Hashes), l.tree.Root[:]); err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
	}
	hashes, err := ledger.ProveConsistency(t.Context(), l.dir, old.Size, l.checkpoint())
	if err != nil {
		t.Fatal(err)
	}
	if err := proof.VerifyConsistency(rfc6962.DefaultHasher, 300, 700, raw(hashes), old.Root[:], l.tree.Root[:]); err != nil {
		t.Error(err)
	}
	hashes[0][5] ^= 1
	if proof.VerifyConsistency(rfc6962.DefaultHasher, 300, 700, raw(hashes), old.Root[:], l.tree.Root[:]) == nil {
		t.Error("the foreign verifier accepts an edited proof")
	}
}

func raw[H ~[32]byte](hashes []H) [][]byte {
	all := make([][]byte, len(hashes))
	for i := range hashes {
		all[i] = hashes[i][:]
	}
	return all
}

// faults damage a log of 300 and then 700 entries, each in one way. key is the object that our own check must name.
var faults = []struct {
	name string
	key  string
	do   func(l *testLog)
	key2 bool // the fault is the verifier key: a stranger's
	// followBlind says why Tessera's tracker cannot see the fault.
	followBlind string
}{
	{name: "flipped leaf tile", key: "log/tile/0/001", do: func(l *testLog) { l.flip("log/tile/0/001") }},
	{name: "flipped upper tile", key: "log/tile/1/000.p/2", do: func(l *testLog) {
		b := l.read("log/tile/1/000.p/2")
		b[5] ^= 1 // in its first hash: proofs for the entries below the second need only that one
		l.write("log/tile/1/000.p/2", b)
	}},
	{name: "flipped entry", key: "log/tile/entries/001", do: func(l *testLog) { l.flip("log/tile/entries/001") },
		followBlind: "it reads no entries"},
	{name: "edited size", key: "log/checkpoint", do: func(l *testLog) {
		l.write(ledger.CheckpointKey, bytes.Replace(l.checkpoint(), []byte("\n700\n"), []byte("\n600\n"), 1))
	}},
	{name: "edited root", key: "log/checkpoint", do: func(l *testLog) {
		b := l.checkpoint()
		b[len(origin)+8] ^= 2
		l.write(ledger.CheckpointKey, b)
	}},
	{name: "edited signature", key: "log/checkpoint", do: func(l *testLog) {
		b := l.checkpoint()
		b[len(b)-10] ^= 2
		l.write(ledger.CheckpointKey, b)
	}},
	{name: "wrong key", key: "log/checkpoint", key2: true, do: func(*testLog) {}},
}

func TestJudgesSeeSeededFaults(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			l := newLog(t)
			l.append(300)
			old := l.checkpoint()
			l.append(400)
			l.check()
			f.do(l)
			vkey := l.vkey
			if f.key2 {
				_, vkey, _ = ledger.GenerateKey(origin, rand.Reader)
			}
			_, err := ledger.Check(t.Context(), l.dir, vkey)
			wantKind(t, err, footage.Untrusted)
			if !strings.Contains(err.Error(), f.key+":") {
				t.Errorf("our check says %q and does not name %s", err, f.key)
			}
			if l.tessera(vkey) == nil {
				t.Error("Tessera's fsck passes")
			}
			if l.clientInclusionAny(vkey) == nil {
				t.Error("Tessera's client proves every entry")
			}
			if f.followBlind == "" && l.clientFollow(vkey, old) == nil {
				t.Error("Tessera's tracker follows")
			}
		})
	}
}

// clientInclusionAny returns the first failure over the whole damaged bundle.
func (l *testLog) clientInclusionAny(vkey string) error {
	for i := 256; i < 512; i++ {
		if err := l.clientInclusion(vkey, i); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
	}
	return nil
}

func TestPathsAreThoseOfTheSpecification(t *testing.T) {
	for _, n := range []int64{0, 7, 255, 999, 1000, 1_234_067, 1_000_000_000} {
		for _, width := range []int{1, 16, 255, 256} {
			p := uint8(width % 256)
			if got, want := ledger.TileKey(1, n, width), "log/"+layout.TilePath(1, uint64(n), p); got != want {
				t.Errorf("got %s, Tessera says %s", got, want)
			}
			if got, want := ledger.BundleKey(n, width), "log/"+layout.EntriesPath(uint64(n), p); got != want {
				t.Errorf("got %s, Tessera says %s", got, want)
			}
		}
	}
	if got := ledger.TileKey(0, 1_234_067, 8); got != "log/tile/0/x001/x234/067.p/8" {
		t.Errorf("got %s, the specification says otherwise", got)
	}
}
