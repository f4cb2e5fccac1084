//go:build linux && (amd64 || arm64 || riscv64)

package blob

import (
	"os"
	"syscall"
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
