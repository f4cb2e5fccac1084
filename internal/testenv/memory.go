package testenv

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// Memory runs a package's tests, for its TestMain, with their temporary files in memory where the machine has plenty of it: the
// databases and buckets of their exchanges are flushed thousands of times, for which a disk takes longer than for all the rest.
// It is for packages whose tests do not look at what survives a crash of the machine. Benchmarks, and whoever has set TMPDIR,
// keep the disk.
func Memory(m *testing.M) int {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" && os.Getenv("TMPDIR") == "" && plenty(memoryFolder) {
		if dir, end, err := temporary(memoryFolder); err == nil {
			defer runtime.KeepAlive(end)
			os.Setenv("TMPDIR", dir) // fails only for names and values that hold a nought
		}
	}
	return m.Run()
}

const (
	memoryFolder = "/dev/shm" // a file system in memory on Linux
	memoryNeeded = 4 << 30    // bytes that must be free there; the tests of one package take less than a tenth
)

// plenty reports whether a folder has room for the tests of several packages at once.
func plenty(dir string) bool {
	var fs syscall.Statfs_t
	return syscall.Statfs(dir, &fs) == nil && int64(fs.Bavail)*int64(fs.Bsize) >= memoryNeeded
}

// temporary makes a folder that goes away when end is closed, which this process does when it ends for whatever reason.
func temporary(root string) (dir string, end *os.File, err error) {
	if dir, err = os.MkdirTemp(root, "porchlight-test-"); err != nil {
		return "", nil, err
	}
	read, end, err := os.Pipe()
	if err == nil {
		guard := exec.Command("sh", "-c", `cat >/dev/null; rm -rf "$1"`, "watchdog", dir)
		guard.Stdin = read
		guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C meant for the tests must not end it first
		err = errors.Join(guard.Start(), read.Close())
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return dir, end, nil
}

// besideMemory is where what outlives the tests for a moment goes, such as a database server: not into what the watchdog removes.
func besideMemory(dir string) string {
	if filepath.Dir(dir) == memoryFolder {
		return memoryFolder
	}
	return dir
}
