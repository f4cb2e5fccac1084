package media

import (
	"encoding/binary"
	"fmt"
	"io"
	"iter"
)

// Limits on what a file may make us hold or do. A day of one-second fragments has some 170,000 boxes.
const (
	maxIndex     = 64 << 20 // bytes of moov
	maxFragment  = 8 << 20  // bytes of one moof
	maxTopLevel  = 1 << 20  // boxes
	maxTracks    = 64
	maxFileType  = 4 << 10
	maxStretches = 2 << 20 // stretches of media data, and of zeros
)

// box is one box in memory (ISO/IEC 14496-12, 4.2). Bytes that form no box have an empty kind and no header.
type box struct {
	kind string
	off  int64 // of raw in the file
	head int   // length of the header
	raw  []byte
}

func (b box) body() []byte { return b.raw[b.head:] }

// boxes yields the boxes that stand in data one after another. What is left at the end and is no box comes last.
func boxes(data []byte, off int64) iter.Seq[box] {
	return func(yield func(box) bool) {
		for len(data) > 0 {
			b := box{off: off, raw: data}
			if n, head := boxSize(data); n > 0 {
				b = box{kind: string(data[4:8]), off: off, head: head, raw: data[:n:n]}
			}
			if !yield(b) {
				return
			}
			data, off = data[len(b.raw):], off+int64(len(b.raw))
		}
	}
}

// boxSize returns the lengths of the box at the start of data and of its header, or zeros where no whole box stands.
func boxSize(data []byte) (n, head int) {
	if len(data) < 8 {
		return 0, 0
	}
	size, head := uint64(binary.BigEndian.Uint32(data)), 8
	if size == 1 && len(data) >= 16 {
		size, head = binary.BigEndian.Uint64(data[8:]), 16
	}
	if size < uint64(head) || size > uint64(len(data)) {
		return 0, 0
	}
	return int(size), head
}

// children yields the boxes inside b behind skip bytes of its body.
func (b box) children(skip int) iter.Seq[box] {
	skip += b.head
	if skip > len(b.raw) {
		return func(func(box) bool) {}
	}
	return boxes(b.raw[skip:], b.off+int64(skip))
}

// child returns the first box of a kind inside b.
func (b box) child(path ...string) (box, bool) {
	for _, kind := range path {
		found := false
		for c := range b.children(0) {
			if c.kind == kind {
				b, found = c, true
				break
			}
		}
		if !found {
			return box{}, false
		}
	}
	return b, true
}

// region is a box at the top level, known by its header alone.
type region struct {
	kind string // empty for what is behind the last box
	off  int64
	head int64
	size int64 // header included
}

func (g region) body() span { return span{g.off + g.head, g.off + g.size} }

// scanTop lists the boxes at the top level.
func scanTop(r io.ReaderAt, size int64) ([]region, error) {
	var top []region
	var head [16]byte
	for off := int64(0); off < size; {
		if len(top) == maxTopLevel {
			return nil, unsupported("clip_intricate", "This clip has too many parts.")
		}
		g, err := readRegion(r, off, size, head[:])
		if err != nil {
			return nil, err
		}
		top = append(top, g)
		off += g.size
	}
	return top, nil
}

// readRegion reads the header of the box at off into buf, which has 16 bytes.
func readRegion(r io.ReaderAt, off, size int64, buf []byte) (region, error) {
	rest := region{off: off, size: size - off}
	if rest.size < 8 {
		return rest, nil
	}
	head := buf[:min(16, rest.size)]
	if err := readFull(r, head, off); err != nil {
		return region{}, err
	}
	g := region{kind: string(head[4:8]), off: off, head: 8, size: int64(binary.BigEndian.Uint32(head))}
	switch {
	case g.size == 0 && knownTop(g.kind): // to the end of the file
		g.size = rest.size
	case g.size == 1 && len(head) == 16:
		g.head, g.size = 16, int64(binary.BigEndian.Uint64(head[8:]))
	}
	if g.size >= g.head && g.size <= rest.size {
		return g, nil
	}
	if knownTop(g.kind) && g.size > rest.size {
		return region{}, cutShort(g.size - rest.size)
	}
	return rest, nil
}

// knownTop tells a box that is cut short from rubbish behind the end.
func knownTop(kind string) bool {
	switch kind {
	case "ftyp", "styp", "moov", "moof", "mdat", "mfra", "sidx", "free", "skip", "wide", "uuid", "meta", "udta":
		return true
	}
	return false
}

// readRegionBox reads a whole top-level box into memory.
func readRegionBox(r io.ReaderAt, g region, limit int64) (box, error) {
	if g.size > limit {
		return box{}, unsupported("clip_index_large", fmt.Sprintf("This clip's index (%s) has %d MiB; %d MiB is the limit.", g.kind, g.size>>20, limit>>20))
	}
	raw := make([]byte, g.size)
	if err := readFull(r, raw, g.off); err != nil {
		return box{}, err
	}
	return box{kind: g.kind, off: g.off, head: int(g.head), raw: raw}, nil
}

// field reads big-endian numbers from a body that may be too short: past the end it reads zeros and remembers that.
type field struct {
	data  []byte
	short bool
}

func (f *field) take(n int) []byte {
	if n > len(f.data) {
		f.short = true
		f.data = nil
		return make([]byte, n)
	}
	p := f.data[:n]
	f.data = f.data[n:]
	return p
}

func (f *field) u32() uint32 { return binary.BigEndian.Uint32(f.take(4)) }
func (f *field) u64() uint64 { return binary.BigEndian.Uint64(f.take(8)) }

// word reads 64 bits in version 1 of a full box and 32 before.
func (f *field) word(version byte) uint64 {
	if version == 1 {
		return f.u64()
	}
	return uint64(f.u32())
}

// full reads the version and flags of a full box.
func (f *field) full() (version byte, flags uint32) {
	v := f.u32()
	return byte(v >> 24), v & 0xFFFFFF
}

func (b box) field() *field { return &field{data: b.body()} }
