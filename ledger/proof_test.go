package ledger_test

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

func TestInclusionAtEverySize(t *testing.T) {
	l := newLog(t)
	for _, n := range []int{1, 1, 1, 4, 248, 1, 1, 256} {
		l.append(n)
		for _, i := range []int64{0, l.tree.Size / 2, l.tree.Size - 1} {
			p, err := ledger.ProveInclusion(t.Context(), l.dir, l.checkpoint(), i)
			if err != nil {
				t.Fatal(err)
			}
			c, err := p.Verify(l.entries[i], l.vkey)
			if err != nil || c != l.points[len(l.points)-1] {
				t.Fatalf("entry %d of %d: %v, %v", i, l.tree.Size, c, err)
			}
		}
	}
}

func TestInclusionRefuses(t *testing.T) {
	l := newLog(t)
	l.append(300)
	old := string(l.checkpoint())
	l.append(300)
	good, err := ledger.ProveInclusion(t.Context(), l.dir, l.checkpoint(), 258)
	if err != nil {
		t.Fatal(err)
	}
	_, stranger, _ := ledger.GenerateKey(origin, rand.Reader)
	_, other, _ := ledger.GenerateKey("other.example/log", rand.Reader)
	for name, c := range map[string]struct {
		edit  func(p *ledger.Inclusion)
		entry int
		vkey  string
	}{
		"other entry":    {entry: 259},
		"other index":    {entry: 258, edit: func(p *ledger.Inclusion) { p.Index = 259 }},
		"negative index": {entry: 258, edit: func(p *ledger.Inclusion) { p.Index = -1 }},
		"other size":     {entry: 258, edit: func(p *ledger.Inclusion) { p.Size = 601 }},
		"edited hash":    {entry: 258, edit: func(p *ledger.Inclusion) { p.Hashes[3][0] ^= 1 }},
		"hash missing":   {entry: 258, edit: func(p *ledger.Inclusion) { p.Hashes = p.Hashes[1:] }},
		"hash too many":  {entry: 258, edit: func(p *ledger.Inclusion) { p.Hashes = append(p.Hashes, tlog.Hash{}) }},
		"old checkpoint": {entry: 258, edit: func(p *ledger.Inclusion) { p.Checkpoint, p.Size = old, 300 }},
		"no checkpoint":  {entry: 258, edit: func(p *ledger.Inclusion) { p.Checkpoint = "" }},
		"stranger's key": {entry: 258, vkey: stranger},
		"other log":      {entry: 258, vkey: other},
	} {
		t.Run(name, func(t *testing.T) {
			p := good
			p.Hashes = append([]tlog.Hash(nil), good.Hashes...)
			if c.edit != nil {
				c.edit(&p)
			}
			if c.vkey == "" {
				c.vkey = l.vkey
			}
			_, err := p.Verify(l.entries[c.entry], c.vkey)
			wantKind(t, err, footage.Untrusted)
		})
	}
}

func TestProofsAreNotMadeFromDamage(t *testing.T) {
	l := newLog(t)
	l.append(600)
	l.flip("log/tile/0/001")
	_, err := ledger.ProveInclusion(t.Context(), l.dir, l.checkpoint(), 384)
	wantKind(t, err, footage.Untrusted)
	_, err = ledger.ReadEntry(t.Context(), l.dir, l.tree, 300)
	wantKind(t, err, footage.Untrusted)
	_, err = ledger.ProveInclusion(t.Context(), l.dir, l.checkpoint(), 600)
	wantKind(t, err, footage.NotFound)
	_, err = ledger.ProveConsistency(t.Context(), l.dir, 601, l.checkpoint())
	wantKind(t, err, footage.NotFound)
}

