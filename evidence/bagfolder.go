package evidence

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"porchlight.example/internal/footage"
)

// folder is a bag that is being written: a hidden neighbour of its final place, which it takes whole or not at all.
type folder struct {
	final, temp string
	payload     map[string]sums // by path in the bag, such as "data/clips/clip-01.mp4"
	tags        map[string]sums
	buf         []byte
}

// newFolder makes the temporary folder. The final place must not exist yet.
func newFolder(final string) (*folder, error) {
	if _, err := os.Lstat(final); err == nil {
		return nil, footage.Coded(footage.Conflict, "bag_exists", "There is something at "+filepath.Base(final)+" already: choose another name for the package.")
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	temp := filepath.Join(filepath.Dir(final), "."+filepath.Base(final)+".partial-"+hex.EncodeToString(b[:]))
	if err := os.Mkdir(temp, 0o700); err != nil {
		return nil, err
	}
	return &folder{final: final, temp: temp, payload: map[string]sums{}, tags: map[string]sums{}, buf: newChunk()}, nil
}

// discard removes what was written. After finish there is nothing left to remove.
func (f *folder) discard() error { return os.RemoveAll(f.temp) }

// place returns the path on disk and makes the folders above it.
func (f *folder) place(name string) (string, error) {
	at := filepath.Join(f.temp, filepath.FromSlash(name))
	return at, os.MkdirAll(filepath.Dir(at), 0o700)
}

func (f *folder) record(name string, s sums) {
	if strings.HasPrefix(name, "data/") {
		f.payload[name] = s
	} else {
		f.tags[name] = s
	}
}

// put writes one small file durably.
func (f *folder) put(name string, data []byte) error {
	at, err := f.place(name)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	f.record(name, hashBytes(data))
	return nil
}

// stream writes r durably and returns what was written.
func (f *folder) stream(ctx context.Context, name string, r io.Reader, step func(int64)) (sums, error) {
	at, err := f.place(name)
	if err != nil {
		return sums{}, err
	}
	file, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return sums{}, err
	}
	s, err := hashStream(ctx, f.buf, r, file, step)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return sums{}, err
	}
	f.record(name, s)
	return s, nil
}

// link puts a regular file into the bag under a second name, without copying it, and reads it once for its hashes. On
// another file system, or one without links, the file is copied.
func (f *folder) link(ctx context.Context, name, from string, step func(int64)) (sums, error) {
	info, err := os.Lstat(from)
	if err != nil {
		return sums{}, err
	}
	if !info.Mode().IsRegular() {
		return sums{}, footage.E(footage.Invalid, filepath.Base(from)+" is not a regular file.")
	}
	at, err := f.place(name)
	if err != nil {
		return sums{}, err
	}
	linked := os.Link(from, at) == nil
	file, err := os.Open(from)
	if err != nil {
		return sums{}, err
	}
	defer file.Close()
	if !linked {
		return f.stream(ctx, name, file, step)
	}
	s, err := hashStream(ctx, f.buf, file, io.Discard, step)
	if err = errors.Join(err, file.Sync()); err != nil {
		return sums{}, err
	}
	f.record(name, s)
	return s, nil
}

// finish syncs every folder and gives the bag its name: from here on it exists, and it is whole.
func (f *folder) finish() error {
	err := filepath.WalkDir(f.temp, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return syncFolder(path)
	})
	if err != nil {
		return err
	}
	if err := os.Rename(f.temp, f.final); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(f.final))
}

// syncFolder makes the names in a folder durable. Windows has no such call; some file systems answer EINVAL and need none.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	if err = errors.Join(err, d.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
