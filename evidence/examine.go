package evidence

import (
	"context"
	"fmt"
	"io"
	"os"
)

// Examine checks the parts of a package before it is written, as [VerifyBag] will check the package itself, and writes nothing.
// It reads every clip once, in constant memory. A clip without a source, or another one than the manifest describes, is a
// finding; the error is only for what kept it from checking.
func Examine(ctx context.Context, p Package) (Findings, error) {
	p.Info.Type = PackageType
	m, err := ParseManifest(p.Manifest)
	if err != nil {
		return nil, err
	}
	files, err := payloadFiles(p, m)
	if err != nil {
		return nil, fmt.Errorf("examine share: %w", err)
	}
	c := content{files: files, sums: map[string]sums{}}
	for name, data := range files {
		c.sums[name] = hashBytes(data)
	}
	if err := c.read(ctx, p, m); err != nil {
		return nil, fmt.Errorf("examine share: %w", err)
	}
	return c.judge(p.Trust, p.Info.Exported).Findings, nil
}

// read hashes every clip that has a source.
func (c content) read(ctx context.Context, p Package, m Manifest) error {
	var done, total int64
	for _, clip := range m.Clips {
		total += clip.Size
	}
	step := func(n int64) {
		if done += n; p.Progress != nil {
			p.Progress(done, total)
		}
	}
	buf := newChunk()
	for i, clip := range m.Clips {
		from, ok := p.Clips[clip.ID]
		if !ok {
			continue
		}
		r, err := from.open(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", clip.Name, err)
		}
		got, err := hashStream(ctx, buf, r, io.Discard, step)
		_ = r.Close() // it was only read
		if err != nil {
			return fmt.Errorf("%s: %w", clip.Name, err)
		}
		c.sums[clipFolder+payloadName(clip, i, p.Info.Neutral)] = got
	}
	return nil
}

func (s Source) open(ctx context.Context) (io.ReadCloser, error) {
	if s.Open != nil {
		return s.Open(ctx)
	}
	return os.Open(s.Path)
}
