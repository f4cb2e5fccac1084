package media

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// span is a stretch of the file, [off, end).
type span struct{ off, end int64 }

// spans collects stretches. Those that touch the one before are joined, so that a well-made file needs few.
type spans []span

func (s *spans) add(off, end int64) error {
	if end <= off {
		return nil
	}
	if n := len(*s); n > 0 && (*s)[n-1].off <= off && off <= (*s)[n-1].end {
		(*s)[n-1].end = max(end, (*s)[n-1].end)
		return nil
	}
	if len(*s) == maxStretches {
		return unsupported("clip_intricate", "This clip's pictures are scattered over too many places.")
	}
	*s = append(*s, span{off, end})
	return nil
}

// merged returns the stretches in order, each byte once.
func (s spans) merged() spans {
	byStart := func(a, b span) int { return cmp.Compare(a.off, b.off) }
	if !slices.IsSortedFunc(s, byStart) {
		slices.SortFunc(s, byStart)
	}
	out := s[:0]
	for _, g := range s {
		if n := len(out); n > 0 && g.off <= out[n-1].end {
			out[n-1].end = max(g.end, out[n-1].end)
			continue
		}
		out = append(out, g)
	}
	return out
}

// covers reports whether some stretch of the merged s holds all of g.
func (s spans) covers(g span) bool {
	i, found := slices.BinarySearchFunc(s, g.off, func(a span, off int64) int { return cmp.Compare(a.off, off) })
	if !found {
		i--
	}
	return i >= 0 && s[i].off <= g.off && g.end <= s[i].end
}

// sizes reads stsz and stz2 (ISO/IEC 14496-12, 8.7.3).
type sizes struct {
	table   []byte
	bits    int    // of an entry
	uniform uint64 // of every sample, if there is no table
	count   uint64
}

func (t *track) sizes() (sizes, error) {
	b, ok := t.stbl.child("stsz")
	compact := !ok
	if compact {
		if b, ok = t.stbl.child("stz2"); !ok {
			return sizes{}, nil
		}
	}
	f := b.field()
	f.full()
	word := f.u32()
	s := sizes{count: uint64(f.u32()), uniform: uint64(word), bits: 32}
	if compact {
		s.uniform, s.bits = 0, int(word&0xFF)
	}
	if f.short || (compact && s.bits != 4 && s.bits != 8 && s.bits != 16) {
		return sizes{}, damaged("table of sizes")
	}
	if s.uniform != 0 {
		s.uniform = max(s.uniform, t.frameBytes)
		return s, nil
	}
	if s.count*uint64(s.bits) > uint64(len(f.data))*8 {
		return sizes{}, damaged("table of sizes")
	}
	s.table = f.data
	return s, nil
}

// sum returns the length of n samples from the first on.
func (s sizes) sum(first, n uint64) uint64 {
	if s.table == nil {
		return n * s.uniform // both have 32 bits
	}
	total := uint64(0)
	for i := first; i < first+n; i++ {
		total += s.at(i)
	}
	return total
}

func (s sizes) at(i uint64) uint64 {
	switch s.bits {
	case 4:
		return uint64(s.table[i/2]>>(4*(1-i%2))) & 0xF
	case 8:
		return uint64(s.table[i])
	case 16:
		return uint64(binary.BigEndian.Uint16(s.table[2*i:]))
	}
	return uint64(binary.BigEndian.Uint32(s.table[4*i:]))
}

// chunks reads stco and co64 (8.7.5).
type chunks struct {
	table []byte
	wide  bool
	count uint64
}

func (t *track) chunks() (chunks, error) {
	b, ok := t.stbl.child("stco")
	wide := !ok
	if wide {
		if b, ok = t.stbl.child("co64"); !ok {
			return chunks{}, nil
		}
	}
	f := b.field()
	f.full()
	c := chunks{count: uint64(f.u32()), wide: wide}
	width := uint64(4)
	if wide {
		width = 8
	}
	if c.table = f.data; f.short || c.count*width > uint64(len(c.table)) {
		return chunks{}, damaged("table of places")
	}
	return c, nil
}

func (c chunks) at(i uint64) uint64 {
	if c.wide {
		return binary.BigEndian.Uint64(c.table[8*i:])
	}
	return uint64(binary.BigEndian.Uint32(c.table[4*i:]))
}

// extent adds to out where the track's samples stand, by the tables of moov. fileSize bounds them.
func (t *track) extent(out *spans, fileSize int64) error {
	size, err := t.sizes()
	if err != nil {
		return err
	}
	chunk, err := t.chunks()
	if err != nil {
		return err
	}
	runs, err := t.runs()
	if err != nil {
		return err
	}
	sample := uint64(0)
	for i := uint64(0); i < chunk.count && sample < size.count; i++ {
		n := min(runs.perChunk(i+1), size.count-sample)
		off, length := chunk.at(i), size.sum(sample, n)
		sample += n
		if off > uint64(fileSize) || length > uint64(fileSize)-off {
			return invalid("clip_cut_short", "This clip is cut short: its index tells of pictures or sound that are not there. Download or copy it again.")
		}
		if err := out.add(int64(off), int64(off+length)); err != nil {
			return err
		}
	}
	if sample < size.count {
		return damaged("table of places")
	}
	return nil
}

// runs walks stsc (8.7.4), which says from which chunk on how many samples a chunk has.
type runs struct {
	table []byte // twelve bytes each
	now   uint64 // samples in a chunk of the present run
}

func (t *track) runs() (*runs, error) {
	b, ok := t.stbl.child("stsc")
	if !ok {
		return &runs{}, nil
	}
	f := b.field()
	f.full()
	count := uint64(f.u32())
	if f.short || count*12 > uint64(len(f.data)) {
		return nil, damaged("table of chunks")
	}
	return &runs{table: f.data[:count*12]}, nil
}

// perChunk returns the number of samples in a chunk; chunks are counted from one and asked for in order.
func (r *runs) perChunk(chunk uint64) uint64 {
	for len(r.table) > 0 && uint64(binary.BigEndian.Uint32(r.table)) <= chunk {
		r.now = uint64(binary.BigEndian.Uint32(r.table[4:]))
		r.table = r.table[12:]
	}
	return r.now
}
