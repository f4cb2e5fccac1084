package desk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
)

// ExportOptions say how a package is written.
type ExportOptions struct {
	Case     string // the agency's own case number; one line, may be empty
	Neutral  bool   // name the clips clip-01.mp4 even if their owner kept the names
	Progress Progress
}

// Export writes a share whose clips lie open here as an evidence package at dir, which must not exist, and records it with
// the package's hash, which it returns. When the package was written but its recording was cut off, the same call again
// checks the package that lies there and records it.
func (d *Desk) Export(ctx context.Context, id footage.ShareID, dir string, opts ExportOptions) (string, error) {
	s, err := d.Share(ctx, id)
	if err != nil {
		return "", err
	}
	pack, _, err := d.pack(s, opts.Progress)
	if err != nil {
		return "", err
	}
	pack.Info.Case, pack.Info.Neutral = opts.Case, opts.Neutral
	hash, err := evidence.WriteBag(ctx, dir, pack)
	if errors.Is(err, footage.Conflict) {
		hash, err = d.unrecorded(ctx, s, dir, err)
	}
	if err != nil {
		return "", full(dir, err)
	}
	if err := d.record(ctx, s, footage.EventExported, evidence.ExportedDetail(hash)); err != nil {
		return hash, fmt.Errorf("%w (the package is whole, but its export is not recorded yet: run the same command again)", err)
	}
	return hash, d.noteExport(id, dir, hash)
}

// Exported is a package that this desk wrote.
type Exported struct {
	Folder string `json:"folder"`
	SHA256 string `json:"package_sha256"`
}

// exportsFile lists the packages of a share.
const exportsFile = "packages.json"

// noteExport remembers where a package was written to.
func (d *Desk) noteExport(id footage.ShareID, dir, hash string) error {
	all, err := d.exports(id)
	if err != nil {
		return err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	return replaceJSON(d.folder(id, exportsFile), append(all, Exported{Folder: dir, SHA256: hash}))
}

// exports returns the packages of a share that this desk wrote, whether or not they lie there still.
func (d *Desk) exports(id footage.ShareID) (all []Exported, err error) {
	err = readJSON(d.folder(id, exportsFile), &all)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return all, err
}

// unrecorded returns the hash of a package that an earlier call wrote and could not record, or the conflict if what lies
// there is anything else.
func (d *Desk) unrecorded(ctx context.Context, s *Share, dir string, conflict error) (string, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "data", "receipt.json"))
	var r footage.Receipt
	if err != nil || footage.DecodeStrict(raw, &r) != nil || r.Sig != s.Receipt.Sig {
		return "", conflict
	}
	found, err := evidence.VerifyBag(ctx, dir, evidence.VerifyOptions{Trust: d.trust(), Now: d.now()})
	if err != nil || found.Failed() {
		return "", conflict
	}
	hash, err := evidence.BagHash(dir)
	if err != nil {
		return "", err
	}
	for _, e := range s.Events {
		if e.Kind == footage.EventExported && e.Detail[evidence.DetailPackage] == hash {
			return "", conflict
		}
	}
	return hash, nil
}
