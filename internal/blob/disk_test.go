package blob_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/blob/blobtest"
	"porchlight.example/internal/footage"
)

func open(t testing.TB, dir string) *blob.Disk {
	t.Helper()
	d, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func TestDisk(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Bucket { return open(t, t.TempDir()) })
}

func TestOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	for _, raw := range []string{dir, "file:" + dir, "file://" + dir} {
		if err := open(t, raw).Put(t.Context(), "a", []byte("x")); err != nil {
			t.Error(err)
		}
	}
	for _, raw := range []string{"", "s3://clips/one", "https://example.org/"} {
		if _, err := blob.Open(raw); !errors.Is(err, footage.Invalid) {
			t.Errorf("open %q: %v, want invalid", raw, err)
		}
	}
	file := filepath.Join(dir, "a")
	if _, err := blob.OpenDisk(file); err == nil {
		t.Error("a file was opened as a folder")
	}
}

// TestTornTail has a crash leave behind more bytes than were acknowledged, garbage among them.
func TestTornTail(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	body := bytes.Repeat([]byte("0123456789"), 1000)
	state, err := d.Begin(t.Context(), "clips/a", int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Append(t.Context(), "clips/a", state, 0, bytes.NewReader(body[:1001])); err != nil {
		t.Fatal(err)
	}
	for _, torn := range []int{1, 5000, 20_000} { // less than the rest, and more than all
		f, err := os.OpenFile(filepath.Join(dir, "clips", "a~part"), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(make([]byte, torn)); err != nil {
			t.Fatal(err)
		}
		f.Close()
		if err := d.Finish(t.Context(), "clips/a", state); torn != len(body)-1001 && !errors.Is(err, footage.Conflict) {
			t.Errorf("finish with a torn tail: %v, want conflict", err)
		}
		again := open(t, dir) // another process
		if n, _, err := again.Append(t.Context(), "clips/a", state, 1001, strings.NewReader("")); n != 0 || err != nil {
			t.Fatalf("append nothing: %d, %v", n, err)
		}
		if info, err := os.Stat(filepath.Join(dir, "clips", "a~part")); err != nil || info.Size() != 1001 {
			t.Fatalf("the torn tail was not cut off: %v, %v", info, err)
		}
	}
	if _, _, err := d.Append(t.Context(), "clips/a", state, 1001, bytes.NewReader(body[1001:])); err != nil {
		t.Fatal(err)
	}
	if err := d.Finish(t.Context(), "clips/a", state); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "clips", "a")); err != nil || !bytes.Equal(got, body) {
		t.Errorf("the object differs: %v", err)
	}
	// A file that is shorter than what was acknowledged is a loss, and is said to be one.
	state, _ = d.Begin(t.Context(), "clips/b", 10)
	_, _, err = d.Append(t.Context(), "clips/b", state, 5, strings.NewReader("56789"))
	if !errors.Is(err, footage.NotFound) {
		t.Errorf("append behind the end: %v, want not found", err)
	}
}

// TestLeftovers has crashed writers leave temporary files behind: while somebody else has the folder open, old ones go at the
// next start, else all, and none is ever seen.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	other := open(t, dir)
	past := time.Now().Add(-48 * time.Hour)
	for _, name := range []string{"old", "young"} {
		path := filepath.Join(dir, "~new", name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if name == "old" {
			if err := os.Chtimes(path, past, past); err != nil {
				t.Fatal(err)
			}
		}
	}
	d := open(t, dir)
	if err := d.Put(t.Context(), "clips/a", []byte("a")); err != nil {
		t.Fatal(err)
	}
	var found []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			found = append(found, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	if got := strings.Join(found, " "); err != nil || got != "clips/a ~new/young" {
		t.Errorf("in the folder are %q (%v)", got, err)
	}
	for info, err := range d.List(t.Context(), "") {
		if err != nil || info.Key != "clips/a" {
			t.Errorf("listed %v, %v", info, err)
		}
	}
	if runtime.GOOS != "linux" {
		return
	}
	for _, d := range []*blob.Disk{d, other} {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir)
	if left, err := os.ReadDir(filepath.Join(dir, "~new")); err != nil || len(left) > 0 {
		t.Errorf("with nobody else there %v is left (%v)", left, err)
	}
}

// TestReserve refuses what would leave too little room, before and during an upload, and keeps what was accepted.
func TestReserve(t *testing.T) {
	d := open(t, t.TempDir())
	state, err := d.Begin(t.Context(), "clips/a", 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Append(t.Context(), "clips/a", state, 0, strings.NewReader("01234")); err != nil {
		t.Fatal(err)
	}
	d.Reserve = 1 << 62
	_, err = d.Begin(t.Context(), "clips/b", 1)
	if !errors.Is(err, footage.Full) {
		t.Skipf("begin without room: %v; free space is not known here", err)
	}
	n, _, err := d.Append(t.Context(), "clips/a", state, 5, strings.NewReader("56789"))
	if n != 0 || !errors.Is(err, footage.Full) {
		t.Errorf("append without room: %d, %v, want full", n, err)
	}
	d.Reserve = 0
	if _, _, err := d.Append(t.Context(), "clips/a", state, 5, strings.NewReader("56789")); err != nil {
		t.Fatal(err)
	}
	if err := d.Finish(t.Context(), "clips/a", state); err != nil {
		t.Fatal(err)
	}
}

// TestDamagedState must not be taken for another upload's.
func TestDamagedState(t *testing.T) {
	d := open(t, t.TempDir())
	for _, state := range []string{"", "x", "-1", "{}"} {
		if n, _, err := d.Append(t.Context(), "clips/a", []byte(state), 0, strings.NewReader("x")); n != 0 || err == nil {
			t.Errorf("state %q was accepted", state)
		}
	}
}

// TestLinks has somebody plant a link that leads out of the folder.
func TestLinks(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	d := open(t, dir)
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Get(t.Context(), "a", 0, -1); err == nil {
		t.Error("a link out of the folder was followed")
	}
}
