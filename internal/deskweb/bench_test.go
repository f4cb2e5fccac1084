package deskweb_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"

	"porchlight.example/internal/node/nodetest"
)

// BenchmarkPreview seeks in a sealed clip as a browser that plays it does: a MiB from anywhere, over HTTP.
func BenchmarkPreview(b *testing.B) {
	const size, piece = 64 << 20, 1 << 20
	w := nodetest.Start(b, nil)
	sent := w.Send(w.Publish(w.Draft(0)), nil, noise(1, size))
	w.Release()
	f := openDesk(b, w, custodian(b, w))
	f.come()
	path := frameOf(b, f.post("/en/shares/"+string(sent.Receipt.Share)+"/open")) + "/clip"
	random := rand.New(rand.NewPCG(1, 2))
	b.SetBytes(piece)
	for b.Loop() {
		at := random.IntN(size - piece)
		if res, body := f.ask("GET", path, nil, "Range", fmt.Sprintf("bytes=%d-%d", at, at+piece-1)); res.StatusCode != http.StatusPartialContent || len(body) != piece {
			b.Fatalf("%d, %d bytes", res.StatusCode, len(body))
		}
	}
}
