package blob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
)

// makeFolder makes a folder and those above it, and returns when all their names are on the disk. A folder that is there
// is synced too, once in a process: the one that made it may have crashed before it could.
func (d *Disk) makeFolder(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.makeFolderLocked(dir)
}

func (d *Disk) makeFolderLocked(dir string) error {
	if dir == "." || d.dirs[dir] {
		return nil
	}
	parent := path.Dir(dir)
	if err := d.makeFolderLocked(parent); err != nil {
		return err
	}
	if err := d.root.Mkdir(dir, privateDir); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := d.syncFolder(parent); err != nil {
		return err
	}
	d.dirs[dir] = true
	return nil
}

// syncFolder makes the names in a folder durable.
func (d *Disk) syncFolder(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// open opens a range of a file; the key is for the error.
func (d *Disk) open(name, key string, offset, length int64) (io.ReadCloser, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return nil, diskError("read", key, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err == nil {
		_, err = f.Seek(offset, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, diskError("read", key, err)
	}
	if length < 0 {
		return f, nil
	}
	return &section{file: f, rest: io.LimitedReader{R: f, N: length}}, nil
}

// section is a range of an open file.
type section struct {
	file *os.File
	rest io.LimitedReader
}

func (s *section) Read(p []byte) (int, error) { return s.rest.Read(p) }
func (s *section) Close() error               { return s.file.Close() }

// WriteTo hands the limited file itself to w: a network connection lets the kernel copy it.
func (s *section) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, &s.rest) }

// List is described at [Objects].
func (d *Disk) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		start := path.Dir(prefix + "x") // the folder in which all names with the prefix lie
		err := fs.WalkDir(d.root.FS(), start, func(name string, e fs.DirEntry, err error) error {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			if e.IsDir() && name != start && !strings.HasPrefix(name+"/", prefix) && !strings.HasPrefix(prefix, name+"/") {
				return fs.SkipDir
			}
			if !e.Type().IsRegular() || !strings.HasPrefix(name, prefix) || CheckKey(name) != nil {
				return nil
			}
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil // deleted meanwhile
			}
			if err != nil {
				return err
			}
			if !yield(Info{Key: name, Size: info.Size()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			yield(Info{}, diskError("list", prefix, err))
		}
	}
}
