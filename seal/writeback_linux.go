//go:build linux && (amd64 || arm64 || riscv64)

package seal

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
