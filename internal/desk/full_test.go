package desk_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
)

// smallDisk mounts a file system of so many MiB at a new folder and returns it with a function that enlarges it.
func smallDisk(t *testing.T, size int) (string, func(size int)) {
	t.Helper()
	dir := t.TempDir()
	mount := func(options string) error {
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
			return fmt.Errorf("%w %s", err, out)
		}
		return nil
	}
	if err := mount(fmt.Sprintf("size=%dm", size)); err != nil {
		testenv.Skip(t, fmt.Sprintf("cannot mount a small file system: %v", err))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	return dir, func(size int) { must(t, mount(fmt.Sprintf("remount,size=%dm", size))) }
}

// TestDiskFull fills the disk while clips are fetched, opened and packed. Each is refused in plain words, leaves nothing that
// looks whole, and goes on when there is room.
func TestDiskFull(t *testing.T) {
	dir, enlarge := smallDisk(t, 2)
	w := nodetest.Start(t, nil)
	opts := options(t, w)
	opts.Dir = filepath.Join(dir, "desk")
	d, err := desk.Enrol(ctx(t), opts, w.Server.URL, w.Invite(w.Police.ID, "Sam", footage.Custodian))
	must(t, err)
	v, err := d.AddDevice(ctx(t))
	must(t, err)
	w.Wrap(w.Police, v.ID, v.Recipient)
	sent := released(t, w, film(1, 5_000_000))
	id, clip := sent.Receipt.Share, filepath.Join(dir, "clip-01.mp4")
	full := func(what string, err error) {
		t.Helper()
		var own *footage.Error
		if !errors.As(err, &own) || own.Code != desk.CodeDiskFull {
			t.Errorf("%s on a full disk: %v; want %s", what, err, desk.CodeDiskFull)
		}
		whole(t, d, sent)
	}
	_, err = d.Fetch(ctx(t), id, nil)
	full("fetching", err)
	enlarge(8)
	_, err = d.Fetch(ctx(t), id, nil)
	must(t, err)
	_, err = d.Unseal(ctx(t), id, desk.UnsealOptions{To: dir})
	full("opening", err)
	if _, err := os.Stat(clip); err == nil {
		t.Errorf("%s is there", clip)
	}
	enlarge(12)
	_, err = d.Unseal(ctx(t), id, desk.UnsealOptions{To: dir})
	must(t, err)
	_, err = d.Verify(ctx(t), id, nil)
	must(t, err)
	_, err = d.Accept(ctx(t), id)
	must(t, err)
	other, _ := smallDisk(t, 1) // where a hard link does not reach
	bag := filepath.Join(other, "bag")
	_, err = d.Export(ctx(t), id, bag, desk.ExportOptions{})
	full("exporting", err)
	if left, err := os.ReadDir(other); err != nil || len(left) > 0 {
		t.Errorf("left of the package: %v, %v", left, err)
	}
	_, err = d.Export(ctx(t), id, filepath.Join(dir, "bag"), desk.ExportOptions{})
	must(t, err)
}
