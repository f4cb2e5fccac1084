package evidence

import (
	"context"
	"fmt"
	"io"
	"path"
	"time"

	"porchlight.example/internal/footage"
)

// PackageType is the value of the type member of data/package.json.
const PackageType = "porchlight/package/v1"

// Package is everything that [WriteBag] puts into an evidence package.
type Package struct {
	Manifest []byte          // the opened manifest, byte for byte as it was sealed
	Bundle   Bundle          // the request with its proofs and updates
	Receipt  footage.Receipt // the exchange's promise
	Custody  CustodyRecord
	Clips    map[footage.ClipID]Source
	Trust    Trust                   // the exchange that the agency has pinned
	Info     Info                    // who packs, when, for which case
	Progress func(done, total int64) // bytes of clips; may be nil
}

// Source is where an opened clip's bytes come from, without their padding: a regular file, which is linked into the bag when
// it lies on the same file system and must not be changed afterwards, or a stream, which is opened once and read once.
type Source struct {
	Path string
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// Info is what the agency says about the package.
type Info struct {
	Type     string              `json:"type"` // PackageType
	Exported time.Time           `json:"exported"`
	Exporter footage.CustodianID `json:"exporter"`
	Case     string              `json:"case_number,omitempty"` // the agency's own; one line
	Software string              `json:"software"`
	Neutral  bool                `json:"neutral_names"` // clips are named clip-01.mp4 even if their owner kept the names
}

// check refuses what would not stand on one line of the bag's own description.
func (i Info) check() error {
	var c checker
	c.must(i.Type == PackageType, "package_type", "The type must be %s.", PackageType)
	c.must(wholeUTC(i.Exported), "package_time", "The time of export must be UTC, in whole seconds.")
	c.must(footage.ValidID(string(i.Exporter), "k"), "package_exporter", "The exporter's custodian ID is not one.")
	c.must(plain(i.Case, maxShortText) && plain(i.Software, maxShortText), "package_text", "The case number and the program's name must be short and in one line each.")
	return c.err("The package is not well described.")
}

// WriteBag writes an evidence package as a BagIt folder (RFC 8493) at dir, which must not exist, and returns its hash as
// [BagHash] does. The clips are read once, and length and SHA-256 compared with the manifest; then everything is checked as
// [VerifyBag] will check it, and a package with a failing finding is refused as footage.Untrusted, with every reason.
//
// The folder appears under its name only when it is whole and durable. After an error, or a loss of power, there is
// nothing at dir; at most a hidden neighbour ending in ".partial-…" without bagit.txt, which may be deleted.
func WriteBag(ctx context.Context, dir string, p Package) (hash string, err error) {
	p.Info.Type = PackageType
	if err := p.Info.check(); err != nil {
		return "", err
	}
	m, err := ParseManifest(p.Manifest)
	if err != nil {
		return "", err
	}
	f, err := newFolder(dir)
	if err != nil {
		return "", fmt.Errorf("write package: %w", err)
	}
	defer func() {
		if cleanup := f.discard(); err == nil && cleanup != nil {
			err = fmt.Errorf("write package: %w", cleanup)
		}
	}()
	if err := f.clips(ctx, p, m); err != nil {
		return "", fmt.Errorf("write package: %w", err)
	}
	if err := f.papers(p, m); err != nil {
		return "", fmt.Errorf("write package: %w", err)
	}
	hash, err = f.seal(p, m)
	if err != nil {
		return "", fmt.Errorf("write package: %w", err)
	}
	if err := f.finish(); err != nil {
		return "", fmt.Errorf("write package: %w", err)
	}
	return hash, nil
}

// clips puts every clip of the manifest into the bag.
func (f *folder) clips(ctx context.Context, p Package, m Manifest) error {
	var done, total int64
	for _, clip := range m.Clips {
		total += clip.Size
	}
	step := func(n int64) {
		if done += n; p.Progress != nil {
			p.Progress(done, total)
		}
	}
	for i, clip := range m.Clips {
		name := clipFolder + payloadName(clip, i, p.Info.Neutral)
		got, err := f.clip(ctx, name, p.Clips[clip.ID], step)
		if err != nil {
			return fmt.Errorf("%s: %w", clip.Name, err)
		}
		if got.sha256 != clip.SHA256 || got.size != clip.Size {
			return footage.Coded(footage.Untrusted, "clip_hash", clip.Name+" is not the clip that the resident's manifest describes: its length or its hash differs. Open it again from the sealed file.")
		}
	}
	return nil
}

func (f *folder) clip(ctx context.Context, name string, from Source, step func(int64)) (sums, error) {
	if from.Open == nil && from.Path == "" {
		return sums{}, footage.Coded(footage.NotFound, "clip_missing", "The clip has not been opened: a package holds every clip of its share.")
	}
	if from.Open == nil {
		return f.link(ctx, name, from.Path, step)
	}
	r, err := from.Open(ctx)
	if err != nil {
		return sums{}, err
	}
	defer r.Close()
	return f.stream(ctx, name, r, step)
}

// payloadName returns the clip's file name in the bag.
func payloadName(clip Clip, i int, neutral bool) string {
	if neutral {
		return NeutralName(i+1, path.Ext(clip.Name))
	}
	return clip.Name
}

// papers writes everything of the payload but the clips.
func (f *folder) papers(p Package, m Manifest) error {
	files, err := payloadFiles(p, m)
	if err != nil {
		return err
	}
	verdict := content{files, f.payload}.judge(p.Trust, p.Info.Exported)
	if err := verdict.refusal(); err != nil {
		return err
	}
	if files[reportPath], err = renderReport(p, m, verdict); err != nil {
		return err
	}
	if files[certificatePath], err = renderCertificate(p, m); err != nil {
		return err
	}
	for name, data := range files {
		if err := f.put(name, data); err != nil {
			return err
		}
	}
	return nil
}

// seal writes the tag files, bagit.txt last: without it no program takes the folder for a bag.
func (f *folder) seal(p Package, m Manifest) (string, error) {
	write := func(name string, data []byte) func() error {
		return func() error { return f.put(name, data) }
	}
	steps := []func() error{
		write("bag-info.txt", bagInfo(p, f.payload)),
		write("manifest-sha256.txt", encodeSums(f.payload, sha256Name)),
		write("manifest-sha512.txt", encodeSums(f.payload, sha512Name)),
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return "", err
		}
	}
	f.tags["bagit.txt"] = hashBytes([]byte(bagDeclaration))
	tag256, tag512 := encodeSums(f.tags, sha256Name), encodeSums(f.tags, sha512Name)
	steps = []func() error{write("tagmanifest-sha256.txt", tag256), write("tagmanifest-sha512.txt", tag512), write("bagit.txt", []byte(bagDeclaration))}
	for _, step := range steps {
		if err := step(); err != nil {
			return "", err
		}
	}
	return bagHash(tag256, tag512), nil
}
