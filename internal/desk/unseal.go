package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/seal"
)

// UnsealOptions say how a share is opened.
type UnsealOptions struct {
	To       string // folder for the clips, made if missing; empty: in the desk's own folder
	Stream   bool   // fetch and open in one pass, without keeping sealed bytes
	Progress Progress
}

// Opened is a share whose clips lie open on this device.
type Opened struct {
	Share    *Share
	Manifest evidence.Manifest
	Folder   string
	Files    []string // paths, in the manifest's order
}

// Unseal opens the clips of a share into a folder. A clip appears under its name only when every byte was opened and its
// length, its padding and its SHA-256 are those of the resident's manifest. Clips that lie there already, with the right
// hash, are left as they are. The opening is recorded in the custody chain before any clip appears.
//
// A stream is not held against the receipt's digest of the sealed bytes, since the seal shows each byte to be the sender's.
func (d *Desk) Unseal(ctx context.Context, id footage.ShareID, opts UnsealOptions) (Opened, error) {
	out := Opened{Folder: opts.To}
	s, err := d.Share(ctx, id)
	if err != nil {
		return out, err
	}
	out.Share = s
	if d.isOpen(s, &out) {
		return out, nil
	}
	if opts.Stream {
		err = d.pickUp(ctx, s)
	} else {
		err = d.allFetched(s)
	}
	if err != nil {
		return out, err
	}
	epoch, err := d.epochOf(ctx, s)
	if err != nil {
		return out, err
	}
	if out.Manifest, err = d.openManifest(ctx, s, epoch); err != nil {
		return out, err
	}
	if out.Folder, err = d.chooseFolder(id, opts.To); err != nil {
		return out, err
	}
	bar := newMeter(clipBytes(out.Manifest), opts.Progress)
	for _, c := range out.Manifest.Clips {
		path := filepath.Join(out.Folder, c.Name)
		if err := d.openClip(ctx, s, c, path, opts.Stream, epoch, bar); err != nil {
			return out, fmt.Errorf("open %s: %w", c.Name, err)
		}
		out.Files = append(out.Files, path)
	}
	return out, nil
}

func clipBytes(m evidence.Manifest) (total int64) {
	for _, c := range m.Clips {
		total += c.Size
	}
	return total
}

// isOpen reports whether the clips lie open already in the folder that was asked for, or anywhere if none was, and fills out.
func (d *Desk) isOpen(s *Share, out *Opened) bool {
	u, err := d.opened(s)
	if err != nil || u.folder == "" || (out.Folder != "" && !samePath(out.Folder, u.folder)) {
		return false
	}
	var files []string
	for _, c := range u.m.Clips {
		path := u.path(c)
		if sameClip(path, c) != nil {
			return false
		}
		files = append(files, path)
	}
	out.Manifest, out.Folder, out.Files = u.m, u.folder, files
	return true
}

func samePath(a, b string) bool {
	a, err := filepath.Abs(a)
	return err == nil && a == b
}

// allFetched refuses to open what is not wholly on this device.
func (d *Desk) allFetched(s *Share) error {
	for _, c := range s.Clips {
		if !d.fetched(s.Delivery.Share, c) {
			return footage.Coded(footage.Conflict, CodeNotPickedUp, "The sealed clips are not all on this device. Fetch the share first, or fetch and open it in one go with 'desk fetch --open'.")
		}
	}
	return nil
}

// epochOf returns the key that opens a share, compared with the one that the checked public record names.
func (d *Desk) epochOf(ctx context.Context, s *Share) (*seal.Identity, error) {
	v, err := d.device()
	if err != nil {
		return nil, err
	}
	var all api.Keys
	if err := d.call(ctx, http.MethodGet, "/v1/agency/keys", nil, &all); err != nil {
		return nil, fmt.Errorf("fetch the agency's keys: %w", err)
	}
	for _, w := range all.Wrapped {
		if w.Epoch == s.Epoch && w.Holder == string(v.ID) {
			return unwrap(w, v, s.Checked.Epochs)
		}
	}
	return nil, notWrapped()
}

// openManifest opens the sealed manifest, records the opening, keeps the manifest's bytes, and checks that it is the list of
// the very clips that the receipt names.
func (d *Desk) openManifest(ctx context.Context, s *Share, epoch *seal.Identity) (evidence.Manifest, error) {
	var m evidence.Manifest
	if s.Manifest == "" {
		return m, footage.Coded(footage.Conflict, CodeNotPickedUp, "Fetch the share first, or fetch and open it in one go with 'desk fetch --open'.")
	}
	sealed, err := api.Decode(s.Manifest)
	if err != nil {
		return m, err
	}
	if footage.Hash(sealed) != s.Receipt.Manifest {
		return m, footage.Coded(footage.Untrusted, "manifest_hash", "The sealed list of clips is not the one that the receipt names.")
	}
	raw, err := seal.OpenBytes(sealed, epoch)
	if err != nil {
		return m, fmt.Errorf("open the list of clips: %w", err)
	}
	if err := d.record(ctx, s, footage.EventOpened, nil); err != nil {
		return m, err
	}
	if err := replaceFile(d.folder(s.Delivery.Share, manifestFile), raw); err != nil {
		return m, err
	}
	return s.manifest(raw)
}

