package exchange

import (
	"crypto/rand"
	"io"
	"testing"
)

// TestCrowded: up to half of the quota there is room, beyond it there is none, and in between chance decides in proportion,
// so that nobody can measure to the byte what others have announced.
func TestCrowded(t *testing.T) {
	x := &Exchange{random: func(string, string) io.Reader { return rand.Reader }}
	const quota, tries = int64(1_000_000_001), 2000
	for bytes, want := range map[int64][2]int{
		0: {0, 0}, quota / 2: {0, 0}, quota + 1: {tries, tries}, 1 << 60: {tries, tries},
		quota/2 + quota/8: {tries / 6, tries / 3}, 3 * (quota / 4): {tries * 2 / 5, tries * 3 / 5}, quota - 1000: {tries * 95 / 100, tries},
	} {
		refused := 0
		for range tries {
			if x.crowded(bytes, quota, "") {
				refused++
			}
		}
		if refused < want[0] || refused > want[1] {
			t.Errorf("with %d of %d bytes %d of %d were refused; want %v", bytes, quota, refused, tries, want)
		}
	}
}
