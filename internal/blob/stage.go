package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"syscall"

	"porchlight.example/internal/footage"
)

// The state of a staging on disk is the declared length in decimal; everything else is in the file.

// Step is described at [Staging]: a file can end at any byte.
func (d *Disk) Step(int64) int64 { return 1 }

// Begin is described at [Staging]. It leaves nothing on the disk.
func (d *Disk) Begin(ctx context.Context, key string, length int64) ([]byte, error) {
	if err := errors.Join(CheckKey(key), ctx.Err()); err != nil {
		return nil, err
	}
	if length < 0 {
		return nil, footage.E(footage.Invalid, "The length of an upload cannot be below nought.")
	}
	if !d.room(length) {
		return nil, fmt.Errorf("begin %s of %d bytes: %w", key, length, errFull())
	}
	return strconv.AppendInt(nil, length, 10), nil
}

// room reports whether so many bytes more leave the reserve untouched.
func (d *Disk) room(more int64) bool {
	free, known := freeSpace(d.dir)
	return !known || free-d.Reserve >= more
}

func stagedLength(key string, state []byte) (int64, error) {
	if err := CheckKey(key); err != nil {
		return 0, err
	}
	length, err := strconv.ParseInt(string(state), 10, 64)
	if err != nil || length < 0 {
		return 0, fmt.Errorf("read the saved state of %s: it is damaged", key)
	}
	return length, nil
}

// Append is described at [Staging].
func (d *Disk) Append(ctx context.Context, key string, state []byte, offset int64, r io.Reader) (int64, []byte, error) {
	length, err := stagedLength(key, state)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return 0, state, err
	}
	if !d.room(0) {
		return 0, state, fmt.Errorf("append to %s: %w", key, errFull())
	}
	f, err := d.openPart(key, offset)
	if err != nil {
		return 0, state, diskError("append to", key, err)
	}
	defer f.Close()
	w := &stageWriter{disk: d, file: f, at: offset, flushed: offset, end: length}
	_, readErr := io.Copy(w, r)
	n := w.at - offset
	if err := d.settle(key, w, offset); err != nil {
		_ = f.Truncate(offset) // gives back the room; if it fails, the next Append does it
		return 0, state, diskError("append to", key, err)
	}
	if readErr != nil {
		return n, state, fmt.Errorf("append to %s: %w", key, readErr)
	}
	return n, state, nil
}

