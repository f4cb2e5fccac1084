package exchange

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// CustodyLeaves is the fixed number of leaves under a day's root. The entry has one size whatever happened.
const CustodyLeaves = 1 << 14

// LateEvents is how far behind the clock an event may be dated when it joins its chain: a release tick of up to a day, and
// the skew of a custodian's clock. What comes after its own day's root was made is under the next day's.
const LateEvents = 25 * time.Hour

// RootCustody writes the roots of the days that are over, one fixed-size entry a day, also for days without an event.
func (x *Exchange) RootCustody(ctx context.Context) error {
	for {
		day, due, err := x.nextCustodyDay(ctx)
		if err != nil || !due {
			return err
		}
		if err := x.rootDay(ctx, day); err != nil {
			return fmt.Errorf("custody root of %s: %w", day.Format(time.DateOnly), err)
		}
	}
}

func (x *Exchange) nextCustodyDay(ctx context.Context) (day time.Time, due bool, err error) {
	var last string
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		last, err = tx.LastCustodyDay()
		return err
	})
	if err != nil {
		return day, false, fmt.Errorf("find the last custody root: %w", err)
	}
	day = x.info.Created.UTC().Truncate(24 * time.Hour)
	if last != "" {
		if day, err = time.Parse(time.DateOnly, last); err != nil {
			return day, false, err
		}
		day = day.AddDate(0, 0, 1)
	}
	return day, !day.AddDate(0, 0, 1).After(x.now()), nil
}

func (x *Exchange) rootDay(ctx context.Context, day time.Time) error {
	return x.write(ctx, func(tx *store.Tx) error {
		heads, err := tx.UnrootedHeads(day.Add(-LateEvents), day.AddDate(0, 0, 1))
		if err != nil {
			return err
		}
		if len(heads) > CustodyLeaves {
			return fmt.Errorf("%d chains grew in a day, over the %d that a root holds", len(heads), CustodyLeaves)
		}
		var seed [32]byte
		if _, err := io.ReadFull(x.random("day", day.Format(time.DateOnly)), seed[:]); err != nil {
			return err
		}
		leaves, places, err := PadLeaves(seed, heads)
		if err != nil {
			return err
		}
		root := ledger.MerkleRoot(leaves)
		d := store.CustodyDay{Day: day.Format(time.DateOnly), Seed: seed[:], Root: hex.EncodeToString(root[:])}
		// The entry's time says nothing of how long the chains took to gather, which tells how many there are.
		if d.LogIndex, _, err = x.recordAt(tx, x.now().Truncate(time.Hour), ledger.CustodyRoot{Date: d.Day, Root: d.Root, Leaves: CustodyLeaves}); err != nil {
			return err
		}
		return tx.InsertCustodyDay(d, placed(leaves, places, heads))
	})
}

// PadLeaves puts the heads at random places among leaves that the seed makes, so that nobody can count them.
func PadLeaves(seed [32]byte, heads []store.Head) (leaves [][32]byte, places []int, err error) {
	leaves = make([][32]byte, CustodyLeaves)
	m := hmac.New(sha256.New, seed[:])
	for i := range leaves {
		m.Reset()
		_ = binary.Write(m, binary.BigEndian, int64(i)) // a hash never fails to write
		copy(leaves[i][:], m.Sum(nil))
	}
	order := rand.New(rand.NewChaCha8(seed)).Perm(CustodyLeaves)
	for i, h := range heads {
		raw, err := hex.DecodeString(h.Hash)
		if err != nil || len(raw) != 32 {
			return nil, nil, fmt.Errorf("head of %s is not a hash", h.Share)
		}
		copy(leaves[order[i]][:], raw)
	}
	return leaves, order[:len(heads)], nil
}

// placed returns the heads' places with their paths to the root.
func placed(leaves [][32]byte, places []int, heads []store.Head) []store.CustodyLeaf {
	out := make([]store.CustodyLeaf, len(heads))
	for i, path := range ledger.MerklePaths(leaves, places...) {
		out[i] = store.CustodyLeaf{Share: heads[i].Share, Seq: heads[i].Seq, Position: places[i]}
		for _, h := range path {
			out[i].Path = append(out[i].Path, h[:]...)
		}
	}
	return out
}

// rooted is where a chain stands under the daily roots, and the record's head at the same moment.
type rooted struct {
	head    store.LogHead
	leaves  []store.CustodyLeaf
	entries [][]byte // of the leaves' days
}

// rootedIn reads the places of a share's chain.
func rootedIn(tx *store.Tx, share footage.ShareID) (r rooted, err error) {
	if r.head, err = tx.LogHead(); err != nil {
		return r, err
	}
	all, err := tx.CustodyLeaves(share)
	for _, l := range all {
		if l.LogIndex >= r.head.Integrated {
			break // its entry is on its way into the tree
		}
		raw, err := tx.LogEntry(l.LogIndex)
		if err != nil {
			return r, err
		}
		r.leaves, r.entries = append(r.leaves, l), append(r.entries, raw)
	}
	return r, err
}

// days proves the places: each party gets the path of its own chain, and of no other (decision 16).
func (x *Exchange) days(ctx context.Context, r rooted) ([]evidence.CustodyDay, error) {
	days := []evidence.CustodyDay{}
	for i, l := range r.leaves {
		entry, err := ledger.DecodeEntry(r.entries[i])
		if err != nil {
			return nil, err
		}
		proof, err := ledger.ProveInclusion(ctx, x.tiles, []byte(r.head.Checkpoint), l.LogIndex)
		if err != nil {
			return nil, fmt.Errorf("prove a custody root: %w", err)
		}
		day := evidence.CustodyDay{Seq: l.Seq, Leaf: l.Position, Path: []string{}, Entry: entry, Proof: proof}
		for step := range slices.Chunk(l.Path, sha256.Size) {
			day.Path = append(day.Path, hex.EncodeToString(step))
		}
		days = append(days, day)
	}
	return days, nil
}
