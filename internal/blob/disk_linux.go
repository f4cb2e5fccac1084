//go:build linux && (amd64 || arm64 || riscv64)

package blob

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

// startWriteback has the kernel begin to write a range out (sync_file_range(2) with SYNC_FILE_RANGE_WRITE), so that the
// sync at the end has less to wait for. It is a hint, and makes nothing durable: that sync tells of any failure.
func startWriteback(f *os.File, offset, length int64) {
	const write = 2
	_ = syscall.SyncFileRange(int(f.Fd()), offset, length, write)
}

// freeSpace returns how many bytes are free to us on the file system that holds dir.
func freeSpace(dir string) (int64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}

// setDirect has writes to a file go past the page cache (open(2), O_DIRECT), or through it again, and reports whether the
// file system takes that.
func setDirect(f *os.File, on bool) bool {
	flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_GETFL, 0)
	if errno != 0 {
		return false
	}
	flags &^= syscall.O_DIRECT
	if on {
		flags |= syscall.O_DIRECT
	}
	_, _, errno = syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_SETFL, flags)
	return errno == 0
}

// refusesDirect reports whether a write failed because it went past the page cache.
func refusesDirect(err error) bool { return errors.Is(err, syscall.EINVAL) }

// aligned reports whether the bytes lie in memory so that they can be written past the page cache.
func aligned(p []byte) bool { return uintptr(unsafe.Pointer(unsafe.SliceData(p)))%directBlock == 0 }

// lockAlone locks an open file or folder for nobody else (flock(2)), and reports whether nobody else had it locked.
func lockAlone(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// lockShared locks it together with others, for as long as it is open; it waits while somebody holds it alone.
func lockShared(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
