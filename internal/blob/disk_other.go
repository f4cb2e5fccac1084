//go:build !(linux && (amd64 || arm64 || riscv64))

package blob

import "os"

// startWriteback does nothing here: the sync at the end does all the work.
func startWriteback(*os.File, int64, int64) {}

// freeSpace is not known here: a full disk is met when it is full.
func freeSpace(string) (int64, bool) { return 0, false }

// setDirect: here all writes go through the page cache.
func setDirect(*os.File, bool) bool { return false }

func refusesDirect(error) bool { return false }

func aligned([]byte) bool { return false }

// lockAlone: here nobody knows whether others have the folder open.
func lockAlone(*os.File) bool { return false }

func lockShared(*os.File) error { return nil }
