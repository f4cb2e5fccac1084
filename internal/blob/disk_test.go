package blob_test

import (
	"testing"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/blob/blobtest"
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
