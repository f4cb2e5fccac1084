package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"porchlight.example/internal/footage"
)

// Fetch brings the sealed clips of a share to this device. The pick-up is recorded first. What is there already is skipped; a
// download that broke off goes on where it stopped, and breaks in the connection are bridged. A clip appears under its name
// only when its digest is that of the receipt.
func (d *Desk) Fetch(ctx context.Context, id footage.ShareID, progress Progress) (*Share, error) {
	s, err := d.Share(ctx, id)
	if err != nil {
		return nil, err
	}
	bar := newMeter(s.size(), progress)
	var missing []footage.SealedClip
	for _, c := range s.Clips {
		if d.fetched(id, c) {
			bar.add(c.Size)
		} else {
			missing = append(missing, c)
		}
	}
	if len(missing) == 0 {
		return s, nil
	}
	if err := d.pickUp(ctx, s); err != nil {
		return nil, err
	}
	for _, c := range missing {
		if err := d.fetchClip(ctx, s, c, bar); err != nil {
			return nil, fmt.Errorf("fetch clip: %w", err)
		}
	}
	return s, nil
}

func (d *Desk) sealedPath(id footage.ShareID, clip footage.ClipID) string {
	return d.folder(id, "sealed", string(clip)+".age")
}

// fetched reports whether the sealed clip lies here whole.
func (d *Desk) fetched(id footage.ShareID, c footage.SealedClip) bool {
	info, err := os.Stat(d.sealedPath(id, c.ID))
	return err == nil && info.Mode().IsRegular() && info.Size() == c.Size
}

// pickUp records that this device begins to fetch, once, and brings the share up to date: the manifest is in it from now on.
func (d *Desk) pickUp(ctx context.Context, s *Share) error {
	if s.State == footage.ShareErased {
		return footage.Coded(footage.Gone, CodeErased, "The exchange's copy of these clips is erased. Use the copy that your agency fetched.")
	}
	if s.State == footage.ShareLost {
		return footage.Coded(footage.Gone, CodeErased, "The exchange has lost its copy of these clips. Use the copy that your agency fetched; if there is none, ask for the footage again.")
	}
	v, err := d.device()
	if err != nil {
		return err
	}
	if !s.has(footage.EventPickedUp, string(v.ID)) {
		if err := d.record(ctx, s, footage.EventPickedUp, nil); err != nil {
			return withdrawn(err)
		}
	}
	if s.Manifest != "" {
		return nil
	}
	return d.refresh(ctx, s)
}

// fetchClip downloads one sealed clip. What an earlier try left is read again for the digest; if the whole then differs, as
// after a loss of power, it is fetched once more from the beginning.
func (d *Desk) fetchClip(ctx context.Context, s *Share, c footage.SealedClip, bar *meter) error {
	path := d.sealedPath(s.Delivery.Share, c.ID)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return full(path, err)
	}
	info, err := os.Stat(path + ".part")
	resumed := err == nil && info.Size() > 0
	err = full(path, d.download(ctx, s, c, path, bar))
	if own := (*footage.Error)(nil); resumed && errors.As(err, &own) && own.Code == CodeDigest {
		bar.add(-c.Size)
		err = full(path, d.download(ctx, s, c, path, bar))
	}
	return err
}

