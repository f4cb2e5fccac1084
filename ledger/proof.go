package ledger

import (
	"context"
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"porchlight.example/internal/footage"
)

// Inclusion proves that an entry stands at one place of a log. It can be verified offline and for ever with the log's
// verifier key. Inclusion is not validity: an entry that a later one revokes keeps its proof.
type Inclusion struct {
	Index      int64       `json:"index"`      // of the entry, from 0
	Size       int64       `json:"size"`       // of the checkpoint's tree
	Hashes     []tlog.Hash `json:"hashes"`     // RFC 6962 audit path from the leaf to the root, each in base64
	Checkpoint string      `json:"checkpoint"` // the signed note
}

// maxProof bounds what ParseInclusion reads: 63 hashes and a checkpoint, with room for its escapes.
const maxProof = 63*64 + 6*maxCheckpoint

// ProveInclusion proves that entry index is in the tree of a signed checkpoint. The proof is verified before it is
// returned, but for the checkpoint's signature; objects that do not give the checkpoint's root are of kind
// [footage.Untrusted].
func ProveInclusion(ctx context.Context, src Source, checkpoint []byte, index int64) (Inclusion, error) {
	c, err := unverified(checkpoint)
	if err != nil {
		return Inclusion{}, err
	}
	if index < 0 || index >= c.Size {
		return Inclusion{}, footage.E(footage.NotFound, fmt.Sprintf("The record of %d entries has no entry %d.", c.Size, index))
	}
	hashes, err := c.Tree.prove(ctx, src, index)
	if err != nil {
		return Inclusion{}, fmt.Errorf("prove entry %d of %d: %w", index, c.Size, err)
	}
	return Inclusion{Index: index, Size: c.Size, Hashes: hashes, Checkpoint: string(checkpoint)}, nil
}

// prove makes an audit path from unproven tiles and then verifies the path itself, which takes half the hashing that
// proving every tile does. Only when that fails are the tiles proven, to find out why.
func (t Tree) prove(ctx context.Context, src Source, index int64) ([]tlog.Hash, error) {
	r := unproven(ctx, src, t)
	path, err := tlog.ProveRecord(t.Size, index, r)
	if err != nil {
		return nil, err
	}
	leaf, err := r.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	if err != nil {
		return nil, err
	}
	if tlog.CheckRecord(path, t.Size, t.Root, index, leaf[0]) == nil {
		return path, nil
	}
	if cache, ok := src.(*Cache); ok {
		cache.forget() // what was read once may have been damaged only then
	}
	return tlog.ProveRecord(t.Size, index, t.hashes(ctx, src))
}

// Verify checks that the encoded entry is in the log that vkey names, and returns the checkpoint that says so. Every
// failure is of kind [footage.Untrusted] or [footage.Invalid].
func (p Inclusion) Verify(entry []byte, vkey string) (Checkpoint, error) {
	c, err := OpenCheckpoint([]byte(p.Checkpoint), vkey)
	if err != nil {
		return Checkpoint{}, err
	}
	if p.Size != c.Size {
		return Checkpoint{}, footage.E(footage.Untrusted, fmt.Sprintf("The proof is for a record of %d entries, its checkpoint for %d.", p.Size, c.Size))
	}
	if tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash(entry)) != nil {
		return Checkpoint{}, footage.E(footage.Untrusted, fmt.Sprintf(
			"The proof does not show that this is entry %d of the public record %s. Do not rely on it; fetch both anew.", p.Index, c.Origin))
	}
	return c, nil
}

// ParseInclusion reads an inclusion proof from JSON, strictly. It verifies nothing.
func ParseInclusion(raw []byte) (Inclusion, error) {
	if len(raw) > maxProof {
		return Inclusion{}, footage.E(footage.TooLarge, "The inclusion proof is longer than any real one.")
	}
	var p Inclusion
	if err := footage.DecodeStrict(raw, &p); err != nil {
		return Inclusion{}, err
	}
	if p.Index < 0 || p.Index >= p.Size || len(p.Hashes) > 63 {
		return Inclusion{}, footage.E(footage.Invalid, "The inclusion proof names an entry that its record cannot have.")
	}
	return p, nil
}

// MarshalJSON writes no hashes as an empty list, never as null.
func (p Inclusion) MarshalJSON() ([]byte, error) {
	type plain Inclusion
	if p.Hashes == nil {
		p.Hashes = []tlog.Hash{}
	}
	return json.Marshal(plain(p))
}

// ProveConsistency proves that the tree of a signed checkpoint only added entries to the log's first old entries. The
// proof is verified as that of [ProveInclusion] is.
func ProveConsistency(ctx context.Context, src Source, old int64, checkpoint []byte) ([]tlog.Hash, error) {
	c, err := unverified(checkpoint)
	if err != nil {
		return nil, err
	}
	if old < 0 || old > c.Size {
		return nil, footage.E(footage.NotFound, fmt.Sprintf("The record of %d entries never had %d.", c.Size, old))
	}
	if old == 0 {
		return nil, nil
	}
	proof, err := tlog.ProveTree(c.Size, old, c.Tree.hashes(ctx, src))
	if err != nil {
		return nil, fmt.Errorf("prove that %d entries continue %d: %w", c.Size, old, err)
	}
	return proof, nil
}

// VerifyConsistency checks that next continues old: same log, not smaller, and every entry of old still in its place.
// It verifies no signature; both checkpoints come from [OpenCheckpoint].
func VerifyConsistency(old, next Checkpoint, proof []tlog.Hash) error {
	if err := CheckNotBehind(old, next); err != nil {
		return err
	}
	if old.Size == 0 || old.Size == next.Size {
		return nil
	}
	if tlog.CheckTree(proof, next.Size, next.Root, old.Size, old.Root) != nil {
		return footage.Coded(footage.Untrusted, "record_forked", fmt.Sprintf(
			"The record of %d entries does not continue the one of %d that was seen before: the past was changed. Keep both checkpoints and tell the oversight body.", next.Size, old.Size))
	}
	return nil
}
