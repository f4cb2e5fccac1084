package evidence

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"io"
	"sync"
)

// hashChunk is how much of a file is in memory at once.
const hashChunk = 1 << 20

func newChunk() []byte { return make([]byte, hashChunk) }

// hashStream reads r to its end once, makes both hashes side by side and passes every chunk to w. step, which may be nil, is
// told the bytes of each chunk. buf is the only memory that it uses, whatever the length.
func hashStream(ctx context.Context, buf []byte, r io.Reader, w io.Writer, step func(n int64)) (sums, error) {
	h256, h512 := sha256.New(), sha512.New()
	var total int64
	for {
		if err := ctx.Err(); err != nil {
			return sums{}, err
		}
		n, err := io.ReadFull(r, buf)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return sums{}, err
		}
		if n > 0 {
			var both sync.WaitGroup
			both.Go(func() { h512.Write(buf[:n]) })
			h256.Write(buf[:n])
			_, werr := w.Write(buf[:n])
			both.Wait()
			if werr != nil {
				return sums{}, werr
			}
			total += int64(n)
			if step != nil {
				step(int64(n))
			}
		}
		if err != nil {
			return sums{sha256: hex.EncodeToString(h256.Sum(nil)), sha512: hex.EncodeToString(h512.Sum(nil)), size: total}, nil
		}
	}
}

// hashBytes returns both hashes of b.
func hashBytes(b []byte) sums {
	s256, s512 := sha256.Sum256(b), sha512.Sum512(b)
	return sums{sha256: hex.EncodeToString(s256[:]), sha512: hex.EncodeToString(s512[:]), size: int64(len(b))}
}
