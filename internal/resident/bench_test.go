package resident_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/resident"
)

// BenchmarkSend sends one clip of 256 MiB to an exchange in the same process, cleaned and as it is.
func BenchmarkSend(b *testing.B) {
	w := start(b)
	request := w.request(b)
	raw := sample.Film{Seed: 1, Start: request.Document.Window.From.Add(time.Minute)}.Bytes()
	const size = 256 << 20
	head := append(binary.BigEndian.AppendUint32(raw, uint32(size-len(raw))), "mdat"...)
	path := filepath.Join(b.TempDir(), "film.mp4")
	if err := os.WriteFile(path, head, 0o600); err != nil {
		b.Fatal(err)
	}
	if err := os.Truncate(path, size); err != nil { // a gap takes no room
		b.Fatal(err)
	}
	for _, original := range []bool{false, true} {
		b.Run(fmt.Sprintf("original=%v", original), func(b *testing.B) {
			clip := open(b, path, resident.ClipOptions{Original: original})
			b.SetBytes(size)
			for b.Loop() {
				w.Advance(time.Hour) // a network may begin only so many shares in one
				if _, err := w.x.Send(b.Context(), resident.Share{Request: request, Clips: []*resident.Clip{clip}, Language: "en"}, resident.SendOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMany sends clips of 1 MiB from four senders, 25 to a share, and does what is the least that must be done for as
// many files: write, fsync, rename, fsync of the folder (goal P1: at least 0.8 of that rate, proof of work aside).
func BenchmarkMany(b *testing.B) {
	const senders, clips, size = 4, 25, 1 << 20
	raw := noise(1, size)
	each := func(b *testing.B, before func(), do func(sender int) error) {
		for b.Loop() {
			before()
			var all errgroup.Group
			for i := range senders {
				all.Go(func() error { return do(i) })
			}
			if err := all.Wait(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*senders*clips)/b.Elapsed().Seconds(), "clips/s")
	}
	b.Run("exchange", func(b *testing.B) {
		w := start(b)
		request := w.request(b)
		var paths []string
		for range clips {
			paths = append(paths, write(b, "clip.mkv", raw))
		}
		hour := func() { w.Advance(time.Hour) } // a network may begin only so many shares in one
		each(b, hour, func(int) error {
			share := resident.Share{Request: request, Language: "en"}
			for _, path := range paths {
				c, err := resident.OpenClip(path, resident.ClipOptions{AsIs: true})
				if err != nil {
					return err
				}
				defer c.Close()
				share.Clips = append(share.Clips, c)
			}
			_, err := w.x.Send(b.Context(), share, resident.SendOptions{})
			return err
		})
	})
	b.Run("disk", func(b *testing.B) {
		dir := b.TempDir()
		each(b, func() {}, func(sender int) error {
			for i := range clips {
				if err := settle(filepath.Join(dir, fmt.Sprintf("%d-%d", sender, i)), raw); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// settle writes a file durably under its name.
func settle(path string, raw []byte) error {
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close(), os.Rename(path+".part", path)); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
