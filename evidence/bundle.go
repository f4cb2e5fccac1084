package evidence

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// BundleType is the value of a bundle's type member.
const BundleType = "porchlight/bundle/v1"

// MaxBundle is the size limit of a bundle in JSON: 8 MiB.
const MaxBundle = 8 << 20

// Bundle is a published request with everything that is needed to check it offline: what was signed, and the lines of the
// public record that say who asks, who signed, to whose key clips are sealed and under which policies, each with its proof
// against one checkpoint.
type Bundle struct {
	Type string `json:"type"` // BundleType
	// Verifier is the log's verifier key as the exchange gives it. It serves a first use only: a key that comes from the
	// exchange proves nothing about the exchange.
	Verifier   string                 `json:"verifier"`
	Checkpoint string                 `json:"checkpoint"` // signed note
	Record     footage.Record         `json:"record"`
	Updates    []footage.UpdateRecord `json:"updates"`
	Entries    []Proven               `json:"entries"` // by ascending index
}

// Proven is an entry of the public record with the proof that it is in the tree of its bundle's checkpoint.
type Proven struct {
	Entry  ledger.Entry `json:"entry"`
	Index  int64        `json:"index"`
	Hashes []tlog.Hash  `json:"hashes"` // RFC 6962 audit path, each in base64
}

// NewBundle gathers the entries with the given indexes from a log and proves each against the checkpoint. The caller names
// those that [Bundle.Verify] needs: exchange.created, the agency's registration and changes, suspensions and restorations,
// the signers' enrolments, epochs, custodians added, policies adopted, the request's publication, updates and closing.
func NewBundle(ctx context.Context, src ledger.Source, checkpoint []byte, verifier string, record footage.Record, updates []footage.UpdateRecord, indexes []int64) (Bundle, error) {
	c, err := ledger.OpenCheckpoint(checkpoint, verifier)
	if err != nil {
		return Bundle{}, err
	}
	b := Bundle{Type: BundleType, Verifier: verifier, Checkpoint: string(checkpoint), Record: record, Updates: updates}
	indexes = slices.Clone(indexes)
	slices.Sort(indexes)
	for _, index := range slices.Compact(indexes) {
		proven, err := prove(ctx, src, c.Tree, checkpoint, index)
		if err != nil {
			return Bundle{}, fmt.Errorf("bundle entry %d: %w", index, err)
		}
		b.Entries = append(b.Entries, proven)
	}
	return b, nil
}

func prove(ctx context.Context, src ledger.Source, tree ledger.Tree, checkpoint []byte, index int64) (Proven, error) {
	raw, err := ledger.ReadEntry(ctx, src, tree, index)
	if err != nil {
		return Proven{}, err
	}
	entry, err := ledger.DecodeEntry(raw)
	if err != nil {
		return Proven{}, err
	}
	p, err := ledger.ProveInclusion(ctx, src, checkpoint, index)
	if err != nil {
		return Proven{}, err
	}
	return Proven{Entry: entry, Index: index, Hashes: append([]tlog.Hash{}, p.Hashes...)}, nil
}

// ParseBundle reads a bundle strictly: no unknown, doubled, missing or misspelt member. Order and white space are free. It
// verifies nothing: see [Bundle.Verify].
func ParseBundle(raw []byte) (Bundle, error) {
	if len(raw) > MaxBundle {
		return Bundle{}, footage.Coded(footage.TooLarge, "bundle_too_large", "The request with its proofs is larger than 8 MiB.")
	}
	var b Bundle
	if err := decodeExact(raw, &b); err != nil {
		return Bundle{}, fmt.Errorf("read bundle: %w", err)
	}
	if b.Type != BundleType {
		return Bundle{}, footage.Coded(footage.Unsupported, "bundle_type", "This program does not know this kind of bundle. A newer one may know it.")
	}
	return b, nil
}

// decodeExact decodes strictly; encoding v again must give the same JSON value, which catches missing and misspelt members.
func decodeExact(raw []byte, v any) error {
	canonical, err := footage.Canonicalize(raw)
	if err != nil {
		return err
	}
	// From the canonical form, so that raw members inside v are canonical too.
	if err := footage.DecodeStrict(canonical, v); err != nil {
		return err
	}
	again, err := footage.Canonical(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(canonical, again) {
		return footage.Coded(footage.Invalid, "not_exact", "The JSON text has a missing, misspelt or oddly written member.")
	}
	return nil
}

// Encode returns the bundle's canonical JSON.
func (b Bundle) Encode() ([]byte, error) { return footage.Canonical(b) }