// download brings a clip's rest over, behind what lies in the part, and gives the file its name if its digest is right.
func (d *Desk) download(ctx context.Context, s *Share, c footage.SealedClip, path string, bar *meter) error {
	part, err := os.OpenFile(path+".part", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer part.Close()
	var digest footage.SegmentDigest
	done, err := io.Copy(&digest, io.LimitReader(part, c.Size))
	if err != nil {
		return fmt.Errorf("read what was fetched before: %w", err)
	}
	bar.add(done)
	src := d.source(ctx, s, c)
	src.at = done
	defer src.Close()
	if err := pour(io.NewOffsetWriter(part, done), &digest, src, bar); err != nil {
		if errors.Is(err, footage.Gone) || errors.Is(err, footage.NotFound) {
			_ = os.Remove(part.Name()) // it will never be whole
		}
		return err
	}
	if digest.Sum() != c.Digest {
		_ = os.Remove(part.Name()) // nothing in it can be believed
		return footage.Coded(footage.Untrusted, CodeDigest, "The sealed clip "+string(c.ID)+" is not the one that the receipt names: its digest differs. It was thrown away. Fetch it again; if it differs again, tell the operator.")
	}
	return finish(part, path, c.Size)
}

// pour copies the source's rest to the file and the digest.
func pour(to io.Writer, digest io.Writer, src io.Reader, bar *meter) error {
	buf := make([]byte, 1<<20)
	for {
		n, err := src.Read(buf)
		if n > 0 {
			_, _ = digest.Write(buf[:n]) // a hash never fails to write
			if _, err := to.Write(buf[:n]); err != nil {
				return fmt.Errorf("keep sealed clip: %w", err)
			}
			bar.add(int64(n))
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// finish makes the file durable and gives it its name. Another process that fetched the same clip may have been faster.
func finish(part *os.File, path string, size int64) error {
	if err := errors.Join(part.Truncate(size), part.Sync(), part.Close()); err != nil {
		return fmt.Errorf("keep sealed clip: %w", err)
	}
	if err := os.Rename(part.Name(), path); err != nil && !(errors.Is(err, fs.ErrNotExist) && exists(path)) {
		return fmt.Errorf("keep sealed clip: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// maxBreaks is how many times in a row a connection may break without a byte coming through.
const maxBreaks = 6

// source reads a sealed clip from the exchange to its end, whatever happens to single connections.
type source struct {
	ctx    context.Context // of the one call that reads
	open   func(offset int64) (io.ReadCloser, error)
	at     int64 // the next byte
	size   int64
	wait   time.Duration // after the first break
	body   io.ReadCloser // nil between connections
	breaks int           // in a row
}

func (d *Desk) source(ctx context.Context, s *Share, c footage.SealedClip) *source {
	return &source{ctx: ctx, size: c.Size, wait: d.pause, open: func(offset int64) (io.ReadCloser, error) {
		client, err := d.signedIn()
		if err != nil {
			return nil, err
		}
		return client.Clip(ctx, s.Delivery.Share, c.ID, offset)
	}}
}

// Read returns bytes in order. It fails only when the exchange refuses, or when the connection breaks again and again.
func (r *source) Read(p []byte) (int, error) {
	for r.at < r.size {
		if err := r.ctx.Err(); err != nil {
			return 0, err
		}
		n, err := r.try(p[:min(int64(len(p)), r.size-r.at)])
		r.at += int64(n)
		if n > 0 {
			r.breaks = 0
			return n, nil
		}
		if err == nil {
			continue
		}
		if kind := footage.KindOf(err); kind != "" && kind != footage.Unavailable {
			return 0, err
		}
		if r.breaks++; r.breaks >= maxBreaks {
			return 0, fmt.Errorf("%w (%w)", footage.E(footage.Interrupted, "The connection to the exchange breaks again and again. What came so far is kept; run the same command again."), err)
		}
		if err := r.pause(); err != nil {
			return 0, err
		}
	}
	return 0, io.EOF
}

// try reads once, opening a connection if there is none. After any error the connection is closed.
func (r *source) try(p []byte) (n int, err error) {
	if r.body == nil {
		if r.body, err = r.open(r.at); err != nil {
			r.body = nil
			return 0, err
		}
	}
	n, err = r.body.Read(p)
	if err != nil {
		_ = r.Close() // what it says no longer matters
		if err == io.EOF {
			err = io.ErrUnexpectedEOF // the clip's end is known by its size
		}
	}
	return n, err
}

// pause waits a little longer after each break.
func (r *source) pause() error {
	timer := time.NewTimer(r.wait << (r.breaks - 1))
	defer timer.Stop()
	select {
	case <-r.ctx.Done():
		return r.ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Close closes the connection, if there is one.
func (r *source) Close() error {
	if r.body == nil {
		return nil
	}
	err := r.body.Close()
	r.body = nil
	return err
}

// meter adds up what is done and tells it.
type meter struct {
	done, total int64
	tell        Progress
}

func newMeter(total int64, tell Progress) *meter { return &meter{total: total, tell: tell} }

func (m *meter) add(n int64) {
	m.done += n
	if m.tell != nil {
		m.tell(m.done, m.total)
	}
}

// Write counts bytes, so that a meter can look on where others write.
func (m *meter) Write(p []byte) (int, error) {
	m.add(int64(len(p)))
	return len(p), nil
}
