package backup_test

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/backup"
	"porchlight.example/internal/blob"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// source makes a small exchange with some entries in its record, and a key folder.
func source(t *testing.T) (backup.Source, *exchange.Exchange) {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	db, err := store.Open(ctx, filepath.Join(dir, "exchange.db"), store.Options{})
	check(t, err)
	t.Cleanup(func() { db.Close() })
	bucket, err := blob.OpenDisk(filepath.Join(dir, "blobs"))
	check(t, err)
	t.Cleanup(func() { bucket.Close() })
	signer, verifier, err := ledger.GenerateKey("small.example/log", rand.Reader)
	check(t, err)
	x, err := exchange.Create(ctx, exchange.Config{DB: db, Bucket: bucket, Keys: exchange.Keys{LogSigner: signer, LogVerifier: verifier}},
		"Small", "small.example/log", footage.RelyingParty{ID: "small.example", Origin: "https://small.example"}, true, policy.DefaultFile())
	check(t, err)
	check(t, x.Integrate(ctx))
	keys := filepath.Join(dir, "keys")
	check(t, os.Mkdir(keys, 0o700))
	check(t, os.WriteFile(filepath.Join(keys, "log.key"), []byte("secret"), 0o600))
	return backup.Source{DB: db, Bucket: bucket, Keys: keys}, x
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMakeAndOpen(t *testing.T) {
	src, x := source(t)
	dir := filepath.Join(t.TempDir(), "backup")
	made, err := backup.Make(t.Context(), src, dir)
	check(t, err)
	b, err := backup.Open(t.Context(), dir)
	check(t, err)
	if b.Origin != "small.example/log" || b.Verifier != x.Info().LogVerifier || b.Entries != 2 || b.Signed != 2 || !b.Keys || b.Made != made.Made {
		t.Errorf("manifest %+v", b.Manifest)
	}
	if _, err := ledger.Check(t.Context(), ledger.Dir(dir), b.Verifier); err != nil {
		t.Errorf("the record in the backup: %v", err)
	}
	names := slices.Sorted(maps.Keys(b.Files))
	for _, want := range []string{"README.txt", "database.db", "keys/log.key", "log/checkpoint", "log/tile/0/000.p/2", "log/tile/entries/000.p/2"} {
		if !slices.Contains(names, want) {
			t.Errorf("the backup lacks %s: %v", want, names)
		}
	}
	if !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, "policies/default-") }) {
		t.Errorf("the backup lacks the policy: %v", names)
	}
	err = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if strings.Contains(path, "/log") {
			return err // the record is public
		}
		if info, err := e.Info(); err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others can read %s (mode %o)", path, info.Mode().Perm())
		}
		return err
	})
	check(t, err)
	db, done, err := b.Database(t.Context(), t.TempDir())
	check(t, err)
	check(t, db.Read(t.Context(), func(tx *store.Tx) error { _, err := tx.Exchange(); return err }))
	check(t, done())
	if _, err := backup.Open(t.Context(), dir); err != nil {
		t.Errorf("reading the backup changed it: %v", err)
	}
	if _, err := backup.Make(t.Context(), src, dir); !errors.Is(err, footage.Conflict) {
		t.Errorf("over a backup: %v", err)
	}
}

func TestKeysOnlyWhenAskedFor(t *testing.T) {
	src, _ := source(t)
	src.Keys = ""
	src.Now = func() time.Time { return time.Date(2026, 11, 3, 4, 5, 6, 789, time.FixedZone("", 3600)) }
	dir := filepath.Join(t.TempDir(), "backup")
	_, err := backup.Make(t.Context(), src, dir)
	check(t, err)
	b, err := backup.Open(t.Context(), dir)
	check(t, err)
	if b.Keys || b.KeyFolder() != "" || !b.Made.Equal(time.Date(2026, 11, 3, 3, 5, 6, 0, time.UTC)) {
		t.Errorf("manifest %+v", b.Manifest)
	}
	if _, err := os.Stat(filepath.Join(dir, "keys")); err == nil {
		t.Error("the keys are in the backup")
	}
	readme, err := os.ReadFile(filepath.Join(dir, "README.txt"))
	check(t, err)
	for _, want := range []string{"The exchange's keys are not in it.", "Clips are never backed up"} {
		if !strings.Contains(string(readme), want) {
			t.Errorf("README.txt does not say %q", want)
		}
	}
}

// What fails half-way leaves nothing that bears the backup's name.
func TestMakeLeavesNothingHalf(t *testing.T) {
	src, _ := source(t)
	for name, spoil := range map[string]func() context.Context{
		"no keys": func() context.Context { src.Keys += "-none"; return t.Context() },
		"no tile": func() context.Context {
			check(t, src.Bucket.Delete(t.Context(), "log/tile/0/000.p/2"))
			return t.Context()
		},
		"interrupted": func() context.Context { ctx, cancel := context.WithCancel(t.Context()); cancel(); return ctx },
	} {
		t.Run(name, func(t *testing.T) {
			src, _ = source(t)
			parent := t.TempDir()
			if _, err := backup.Make(spoil(), src, filepath.Join(parent, "backup")); err == nil {
				t.Fatal("no error")
			}
			if left, _ := os.ReadDir(parent); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	if _, err := backup.Make(t.Context(), src, filepath.Join(t.TempDir(), "none", "backup")); !errors.Is(err, footage.NotFound) {
		t.Errorf("no parent folder: %v", err)
	}
}

func TestOpenFindsDamage(t *testing.T) {
	src, _ := source(t)
	dir := filepath.Join(t.TempDir(), "backup")
	made, err := backup.Make(t.Context(), src, dir)
	check(t, err)
	damaged := func(what string, kind footage.Kind) {
		t.Helper()
		if _, err := backup.Open(t.Context(), dir); footage.KindOf(err) != kind {
			t.Errorf("%s: %v; want kind %s", what, err, kind)
		}
	}
	for name := range made.Files {
		path := filepath.Join(dir, name)
		whole, err := os.ReadFile(path)
		check(t, err)
		flipped := slices.Clone(whole)
		flipped[len(flipped)/2] ^= 1
		check(t, os.WriteFile(path, flipped, 0o600))
		damaged("one bit of "+name, footage.Untrusted)
		check(t, os.Remove(path))
		damaged("no "+name, footage.Untrusted)
		check(t, os.WriteFile(path, whole, 0o600))
	}
	check(t, os.WriteFile(filepath.Join(dir, "foreign"), nil, 0o600))
	damaged("a foreign file", footage.Untrusted)
	check(t, os.Remove(filepath.Join(dir, "foreign")))
	if _, err := backup.Open(t.Context(), dir); err != nil {
		t.Errorf("after all was put back: %v", err)
	}
	check(t, os.Remove(filepath.Join(dir, "backup.json")))
	damaged("no manifest", footage.NotFound)
}
