package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"
)

// gathered writes objects into a folder that become durable together, up to so many at a time. Each is written under a
// temporary name; then all are synced, then renamed, then each folder is synced once. So no object has its name before its
// bytes are on the disk, as with [Dir.Put], but what was put is durable only at the end.
type gathered struct {
	Dir

	mu    sync.Mutex // guards files
	files []unnamed
}

// unnamed is an object under its temporary name.
type unnamed struct {
	*os.File
	name string // that it is to have
}

const gatheredMost = 64

// gather returns where many objects are put, and what is called at the end with the error so far: it makes them durable.
func gather(objects Objects) (into Objects, end func(error) error) {
	dir, ok := objects.(Dir)
	if !ok {
		return objects, func(err error) error { return err }
	}
	g := &gathered{Dir: dir}
	return g, func(err error) error {
		if err == nil {
			err = g.name()
		}
		return errors.Join(err, g.drop())
	}
}

// Put takes an object.
func (g *gathered) Put(_ context.Context, key string, data []byte) error {
	name, err := g.file(key)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.files) == gatheredMost {
		if err := g.name(); err != nil {
			return err
		}
	}
	folder := filepath.Dir(name)
	if err := makeFolder(folder); err != nil {
		return fmt.Errorf("write object %s: %w", key, err)
	}
	f, err := os.CreateTemp(folder, ".new-*")
	if err != nil {
		return fmt.Errorf("write object %s: %w", key, err)
	}
	g.files = append(g.files, unnamed{f, name})
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("write object %s: %w", key, err)
	}
	return nil
}

// name makes durable what was put, and gives it its names. g.mu is held, or nothing is put any more.
func (g *gathered) name() error {
	var group errgroup.Group
	group.SetLimit(writers)
	for _, f := range g.files {
		group.Go(f.Sync)
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("write objects: %w", err)
	}
	folders := map[string]bool{}
	for _, f := range g.files {
		if err := os.Rename(f.Name(), f.name); err != nil {
			return fmt.Errorf("write objects: %w", err)
		}
		folders[filepath.Dir(f.name)] = true
	}
	for folder := range folders {
		if err := syncFolder(folder); err != nil {
			return fmt.Errorf("write objects: %w", err)
		}
	}
	return g.drop()
}

// drop closes the files, and takes away those that have no name yet.
func (g *gathered) drop() (err error) {
	for _, f := range g.files {
		err = errors.Join(err, f.Close())
		_ = os.Remove(f.Name()) // fails once it is renamed, as it should
	}
	g.files = nil
	return err
}
