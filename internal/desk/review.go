package desk

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/seal"
)

// OpenList opens a share's list of clips and leaves the clips under their seal: [Desk.Clip] opens what is read of them, and
// [Desk.Verify] and [Desk.Export] open them on the way, so that no open clip lies on the disk before it is exported. The
// opening is recorded in the custody chain, once. The clips must have been fetched.
func (d *Desk) OpenList(ctx context.Context, id footage.ShareID) (Opened, error) {
	s, err := d.Share(ctx, id)
	if err != nil {
		return Opened{}, err
	}
	if u, err := d.opened(s); err == nil {
		return Opened{Share: s, Manifest: u.m, Folder: u.folder}, nil
	}
	if err := d.allFetched(s); err != nil {
		return Opened{}, err
	}
	epoch, err := d.epochOf(ctx, s)
	if err != nil {
		return Opened{}, err
	}
	m, err := d.openManifest(ctx, s, epoch)
	return Opened{Share: s, Manifest: m}, err
}

// clipSource is where a clip's open bytes come from: the open file, or the sealed one, which is opened as it is read.
func (d *Desk) clipSource(s *Share, u unsealed, c evidence.Clip) (evidence.Source, bool) {
	if path := u.path(c); path != "" && exists(path) {
		return evidence.Source{Path: path}, true
	}
	return evidence.Source{Open: func(ctx context.Context) (io.ReadCloser, error) { return d.unsealing(ctx, s, c) }}, d.fetched(s.Delivery.Share, held(c))
}

// unsealing reads a fetched clip from its beginning to its end.
func (d *Desk) unsealing(ctx context.Context, s *Share, c evidence.Clip) (io.ReadCloser, error) {
	epoch, err := d.epochOf(ctx, s)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(d.sealedPath(s.Delivery.Share, c.ID))
	if err != nil {
		return nil, err
	}
	r, err := seal.OpenClip(f, c.Size, epoch)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{r, f}, nil
}

// Clip is an opened share's clip that can be read at any place. What is read is opened then and there, and kept nowhere.
type Clip struct {
	evidence.Clip
	from io.ReaderAt
	file *os.File
}

// Reader returns a reader of the clip, without its padding. Each reader has a place of its own.
func (c *Clip) Reader() *io.SectionReader { return io.NewSectionReader(c.from, 0, c.Size) }

// Close ends the reading.
func (c *Clip) Close() error { return c.file.Close() }

// Clip returns a clip of a share that was opened on this device. The caller closes it.
func (d *Desk) Clip(ctx context.Context, id footage.ShareID, clip footage.ClipID) (*Clip, error) {
	s, err := d.Share(ctx, id)
	if err != nil {
		return nil, err
	}
	u, err := d.opened(s)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(u.m.Clips, func(c evidence.Clip) bool { return c.ID == clip })
	if i < 0 {
		return nil, footage.E(footage.NotFound, "The share has no such clip.")
	}
	c := u.m.Clips[i]
	if !d.fetched(id, held(c)) {
		return openFile(c, u.path(c))
	}
	epoch, err := d.epochOf(ctx, s)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(d.sealedPath(id, c.ID))
	if err != nil {
		return nil, err
	}
	whole, err := seal.OpenAt(f, c.Sealed.Size, epoch)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	section, err := whole.Clip(c.Size)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Clip{c, section, f}, nil
}

// openFile opens a clip that lies open, if it is that clip.
func openFile(c evidence.Clip, path string) (*Clip, error) {
	if path == "" {
		return nil, footage.Coded(footage.Conflict, CodeNotPickedUp, "The sealed clip is not on this device. Fetch it first.")
	}
	if err := sameClip(path, c); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &Clip{c, f, f}, nil
}

// Review is everything that a custodian looks at before deciding on a share.
type Review struct {
	Share    *Share
	Opened   bool  // the list of clips was opened here; without it manifest, findings and talk are empty
	Problem  error // why the list that was opened cannot be relied on
	Manifest evidence.Manifest
	Findings evidence.Findings // the newest that were made here, if they are those of the custody chain
	Talk     []Said
	Device   footage.CustodianID // this device's, as custody events name it; empty without one
	Held     bool                // this device holds every clip, open or sealed
	Packages []Exported          // those that this desk wrote and that lie there still
}

// Review gathers what this device knows of a share. It records nothing.
func (d *Desk) Review(ctx context.Context, id footage.ShareID) (Review, error) {
	s, err := d.Share(ctx, id)
	if err != nil {
		return Review{}, err
	}
	out := Review{Share: s, Held: d.holds(s)}
	if out.Packages, err = d.exports(id); err != nil {
		return out, err
	}
	out.Packages = slices.DeleteFunc(out.Packages, func(x Exported) bool { return !exists(x.Folder) })
	if v, err := d.device(); err == nil {
		out.Device = v.ID
	}
	u, err := d.opened(s)
	if own := (*footage.Error)(nil); errors.As(err, &own) && own.Code == CodeNotOpened {
		return out, nil
	}
	if errors.Is(err, footage.Untrusted) {
		out.Problem = err
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Opened, out.Manifest = true, u.m
	if out.Findings, err = d.findings(s, u); err != nil {
		return out, err
	}
	out.Talk, err = d.Talk(ctx, id)
	return out, err
}

// findingsFile holds the findings of the newest verification.
const findingsFile = "findings.json"

// findings returns the findings that were made here, if the newest ones in the custody chain are the same.
func (d *Desk) findings(s *Share, u unsealed) (evidence.Findings, error) {
	var found evidence.Findings
	err := readJSON(d.folder(s.Delivery.Share, findingsFile), &found)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var newest map[string]string
	for _, e := range s.Events {
		if e.Kind == footage.EventVerified {
			newest = e.Detail
		}
	}
	if err != nil || !maps.Equal(newest, evidence.VerifiedDetail(u.raw, found)) {
		return nil, err
	}
	return found, nil
}
