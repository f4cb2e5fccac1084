package exchange_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/store"
)

// beginning is a world as nearly all tests begin with it, made once for all of them: to make it takes longer than most tests
// take. Each has a copy of everything that can change.
type beginning struct {
	world    *world
	database []byte            // an SQLite file
	files    map[string][]byte // of the bucket and the guard, by their paths
}

// shared holds the beginning once it is made.
var shared struct {
	sync.Mutex
	*beginning
}

// begun returns the beginning. Whichever test comes first makes it.
func begun(t testing.TB) *beginning {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.beginning != nil {
		return shared.beginning
	}
	bucket := disk(t).(folder)
	w := makeWorld(t, filepath.Join(t.TempDir(), "first.db"), bucket, options{})
	b := &beginning{world: w, files: map[string][]byte{}}
	b.keep(t, "blobs", bucket.dir)
	b.keep(t, "guard", w.cfg.Guard.Dir)
	backup := filepath.Join(t.TempDir(), "backup.db")
	must(t, w.cfg.DB.Backup(t.Context(), backup))
	var err error
	b.database, err = os.ReadFile(backup)
	must(t, err)
	shared.beginning = b
	return b
}

// keep reads a folder's files.
func (b *beginning) keep(t testing.TB, as, dir string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		must(t, err)
		b.files[filepath.Join(as, rel)], err = os.ReadFile(path)
		return err
	}))
}

// copy returns a world of the test's own that goes on from the beginning.
func (b *beginning) copy(t testing.TB, url string, bucket blob.Bucket, o options) *world {
	t.Helper()
	dir := t.TempDir()
	for name, data := range b.files {
		at := filepath.Join(dir, name)
		key, inBucket := strings.CutPrefix(filepath.ToSlash(name), "blobs/")
		disk, onDisk := bucket.(folder)
		switch {
		case inBucket && !onDisk:
			must(t, bucket.Put(t.Context(), key, data))
			continue
		case inBucket:
			at = filepath.Join(disk.dir, key)
		}
		must(t, os.MkdirAll(filepath.Dir(at), 0o700))
		must(t, os.WriteFile(at, data, 0o600))
	}
	w := bareWorld(t, bucket, filepath.Join(dir, "guard"), o)
	w.cfg.Keys = b.world.cfg.Keys
	b.copyDatabase(t, w, url)
	w.copyPeople(b.world)
	var err error
	w.x, err = exchange.Open(t.Context(), w.cfg)
	must(t, err)
	return w
}

// copyDatabase puts the rows of the beginning into an empty database.
func (b *beginning) copyDatabase(t testing.TB, w *world, url string) {
	t.Helper()
	path := strings.TrimPrefix(url, "sqlite:")
	if strings.HasPrefix(url, "postgres:") {
		path = filepath.Join(t.TempDir(), "first.db")
	}
	must(t, os.WriteFile(path, b.database, 0o600))
	w.openDatabase(url)
	if path == url {
		return
	}
	from, err := store.Open(t.Context(), path, store.Options{})
	must(t, err)
	defer from.Close()
	must(t, w.cfg.DB.CopyFrom(t.Context(), from))
}

// copyPeople gives a world the people of another, each with a key in their own hands.
func (w *world) copyPeople(from *world) {
	own := func(p person) person {
		key := *p.key
		key.User = bytes.Clone(key.User)
		return person{p.id, &key}
	}
	police := *from.police
	police.officer, police.supervisor, police.custodian = own(police.officer), own(police.supervisor), own(police.custodian)
	w.police, w.operator, w.moderator, w.league, w.cases = &police, own(from.operator), own(from.moderator), from.league, from.cases
}
