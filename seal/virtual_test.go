package seal

import (
	"bytes"
	"crypto/sha256"
	"io"
	"runtime"
	"testing"
	"time"
)

// virtual is a clip of any length that is nowhere: each chunk holds its own number, over and over.
type virtual int64

func (v virtual) ReadAt(p []byte, off int64) (int, error) {
	n := int(max(0, min(int64(len(p)), int64(v)-off)))
	for i := 0; i < n; {
		at := off + int64(i)
		end := min(n, i+int(chunkSize-at%chunkSize))
		for j := range p[i:end] {
			p[i+j] = byte(at / chunkSize)
		}
		i = end
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// sealedVirtual is the sealed form of a virtual clip, made where it is read.
type sealedVirtual struct {
	e    *Envelope
	clip virtual
	read int64
	memo map[int64][]byte // what was sealed before, by offset; nil to seal each time anew
}

func (s *sealedVirtual) ReadAt(p []byte, off int64) (int, error) {
	if m := s.memo[off]; len(m) >= len(p) {
		return copy(p, m), nil
	}
	size := s.e.SealedSize()
	if off >= size {
		return 0, io.EOF
	}
	n, err := io.ReadFull(s.e.Reader(s.clip, off), p[:min(int64(len(p)), size-off)])
	s.read += int64(n)
	if s.memo != nil {
		s.memo[off] = bytes.Clone(p[:n])
	}
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

// TestOpenAtTouchesLittle reads one second of a 10 GiB clip. It counts bytes; BenchmarkOpenAt measures time.
func TestOpenAtTouchesLittle(t *testing.T) {
	id := newID(t)
	clip := virtual(10<<30 - 12345)
	src := &sealedVirtual{e: newEnv(t, int64(clip), id), clip: clip}
	began := time.Now()
	r, err := OpenAt(src, src.e.SealedSize(), id)
	if err != nil {
		t.Fatal(err)
	}
	second := make([]byte, 1<<20) // of 8 Mbit/s
	if _, err := r.ReadAt(second, 5<<30+777); err != nil {
		t.Fatal(err)
	}
	t.Logf("opened and read in %v, sealing the touched chunks included", time.Since(began))
	want := make([]byte, len(second))
	_, _ = clip.ReadAt(want, 5<<30+777)
	if !bytes.Equal(second, want) {
		t.Error("other bytes")
	}
	if src.read > 20*sealedChunk {
		t.Errorf("%d sealed bytes were read", src.read)
	}
	if r.Size() != PaddedLength(int64(clip)) {
		t.Errorf("size %d", r.Size())
	}
	if n, err := r.ReadAt(second, r.Size()-10); n != 10 || err != io.EOF {
		t.Errorf("at the end: %d, %v", n, err)
	}
	if _, err := r.ReadAt(second, -1); err == nil {
		t.Error("read before the beginning")
	}
}

// TestMemoryIsConstant seals and opens 1 GiB and looks at all that was ever allocated meanwhile.
func TestMemoryIsConstant(t *testing.T) {
	id := newID(t)
	for _, size := range []int64{1 << 26, 1 << 30} {
		clip := virtual(size)
		e := newEnv(t, size, id)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := Open(e.ReaderTee(clip, 0, Tee{Clip: []io.Writer{io.Discard}}), id)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, r)
		if err != nil || n != PaddedLength(size) {
			t.Fatalf("%d bytes, %v", n, err)
		}
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
			t.Errorf("sealing and opening %d MiB allocated %d KiB", size>>20, grown>>10)
		} else {
			t.Logf("sealing and opening %d MiB allocated %d KiB in all", size>>20, grown>>10)
		}
	}
}

const benchSize = 64 << 20

func BenchmarkSeal(b *testing.B) {
	benchmarkSeal(b, func(e *Envelope, clip io.ReaderAt) io.Reader { return e.Reader(clip, 0) })
}

// BenchmarkSealOneCore leaves no second core to read ahead on.
func BenchmarkSealOneCore(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	BenchmarkSeal(b)
}

func BenchmarkSealAndHash(b *testing.B) {
	benchmarkSeal(b, func(e *Envelope, clip io.ReaderAt) io.Reader {
		return e.ReaderTee(clip, 0, Tee{Clip: []io.Writer{sha256.New()}})
	})
}

func benchmarkSeal(b *testing.B, reader func(*Envelope, io.ReaderAt) io.Reader) {
	id := newID(b)
	e := newEnv(b, benchSize, id)
	clip := bytes.NewReader(make([]byte, benchSize))
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := io.Copy(io.Discard, reader(e, clip)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	id := newID(b)
	sealed := sealAll(b, newEnv(b, benchSize, id), make([]byte, benchSize))
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open(bytes.NewReader(sealed), id)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenFile(b *testing.B) {
	id := newID(b)
	sealed := sealAll(b, newEnv(b, benchSize, id), make([]byte, benchSize))
	b.SetBytes(benchSize)
	for b.Loop() {
		if err := OpenFile(b.TempDir()+"/clip", bytes.NewReader(sealed), benchSize, Check{Tee: []io.Writer{sha256.New()}}, id); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpenAt opens a 10 GiB clip and reads one second of it at 8 Mbit/s. The chunks that are touched are sealed once.
func BenchmarkOpenAt(b *testing.B) {
	id := newID(b)
	clip := virtual(10 << 30)
	src := &sealedVirtual{e: newEnv(b, int64(clip), id), clip: clip, memo: map[int64][]byte{}}
	second := make([]byte, 1<<20)
	for b.Loop() {
		r, err := OpenAt(src, src.e.SealedSize(), id)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.ReadAt(second, 5<<30+777); err != nil {
			b.Fatal(err)
		}
	}
}
