package desk_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"porchlight.example/internal/desk"
	"porchlight.example/internal/node/nodetest"
)

// BenchmarkOnePass fetches, opens and hashes one clip in one pass, from an exchange in the same process, over HTTP.
func BenchmarkOnePass(b *testing.B) {
	const size = 64 << 20
	w := nodetest.Start(b, nil)
	d := custodian(b, w)
	sent := released(b, w, film(1, size))
	dir := b.TempDir()
	b.SetBytes(size)
	n := 0
	for b.Loop() {
		n++
		_, err := d.Unseal(b.Context(), sent.Receipt.Share, desk.UnsealOptions{To: filepath.Join(dir, fmt.Sprint(n)), Stream: true})
		must(b, err)
	}
}
