package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
	"porchlight.example/seal"
)

// checkRecord follows the public record over HTTP and proves the request's entry. It returns the checkpoint and the index.
func (j *job) checkRecord(ctx context.Context) (ledger.Checkpoint, int64, error) {
	src, verifier := ledger.HTTP{Base: j.base}, j.node.Exchange.Info().LogVerifier
	report, err := ledger.Check(ctx, src, verifier)
	if err != nil {
		return ledger.Checkpoint{}, 0, err
	}
	if report.Size <= j.request.LogIndex {
		return ledger.Checkpoint{}, 0, footage.E(footage.NotFound, "The record does not hold the request.")
	}
	entry, err := ledger.ReadEntry(ctx, src, report.Tree, j.request.LogIndex)
	if err != nil {
		return ledger.Checkpoint{}, 0, err
	}
	if !bytes.Contains(entry, []byte(j.request.ID)) {
		return ledger.Checkpoint{}, 0, footage.E(footage.Untrusted, "The record's entry is about another request.")
	}
	return report.Checkpoint, j.request.LogIndex, nil
}

// writeProof lays out what was made: see [proofReadme].
func (j *job) writeProof(ctx context.Context) error {
	document, err := j.request.Document.Canonical()
	if err != nil {
		return err
	}
	receipt, err := json.MarshalIndent(j.sent.Receipt, "", "  ")
	if err != nil {
		return fmt.Errorf("write receipt: %w", err)
	}
	identity, err := j.epochIdentity()
	if err != nil {
		return err
	}
	for name, body := range map[string][]byte{
		"README.txt":          []byte(proofReadme),
		"request.json":        document,
		"receipt.json":        append(receipt, '\n'),
		"agency-identity.txt": []byte(identity.String() + "\n"),
		"verifier.txt":        []byte(j.node.Exchange.Info().LogVerifier + "\n"),
	} {
		if err := os.WriteFile(j.path(proofDir, name), body, 0o600); err != nil {
			return fmt.Errorf("write the proof: %w", err)
		}
	}
	return errors.Join(j.writeClips(), j.writeLog(ctx))
}

const proofReadme = `What one run of the demonstration made, laid out for programs that its makers did not write.

request.json         the request's canonical document; its SHA-256 is the request's ID
original/            the clips as they were prepared for sealing
sealed/              what the exchange held of them: age files
agency-identity.txt  the agency's key, which opens them: age -d -i agency-identity.txt sealed/clip-01.mp4.age
                     gives the clip first and zero padding last
receipt.json         the exchange's signed receipt
bag/                 the evidence package, a BagIt folder (RFC 8493)
log/                 the public record: C2SP checkpoint, tiles and entry bundles, and inclusion.json, the proof of the request
verifier.txt         the key that names the exchange and signs the checkpoint

The agency's key opens nothing but what this demonstration made up. A real one never leaves its agency.
`

// epochIdentity reads the agency's key from its recovery sheet.
func (j *job) epochIdentity() (*seal.Identity, error) {
	sheet, err := os.ReadFile(j.sheet(town.Police))
	if err != nil {
		return nil, fmt.Errorf("read the recovery sheet: %w", err)
	}
	return seal.ParseRecoverySheet(string(sheet))
}

func (j *job) writeClips() error {
	if err := errors.Join(os.MkdirAll(j.path(proofDir, "original"), 0o700), os.MkdirAll(j.path(proofDir, "sealed"), 0o700)); err != nil {
		return fmt.Errorf("write the proof: %w", err)
	}
	for i, name := range j.original {
		original, err := readAll(j.clips[i])
		if err != nil {
			return err
		}
		if err := os.WriteFile(j.path(proofDir, "original", name), original, 0o600); err != nil {
			return fmt.Errorf("write the proof: %w", err)
		}
		id := string(j.sent.Receipt.Clips[i].ID)
		for _, path := range j.sealed {
			if base := filepath.Base(path); base == id || base == id+filepath.Ext(base) {
				if err := copyFile(j.path(proofDir, "sealed", name+".age"), path); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copy %s: %w", filepath.Base(from), err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("copy %s: %w", filepath.Base(from), err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("copy %s: %w", filepath.Base(from), err)
	}
	return nil
}

// writeLog mirrors the record: the checkpoint, and every tile and bundle of its tree.
func (j *job) writeLog(ctx context.Context) error {
	src, to := ledger.HTTP{Base: j.base}, ledger.Dir(j.path(proofDir))
	checkpoint, err := src.Get(ctx, ledger.CheckpointKey)
	if err != nil {
		return err
	}
	c, err := ledger.OpenCheckpoint(checkpoint, j.node.Exchange.Info().LogVerifier)
	if err != nil {
		return err
	}
	for _, key := range treeKeys(c.Size) {
		object, err := src.Get(ctx, key)
		if err != nil {
			return err
		}
		if err := to.Put(ctx, key, object); err != nil {
			return err
		}
	}
	if err := to.Put(ctx, ledger.CheckpointKey, checkpoint); err != nil {
		return err
	}
	proof, err := ledger.ProveInclusion(ctx, to, checkpoint, j.request.LogIndex)
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(proof, "", "  ")
	if err != nil {
		return fmt.Errorf("write the inclusion proof: %w", err)
	}
	return to.Put(ctx, "log/inclusion.json", append(raw, '\n'))
}

// treeKeys lists the objects of a tree of n entries: tiles of every level and bundles of entries, 256 wide and the last of
// each level narrower (https://c2sp.org/tlog-tiles).
func treeKeys(n int64) []string {
	const width = 256
	var keys []string
	for level := 0; n > 0; level, n = level+1, n/width {
		for i := int64(0); i*width < n; i++ {
			w := int(min(width, n-i*width))
			keys = append(keys, ledger.TileKey(level, i, w))
			if level == 0 {
				keys = append(keys, ledger.BundleKey(i, w))
			}
		}
	}
	return keys
}