func TestConsistencyRefuses(t *testing.T) {
	l, fork := newLog(t), newLog(t)
	l.append(300)
	old := l.points[0]
	l.append(300)
	next := l.points[1]
	proof, err := ledger.ProveConsistency(t.Context(), l.dir, 300, l.checkpoint())
	if err != nil {
		t.Fatal(err)
	}
	wantKind(t, ledger.VerifyConsistency(next, old, nil), footage.Conflict)
	wantKind(t, ledger.VerifyConsistency(old, next, nil), footage.Untrusted)
	forged := old
	forged.Root[0] ^= 1
	wantKind(t, ledger.VerifyConsistency(forged, next, proof), footage.Untrusted)
	wantKind(t, ledger.VerifyConsistency(forged, old, nil), footage.Untrusted)
	fork.entries = l.entries[:1] // starts at another entry
	fork.append(600)
	wantKind(t, ledger.VerifyConsistency(old, fork.points[0], proof), footage.Untrusted)
	elsewhere := next
	elsewhere.Origin = "other.example/log"
	wantKind(t, ledger.VerifyConsistency(old, elsewhere, proof), footage.Untrusted)
}

func TestInclusionJSON(t *testing.T) {
	l := newLog(t)
	l.append(1)
	p, err := ledger.ProveInclusion(t.Context(), l.dir, l.checkpoint(), 0)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ledger.ParseInclusion(raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := back.Verify(l.entries[0], l.vkey); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{
		`{"index":0,"size":1,"hashes":[],"checkpoint":"","more":1}`, `{"index":1,"size":1,"hashes":[],"checkpoint":""}`,
		`{"index":0,"size":1,"hashes":["AA=="],"checkpoint":""}`, `[]`, ``, `{"index":-1,"size":1,"hashes":[],"checkpoint":""}`,
	} {
		if _, err := ledger.ParseInclusion([]byte(bad)); err == nil {
			t.Errorf("accepts %s", bad)
		}
	}
}

func TestEntries(t *testing.T) {
	l := newLog(t)
	l.append(600)
	for _, r := range [][2]int64{{0, 600}, {0, 0}, {255, 257}, {300, 301}, {511, 10_000}, {-5, 3}, {700, 800}} {
		var got [][]byte
		for entry, err := range ledger.Entries(t.Context(), l.dir, l.tree, r[0], r[1]) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, entry)
		}
		from, to := max(r[0], 0), min(r[1], 600)
		want := l.entries[min(from, to):to]
		if diff := cmp.Diff(len(want), len(got)); diff != "" {
			t.Fatalf("range %v: %s", r, diff)
		}
		if len(want) > 0 && !cmp.Equal(want, got) {
			t.Errorf("range %v gives other entries", r)
		}
	}
	one, err := ledger.ReadEntry(t.Context(), l.dir, l.tree, 599)
	if err != nil || !cmp.Equal(one, l.entries[599]) {
		t.Errorf("entry 599: %q, %v", one, err)
	}
	_, err = ledger.ReadEntry(t.Context(), l.dir, l.tree, 600)
	wantKind(t, err, footage.NotFound)
}

func TestMerklePath(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 8, 64, 100} {
		leaves := make([][32]byte, n)
		for i := range leaves {
			_, _ = rand.Read(leaves[i][:])
		}
		root := ledger.MerkleRoot(leaves)
		for i := range leaves {
			path := ledger.MerklePath(leaves, i)
			if !ledger.VerifyPath(leaves[i], i, n, path, root) {
				t.Fatalf("leaf %d of %d does not verify", i, n)
			}
			if ledger.VerifyPath([32]byte{1}, i, n, path, root) || ledger.VerifyPath(leaves[i], i+1, n, path, root) ||
				ledger.VerifyPath(leaves[i], i, n, append(path, root), root) || ledger.VerifyPath(leaves[i], i, n, path, [32]byte{}) {
				t.Fatalf("leaf %d of %d verifies where it should not", i, n)
			}
		}
	}
	if got := footage.Hash(nil); got != hexOf(ledger.MerkleRoot(nil)) {
		t.Errorf("root of nothing is not %s", got)
	}
}

func hexOf(h [32]byte) string { return hex.EncodeToString(h[:]) }