// openPart opens a staging to write from offset on and discards what lies behind: bytes that were never acknowledged.
func (d *Disk) openPart(key string, offset int64) (*os.File, error) {
	flags := os.O_WRONLY
	if offset == 0 {
		flags |= os.O_CREATE
		if err := d.makeFolder(path.Dir(key)); err != nil {
			return nil, err
		}
	}
	f, err := d.root.OpenFile(key+partSuffix, flags, privateFile)
	if err != nil {
		return nil, err
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err == nil && end < offset {
		err = fmt.Errorf("%d of %d staged bytes are left: %w", end, offset, fs.ErrNotExist)
	}
	if err == nil && end > offset {
		err = f.Truncate(offset)
	}
	if err == nil {
		_, err = f.Seek(offset, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// settle makes what was written durable. The file's name needs that too, once; when the object is complete, Finish
// does it under the name that lasts.
func (d *Disk) settle(key string, w *stageWriter, offset int64) error {
	if w.err != nil {
		return w.err
	}
	if err := w.file.Sync(); err != nil {
		return err // whatever could not be written now is never counted, nor tried again on this file handle
	}
	if offset == 0 && w.at < w.end {
		return d.syncFolder(path.Dir(key))
	}
	return nil
}

// stageWriter writes a staging up to its declared end. Whole blocks of small objects go past the page cache where the file
// system lets them: copying them into pages that are written out at once costs more than all else about them. Large ones go
// through the cache, from which they are fetched faster than from the disk, and the disk is had to begin with them early so
// that the sync is short.
type stageWriter struct {
	disk    *Disk
	file    *os.File
	at      int64 // where the next byte goes
	flushed int64 // up to where the free space was looked at, and write-back started
	end     int64 // the declared length
	direct  bool  // the file is set to go past the cache
	cached  bool  // the file system takes no such writes
	err     error // the first failure of the file
}

const (
	directBlock = 4096      // bytes: what writes past the page cache must be multiples of, in the file and in memory
	directLeast = 256 << 10 // bytes below which such a write is not worth its wait
	directMost  = 16 << 20  // bytes of an object above which none is
)

func (w *stageWriter) Write(p []byte) (int, error) {
	over := int64(len(p)) > w.end-w.at
	if over {
		p = p[:w.end-w.at]
	}
	n, err := w.write(p)
	if err != nil {
		w.err = err
		return n, err
	}
	if w.at-w.flushed >= flushEvery {
		startWriteback(w.file, w.flushed, w.at-w.flushed)
		w.flushed = w.at
		if !w.disk.room(0) {
			w.err = syscall.ENOSPC // what is left is the database's
			return n, w.err
		}
	}
	if over {
		return n, footage.Coded(footage.TooLarge, "longer_than_declared", "There came more bytes than were announced.")
	}
	return n, nil
}

// write writes all of p: the whole blocks directly, if they are many enough and lie well, the rest through the cache.
func (w *stageWriter) write(p []byte) (n int, err error) {
	if whole := len(p) / directBlock * directBlock; !w.cached && w.end <= directMost && whole >= directLeast && w.at%directBlock == 0 && aligned(p) {
		n, err = w.pass(p[:whole], true)
		if err != nil && refusesDirect(err) {
			w.cached, err = true, nil
		}
		if err != nil || n == len(p) {
			return n, err
		}
	}
	k, err := w.pass(p[n:], false)
	return n + k, err
}

func (w *stageWriter) pass(p []byte, direct bool) (int, error) {
	if direct != w.direct {
		if !setDirect(w.file, direct) && direct {
			return 0, syscall.EINVAL
		}
		w.direct = direct
	}
	n, err := w.file.Write(p)
	w.at += int64(n)
	return n, err
}

// Staged is described at [Staging].
func (d *Disk) Staged(ctx context.Context, key string, state []byte, offset, length int64) (io.ReadCloser, error) {
	if err := errors.Join(CheckKey(key), ctx.Err()); err != nil {
		return nil, err
	}
	return d.open(key+partSuffix, key, offset, length)
}

// Finish is described at [Staging].
func (d *Disk) Finish(ctx context.Context, key string, state []byte) error {
	length, err := stagedLength(key, state)
	if err != nil {
		return err
	}
	size, err := d.size(key + partSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return d.finishAgain(ctx, key, length)
	}
	if err == nil && size != length {
		return fmt.Errorf("finish %s: %w", key, footage.E(footage.Conflict, "The upload is not complete yet."))
	}
	if err == nil {
		err = d.root.Rename(key+partSuffix, key)
	}
	if err == nil {
		err = d.syncFolder(path.Dir(key))
	}
	return diskError("finish", key, err)
}

// finishAgain finishes a staging that has no file: because it was finished before, or because it has no bytes.
func (d *Disk) finishAgain(ctx context.Context, key string, length int64) error {
	size, err := d.size(key)
	switch {
	case err == nil && size == length:
		return diskError("finish", key, d.syncFolder(path.Dir(key)))
	case length == 0:
		return d.Put(ctx, key, nil)
	case err == nil:
		err = fs.ErrNotExist
	}
	return diskError("finish", key, err)
}

// Abort is described at [Staging].
func (d *Disk) Abort(ctx context.Context, key string, _ []byte) error {
	if err := errors.Join(CheckKey(key), ctx.Err()); err != nil {
		return err
	}
	return diskError("abort", key, d.remove(key+partSuffix))
}
