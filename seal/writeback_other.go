//go:build !(linux && (amd64 || arm64 || riscv64))

package seal

import "os"

// startWriteback would have the system begin to write a range out; here the sync at the end does all.
func startWriteback(*os.File, int64, int64) {}
