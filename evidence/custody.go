package evidence

import (
	"encoding/hex"
	"fmt"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// CustodyType is the value of the type member of data/custody.json.
const CustodyType = "porchlight/custody-record/v1"

// Members of custody events' details, by which a chain ties the clips to what the exchange held and the agency opened.
const (
	DetailSealedManifest = "manifest"        // committed: SHA-256 of the sealed manifest, as in the receipt
	DetailManifest       = "manifest_sha256" // verified: SHA-256 of the opened manifest
	DetailFindings       = "findings"        // verified: Findings.Summary
	DetailPackage        = "package_sha256"  // exported: BagHash
)

// CustodyRecord is a share's custody chain with paths to the daily roots in the public record.
type CustodyRecord struct {
	Type   string          `json:"type"` // CustodyType
	Events []footage.Event `json:"events"`
	Days   []CustodyDay    `json:"days"`
}

// CustodyDay shows that the chain's head on one day is under that day's custody root, an entry of the public record that
// is the same size every day.
type CustodyDay struct {
	Seq   int              `json:"seq"`   // the event whose hash is the leaf
	Leaf  int              `json:"leaf"`  // its place among the day's leaves, from 0
	Path  []string         `json:"path"`  // audit path from the leaf upwards, each 32 bytes in hexadecimal
	Entry ledger.Entry     `json:"entry"` // custody.root
	Proof ledger.Inclusion `json:"proof"` // of Entry
}

// ParseCustody reads a custody record strictly; it verifies nothing.
func ParseCustody(raw []byte) (CustodyRecord, error) {
	var r CustodyRecord
	if err := decodeExact(raw, &r); err != nil {
		return CustodyRecord{}, fmt.Errorf("read custody record: %w", err)
	}
	if r.Type != CustodyType || len(r.Events) == 0 {
		return CustodyRecord{}, footage.Coded(footage.Invalid, "custody_type", "This is not a custody record.")
	}
	return r, nil
}

// NewCustodyDay makes the path from the event seq, whose hash stands at place leaf among all of a day's leaves, to the
// day's custody root, which entry states and proof proves.
func NewCustodyDay(seq, leaf int, leaves [][32]byte, entry ledger.Entry, proof ledger.Inclusion) CustodyDay {
	d := CustodyDay{Seq: seq, Leaf: leaf, Path: []string{}, Entry: entry, Proof: proof}
	for _, h := range ledger.MerklePath(leaves, leaf) {
		d.Path = append(d.Path, hex.EncodeToString(h[:]))
	}
	return d
}

// Verify checks the path and the proof against the chain's events and the pinned verifier key, and returns the day. Every
// failure is footage.Untrusted.
func (d CustodyDay) Verify(events []footage.Event, vkey string) (time.Time, error) {
	bad := untrusted("custody_path", "The path from the custody chain to its day's root in the public record does not hold.")
	raw, err := d.Entry.Encode()
	if err != nil {
		return time.Time{}, bad
	}
	if _, err := d.Proof.Verify(raw, vkey); err != nil {
		return time.Time{}, err
	}
	fact, err := d.Entry.Fact()
	if err != nil {
		return time.Time{}, bad
	}
	day, ok := fact.(ledger.CustodyRoot)
	if !ok || d.Seq < 0 || d.Seq >= len(events) {
		return time.Time{}, bad
	}
	head, err := events[d.Seq].Hash()
	if err != nil {
		return time.Time{}, err
	}
	leaf, lerr := hash32(head)
	root, rerr := hash32(day.Root)
	path, perr := hashes32(d.Path)
	if lerr != nil || rerr != nil || perr != nil || !ledger.VerifyPath(leaf, d.Leaf, day.Leaves, path, root) {
		return time.Time{}, bad
	}
	return time.Parse(time.DateOnly, day.Date)
}

func hashes32(list []string) ([][32]byte, error) {
	out := make([][32]byte, 0, len(list))
	for _, s := range list {
		h, err := hash32(s)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

func hash32(s string) (h [32]byte, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, footage.E(footage.Invalid, "A hash is not 32 bytes in hexadecimal.")
	}
	return [32]byte(b), nil
}

// CommittedDetail returns the detail of the committed event for a receipt: each clip's sealed digest under its ID, and the
// sealed manifest's hash.
func CommittedDetail(r footage.Receipt) map[string]string {
	detail := map[string]string{DetailSealedManifest: r.Manifest}
	for _, clip := range r.Clips {
		detail[string(clip.ID)] = clip.Digest
	}
	return detail
}

// VerifiedDetail returns the detail of the verified event: the hash of the opened manifest, byte for byte as it was sealed,
// and the counts of the findings. By signing it the custodian vouches that this manifest is what came out of the seal; no
// one can check that later without the agency's key.
func VerifiedDetail(manifest []byte, findings Findings) map[string]string {
	return map[string]string{DetailManifest: footage.Hash(manifest), DetailFindings: findings.Summary()}
}

// ExportedDetail returns the detail of the exported event for a package's hash.
func ExportedDetail(bagHash string) map[string]string {
	return map[string]string{DetailPackage: bagHash}
}
