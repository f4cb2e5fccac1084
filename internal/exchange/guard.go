package exchange

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Guard keeps, in a folder outside the database, what a restored backup must not forget: the newest checkpoint that was
// signed, and the clips that were erased. An empty folder name keeps nothing. A Guard may be copied before its first use.
type Guard struct {
	Dir string
	mu  *sync.Mutex
}

// NewGuard returns a guard that keeps its files in dir, which it makes, and removes what a crashed writer left there.
func NewGuard(dir string) (Guard, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Guard{}, fmt.Errorf("make guard folder: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, tempPrefix+"*"))
	if err != nil {
		return Guard{}, fmt.Errorf("tidy guard folder: %w", err)
	}
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > tempLife {
			_ = os.Remove(path) // it will be tried again at the next start
		}
	}
	return Guard{Dir: dir, mu: new(sync.Mutex)}, nil
}

// Saw records a checkpoint before it is published.
func (g Guard) Saw(note string) error {
	if g.Dir == "" {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return replaceFile(filepath.Join(g.Dir, "checkpoint"), []byte(note))
}

// Last returns the newest checkpoint that was recorded, or "" when there is none yet.
func (g Guard) Last() (string, error) {
	if g.Dir == "" {
		return "", nil
	}
	b, err := os.ReadFile(filepath.Join(g.Dir, "checkpoint"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the recorded checkpoint: %w", err)
	}
	return string(b), nil
}

// Erased records that the clips of a share are gone, before their rows say so.
func (g Guard) Erased(share string, keys []string) error {
	if g.Dir == "" {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f, err := os.OpenFile(filepath.Join(g.Dir, "erased"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("record erasure: %w", err)
	}
	_, err = f.WriteString(share + " " + strings.Join(keys, " ") + "\n")
	return errors.Join(err, f.Sync(), f.Close(), syncFolder(g.Dir))
}

// ErasedShares returns the shares whose erasure was recorded.
func (g Guard) ErasedShares() (map[string]bool, error) {
	b, err := os.ReadFile(filepath.Join(g.Dir, "erased"))
	if errors.Is(err, fs.ErrNotExist) || g.Dir == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read recorded erasures: %w", err)
	}
	shares := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		if fields := strings.Fields(line); len(fields) > 0 {
			shares[fields[0]] = true
		}
	}
	return shares, nil
}

const (
	tempPrefix = ".tmp-"   // begins the names of files that are being written
	tempLife   = time.Hour // one older than this has no writer any more
)

// replaceFile writes a file whole: temporary file, fsync, rename, fsync of the folder.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), tempPrefix+"*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync guard folder: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}
