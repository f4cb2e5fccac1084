package seal

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"porchlight.example/internal/footage"
)

func mustBeEmpty(t testing.TB, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		t.Errorf("%s was left behind", f.Name())
	}
}

func TestOpenFile(t *testing.T) {
	id := newID(t)
	for _, n := range lengths {
		clip := noise(11, n)
		sealed := sealAll(t, newEnv(t, n, id), clip)
		dir := t.TempDir()
		path := filepath.Join(dir, "clip.mp4")
		h256, h512 := sha256.New(), sha512.New()
		verify := func() error {
			want256, want512 := sha256.Sum256(clip), sha512.Sum512(clip)
			if !bytes.Equal(h256.Sum(nil), want256[:]) || !bytes.Equal(h512.Sum(nil), want512[:]) {
				return errors.New("the hashes differ")
			}
			if _, err := os.Stat(path); err == nil {
				return errors.New("the file has its name already")
			}
			return nil
		}
		if err := OpenFile(path, bytes.NewReader(sealed), n, Check{Tee: []io.Writer{h256, h512}, Verify: verify}, id); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, clip) {
			t.Errorf("%d bytes: %v, or other bytes", n, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		if files, _ := os.ReadDir(dir); len(files) != 1 {
			t.Errorf("%d files", len(files))
		}
		err = OpenFile(path, bytes.NewReader(sealed), n, Check{}, id)
		wantCode(t, err, footage.Conflict, CodeFileExists)
	}
}

func TestOpenFileLeavesNothingBehind(t *testing.T) {
	id := newID(t)
	n := int64(5 * batchSize)
	sealed := sealAll(t, newEnv(t, n, id), noise(12, n))
	sorry := errors.New("no")
	for name, check := range map[string]Check{
		"an onlooker fails":     {Tee: []io.Writer{failing{sorry}}},
		"verification fails":    {Verify: func() error { return sorry }},
		"an onlooker is slower": {Tee: []io.Writer{io.Discard, failing{sorry}, sha512.New()}},
	} {
		dir := t.TempDir()
		err := OpenFile(filepath.Join(dir, "clip"), bytes.NewReader(sealed), n, check, id)
		if !errors.Is(err, sorry) {
			t.Errorf("%s: %v", name, err)
		}
		mustBeEmpty(t, dir)
	}
	if err := OpenFile(filepath.Join(t.TempDir(), "none", "clip"), bytes.NewReader(sealed), n, Check{}, id); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if err := OpenFile("x", nil, -1, Check{}, id); !errors.Is(err, footage.Invalid) {
		t.Errorf("a negative length: %v", err)
	}
}
