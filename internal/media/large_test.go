package media_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
)

// sparse is a file of a given length that is zeros but for what is at its beginning. It counts what is read.
type sparse struct {
	head []byte
	size int64
	read atomic.Int64
}

func (s *sparse) ReadAt(p []byte, off int64) (int, error) {
	if off >= s.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), s.size-off))
	s.read.Add(int64(n))
	clear(p[:n])
	if off < int64(len(s.head)) {
		copy(p[:n], s.head[off:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// layout says how a large film lies: chunks of pictures, each followed by a chunk of sound.
type layout struct {
	chunks         int
	picture, sound int    // bytes of one sample; no sound at all if nought
	perChunk       int    // samples of pictures; of sound it is always one
	entry          []byte // boxes added to the sample description of the pictures
}

// longFilm is 2 GiB and an hour of pictures with sound.
var longFilm = layout{chunks: 3600, perChunk: 30, picture: (2<<30 - 3600*16000) / 3600 / 30, sound: 16000}

// film makes the index; the pictures are zeros.
func (l layout) film() *sparse {
	source := sample.Film{Seed: 1, Plant: sample.Plant{Sound: "sound"}}.Bytes()
	tracks := 1
	if l.sound > 0 {
		tracks = 2
	}
	index := func(base uint64) []byte {
		parts := [][]byte{boxOf("mvhd", words(0, 0, 0, 1000, uint32(l.chunks)*1000), make([]byte, 80))}
		for i := range tracks {
			parts = append(parts, l.track(source, i, base))
		}
		return slicesOf(ftyp(), boxOf("moov", parts...))
	}
	data := uint64(l.chunks) * l.stride()
	base := uint64(len(index(0)) + 16)
	head := slicesOf(index(base), words(1), []byte("mdat"), binary.BigEndian.AppendUint64(nil, 16+data))
	return &sparse{head: head, size: int64(base + data)}
}

// bytes returns a film that is small.
func (l layout) bytes() []byte {
	file := l.film()
	return append(file.head, make([]byte, file.size-int64(len(file.head)))...)
}

func (l layout) stride() uint64 { return uint64(l.picture*l.perChunk + max(1, l.sound)) }

// track makes one track with the sample description of the source's.
func (l layout) track(source []byte, i int, base uint64) []byte {
	handler, perChunk, size, shift := "vide", l.perChunk, l.picture, uint64(0)
	if i == 1 {
		handler, perChunk, size, shift = "soun", 1, l.sound, uint64(l.picture*l.perChunk)
	}
	places := make([]byte, 0, 8*l.chunks)
	for c := range uint64(l.chunks) {
		places = binary.BigEndian.AppendUint64(places, base+shift+c*l.stride())
	}
	kind := "co64"
	if base+uint64(l.chunks)*l.stride() < 1<<32 {
		kind = "stco"
		for c := range l.chunks {
			copy(places[4*c:], places[8*c+4:8*c+8])
		}
		places = places[:4*l.chunks]
	}
	stsd := bytes.Clone(nthBox(source, "stsd", i))
	if i == 0 {
		stsd = boxOf("stsd", words(0, 1), boxOf(string(stsd[20:24]), stsd[24:], l.entry))
	}
	stbl := boxOf("stbl", stsd, boxOf("stts", words(0, 1, uint32(l.chunks*perChunk), 1)),
		boxOf("stsc", words(0, 1, 1, uint32(perChunk), 1)), boxOf("stsz", words(0, uint32(size), uint32(l.chunks*perChunk))),
		boxOf(kind, words(0, uint32(l.chunks)), places))
	mdia := boxOf("mdia", boxOf("mdhd", words(0, 0, 0, uint32(perChunk), uint32(l.chunks*perChunk), 0)),
		boxOf("hdlr", words(0, 0), []byte(handler), words(0, 0, 0), []byte("HANDLER-CANARY\x00")), boxOf("minf", stbl))
	return boxOf("trak", boxOf("tkhd", words(3, 0, 0, uint32(i+1)), make([]byte, 68)), mdia)
}

// nthBox returns a box of a kind, counted from nought.
func nthBox(data []byte, kind string, n int) []byte {
	for ; ; n-- {
		at := bytes.Index(data, []byte(kind)) - 4
		size := binary.BigEndian.Uint32(data[at:])
		if n == 0 {
			return data[at : at+int(size)]
		}
		data = data[at+int(size):]
	}
}

// TestLargeFile shows that cleaning reads the index of a film and not its pictures.
func TestLargeFile(t *testing.T) {
	file := longFilm.film()
	clip, err := media.Inspect(file, file.size)
	if err != nil || clip.Duration != time.Hour || !clip.HasAudio() {
		t.Fatalf("%+v, %v", clip, err)
	}
	for _, opts := range []media.Options{{}, {KeepAudio: true}} {
		file.read.Store(0)
		c, err := media.Clean(file, file.size, opts)
		if err != nil {
			t.Fatal(err)
		}
		if n, most := file.read.Load(), int64(3*len(file.head)+64<<10); n > most {
			t.Errorf("%d bytes were read of a film with an index of %d", n, len(file.head))
		}
		head := make([]byte, len(file.head))
		if _, err := c.ReadAt(head, 0); err != nil || bytes.Contains(head, []byte("CANARY")) || bytes.Contains(head, []byte("soun")) != opts.KeepAudio {
			t.Errorf("%+v: the index is not clean: %v", opts, err)
		}
	}
}

// worst is what an index within all limits can ask for at most: every picture at a place of its own.
var worst = layout{chunks: maxStretches - 1000, perChunk: 1, picture: 1}

const maxStretches = 2 << 20 // as in the package

// TestScattered stands at the limit of places.
func TestScattered(t *testing.T) {
	file := worst.film()
	if got := verdict(t, file, file.size); got != "" {
		t.Errorf("%d places: %q", worst.chunks, got)
	}
	more := worst
	more.chunks = maxStretches + 1
	file = more.film()
	if got := verdict(t, file, file.size); got != "unsupported clip_intricate" {
		t.Errorf("%d places: %q", more.chunks, got)
	}
}

// TestMain says at its end how much memory this process had, when [TestMemory] asks for it.
func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("PORCHLIGHT_TEST_PEAK") != "" {
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			panic(err)
		}
		os.Stdout.Write(status)
	}
	os.Exit(code)
}

// TestMemory runs tests in processes of their own and asks the system how much memory those had.
func TestMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a process its peak in /proc/self/status")
	}
	for test, most := range map[string]int{"TestLargeFile": 64, "TestScattered": 384, "TestRefusals": 384} {
		cmd := exec.Command(os.Args[0], "-test.run=^"+test+"$", "-test.v")
		cmd.Env = append(os.Environ(), "PORCHLIGHT_TEST_PEAK=1")
		out, err := cmd.CombinedOutput()
		peak := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(out)
		if err != nil || peak == nil || !bytes.Contains(out, []byte("--- PASS: "+test)) {
			t.Fatalf("%s: %v\n%s", test, err, out)
		}
		kilobytes, err := strconv.Atoi(string(peak[1]))
		if err != nil || kilobytes > most<<10 {
			t.Errorf("%s took %d MiB, more than %d", test, kilobytes>>10, most)
		}
		t.Logf("%s: %d MiB", test, kilobytes>>10)
	}
}

// BenchmarkClean inspects and cleans a film of 2 GiB and an hour.
func BenchmarkClean(b *testing.B) {
	for name, l := range map[string]layout{"2GiB": longFilm, "256MiB": {chunks: 3600, perChunk: 30, picture: 2000, sound: 16000}} {
		b.Run(name, func(b *testing.B) {
			file := l.film()
			b.ReportAllocs()
			b.ResetTimer()
			file.read.Store(0)
			for b.Loop() {
				if _, err := media.Inspect(file, file.size); err != nil {
					b.Fatal(err)
				}
				if _, err := media.Clean(file, file.size, media.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(file.read.Load())/float64(b.N), "read-B/op")
		})
	}
}

// BenchmarkRead reads the copy of a film of 64 MiB, and the film itself beside it.
func BenchmarkRead(b *testing.B) {
	file := layout{chunks: 3600, perChunk: 30, picture: 500, sound: 3000}.film()
	c, err := media.Clean(file, file.size, media.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for name, r := range map[string]io.ReaderAt{"copy": c, "original": file} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(file.size)
			buf := make([]byte, 64<<10)
			for b.Loop() {
				if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, io.NewSectionReader(r, 0, file.size), buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