// manifestFile holds the opened manifest, byte for byte.
const manifestFile = "manifest.json"

// manifest reads an opened manifest and holds it against the receipt.
func (s *Share) manifest(raw []byte) (evidence.Manifest, error) {
	m, err := evidence.ParseManifest(raw)
	if err == nil {
		err = m.Verify()
	}
	if err != nil {
		return m, fmt.Errorf("%w (%w)", footage.Coded(footage.Untrusted, "manifest", "The list of clips under the seal cannot be relied on: "+plainError(err)+" If its sender does not answer, decline the share as unreadable."), err)
	}
	same := m.Request == s.Request && m.Agency == s.Receipt.Agency && m.Epoch == s.Epoch && m.Exchange == s.Receipt.Exchange && len(m.Clips) == len(s.Receipt.Clips)
	for _, c := range m.Clips {
		same = same && c.Padded == seal.PaddedLength(c.Size) && slices.Contains(s.Receipt.Clips, held(c))
	}
	if !same {
		return m, footage.Coded(footage.Untrusted, "manifest_binding", "The list of clips under the seal is for other clips than the receipt, or for another request.")
	}
	return m, nil
}

// place is the file that says where a share's clips were opened to.
type place struct {
	Folder string `json:"folder"`
}

const placeFile = "place.json"

// chooseFolder makes the folder for a share's open clips and remembers it.
func (d *Desk) chooseFolder(id footage.ShareID, to string) (string, error) {
	if to == "" {
		to = d.folder(id, "clips")
	}
	to, err := filepath.Abs(to)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return "", full(to, fmt.Errorf("make folder for clips: %w", err))
	}
	return to, replaceJSON(d.folder(id, placeFile), place{Folder: to})
}

// openClip opens one clip, from the sealed file or straight from the exchange.
func (d *Desk) openClip(ctx context.Context, s *Share, c evidence.Clip, path string, stream bool, epoch *seal.Identity, bar *meter) error {
	if exists(path) {
		if err := sameClip(path, c); err != nil {
			return err
		}
		bar.add(c.Size)
		return nil
	}
	src, err := d.sealedClip(ctx, s, c, stream)
	if err != nil {
		return err
	}
	defer src.Close()
	sum := sha256.New()
	check := seal.Check{Tee: []io.Writer{sum, bar}, Verify: func() error { return sameHash(c, sum) }}
	return full(path, seal.OpenFile(path, src, c.Size, check, epoch))
}

// sealedClip opens the sealed bytes of a clip: the file that was fetched, or the exchange.
func (d *Desk) sealedClip(ctx context.Context, s *Share, c evidence.Clip, stream bool) (io.ReadCloser, error) {
	if d.fetched(s.Delivery.Share, held(c)) {
		return os.Open(d.sealedPath(s.Delivery.Share, c.ID))
	}
	if !stream {
		return nil, footage.Coded(footage.Conflict, CodeNotPickedUp, "The sealed clip is not on this device. Fetch it first.")
	}
	return d.source(ctx, s, held(c)), nil
}

// held returns a clip as the exchange held it.
func held(c evidence.Clip) footage.SealedClip {
	return footage.SealedClip{ID: c.ID, Size: c.Sealed.Size, Digest: c.Sealed.Digest}
}

func sameHash(c evidence.Clip, sum hash.Hash) error {
	if hex.EncodeToString(sum.Sum(nil)) == c.SHA256 {
		return nil
	}
	return footage.Coded(footage.Untrusted, "clip_hash", "The clip opens, but is not the one that the sender's list describes: its hash differs. Nothing of it is kept.")
}

// sameClip accepts a file that lies where a clip should go if it is that clip.
func sameClip(path string, c evidence.Clip) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() != c.Size {
		return fileExists(path)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != c.SHA256 {
		return fileExists(path)
	}
	return nil
}

// unsealed is a share's list of clips as it was opened on this device.
type unsealed struct {
	raw    []byte // the manifest, byte for byte
	m      evidence.Manifest
	folder string // of the open clips; empty while all of them lie under their seal
}

// path is where a clip lies open, or would; empty while it lies under its seal.
func (u unsealed) path(c evidence.Clip) string {
	if u.folder == "" {
		return ""
	}
	return filepath.Join(u.folder, c.Name)
}

// opened returns a share's list of clips if it was opened here and the clips are here too, open or sealed.
func (d *Desk) opened(s *Share) (u unsealed, err error) {
	notOpened := footage.Coded(footage.Conflict, CodeNotOpened, "The share has not been opened on this device. Open it first.")
	u.raw, err = os.ReadFile(d.folder(s.Delivery.Share, manifestFile))
	if errors.Is(err, os.ErrNotExist) {
		return u, notOpened
	}
	if err != nil {
		return u, fmt.Errorf("read the list of clips: %w", err)
	}
	if u.m, err = s.manifest(u.raw); err != nil {
		return u, err
	}
	var at place
	err = readJSON(d.folder(s.Delivery.Share, placeFile), &at)
	if errors.Is(err, os.ErrNotExist) && d.allFetched(s) == nil {
		return u, nil
	}
	if errors.Is(err, os.ErrNotExist) {
		return u, notOpened
	}
	u.folder = at.Folder
	return u, err
}
