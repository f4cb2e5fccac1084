package media

import "encoding/binary"

// fragment is one moof box (ISO/IEC 14496-12, 8.8.4).
type fragment struct {
	box   box
	trafs []*traf
}

// traf is the part of a fragment that belongs to one track.
type traf struct {
	box      box
	track    *track // nil if the index does not know it
	base     int64  // that the places of its runs count from
	implicit bool   // base follows from the part before, as in the first edition of the standard
	runs     []run
	end      int64 // of its last run's data
}

// run is one trun box (8.8.8): samples that follow one another.
type run struct {
	field int // index in the traf's bytes of the 32-bit offset from base, or -1 if the run follows the one before
	data  span
}

// Flags of tfhd and trun.
const (
	tfhdBase     = 0x1
	tfhdEntry    = 0x2
	tfhdDuration = 0x8
	tfhdSize     = 0x10
	tfhdMoofBase = 0x20000

	trunOffset   = 0x1
	trunFirst    = 0x4
	trunDuration = 0x100
	trunSize     = 0x200
	trunFlags    = 0x400
	trunShift    = 0x800
)

// eachFragment reads the fragments one after another; only one is held at a time.
func (m *movie) eachFragment(visit func(*fragment) error) error {
	for _, g := range m.top {
		if g.kind != "moof" {
			continue
		}
		b, err := readRegionBox(m.r, g, maxFragment)
		if err != nil {
			return err
		}
		f, err := m.parseFragment(b)
		if err != nil {
			return err
		}
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

func (m *movie) parseFragment(b box) (*fragment, error) {
	f := &fragment{box: b}
	end := b.off
	for c := range b.children(0) {
		if c.kind != "traf" {
			continue
		}
		t, err := m.parseTraf(c, b.off, end)
		if err != nil {
			return nil, err
		}
		if f.trafs = append(f.trafs, t); len(f.trafs) > maxTracks {
			return nil, unsupported("clip_intricate", "This clip has too many tracks in one fragment.")
		}
		end = t.end
	}
	return f, nil
}

// parseTraf reads a traf. before is where the data of the part before ended.
func (m *movie) parseTraf(b box, moof, before int64) (*traf, error) {
	t := &traf{box: b, base: before, implicit: true}
	tfhd, ok := b.child("tfhd")
	if !ok {
		return nil, damaged("list of fragments")
	}
	h := tfhd.field()
	_, flags := h.full()
	t.track = m.track(h.u32())
	var duration, size uint32
	if t.track != nil {
		duration, size = t.track.defaultDuration, t.track.defaultSize
	}
	switch {
	case flags&tfhdBase != 0:
		t.base, t.implicit = int64(h.u64()), false
	case flags&tfhdMoofBase != 0:
		t.base, t.implicit = moof, false
	}
	if flags&tfhdEntry != 0 {
		h.u32()
	}
	if flags&tfhdDuration != 0 {
		duration = h.u32()
	}
	if flags&tfhdSize != 0 {
		size = h.u32()
	}
	if h.short || t.base < 0 || t.base > m.size {
		return nil, damaged("list of fragments")
	}
	t.end = t.base
	return t, t.parseRuns(m.size, uint64(duration), uint64(size))
}

func (t *traf) parseRuns(fileSize int64, duration, size uint64) error {
	for b := range t.box.children(0) {
		if b.kind != "trun" {
			continue
		}
		r, ticks, err := parseRun(b, t.base, t.end, duration, size)
		if err != nil {
			return err
		}
		if r.data.off < 0 || r.data.end < r.data.off || r.data.end > fileSize {
			return invalid("clip_cut_short", "This clip is cut short: it tells of pictures or sound that are not there. Download or copy it again.")
		}
		if r.field >= 0 {
			r.field += int(b.off - t.box.off)
		}
		t.runs, t.end = append(t.runs, r), r.data.end
		if t.track != nil {
			t.track.fragmentTicks += ticks
		}
	}
	return nil
}

// parseRun reads a trun. Its samples start at base plus the offset that it states, or else at next.
func parseRun(b box, base, next int64, duration, size uint64) (run, uint64, error) {
	f := b.field()
	_, flags := f.full()
	count := uint64(f.u32())
	r := run{field: -1, data: span{off: next}}
	if flags&trunOffset != 0 {
		r.field = b.head + 8
		r.data.off = base + int64(int32(f.u32()))
	}
	if flags&trunFirst != 0 {
		f.u32()
	}
	width := uint64(0)
	for _, flag := range []uint32{trunDuration, trunSize, trunFlags, trunShift} {
		if flags&flag != 0 {
			width += 4
		}
	}
	if f.short || count*width > uint64(len(f.data)) {
		return r, 0, damaged("list of fragments")
	}
	ticks, bytes := count*duration, count*size // all have 32 bits
	if flags&(trunDuration|trunSize) != 0 {
		ticks, bytes = sumRun(f.data[:count*width], int(width), flags, duration, size)
	}
	if bytes > 1<<62 {
		return r, 0, damaged("list of fragments")
	}
	r.data.end = r.data.off + int64(bytes)
	return r, ticks, nil
}

func sumRun(entries []byte, width int, flags uint32, duration, size uint64) (ticks, bytes uint64) {
	for ; len(entries) > 0; entries = entries[width:] {
		e := entries
		if flags&trunDuration != 0 {
			duration = uint64(binary.BigEndian.Uint32(e))
			e = e[4:]
		}
		if flags&trunSize != 0 {
			size = uint64(binary.BigEndian.Uint32(e))
		}
		ticks, bytes = ticks+duration, bytes+size
	}
	return ticks, bytes
}
