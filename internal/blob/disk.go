package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"syscall"
	"time"

	"porchlight.example/internal/footage"
)

// Disk is a [Bucket] in a folder: an object is a file at its key's path. New objects are written to a folder of their own,
// synced and renamed into place; stagings lie beside their object-to-be. File and folder are synced before a method returns.
type Disk struct {
	// Reserve is how many bytes stay free for the rest of the exchange, its database before all: stagings are refused
	// below it. OpenDisk sets 64 MiB.
	Reserve int64

	dir  string
	root *os.Root
	news *os.File // the folder for new objects, locked for as long as this Disk may write there

	mu   sync.Mutex      // guards dirs
	dirs map[string]bool // folders whose way from the root is known to be on the disk
}

const (
	tempFolder  = "~new"         // where objects are written before they are renamed
	partSuffix  = "~part"        // a staging's name behind its key
	tempLife    = 24 * time.Hour // a temporary file older than this has no writer any more, whoever has the folder open
	reserve     = 64 << 20       // bytes
	flushEvery  = int64(8 << 20) // bytes after which write-back is started
	privateDir  = fs.FileMode(0o700)
	privateFile = fs.FileMode(0o600)
)

// OpenDisk opens the folder, which it makes if it is absent, and removes what crashed writers left behind.
// The caller closes it.
func OpenDisk(dir string) (*Disk, error) {
	if err := os.MkdirAll(dir, privateDir); err != nil {
		return nil, fmt.Errorf("make the folder for clips: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder for clips: %w", err)
	}
	d := &Disk{Reserve: reserve, dir: dir, root: root, dirs: map[string]bool{}}
	if err := d.prepare(); err != nil {
		root.Close()
		return nil, fmt.Errorf("prepare the folder for clips: %w", err)
	}
	return d, nil
}

// prepare makes the folder's own name durable, and the folder for temporary files. It empties that of what has no writer any
// more: of all if nobody else has the folder open, else of what is old.
func (d *Disk) prepare() error {
	parent, err := os.Open(path.Join(d.dir, ".."))
	if err != nil {
		return err
	}
	defer parent.Close()
	if err := parent.Sync(); err != nil {
		return err
	}
	if err := d.root.MkdirAll(tempFolder, privateDir); err != nil {
		return err
	}
	if d.news, err = d.root.Open(tempFolder); err != nil {
		return err
	}
	entries, err := fs.ReadDir(d.root.FS(), tempFolder)
	if err != nil {
		return err
	}
	alone := lockAlone(d.news)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && (alone || time.Since(info.ModTime()) > tempLife) {
			_ = d.root.Remove(path.Join(tempFolder, e.Name())) // it will be tried again at the next start
		}
	}
	return lockShared(d.news)
}

// Close releases the folder. Nothing is lost if it is not called.
func (d *Disk) Close() error { return errors.Join(d.news.Close(), d.root.Close()) }

// Put is described at [Objects].
func (d *Disk) Put(ctx context.Context, key string, body []byte) error {
	return d.put(ctx, key, body, d.root.Rename)
}

// PutNew is described at [Objects].
func (d *Disk) PutNew(ctx context.Context, key string, body []byte) error {
	return d.put(ctx, key, body, d.root.Link) // a hard link, unlike a rename, replaces nothing
}

func (d *Disk) put(ctx context.Context, key string, body []byte, place func(from, to string) error) error {
	if err := errors.Join(CheckKey(key), ctx.Err()); err != nil {
		return err
	}
	temp := path.Join(tempFolder, rand.Text())
	defer d.root.Remove(temp) // it is gone already if it was renamed
	err := d.writeFile(temp, body)
	if err == nil {
		err = d.makeFolder(path.Dir(key))
	}
	if err == nil {
		err = place(temp, key)
	}
	if err == nil {
		err = d.syncFolder(path.Dir(key))
	}
	return diskError("put", key, err)
}

func (d *Disk) writeFile(name string, body []byte) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, privateFile)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	return errors.Join(err, f.Sync(), f.Close())
}

// Get is described at [Objects].
func (d *Disk) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := errors.Join(CheckKey(key), ctx.Err()); err != nil {
		return nil, err
	}
	return d.open(key, key, offset, length)
}

// Stat is described at [Objects].
func (d *Disk) Stat(ctx context.Context, key string) (int64, error) {
	if err := errors.Join(CheckKey(key), ctx.Err()); err != nil {
		return 0, err
	}
	size, err := d.size(key)
	return size, diskError("look for", key, err)
}

// Delete is described at [Objects].
func (d *Disk) Delete(ctx context.Context, key string) error {
	if err := errors.Join(CheckKey(key), ctx.Err()); err != nil {
		return err
	}
	return diskError("delete", key, d.remove(key))
}

// remove deletes a file and makes that durable. An absent one is synced all the same: the deletion may be the work of
// a process that crashed before it could.
func (d *Disk) remove(name string) error {
	_, err := d.size(name)
	if err == nil {
		err = d.root.Remove(name)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = d.syncFolder(path.Dir(name))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// size returns a file's size; a folder or anything else that is no file does not exist.
func (d *Disk) size(name string) (int64, error) {
	info, err := d.root.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// diskError gives the errors of the file system the kinds that the port promises.
func diskError(did, key string, err error) error {
	var kind *footage.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		kind = footage.E(footage.NotFound, "There is nothing stored under this key.")
	case errors.Is(err, fs.ErrExist):
		kind = footage.E(footage.Conflict, "There is something stored under this key already.")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		kind = errFull()
	default:
		return fmt.Errorf("%s %s: %w", did, key, err)
	}
	return fmt.Errorf("%s %s: %w (%w)", did, key, kind, err)
}

func errFull() *footage.Error {
	return footage.Coded(footage.Full, "storage_full", "The exchange has no room left for this. Nothing that it accepted is lost; please try again later.")
}
